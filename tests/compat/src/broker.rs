//! One broker process on loopback: started on free ports and an empty folder, stopped, killed, started again, or
//! started by the other implementation on a copy of its data.

mod places;
mod properties;

use std::net::SocketAddr;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::clock::{Deadline, Stopwatch};
use crate::files::copy_tree;
use crate::klamm::klamm_binary;
use crate::membership::{Founding, Membership, Roles};
use crate::ports::Ports;
use crate::process::Process;
use crate::program::{Output, Program};
use crate::spec::{Kind, Spec};
use crate::tool::{Tool, java_words};
use crate::wire::{Connection, request};

/// The cluster id that both brokers are given.
pub const CLUSTER_ID: &str = "4L6g3nShT-eMCtK--X86sw";
/// Apache Kafka is formatted without the features that Klamm does not finalize yet, so that both show the same.
const FEATURES_OFF: [&str; 2] = ["share.version=0", "streams.version=0"];
const API_VERSIONS: i16 = 18;
const METADATA: i16 = 3;
const NO_TOPICS: [u8; 4] = [0; 4];
const START_LIMIT: Duration = Duration::from_secs(180);
const STOP_LIMIT: Duration = Duration::from_secs(120);
/// A listening socket of another process announces itself to nobody, so it is tried for this often.
const TRY_EVERY: Duration = Duration::from_millis(1);

/// A broker, running or stopped. Its process and its files end with it.
#[derive(Debug)]
pub struct Broker {
    spec: Spec,
    ports: Ports,
    membership: Membership,
    process: Option<Process>,
    started_in: Duration,
    folder: TempDir,
}

