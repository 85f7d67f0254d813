//! Namespaces of the kernel for one test: a process holds them, and they end with it, whatever becomes of the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tests_compat::{Deadline, Process, Program};

const LIMIT: Duration = Duration::from_secs(20);

/// A process in namespaces of its own, in which it has run a script.
pub(crate) struct Namespace {
    holder: Process,
    enter: Vec<String>,
    _folder: TempDir,
}

impl Namespace {
    /// Opens namespaces of these kinds (`mount`, `net`), runs the script in them and keeps them.
    ///
    /// # Errors
    /// When this user may not do so, with what was said.
    pub(crate) fn open(kinds: &[&str], script: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("klamm-namespace-").tempdir()?;
        let log = folder.path().join("holder.log");
        let is_root = fs::metadata("/proc/self").map(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)?;
        let mut words = vec!["unshare".to_owned()];
        let mut enter = vec!["nsenter".to_owned()];
        for kind in kinds {
            words.push(format!("--{kind}"));
            enter.push(format!("--{kind}"));
        }
        if kinds.contains(&"mount") {
            words.extend(["--propagation", "private"].map(str::to_owned));
        }
        if !is_root {
            words.extend(["--user", "--map-root-user"].map(str::to_owned));
            enter.extend(["--user", "--preserve-credentials"].map(str::to_owned));
        }
        let script = format!("set -e\n{script}\necho prepared\nexec sleep 1800");
        words.extend(["sh", "-c", &script].map(str::to_owned));
        let mut holder = Process::spawn(&words, &[], &log)?;
        let deadline = Deadline::after(LIMIT);
        while !fs::read_to_string(&log)?.contains("prepared") {
            if holder.wait(Duration::from_millis(5))?.is_some() || deadline.left().is_none() {
                bail!("this machine does not give what the test needs ({words:?}):\n{}", holder.last_lines());
            }
        }
        enter.extend(["--target".to_owned(), holder.pid().to_string(), "--".to_owned()]);
        Ok(Self { holder, enter, _folder: folder })
    }

    /// The words that run a command in it.
    pub(crate) fn enter(&self) -> Vec<&str> {
        self.enter.iter().map(String::as_str).collect()
    }

    /// Runs a command in it.
    pub(crate) fn run(&self, words: &[&str]) -> Result<String> {
        let (program, enter) = self.enter.split_first().context("a command")?;
        Program::new(program).args(enter).args(words).stdout()
    }

    /// Where everybody finds what is mounted at `inside` in it.
    pub(crate) fn outside(&self, inside: &Path) -> PathBuf {
        let relative = inside.strip_prefix("/").unwrap_or(inside);
        Path::new("/proc").join(self.pid().to_string()).join("root").join(relative)
    }

    /// The process that holds it.
    pub(crate) fn pid(&self) -> u32 {
        self.holder.pid()
    }
}
