//! The broker as a child process: started, waited for, drained, its last words kept.
//!
//! Its standard input is a pipe that this process holds: when this process ends, however it ends, the broker drains.

use std::{
    collections::VecDeque,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Error, Result, anyhow};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::{ChildStdin, Command},
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use super::layout::Layout;

/// Lines of the log that are kept for the report of a death.
const LAST_LINES: usize = 20;
/// A start that recovers much data takes long; longer than this is a fault.
const START_MAX: Duration = Duration::from_secs(600);
/// How often it is asked whether it is ready, and how long one answer may take.
const ASK_EVERY: Duration = Duration::from_millis(20);
const ANSWER_MAX: Duration = Duration::from_secs(2);

type LastLines = Arc<Mutex<VecDeque<String>>>;

/// A running broker.
#[derive(Debug)]
pub(super) struct Child {
    process: tokio::process::Child,
    /// Held, not written to. Apart from the process, for waiting would close it.
    _held: Option<ChildStdin>,
    last_lines: LastLines,
    log: JoinHandle<std::io::Result<()>>,
}

impl Child {
    /// Starts the broker of `layout`.
    pub(super) fn start(layout: &Layout) -> Result<Self> {
        layout.write()?;
        let program = std::env::current_exe().context("this binary cannot be found")?;
        let bootstrap = if layout.may_found() { "standalone" } else { "none" };
        let mut process = Command::new(&program)
            .arg("broker")
            .arg(layout.properties_file())
            .arg("--stop-with-stdin")
            .env("KLAMM_BOOTSTRAP", bootstrap)
            .env_remove("KLAMM_CLUSTER_ID")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Ctrl-C reaches this process alone, which then drains the broker.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = process.stderr.take().context("the broker's log cannot be read")?;
        let path = layout.log_file();
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        let last_lines = LastLines::default();
        #[allow(clippy::disallowed_methods, reason = "the one task of this process; its end is waited for")]
        let log = tokio::spawn(keep_log(output, file, Arc::clone(&last_lines)));
        Ok(Self { _held: process.stdin.take(), process, last_lines, log })
    }

    /// Waits until it is ready.
    pub(super) async fn ready(&mut self, layout: &Layout) -> Result<()> {
        let address = layout.admin();
        let started = Instant::now();
        let mut pace = interval(ASK_EVERY);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = String::new();
        while started.elapsed() < START_MAX {
            let asked = async {
                pace.tick().await;
                timeout(ANSWER_MAX, ask(&address)).await
            };
            tokio::select! {
                ended = self.ended() => return Err(ended),
                answer = asked => match answer {
                    Ok(Ok(None)) => return Ok(()),
                    Ok(Ok(Some(reason))) => last = reason,
                    Ok(Err(error)) => last = error.to_string(),
                    Err(_) => "no answer".clone_into(&mut last),
                },
            }
        }
        Err(anyhow!("the broker is not ready after {} s: {last}{}", START_MAX.as_secs(), self.words()))
    }

    /// Waits for its death, and says how it was.
    pub(super) async fn ended(&mut self) -> Error {
        let status = self.process.wait().await;
        // What it wrote before is in the pipe still.
        let _ = (&mut self.log).await;
        match status {
            Ok(status) => anyhow!("the broker ended: {status}{}", self.words()),
            Err(error) => anyhow!("the broker cannot be waited for: {error}"),
        }
    }

    /// Tells it to drain and waits until it is done.
    pub(super) async fn stop(&mut self) -> Result<()> {
        let id = self.process.id().and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id.and_then(rustix::process::Pid::from_raw) {
            rustix::process::kill_process(id, rustix::process::Signal::TERM).context("SIGTERM")?;
        }
        let status = self.process.wait().await?;
        if status.success() {
            return Ok(());
        }
        Err(anyhow!("the broker did not stop well: {status}{}", self.words()))
    }

    fn words(&self) -> String {
        let lines = self.last_lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.is_empty() {
            return "; it said nothing".to_owned();
        }
        let said: String = lines.iter().map(|line| format!("\n  {line}")).collect();
        format!("; its last words:{said}")
    }
}

async fn keep_log(
    output: tokio::process::ChildStderr,
    file: std::fs::File,
    last_lines: LastLines,
) -> std::io::Result<()> {
    let mut file = tokio::fs::File::from_std(file);
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        file.write_all(format!("{line}\n").as_bytes()).await?;
        file.flush().await?;
        let mut last = last_lines.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() == LAST_LINES {
            last.pop_front();
        }
        last.push_back(line);
    }
    Ok(())
}

/// Asks `/readyz`: `None` when it is ready, else why not.
async fn ask(address: &str) -> std::io::Result<Option<String>> {
    let mut connection = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    connection.take(16 * 1024).read_to_string(&mut answer).await?;
    if answer.starts_with("HTTP/1.1 200 ") {
        return Ok(None);
    }
    Ok(Some(answer.rsplit("\r\n\r\n").next().unwrap_or_default().trim().to_owned()))
}
