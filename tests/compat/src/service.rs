//! A Java program that runs until it is stopped: a worker of Connect, MirrorMaker, a Streams application.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::process::Process;
use crate::tool::java_words;

const FLAGS: [&str; 3] = ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
const STOP_LIMIT: Duration = Duration::from_secs(60);

/// One such program, with a folder of its own.
#[derive(Debug)]
pub struct Service {
    folder: TempDir,
    main: String,
    process: Option<Process>,
}

impl Service {
    /// A main class of Apache Kafka, or a file under `java`, that is given a properties file with these lines.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn new(main: &str, properties: &[(&str, &str)]) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("klamm-service-").tempdir()?;
        let is_source = Path::new(main).extension().is_some_and(|extension| extension == "java");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("java").join(main);
        let main = if is_source { source.display().to_string() } else { main.to_owned() };
        let service = Self { folder, main, process: None };
        service.configure(properties)?;
        Ok(service)
    }

    /// Gives it these properties from its next start on.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn configure(&self, properties: &[(&str, &str)]) -> Result<()> {
        let lines: String = properties.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
        Ok(fs::write(self.properties(), lines)?)
    }

    /// Starts it; waits for nothing.
    ///
    /// # Errors
    /// When it runs, or setup has not.
    pub fn start(&mut self) -> Result<()> {
        ensure!(self.process.is_none(), "{} runs", self.main);
        let mut words = java_words(&FLAGS, &self.main)?;
        words.push(self.properties().display().to_string());
        self.process = Some(Process::spawn(&words, &[], &self.log())?);
        Ok(())
    }

    /// Kills it (SIGKILL).
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill(&mut self) -> Result<()> {
        self.process.take().context("it does not run")?.kill()
    }

    /// Stops it in order (SIGTERM).
    ///
    /// # Errors
    /// When it does not run, or does not end.
    pub fn stop(&mut self) -> Result<()> {
        let mut process = self.process.take().context("it does not run")?;
        process.terminate()?;
        let ended = process.wait(STOP_LIMIT)?;
        ensure!(ended.is_some(), "{} did not stop:\n{}", self.main, process.last_lines());
        Ok(())
    }

    /// Holds it where it is (SIGSTOP).
    ///
    /// # Errors
    /// When it does not run.
    pub fn suspend(&self) -> Result<()> {
        self.process.as_ref().context("it does not run")?.suspend()
    }

    /// Lets it go on (SIGCONT).
    ///
    /// # Errors
    /// When it does not run.
    pub fn resume(&self) -> Result<()> {
        self.process.as_ref().context("it does not run")?.resume()
    }

    /// Its folder, for files of its own.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The end of what it has written; why it ended, if it did.
    #[must_use]
    pub fn last_lines(&self) -> String {
        self.process.as_ref().map(Process::last_lines).unwrap_or_default()
    }

    fn properties(&self) -> PathBuf {
        self.folder.path().join("service.properties")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("service.log")
    }
}
