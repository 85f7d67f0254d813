//! Tools that look at the cluster: `kafka-broker-api-versions`, `kafka-metadata-quorum`, `kafka-features`,
//! `kafka-cluster`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use tests_compat::{Broker, CLUSTER_ID, Kind, Tool};

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
    for feature in ["group.version", "share.version", "streams.version", "transaction.version"] {
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
