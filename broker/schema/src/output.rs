//! Formats generated files and compares or replaces the committed ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::rust::Files;

/// Why the output could not be written or compared.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A file cannot be read, written or removed.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The formatter does not run, or refuses the code.
    #[error("rustfmt: {0}")]
    Format(String),
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> OutputError {
    let path = path.to_owned();
    |error| OutputError::File { path, error }
}

/// Formats the files in a scratch folder, by the rules of the repository's `.rustfmt.toml`.
///
/// # Errors
/// The scratch folder cannot be used, or the code does not parse.
pub(crate) fn format(files: &Files, scratch: &Path, rules: &Path) -> Result<Files, OutputError> {
    for (name, code) in files {
        let path = scratch.join(name);
        let folder = path.parent().unwrap_or(scratch);
        fs::create_dir_all(folder).map_err(failed(folder))?;
        fs::write(&path, code).map_err(failed(&path))?;
    }
    // The formatter follows the modules from the root.
    let output = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(rules)
        .arg(scratch.join("generated.rs"))
        .output()
        .map_err(|error| OutputError::Format(error.to_string()))?;
    if !output.status.success() {
        return Err(OutputError::Format(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    files.keys().map(|name| Ok((name.clone(), read(&scratch.join(name))?))).collect()
}

/// What is in `source` but differs from `files`: wrong, missing or no longer generated, one line each.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn differences(files: &Files, source: &Path) -> Result<Vec<String>, OutputError> {
    let committed = committed(source)?;
    let mut found = Vec::new();
    for (name, code) in files {
        match committed.get(name) {
            None => found.push(format!("{name} is missing")),
            Some(text) if text != code => found.push(format!("{name} differs")),
            Some(_) => {}
        }
    }
    found.extend(
        committed
            .keys()
            .filter(|name| !files.contains_key(*name))
            .map(|name| format!("{name} is no longer generated")),
    );
    Ok(found)
}

/// Makes `source` hold exactly `files`; what is right already is not touched.
///
/// # Errors
/// A file cannot be read, written or removed.
pub(crate) fn write(files: &Files, source: &Path) -> Result<usize, OutputError> {
    let committed = committed(source)?;
    let mut changed = 0;
    for (name, code) in files.iter().filter(|(name, code)| committed.get(*name) != Some(*code)) {
        let path = source.join(name);
        let folder = path.parent().unwrap_or(source);
        fs::create_dir_all(folder).map_err(failed(folder))?;
        fs::write(&path, code).map_err(failed(&path))?;
        changed += 1;
    }
    for name in committed.keys().filter(|name| !files.contains_key(*name)) {
        let path = source.join(name);
        fs::remove_file(&path).map_err(failed(&path))?;
        changed += 1;
    }
    Ok(changed)
}

fn read(path: &Path) -> Result<String, OutputError> {
    fs::read_to_string(path).map_err(failed(path))
}

/// `generated.rs` and everything below `generated/`.
fn committed(source: &Path) -> Result<BTreeMap<String, String>, OutputError> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![source.join("generated.rs"), source.join("generated")];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path).map_err(failed(&path))? {
                waiting.push(entry.map_err(failed(&path))?.path());
            }
        } else if path.exists() {
            let name = path.strip_prefix(source).unwrap_or(&path).to_string_lossy().into_owned();
            found.insert(name, read(&path)?);
        }
    }
    Ok(found)
}
