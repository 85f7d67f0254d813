//! What the operating system grants: open files.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the soft limit of open files to the hard limit and tells what is granted.
/// The hard limit stays what the system set; a broker that needs more says so by its metric.
#[must_use]
pub(crate) fn raise_open_files() -> u64 {
    let before = getrlimit(Resource::Nofile);
    let wanted = Rlimit { current: before.maximum, maximum: before.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, wanted) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
    let granted = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    tracing::info!(granted, "open files");
    granted
}
