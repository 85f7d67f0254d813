//! Apache Kafka's own tools, run as their shell scripts would.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::cache::Cache;
use crate::klamm::klamm_binary;
use crate::process::Process;
use crate::program::{Output, Program};

/// A small and quick Java machine.
const FLAGS: [&str; 3] = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
/// How long a run of many command lines may take.
const RUN_ALL_LIMIT: Duration = Duration::from_secs(300);

/// One of Kafka's command line tools.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tool {
    /// `kafka-storage`
    Storage,
    /// `kafka-topics`
    Topics,
    /// `kafka-configs`
    Configs,
    /// `kafka-acls`
    Acls,
    /// `kafka-delegation-tokens`
    DelegationTokens,
    /// `kafka-get-offsets`
    GetOffsets,
    /// `kafka-delete-records`
    DeleteRecords,
    /// `kafka-log-dirs`
    LogDirs,
    /// `kafka-broker-api-versions`
    BrokerApiVersions,
    /// `kafka-metadata-quorum`
    MetadataQuorum,
    /// `kafka-features`
    Features,
    /// `kafka-cluster`
    Cluster,
    /// `kafka-reassign-partitions`
    ReassignPartitions,
    /// `kafka-leader-election`
    LeaderElection,
    /// `kafka-dump-log`
    DumpLog,
    /// `kafka-transactions`
    Transactions,
    /// `kafka-producer-perf-test`
    ProducerPerformance,
    /// `kafka-consumer-perf-test`
    ConsumerPerformance,
    /// `kafka-console-producer`
    ConsoleProducer,
    /// `kafka-console-consumer`
    ConsoleConsumer,
    /// `kafka-consumer-groups`
    ConsumerGroups,
    /// `kafka-groups`
    Groups,
    /// `kafka-verifiable-consumer`
    VerifiableConsumer,
    /// `kafka-verifiable-producer`
    VerifiableProducer,
}

