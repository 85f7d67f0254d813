//! `cargo run -p broker-schema` writes `broker/protocol/src/generated` anew; with `--check` it only says whether
//! what is committed is what the schema says.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use broker_schema::{Schema, output, rust};

fn main() -> ExitCode {
    let check = match std::env::args().nth(1).as_deref() {
        None => false,
        Some("--check") => true,
        Some(_) => {
            eprintln!("usage: broker-schema [--check]");
            return ExitCode::from(2);
        }
    };
    match run(check) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("broker-schema: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything is (now) in place.
fn run(check: bool) -> Result<bool, Box<dyn std::error::Error>> {
    let schema = Schema::load(&Schema::folder())?;
    let scratch = Scratch::new()?;
    let top: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(2).take(1).collect();
    let files = output::format(&rust::generate(&schema), &scratch.0, &top)?;
    let source = top.join("broker/protocol/src");
    if !check {
        let changed = output::write(&files, &source)?;
        eprintln!("{} files, {changed} changed", files.len());
        return Ok(true);
    }
    let differences = output::differences(&files, &source)?;
    for line in &differences {
        eprintln!("broker/protocol/src/{line}: run `cargo run -p broker-schema`");
    }
    Ok(differences.is_empty())
}

/// A folder that goes when the program ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("broker-schema-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left behind in the system's temporary folder harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
