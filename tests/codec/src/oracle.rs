//! A JVM that answers from Apache Kafka's own classes, one line a question (`java/Oracle.java`).

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

/// The running JVM. It ends when this is dropped.
#[derive(Debug)]
pub struct Oracle {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts the JVM with the jars that `KLAMM_KAFKA_LIBS` names.
    ///
    /// # Errors
    /// The variable is not set, or there is no `java` that compiles a source file.
    pub fn start() -> Result<Self> {
        let libs = std::env::var_os("KLAMM_KAFKA_LIBS").context(
            "KLAMM_KAFKA_LIBS names the folder with Apache Kafka's jars; `tests/run compat` sets it",
        )?;
        let mut child = Command::new("java")
            .args(["-Xmx512m", "-XX:+UseSerialGC", "-cp"])
            .arg(Path::new(&libs).join("*"))
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("java/Oracle.java"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .context("java does not start")?;
        let answers = BufReader::new(child.stdout.take().context("the JVM has no output")?);
        Ok(Self { child, answers })
    }

    /// Asks all questions, and returns the answers in their order.
    ///
    /// # Errors
    /// The JVM ended.
    pub fn ask(&mut self, questions: &[String]) -> Result<Vec<String>> {
        let mut stdin = self.child.stdin.take().context("the JVM has no input")?;
        let answers = &mut self.answers;
        let (written, read) = std::thread::scope(|scope| {
            // Both pipes are bounded: who only wrote would wait for ever.
            let writing = scope.spawn(|| {
                for question in questions {
                    stdin.write_all(question.as_bytes())?;
                    stdin.write_all(b"\n")?;
                }
                stdin.flush()
            });
            let read: std::io::Result<Vec<String>> = answers.lines().take(questions.len()).collect();
            (writing.join(), read)
        });
        self.child.stdin = Some(stdin);
        written.map_err(|_| anyhow::anyhow!("the writer died"))??;
        let read = read?;
        ensure!(read.len() == questions.len(), "{} answers to {} questions", read.len(), questions.len());
        Ok(read)
    }

    /// Asks one question whose answer is JSON.
    ///
    /// # Errors
    /// The JVM ended, or the answer is not JSON.
    pub fn json(&mut self, question: &str) -> Result<serde_json::Value> {
        let answers = self.ask(&[question.to_owned()])?;
        let answer = answers.first().context("no answer")?;
        serde_json::from_str(answer).with_context(|| format!("{question}: {answer}"))
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It ends at the end of its input; there is nobody to tell if it does not.
        let _ = self.child.wait();
    }
}