impl Tool {
    /// The script that starts it.
    #[must_use]
    pub fn script(self) -> &'static str {
        match self {
            Self::Storage => "kafka-storage.sh",
            Self::Topics => "kafka-topics.sh",
            Self::Configs => "kafka-configs.sh",
            Self::Acls => "kafka-acls.sh",
            Self::DelegationTokens => "kafka-delegation-tokens.sh",
            Self::GetOffsets => "kafka-get-offsets.sh",
            Self::DeleteRecords => "kafka-delete-records.sh",
            Self::LogDirs => "kafka-log-dirs.sh",
            Self::BrokerApiVersions => "kafka-broker-api-versions.sh",
            Self::MetadataQuorum => "kafka-metadata-quorum.sh",
            Self::Features => "kafka-features.sh",
            Self::Cluster => "kafka-cluster.sh",
            Self::ReassignPartitions => "kafka-reassign-partitions.sh",
            Self::LeaderElection => "kafka-leader-election.sh",
            Self::DumpLog => "kafka-dump-log.sh",
            Self::Transactions => "kafka-transactions.sh",
            Self::ProducerPerformance => "kafka-producer-perf-test.sh",
            Self::ConsumerPerformance => "kafka-consumer-perf-test.sh",
            Self::ConsoleProducer => "kafka-console-producer.sh",
            Self::ConsoleConsumer => "kafka-console-consumer.sh",
            Self::ConsumerGroups => "kafka-consumer-groups.sh",
            Self::Groups => "kafka-groups.sh",
            Self::VerifiableConsumer => "kafka-verifiable-consumer.sh",
            Self::VerifiableProducer => "kafka-verifiable-producer.sh",
        }
    }

    /// Klamm called by the name of the script, ready to run.
    ///
    /// # Errors
    /// When Klamm does not build.
    pub fn shim(self) -> Result<Program> {
        Ok(Program::new(klamm_binary()?).called(self.script()))
    }

    /// Starts Klamm called by the name of the script; what it says is in `log`, beside which it is linked.
    ///
    /// # Errors
    /// When Klamm does not build, or cannot be started.
    pub fn start_shim(self, arguments: &[&str], log: &Path) -> Result<Process> {
        let link = log.with_file_name(self.script());
        if !link.exists() {
            std::os::unix::fs::symlink(klamm_binary()?, &link)?;
        }
        let arguments = arguments.iter().map(|argument| (*argument).to_owned());
        let words: Vec<_> = std::iter::once(link.display().to_string()).chain(arguments).collect();
        Process::spawn(&words, &[], log)
    }

    /// Starts the tool with `arguments`; what it says is in `log`.
    ///
    /// # Errors
    /// When setup has not run, or it cannot be started.
    pub fn start(self, arguments: &[&str], log: &Path) -> Result<Process> {
        let mut words = java_words(&FLAGS, self.main_class())?;
        words.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        Process::spawn(&words, &[], log)
    }

    /// Runs the tool once for each of `lines`, whatever their exit codes, in one Java machine.
    ///
    /// # Errors
    /// When setup has not run, or the machine ends before it is done.
    pub fn run_all(self, lines: &[Vec<String>]) -> Result<Vec<Output>> {
        let commands: Vec<Vec<&str>> = lines
            .iter()
            .map(|line| [self.main_class()].into_iter().chain(line.iter().map(String::as_str)).collect())
            .collect();
        let answer = java_program("RunTools.java")?
            .input(serde_json::to_string(&commands)?)
            .limit(RUN_ALL_LIMIT)
            .stdout()?;
        let results: Vec<Output> = serde_json::from_str(&answer)?;
        ensure!(results.len() == lines.len(), "{} of {} were run", results.len(), lines.len());
        Ok(results)
    }

    fn main_class(self) -> &'static str {
        match self {
            Self::Storage => "kafka.tools.StorageTool",
            Self::Topics => "org.apache.kafka.tools.TopicCommand",
            Self::Configs => "kafka.admin.ConfigCommand",
            Self::Acls => "org.apache.kafka.tools.AclCommand",
            Self::DelegationTokens => "org.apache.kafka.tools.DelegationTokenCommand",
            Self::GetOffsets => "org.apache.kafka.tools.GetOffsetShell",
            Self::DeleteRecords => "org.apache.kafka.tools.DeleteRecordsCommand",
            Self::LogDirs => "org.apache.kafka.tools.LogDirsCommand",
            Self::BrokerApiVersions => "org.apache.kafka.tools.BrokerApiVersionsCommand",
            Self::MetadataQuorum => "org.apache.kafka.tools.MetadataQuorumCommand",
            Self::Features => "org.apache.kafka.tools.FeatureCommand",
            Self::Cluster => "org.apache.kafka.tools.ClusterTool",
            Self::ReassignPartitions => "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
            Self::LeaderElection => "org.apache.kafka.tools.LeaderElectionCommand",
            Self::DumpLog => "org.apache.kafka.tools.DumpLogSegments",
            Self::Transactions => "org.apache.kafka.tools.TransactionsCommand",
            Self::ProducerPerformance => "org.apache.kafka.tools.ProducerPerformance",
            Self::ConsumerPerformance => "org.apache.kafka.tools.ConsumerPerformance",
            Self::ConsoleProducer => "org.apache.kafka.tools.ConsoleProducer",
            Self::Groups => "org.apache.kafka.tools.GroupsCommand",
            Self::ConsoleConsumer => "org.apache.kafka.tools.consumer.ConsoleConsumer",
            Self::ConsumerGroups => "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
            Self::VerifiableConsumer => "org.apache.kafka.tools.VerifiableConsumer",
            Self::VerifiableProducer => "org.apache.kafka.tools.VerifiableProducer",
        }
    }

    /// The tool with `arguments`, ready to run.
    ///
    /// # Errors
    /// When setup has not run.
    pub fn program(self, arguments: &[&str]) -> Result<Program> {
        Ok(java(self.main_class())?.args(arguments))
    }

    /// The same that may get tokens from a URL.
    ///
    /// # Errors
    /// When setup has not run.
    pub fn program_allowing(self, url: &str, arguments: &[&str]) -> Result<Program> {
        Ok(java_allowing(url, self.main_class())?.args(arguments))
    }

    /// Runs the tool and gives its standard output.
    ///
    /// # Errors
    /// Also when it ends with an exit code other than 0.
    pub fn stdout(self, arguments: &[&str]) -> Result<String> {
        self.program(arguments)?.stdout()
    }
}

/// A small program of one of the files under `java`, which uses Apache Kafka's clients.
///
/// # Errors
/// When setup has not run.
pub fn java_program(file: &str) -> Result<Program> {
    java(&Path::new(env!("CARGO_MANIFEST_DIR")).join("java").join(file).display().to_string())
}

/// The same whose client may get tokens from a URL: Java's must be told from outside which it may.
///
/// # Errors
/// When setup has not run.
pub fn java_program_allowing(url: &str, file: &str) -> Result<Program> {
    let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("java").join(file).display().to_string();
    java_allowing(url, &main)
}

fn java_allowing(url: &str, main: &str) -> Result<Program> {
    let allowed = format!("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={url}");
    let words = java_words(&[&FLAGS[..], &[&allowed]].concat(), main)?;
    Ok(Program::new(&words[0]).args(&words[1..]))
}

fn java(main: &str) -> Result<Program> {
    let words = java_words(&FLAGS, main)?;
    Ok(Program::new(&words[0]).args(&words[1..]))
}

/// The words that start `main_class` of Apache Kafka in a Java machine with `flags`.
pub(crate) fn java_words(flags: &[&str], main_class: &str) -> Result<Vec<String>> {
    let log4j = Path::new(env!("CARGO_MANIFEST_DIR")).join("kafka/log4j2.properties");
    let mut words = vec!["java".to_owned()];
    words.extend(flags.iter().map(|flag| (*flag).to_owned()));
    words.push(format!("-Dlog4j2.configurationFile={}", log4j.display()));
    words.extend(["-cp".to_owned(), Cache::open()?.kafka_class_path()?, main_class.to_owned()]);
    Ok(words)
}
