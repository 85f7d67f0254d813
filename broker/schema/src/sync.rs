//! Brings `broker/protocol/src/generated` in line with the schema, or says where it is not.

use std::path::{Path, PathBuf};

use crate::output::{self, OutputError};
use crate::rust::Files;
use crate::{LoadError, Schema, rust};

/// Why the generated files could not be written or compared.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The schema cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The files cannot be formatted, written or compared.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Writes what differs, and returns how many files that were.
///
/// # Errors
/// The schema is wrong, or a file cannot be written.
pub fn write() -> Result<usize, SyncError> {
    Ok(output::write(&formatted()?, &source())?)
}

/// What is not as the schema says, one line each; empty when all is in line.
///
/// # Errors
/// The schema is wrong, or a file cannot be read.
pub fn check() -> Result<Vec<String>, SyncError> {
    Ok(output::differences(&formatted()?, &source())?)
}

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(2).take(1).collect()
}

fn source() -> PathBuf {
    top().join("broker/protocol/src")
}

fn formatted() -> Result<Files, SyncError> {
    let schema = Schema::load(&Schema::folder())?;
    let path = std::env::temp_dir().join(format!("broker-schema-{}", std::process::id()));
    let scratch = Scratch(path);
    Ok(output::format(&rust::generate(&schema), &scratch.0, &top())?)
}

/// A folder that goes when it is done with.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left behind in the system's temporary folder harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
