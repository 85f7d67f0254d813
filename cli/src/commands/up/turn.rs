//! One `klamm up` at a time chooses its ports and starts its broker on them: what one found free, another would as well.

use std::fs::{File, TryLockError};

/// The file that those who start wait for, in the system's temporary folder.
const FILE: &str = "klamm-up.lock";

/// The right to start, until it is dropped or this process ends.
#[derive(Debug)]
pub(super) struct Turn {
    _held: Option<File>,
}

impl Turn {
    /// Waits for the turn. Where there can be no such file, as in another user's sticky folder, everybody starts at once.
    pub(super) fn take() -> Self {
        let path = std::env::temp_dir().join(FILE);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.or_else(|_| File::open(&path)).ok();
        let is_busy = |file: &File| matches!(file.try_lock(), Err(TryLockError::WouldBlock));
        if let Some(file) = file.as_ref().filter(|file| is_busy(file)) {
            println!("another klamm up is starting: waiting for it ...");
            // Without a lock everybody starts at once.
            let _ = file.lock();
        }
        Self { _held: file }
    }
}
