//! The schema files: which there are, and what is in them.

use std::path::{Path, PathBuf};

use crate::{ErrorRow, Message, ParseError, parse, parse_errors};

/// Everything that the schema folder holds.
#[derive(Clone, Debug)]
pub struct Schema {
    /// One per file, sorted by name.
    pub families: Vec<Family>,
    /// The error codes.
    pub errors: Vec<ErrorRow>,
}

/// The messages of one file.
#[derive(Clone, Debug)]
pub struct Family {
    /// The file's path below the folder without its ending, such as `groups` or `records/metadata`.
    pub name: String,
    /// In the file's order.
    pub messages: Vec<Message>,
}

/// Why the schema could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder cannot be read.
    #[error("{}: {error}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file says what a schema does not say.
    #[error("{}: {error}", path.display())]
    Parse {
        /// Which.
        path: PathBuf,
        /// Where and what.
        error: ParseError,
    },
}

impl Schema {
    /// The folder of this crate's own schema.
    #[must_use]
    pub fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("messages")
    }

    /// Loads a folder: `*.schema`, `records/*.schema` and `errors.table`.
    ///
    /// # Errors
    /// The first file that cannot be read or parsed.
    pub fn load(folder: &Path) -> Result<Self, LoadError> {
        let mut families = Vec::new();
        for (prefix, folder) in [("", folder.to_owned()), ("records/", folder.join("records"))] {
            for path in schema_files(&folder)? {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                let name = format!("{prefix}{stem}");
                let messages =
                    parse(&read(&path)?).map_err(|error| LoadError::Parse { path: path.clone(), error })?;
                families.push(Family { name, messages });
            }
        }
        let path = folder.join("errors.table");
        let errors =
            parse_errors(&read(&path)?).map_err(|error| LoadError::Parse { path: path.clone(), error })?;
        Ok(Self { families, errors })
    }

    /// Every message of every family.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.families.iter().flat_map(|family| &family.messages)
    }
}

fn read(path: &Path) -> Result<String, LoadError> {
    std::fs::read_to_string(path).map_err(|error| LoadError::Read { path: path.to_owned(), error })
}

fn schema_files(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let failed = |error| LoadError::Read { path: folder.to_owned(), error };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|ending| ending == "schema") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
