//! A child process that is waited for by event, signalled without a race on its number, and never outlives the test.

use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid,
};

use crate::clock::Deadline;

/// A running child whose output goes to a file. Killed and reaped when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    handle: OwnedFd,
    log: PathBuf,
    status: Option<ExitStatus>,
}

impl Process {
    /// Starts `words` (program and arguments) with `environment` added; output is appended to `log`.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn spawn(words: &[String], environment: &[(String, String)], log: &Path) -> Result<Self> {
        let output = std::fs::File::options().create(true).append(true).open(log)?;
        // The kernel kills the child if this test dies before it can.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).args(words);
        command.envs(environment.iter().map(|(key, value)| (key, value)));
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        Self::adopt(command.spawn().with_context(|| format!("cannot start {words:?}"))?, log)
    }

    fn adopt(child: Child, log: &Path) -> Result<Self> {
        let handle = open_handle(&child)?;
        Ok(Self { child, handle, log: log.to_path_buf(), status: None })
    }

    /// The process number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end, at most `limit`.
    ///
    /// # Errors
    /// When the operating system refuses to tell.
    pub fn wait(&mut self, limit: Duration) -> Result<Option<ExitStatus>> {
        if self.status.is_none() && ended_within(&self.handle, limit)? {
            self.status = Some(self.child.wait()?);
        }
        Ok(self.status)
    }

    /// Asks the process to stop (SIGTERM).
    ///
    /// # Errors
    /// When the signal cannot be sent.
    pub fn terminate(&self) -> Result<()> {
        self.signal(Signal::TERM)
    }

    /// Ends the process at once (SIGKILL) and reaps it.
    ///
    /// # Errors
    /// When the signal cannot be sent or the process cannot be reaped.
    pub fn kill(&mut self) -> Result<()> {
        if self.status.is_none() {
            self.signal(Signal::KILL)?;
            self.status = Some(self.child.wait()?);
        }
        Ok(())
    }

    /// Stops its threads where they are (SIGSTOP): its connections stay open, and nobody answers on them. Returns when all
    /// of them stand still: until the first of them gets the signal, which takes time on a busy machine, the others go on.
    ///
    /// # Errors
    /// When the signal cannot be sent.
    pub fn suspend(&self) -> Result<()> {
        self.signal(Signal::STOP)?;
        // Who reaps it still finds its end.
        let seen = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        loop {
            match waitid(WaitId::PidFd(self.handle.as_fd()), seen) {
                Err(rustix::io::Errno::INTR) => {}
                other => return Ok(other.map(drop)?),
            }
        }
    }

    /// Lets a suspended process go on (SIGCONT).
    ///
    /// # Errors
    /// When the signal cannot be sent.
    pub fn resume(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        Ok(pidfd_send_signal(&self.handle, signal)?)
    }

    /// The end of what the process has written.
    #[must_use]
    pub fn last_lines(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.kill().is_err() {
            let _ = self.child.kill();
        }
    }
}

/// A handle that becomes readable when `child` ends.
pub(crate) fn open_handle(child: &Child) -> Result<OwnedFd> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("a child has a number")?;
    Ok(pidfd_open(pid, PidfdFlags::empty())?)
}

/// Waits for the end of the process of `handle`, at most `limit`.
pub(crate) fn ended_within(handle: &OwnedFd, limit: Duration) -> Result<bool> {
    let deadline = Deadline::after(limit);
    loop {
        let left = Timespec::try_from(deadline.left().unwrap_or_default())?;
        let mut watched = [PollFd::new(handle, PollFlags::IN)];
        match poll(&mut watched, Some(&left)) {
            Ok(count) => return Ok(count > 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
