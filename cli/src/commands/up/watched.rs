//! The manifest file, and when it changes.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::Result;

use crate::manifests::Manifests;

const QUICKSTART_FILE: &str = "examples/quickstart.yaml";
const QUICKSTART: &str = include_str!("../../../../examples/quickstart.yaml");
/// How often the file is looked at.
const PERIOD: Duration = Duration::from_secs(1);

/// A file that is watched, or the quickstart that the binary holds.
#[derive(Debug)]
pub(super) struct Watched {
    path: Option<PathBuf>,
    seen: Option<Seen>,
}

/// Enough to tell one state of a file from another.
type Seen = (SystemTime, u64);

impl Watched {
    pub(super) fn open(path: Option<PathBuf>) -> Self {
        let default = || Some(PathBuf::from(QUICKSTART_FILE)).filter(|path| path.is_file());
        let path = path.or_else(default);
        let seen = path.as_deref().and_then(look);
        Self { path, seen }
    }

    /// What to call it.
    pub(super) fn name(&self) -> String {
        self.path.as_ref().map_or_else(
            || format!("the {QUICKSTART_FILE} of this binary"),
            |path| path.display().to_string(),
        )
    }

    pub(super) fn read(&self) -> Result<Manifests> {
        self.path.as_deref().map_or_else(|| Manifests::parse(QUICKSTART), Manifests::read)
    }

    /// Waits until the file is another one. A file that is away for a moment, as editors do, is waited for.
    pub(super) async fn changed(&mut self) {
        let Some(path) = self.path.clone() else { return std::future::pending().await };
        let mut ticks = tokio::time::interval(PERIOD);
        loop {
            ticks.tick().await;
            let now = look(&path);
            if now.is_some() && now != self.seen {
                self.seen = now;
                return;
            }
        }
    }
}

fn look(path: &Path) -> Option<Seen> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
