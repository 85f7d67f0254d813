//! Tools that look at the cluster: `kafka-broker-api-versions`, `kafka-metadata-quorum`, `kafka-features`,
//! `kafka-cluster`.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Broker, CLUSTER_ID, Cluster, Deadline, Kind, Program, Tool, pause};

use crate::text::lines;

#[test]
fn metadata_quorum_shows_one_voter_that_leads() -> Result<()> {
    let broker = Broker::under_test()?;
    let status = broker.tool(Tool::MetadataQuorum, &["describe", "--status"])?;
    let fields: BTreeMap<_, _> = status
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key, value.trim()))
        .collect();
    assert_eq!(fields["ClusterId"], CLUSTER_ID);
    assert_eq!(fields["LeaderId"], "1");
    assert!(fields["LeaderEpoch"].parse::<i32>()? >= 1, "{status}");
    assert!(fields["HighWatermark"].parse::<i64>()? > 0, "{status}");
    assert_eq!((fields["MaxFollowerLag"], fields["MaxFollowerLagTimeMs"]), ("0", "0"));
    assert_eq!(fields["CurrentObservers"], "[]");
    let voters: serde_json::Value = serde_json::from_str(fields["CurrentVoters"])?;
    let directory = voters[0]["directoryId"].as_str().context("a directory id")?;
    assert_eq!((voters.as_array().map(Vec::len), &voters[0]["id"]), (Some(1), &1.into()));
    let endpoint = voters[0]["endpoints"][0].as_str().context("an endpoint")?;
    assert!(endpoint.starts_with("CONTROLLER://127.0.0.1:"), "{endpoint}");

    let replication = broker.tool(Tool::MetadataQuorum, &["describe", "--replication"])?;
    let rows = lines(&replication);
    assert_eq!(
        rows[0].split_whitespace().collect::<Vec<_>>(),
        [
            "NodeId",
            "DirectoryId",
            "LogEndOffset",
            "Lag",
            "LastFetchTimestamp",
            "LastCaughtUpTimestamp",
            "Status"
        ]
    );
    let row: Vec<_> = rows[1].split_whitespace().collect();
    assert_eq!((row[0], row[1], row[3], row[6]), ("1", directory, "0", "Leader"));
    Ok(())
}

#[test]
fn broker_api_versions_lists_only_ranges_that_apache_kafka_has() -> Result<()> {
    let broker = Broker::under_test()?;
    let shown = broker.tool(Tool::BrokerApiVersions, &[])?;
    let first = format!("{} (id: 1 rack: null isFenced: false) -> (", broker.bootstrap());
    assert_eq!(shown.lines().next(), Some(first.as_str()));
    let expected: BTreeMap<_, _> =
        include_str!("../../expected/api-versions.txt").lines().map(range).collect();
    // What a broker of one node must serve for clients that need no group and no transaction.
    let needed = [
        "Produce(0)",
        "Fetch(1)",
        "ListOffsets(2)",
        "Metadata(3)",
        "FindCoordinator(10)",
        "ListGroups(16)",
        "ApiVersions(18)",
        "CreateTopics(19)",
        "DeleteTopics(20)",
        "DeleteRecords(21)",
        "InitProducerId(22)",
        "OffsetForLeaderEpoch(23)",
        "DescribeAcls(29)",
        "DescribeConfigs(32)",
        "AlterConfigs(33)",
        "DescribeLogDirs(35)",
        "CreatePartitions(37)",
        "IncrementalAlterConfigs(44)",
        "ListPartitionReassignments(46)",
        "DescribeQuorum(55)",
        "DescribeCluster(60)",
        "DescribeProducers(61)",
        "ListConfigResources(74)",
        "DescribeTopicPartitions(75)",
    ];
    let all: BTreeMap<_, _> =
        shown.lines().skip(1).map(str::trim).filter(|line| line.contains("): ")).map(range).collect();
    for name in needed {
        assert_eq!(all.get(name), expected.get(name), "{name}");
    }
    for (name, versions) in &all {
        let same = expected.get(name) == Some(versions);
        assert!(same || *versions == "UNSUPPORTED", "{name}: {versions}");
    }
    if broker.kind() == Kind::Apache {
        assert_eq!(all, expected);
    }
    Ok(())
}

/// The API's name and what is said of its versions.
fn range(line: &str) -> (&str, &str) {
    let (name, versions) = line.trim().trim_end_matches(',').split_once(": ").unwrap_or((line, ""));
    (name, versions)
}

#[test]
fn features_are_finalized_at_the_level_of_this_release() -> Result<()> {
    let broker = Broker::under_test()?;
    let bootstrap = broker.bootstrap();
    let shown = Tool::Features.stdout(&["--bootstrap-server", &bootstrap, "describe"])?;
    let finalized = |feature: &str| -> Option<String> {
        let line = shown.lines().find(|line| line.starts_with(&format!("Feature: {feature} ")))?;
        let level = line.split("FinalizedVersionLevel: ").nth(1)?;
        level.split_whitespace().next().map(str::to_owned)
    };
    assert_eq!(finalized("metadata.version").as_deref(), Some("4.3-IV0"), "{shown}");
    assert_eq!(finalized("kraft.version").as_deref(), Some("1"), "{shown}");
    assert_eq!(finalized("eligible.leader.replicas.version").as_deref(), Some("1"), "{shown}");
    assert_eq!(finalized("transaction.version").as_deref(), Some("2"), "{shown}");
    assert_eq!(finalized("group.version").as_deref(), Some("1"), "{shown}");
    for feature in ["share.version", "streams.version"] {
        assert!(matches!(finalized(feature).as_deref(), None | Some("0")), "{shown}");
    }
    Ok(())
}

