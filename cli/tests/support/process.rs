//! `klamm up` as a child process.
#![allow(
    dead_code,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "each test takes what it needs"
)]

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

/// The program under test.
pub fn klamm() -> Command {
    Command::new(env!("CARGO_BIN_EXE_klamm"))
}

/// A `klamm up` that ends with this value.
pub struct Up {
    process: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Up {
    /// Starts `command`, which is to be `klamm up`.
    pub fn spawn(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    /// Reads until a line has `text`, and gives what follows it there.
    pub fn until(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            if let Some((_, rest)) = line.split_once(text) {
                return rest.trim().to_owned();
            }
            seen.push(line);
        }
        // Its output has ended, so it has.
        let mut said = String::new();
        std::io::Read::read_to_string(&mut self.process.stderr.take().unwrap(), &mut said).unwrap();
        panic!("'{text}' was not said, but: {}\n{said}", seen.join("\n"));
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        kill_process(id, signal).unwrap();
    }

    /// Waits for the end; its exit code and what it said to standard error.
    pub fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        std::io::Read::read_to_string(&mut self.process.stderr.take().unwrap(), &mut said).unwrap();
        (self.process.wait().unwrap().code(), said)
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // Dead already, when all went well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
