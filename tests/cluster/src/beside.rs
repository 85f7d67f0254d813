//! A program beside the cluster that is asked by lines, and answers each by a line of JSON.

use std::{
    io::{BufRead as _, BufReader, Lines, Write as _},
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

use serde_json::Value;

use crate::kube::Kube;

/// A running program. Ends with this value.
#[derive(Debug)]
pub struct Beside {
    child: Child,
    lines: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Beside {
    /// Starts a program with its arguments.
    pub fn start(kube: &Kube, command: &[&str]) -> Self {
        let mut command = kube.command(&[&["exec"], command].concat());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
        let lines = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Self { child, lines, answers }
    }

    /// The answer to a line.
    pub fn ask(&mut self, line: &str) -> Value {
        writeln!(self.lines.as_mut().expect("a pipe"), "{line}").expect("the program listens");
        self.answer()
    }

    /// Asks no more; gives what the program says last.
    pub fn end(mut self) -> Value {
        drop(self.lines.take());
        self.answer()
    }

    fn answer(&mut self) -> Value {
        let line = self.answers.next().expect("the program answers").expect("text");
        serde_json::from_str(&line).expect("JSON")
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        drop(self.lines.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