#[test]
fn cluster_tool_knows_the_id_and_the_endpoints() -> Result<()> {
    let broker = Broker::under_test()?;
    let bootstrap = broker.bootstrap();
    let id = Tool::Cluster.stdout(&["cluster-id", "--bootstrap-server", &bootstrap])?;
    assert_eq!(id, format!("Cluster ID: {CLUSTER_ID}\n"));
    let endpoints = Tool::Cluster.stdout(&["list-endpoints", "--bootstrap-server", &bootstrap])?;
    let row: Vec<_> = lines(&endpoints)[1].split_whitespace().map(str::to_owned).collect();
    let (host, port) = bootstrap.split_once(':').context("an address")?;
    assert_eq!(row, ["1", host, port, "null", "unfenced", "broker"], "{endpoints}");
    Ok(())
}

#[test]
fn partitions_that_lack_a_replica_are_shown_until_it_is_back() -> Result<()> {
    let mut cluster = Cluster::start(&[Kind::under_test()?; 3])?;
    let topics = ["whole", "partly"].map(str::to_owned);
    cluster.nodes()[0].create_replicated(&topics[..1], 2, 2, &[])?;
    cluster.nodes()[0].create_replicated(&topics[1..], 1, 3, &[])?;
    cluster.wait_until_in_sync(&topics, Duration::from_secs(60))?;
    let lacking = |cluster: &Cluster| -> Result<Vec<String>> {
        let said = cluster.tool(Tool::Topics, &["--describe", "--under-replicated-partitions"])?;
        Ok(said.lines().filter(|line| line.contains("Topic: partly")).map(str::to_owned).collect())
    };
    assert_eq!(lacking(&cluster)?, Vec::<String>::new());
    cluster.node(2).stop()?;
    let lines = lacking(&cluster)?;
    assert_eq!(lines.len(), 1, "{lines:?}");
    let isr = lines[0].split("Isr: ").nth(1).and_then(|rest| rest.split('\t').next()).context("an ISR")?;
    assert!(isr.split(',').all(|id| id != "2") && isr.len() == "1,3".len(), "{lines:?}");
    cluster.launch()?;
    cluster.wait_until_in_sync(&topics, Duration::from_secs(60))?;
    assert_eq!(cluster.tool(Tool::Topics, &["--describe", "--under-replicated-partitions"])?, "");
    Ok(())
}

#[test]
fn dump_log_reads_logs_metadata_and_snapshots_of_every_node() -> Result<()> {
    let mut cluster = Cluster::start_with(&[Kind::under_test()?; 3], |spec| {
        spec.set("metadata.log.max.record.bytes.between.snapshots", "2000")
    })?;
    let topics: Vec<_> = (0..10).map(|topic| format!("t{topic}")).collect();
    for topic in &topics {
        cluster.nodes()[0].create_replicated(std::slice::from_ref(topic), 3, 3, &[])?;
    }
    let lines: String = (0..300).map(|line| format!("{line}\n")).collect();
    let words = ["-P", "-b", &cluster.bootstrap(), "-t", "t0"];
    Program::new("kcat").args(words).input(lines).stdout()?;
    cluster.wait_until_in_sync(&topics, Duration::from_secs(60))?;
    let deadline = Deadline::after(Duration::from_secs(60));
    let metadata: Vec<_> =
        cluster.nodes().iter().map(|node| node.data().join("__cluster_metadata-0")).collect();
    while metadata.iter().any(|folder| checkpoints(folder).is_ok_and(|all| all.len() < 2)) {
        anyhow::ensure!(deadline.left().is_some(), "not every node has a snapshot");
        pause(Duration::from_millis(20));
    }
    // The last ones would have no quorum to leave in order.
    for id in 1..=3 {
        cluster.node(id).kill()?;
    }
    for (node, metadata) in cluster.nodes().iter().zip(&metadata) {
        let mut records = 0;
        for partition in 0..3 {
            let log = node.partition("t0", partition).join("00000000000000000000.log");
            let dump = Tool::DumpLog.stdout(&["--deep-iteration", "--files", &log.display().to_string()])?;
            assert!(!dump.contains("isvalid: false"), "{dump}");
            records += dump.lines().filter(|line| line.starts_with("| offset: ")).count();
        }
        assert_eq!(records, 300, "node {}", node.id());
        let mut files = checkpoints(metadata)?;
        files.push(metadata.join("00000000000000000000.log").display().to_string());
        files.retain(|file| std::path::Path::new(file).exists());
        let dump = Tool::DumpLog.stdout(&["--cluster-metadata-decoder", "--files", &files.join(",")])?;
        assert!(!dump.contains("isvalid: false") && !dump.contains("Error"), "node {}: {dump}", node.id());
        for expected in ["\"type\":\"PARTITION_RECORD\"", "SnapshotHeader", "SnapshotFooter", "KRaftVoters"] {
            assert!(dump.contains(expected), "node {}: {expected} is missing:\n{dump}", node.id());
        }
    }
    Ok(())
}

/// The snapshots in a folder of the metadata log.
fn checkpoints(folder: &std::path::Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "checkpoint") {
            found.push(path.display().to_string());
        }
    }
    Ok(found)
}
