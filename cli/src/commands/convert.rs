//! `klamm convert`: Strimzi's manifests as Klamm's.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use operator_convert::{Note, Source, convert};

/// Where a manifest is read from standard input.
const STANDARD_INPUT: &str = "-";

/// The manifests go to standard output, the report to standard error. Give what belongs together together: a cluster is
/// held against its pools.
#[derive(Args)]
pub(crate) struct Convert {
    /// Files of YAML documents; standard input when there are none, or for `-`
    files: Vec<PathBuf>,
    /// Write the report there instead
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Print no manifests, and fail, where the result would do less than the original
    #[arg(long)]
    strict: bool,
}

impl Convert {
    pub(crate) fn run(self) -> Result<()> {
        let files =
            if self.files.is_empty() { vec![PathBuf::from(STANDARD_INPUT)] } else { self.files.clone() };
        let texts: Vec<_> = files.iter().map(|path| read(path)).collect::<Result<_>>()?;
        let sources: Vec<_> =
            texts.iter().map(|(name, text)| Source { name: name.as_str(), text: text.as_str() }).collect();
        let converted = convert(&sources)?;
        self.tell(&converted.notes)?;
        if self.strict && !converted.is_whole() {
            let less = converted.notes.iter().filter(|note| !note.effect.is_harmless()).count();
            bail!("{less} fields cannot be carried over; the report says which");
        }
        print!("{}", converted.yaml());
        Ok(())
    }

    fn tell(&self, notes: &[Note]) -> Result<()> {
        let report: String = notes.iter().map(|note| format!("{note}\n")).collect();
        match &self.report {
            Some(path) => fs::write(path, report).with_context(|| format!("cannot write {}", path.display())),
            None => {
                eprint!("{report}");
                Ok(())
            }
        }
    }
}

/// The text of a file, and its name.
fn read(path: &Path) -> Result<(String, String)> {
    if path == Path::new(STANDARD_INPUT) {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
        return Ok(("standard input".to_owned(), text));
    }
    let name = path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    Ok((name, text))
}