impl Broker {
    /// Starts the broker that the environment asks for.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn under_test() -> Result<Self> {
        Spec::new(Kind::under_test()?).start()
    }

    pub(crate) fn prepare(spec: Spec, ports: Ports, membership: Membership) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("klamm-broker-").tempdir()?;
        Ok(Self { spec, ports, membership, process: None, started_in: Duration::ZERO, folder })
    }

    pub(crate) fn format(&self) -> Result<()> {
        let file = self.properties_file().display().to_string();
        let mut words = vec!["format", "-t", CLUSTER_ID, "-c", &file];
        match &self.membership.founding {
            // A broker alone votes for nothing: it has no part in how the quorum begins.
            Founding::Initial(_) if !self.roles().is_controller() => {}
            Founding::Initial(initial) => words.extend(["--initial-controllers", initial]),
            Founding::Alone => words.push("--standalone"),
            Founding::Joins => words.push("--no-initial-controllers"),
        }
        let format = self.spec.format.iter().map(String::as_str);
        match (self.spec.kind, &self.membership.founding) {
            (Kind::Apache, _) => {
                words.extend(FEATURES_OFF.iter().flat_map(|feature| ["--feature", feature]).chain(format));
                Tool::Storage.stdout(&words)?;
            }
            (Kind::Klamm, founding) if self.is_formatted_by_hand(founding) => {
                words.extend(format);
                // Where the broker runs: it may see disks that others do not.
                let mut whole = self.spec.launcher.clone();
                whole.extend([klamm_binary()?.display().to_string(), "storage".to_owned()]);
                whole.extend(words.into_iter().map(str::to_owned));
                Program::new(&whole[0]).args(&whole[1..]).stdout()?;
            }
            // Elsewhere Klamm formats empty folders when it first starts.
            (Kind::Klamm, _) => {}
        }
        Ok(())
    }

    /// Whether the folder must be formatted before Klamm starts on it.
    fn is_formatted_by_hand(&self, founding: &Founding) -> bool {
        match founding {
            Founding::Initial(_) => self.roles().is_controller(),
            Founding::Alone => !self.spec.format.is_empty(),
            Founding::Joins => false,
        }
    }

    /// Starts the process on the files as they are and waits until it serves: it answers, and it is not fenced.
    ///
    /// # Errors
    /// When it runs already, ends, or does not answer; with the end of its log.
    pub fn launch(&mut self) -> Result<()> {
        let watch = Stopwatch::start();
        self.spawn()?;
        self.wait_until_ready()?;
        self.started_in = watch.elapsed();
        Ok(())
    }

    /// Waits until a broker that was spawned serves.
    ///
    /// # Errors
    /// When it ends, or does not answer; with the end of its log.
    pub fn wait_until_ready(&mut self) -> Result<()> {
        let roles = self.roles();
        let address = if roles.is_broker() { self.address() } else { self.controller_address() };
        let process = self.process.as_mut().context("the broker was started")?;
        let ready = wait_until_ready(process, address, roles);
        if ready.is_err() {
            self.process = None;
        }
        ready
    }

    /// Starts the process on the files as they are, and waits for nothing.
    ///
    /// # Errors
    /// When it runs already or cannot be started.
    pub fn spawn(&mut self) -> Result<()> {
        ensure!(self.process.is_none(), "the broker runs already");
        let words = self.words()?;
        let environment = match self.spec.kind {
            Kind::Apache => vec![],
            Kind::Klamm => {
                [("KLAMM_CLUSTER_ID", CLUSTER_ID), ("KLAMM_BOOTSTRAP", self.membership.bootstrap())]
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
                    .to_vec()
            }
        };
        self.process = Some(Process::spawn(&words, &environment, &self.folder.path().join("broker.log"))?);
        Ok(())
    }

    fn words(&self) -> Result<Vec<String>> {
        let file = self.properties_file().display().to_string();
        let mut words = self.spec.launcher.clone();
        match self.spec.kind {
            Kind::Apache => {
                let flags: Vec<_> = self.spec.java_flags.iter().map(String::as_str).collect();
                words.extend(java_words(&flags, "kafka.Kafka")?);
            }
            Kind::Klamm => words.extend([klamm_binary()?.display().to_string(), "broker".to_owned()]),
        }
        words.push(file);
        Ok(words)
    }

    /// Stops it as an operator would (SIGTERM) and waits for its end.
    ///
    /// # Errors
    /// When it does not end in time, or ends with an error.
    pub fn stop(&mut self) -> Result<()> {
        let mut process = self.process.take().context("the broker does not run")?;
        process.terminate()?;
        let Some(status) = process.wait(STOP_LIMIT)? else {
            bail!("the broker was not done after {STOP_LIMIT:?}:\n{}", process.last_lines());
        };
        // A Java machine that ends by SIGTERM says 128 + 15.
        let clean = status.code() == Some(if self.spec.kind == Kind::Apache { 143 } else { 0 });
        ensure!(clean, "the broker ended with {status}:\n{}", process.last_lines());
        Ok(())
    }

    /// Waits at most `limit` for the process to end by itself.
    ///
    /// # Errors
    /// When it does not run.
    pub fn wait(&mut self, limit: Duration) -> Result<Option<ExitStatus>> {
        self.process.as_mut().context("the broker does not run")?.wait(limit)
    }

    /// Kills it (SIGKILL).
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill(&mut self) -> Result<()> {
        self.process.take().context("the broker does not run")?.kill()
    }

    /// Stops it where it is (SIGSTOP): its connections stay open, and nobody answers on them.
    ///
    /// # Errors
    /// When it does not run.
    pub fn suspend(&self) -> Result<()> {
        self.process.as_ref().context("the broker does not run")?.suspend()
    }

    /// Lets it go on (SIGCONT).
    ///
    /// # Errors
    /// When it does not run.
    pub fn resume(&self) -> Result<()> {
        self.process.as_ref().context("the broker does not run")?.resume()
    }

    /// A broker of `kind` on a copy of this stopped broker's files, at the same addresses.
    ///
    /// # Errors
    /// When this one still runs, or the new one does not come up.
    pub fn taken_over_by(&self, kind: Kind) -> Result<Self> {
        ensure!(self.process.is_none(), "the broker still runs");
        let spec = Spec { kind, ..self.spec.clone() };
        let mut broker = Self::prepare(spec, self.ports, self.membership.clone())?;
        copy_tree(&self.data(), &broker.data())?;
        broker.write_properties()?;
        broker.launch()?;
        Ok(broker)
    }

    /// Runs one of Kafka's tools against it, whatever its exit code.
    ///
    /// # Errors
    /// When the tool cannot run or is not done in time.
    pub fn run_tool(&self, tool: Tool, arguments: &[&str], input: &str) -> Result<Output> {
        let bootstrap = self.bootstrap();
        tool.program(&["--bootstrap-server", &bootstrap])?.args(arguments).input(input).run()
    }

    /// Runs one of Kafka's tools against it and gives its standard output.
    ///
    /// # Errors
    /// Also when the tool ends with an exit code other than 0.
    pub fn tool(&self, tool: Tool, arguments: &[&str]) -> Result<String> {
        let bootstrap = self.bootstrap();
        tool.program(&["--bootstrap-server", &bootstrap])?.args(arguments).stdout()
    }
}

fn wait_until_ready(process: &mut Process, address: SocketAddr, roles: Roles) -> Result<()> {
    let deadline = Deadline::after(START_LIMIT);
    while deadline.left().is_some() {
        if serves(address, roles) {
            return Ok(());
        }
        if let Some(status) = process.wait(TRY_EVERY)? {
            bail!("the broker ended with {status}:\n{}", process.last_lines());
        }
    }
    bail!("the broker did not answer within {START_LIMIT:?}:\n{}", process.last_lines());
}

/// Whether a broker answers there, and is a live member of its cluster: Metadata lists no broker that is fenced. Of a
/// controller only an answer is asked.
fn serves(address: SocketAddr, roles: Roles) -> bool {
    let ask = || -> Result<bool> {
        let mut connection = Connection::open(address, Duration::from_secs(10))?;
        connection.send(&request(API_VERSIONS, 0, 1, 1, &[]))?;
        let versions = connection.receive()?;
        if !roles.is_broker() {
            return Ok(versions.is_some());
        }
        connection.send(&request(METADATA, 1, 1, 1, &NO_TOPICS))?;
        // The correlation id, then the number of brokers.
        let answer = connection.receive()?;
        Ok(answer.is_some_and(|answer| answer.get(4..8).is_some_and(|count| count != [0; 4])))
    };
    ask().unwrap_or(false)
}
