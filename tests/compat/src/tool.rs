//! Apache Kafka's own tools, run as their shell scripts would.

use std::path::Path;

use anyhow::Result;

use crate::cache::Cache;
use crate::program::Program;

/// One of Kafka's command line tools.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tool {
    /// `kafka-storage`
    Storage,
    /// `kafka-topics`
    Topics,
    /// `kafka-configs`
    Configs,
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
    /// `kafka-producer-perf-test`
    ProducerPerformance,
    /// `kafka-consumer-perf-test`
    ConsumerPerformance,
    /// `kafka-console-producer`
    ConsoleProducer,
    /// `kafka-console-consumer`
    ConsoleConsumer,
}

impl Tool {
    fn main_class(self) -> &'static str {
        match self {
            Self::Storage => "kafka.tools.StorageTool",
            Self::Topics => "org.apache.kafka.tools.TopicCommand",
            Self::Configs => "kafka.admin.ConfigCommand",
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
            Self::ProducerPerformance => "org.apache.kafka.tools.ProducerPerformance",
            Self::ConsumerPerformance => "org.apache.kafka.tools.ConsumerPerformance",
            Self::ConsoleProducer => "org.apache.kafka.tools.ConsoleProducer",
            Self::ConsoleConsumer => "org.apache.kafka.tools.consumer.ConsoleConsumer",
        }
    }

    /// The tool with `arguments`, ready to run.
    ///
    /// # Errors
    /// When setup has not run.
    pub fn program(self, arguments: &[&str]) -> Result<Program> {
        Ok(java(self.main_class())?.args(arguments))
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

fn java(main: &str) -> Result<Program> {
    let words = java_words(&["-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"], main)?;
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
