//! The disk failed.

use std::{
    io,
    path::{Path, PathBuf},
};

/// A disk's error, and what was being done.
#[derive(Debug, thiserror::Error)]
#[error("{action} {}: {source}", path.display())]
pub struct StorageError {
    /// What failed, as a verb.
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// The disk's error.
    pub source: io::Error,
}

impl StorageError {
    /// Whether there was no room for what was to be written. It can be tried again, unless the log says that it has failed
    /// ([`crate::Log::is_failed`]).
    pub fn is_full(&self) -> bool {
        is_full(&self.source)
    }

    pub(crate) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self { action, path: path.to_owned(), source }
    }
}

/// Whether an error says that there is no room: it passes when there is.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// An error after which nothing is tried again, for want of room as well.
pub(crate) fn given_up(error: io::Error) -> io::Error {
    if is_full(&error) { io::Error::other(error) } else { error }
}
