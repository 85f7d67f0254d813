//! A foreign program run to its end: input, output, deadline.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::process::{ended_within, open_handle};

/// One program with its arguments, run once.
#[derive(Debug)]
pub struct Program {
    command: Command,
    input: Vec<u8>,
    limit: Duration,
}

/// What a program left behind.
#[derive(Clone, Debug, Deserialize)]
pub struct Output {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Program {
    /// A program that may run for a minute.
    #[must_use]
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self { command: Command::new(program), input: Vec::new(), limit: Duration::from_secs(60) }
    }

    /// Sets the name by which it is called.
    #[must_use]
    pub fn called(mut self, name: &str) -> Self {
        self.command.arg0(name);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets what it reads from standard input.
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Sets how long it may run.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it, whatever its exit code.
    ///
    /// # Errors
    /// When it cannot be started, or is not done in time (it is killed then).
    pub fn run(mut self) -> Result<Output> {
        let shown = format!("{:?}", self.command);
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().with_context(|| format!("cannot start {shown}"))?;
        let handle = open_handle(&child)?;
        let stdin = child.stdin.take();
        let input = self.input;
        let writing = thread::spawn(move || {
            // A program that ends without reading everything is judged by its answer, not by its input.
            stdin.map(|mut stdin| stdin.write_all(&input))
        });
        let stdout = thread::spawn(reader(child.stdout.take()));
        let stderr = thread::spawn(reader(child.stderr.take()));
        let in_time = ended_within(&handle, self.limit)?;
        if !in_time {
            child.kill()?;
        }
        let status = child.wait()?;
        let _ = writing.join();
        let output = Output {
            code: status.code(),
            stdout: stdout.join().unwrap_or_default(),
            stderr: stderr.join().unwrap_or_default(),
        };
        if !in_time {
            bail!("{shown} was not done after {:?}:\n{}{}", self.limit, output.stdout, output.stderr);
        }
        Ok(output)
    }

    /// Runs it and gives its standard output.
    ///
    /// # Errors
    /// Also when the exit code is not 0.
    pub fn stdout(self) -> Result<String> {
        let shown = format!("{:?}", self.command);
        let output = self.run()?;
        if output.code != Some(0) {
            bail!("{shown} ended with {:?}:\n{}{}", output.code, output.stdout, output.stderr);
        }
        Ok(output.stdout)
    }
}

fn reader(source: Option<impl Read + Send + 'static>) -> impl FnOnce() -> String + Send + 'static {
    move || {
        let mut bytes = Vec::new();
        if let Some(mut source) = source {
            let _ = source.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
