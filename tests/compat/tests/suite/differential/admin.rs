//! Metadata, and requests about topics and settings.

use anyhow::Result;
use tests_compat::Body;

use super::{ID, Pair, metadata};

#[test]
fn metadata_and_cluster() -> Result<()> {
    let mut pair = Pair::start()?;
    pair.compare_versions("no topics", 3, 0..=13, 9, |version, body| metadata(version, body, &[]))?;
    pair.compare_versions("a topic", 3, 0..=13, 9, |version, body| metadata(version, body, &["diff"]))?;
    pair.compare_versions("a topic's partitions", 75, 0..=0, 0, |_, body| {
        body.array(Some(1)).text(Some("diff")).end().int32(10).int8(-1).end()
    })?;
    pair.compare_versions("partitions, page by page", 75, 0..=0, 0, |_, body| {
        body.array(Some(1)).text(Some("diff")).end().int32(1).int8(-1).end()
    })?;
    let by_id = |id: [u8; 16]| {
        move |_, body: Body| body.array(Some(1)).raw(&id).text(None).end().int8(0).int8(0).end()
    };
    pair.compare_versions("a topic by id", 3, 12..=13, 9, by_id(ID))?;
    pair.compare_versions("an unknown id", 3, 12..=13, 9, by_id([7; 16]))?;
    for (name, id, text) in [
        ("by id", ID, None),
        ("by id with an empty name", ID, Some("")),
        ("by id with another name", ID, Some("other")),
        ("by an unknown id", [0x77; 16], None),
        ("by an unknown id with an empty name", [0x77; 16], Some("")),
        ("by an unknown id with a name", [0x77; 16], Some("diff")),
    ] {
        pair.compare_versions(name, 3, 12..=13, 9, |_, body| {
            body.array(Some(1)).raw(&id).text(text).end().int8(0).int8(0).end()
        })?;
    }
    pair.compare_versions("by id and by name", 3, 12..=13, 9, |_, body| {
        let body = body.array(Some(3)).raw(&ID).text(Some("")).end().raw(&[0; 16]).text(Some("diff")).end();
        body.raw(&ID).text(None).end().int8(0).int8(0).end()
    })?;
    let unknown = ["missing", "bad/name", "__consumer_offsets"];
    pair.compare_versions("unknown topics", 3, 1..=13, 9, |version, body| metadata(version, body, &unknown))?;
    pair.compare_versions("the cluster", 60, 0..=2, 0, |version, body| {
        let body = body.int8(0);
        let body = if version >= 1 { body.int8(1) } else { body };
        if version >= 2 { body.int8(0).end() } else { body.end() }
    })?;
    pair.compare_versions("an unknown topic's partitions", 75, 0..=0, 0, |_, body| {
        body.array(Some(1)).text(Some("missing")).end().int32(10).int8(-1).end()
    })?;
    pair.compare_versions("no access control", 29, 1..=3, 2, |_, body| {
        body.int8(1).text(None).int8(1).text(None).text(None).int8(1).int8(1).end()
    })?;
    pair.compare_versions("no groups", 16, 0..=5, 3, |version, body| {
        let body = if version >= 4 { body.array(Some(0)) } else { body };
        if version >= 5 { body.array(Some(0)).end() } else { body.end() }
    })?;
    pair.compare_versions("no reassignments", 46, 0..=0, 0, |_, body| body.int32(1000).array(None).end())?;
    pair.finish();
    Ok(())
}

#[test]
fn topics_that_asking_makes_are_unknown_until_they_are_there() -> Result<()> {
    let mut pair = Pair::with_settings(&[("auto.create.topics.enable", "true")])?;
    pair.compare_versions("a topic that nobody has asked for", 3, 0..=13, 9, |version, body| {
        metadata(version, body, &[&format!("fresh-{version}")])
    })?;
    for broker in [&pair.apache, &pair.tested] {
        broker.create_topic("deleted", 1, &[])?;
        broker.delete_topic("deleted")?;
    }
    pair.compare_versions("a topic that was deleted", 3, 1..=1, 9, |version, body| {
        metadata(version, body, &["deleted"])
    })?;
    pair.finish();
    Ok(())
}

#[test]
fn topics_that_cannot_be_made_changed_or_deleted() -> Result<()> {
    let mut pair = Pair::start()?;
    let long = "x".repeat(250);
    let names = ["", ".", "..", "bad/name", "diff", "__cluster_metadata", &long];
    for (name, partitions, factor) in names.iter().map(|name| (*name, 1, 1)).chain([
        ("n", 0, 1),
        ("n", -2, 1),
        ("n", 1, 0),
        ("n", 1, 2),
        ("n", 1, 70),
    ]) {
        let shown = format!("create {name:.10?} {partitions} {factor}");
        pair.compare_versions(&shown, 19, 2..=7, 5, |_, body| {
            let body = body.array(Some(1)).text(Some(name)).int32(partitions).int16(factor);
            body.array(Some(0)).array(Some(0)).end().int32(5000).int8(1).end()
        })?;
    }
    for (key, value) in
        [("retention.ms", "x"), ("no.such", "1"), ("cleanup.policy", "shred"), ("min.insync.replicas", "0")]
    {
        pair.compare_versions(&format!("create with {key}={value}"), 19, 2..=7, 5, |_, body| {
            let body = body.array(Some(1)).text(Some("n")).int32(1).int16(1).array(Some(0)).array(Some(1));
            body.text(Some(key)).text(Some(value)).end().end().int32(5000).int8(1).end()
        })?;
    }
    pair.compare_versions("delete an unknown topic", 20, 1..=5, 4, |_, body| {
        body.array(Some(1)).text(Some("missing")).int32(5000).end()
    })?;
    for count in [0, 2, 1, -1] {
        pair.compare_versions(&format!("grow to {count}"), 37, 0..=3, 2, |_, body| {
            let body = body.array(Some(1)).text(Some("diff")).int32(count).array(None).end();
            body.int32(5000).int8(1).end()
        })?;
    }
    for (topic, offset) in [("missing", 0), ("diff", 1000), ("diff", -2), ("compact", 0)] {
        pair.compare_versions(&format!("delete records of {topic} to {offset}"), 21, 0..=2, 2, |_, body| {
            let body = body.array(Some(1)).text(Some(topic)).array(Some(1)).int32(0).int64(offset).end();
            body.end().int32(5000).end()
        })?;
    }
    for (kind, name, key, value) in [
        (2, "missing", "retention.ms", "1"),
        (2, "diff", "retention.ms", "x"),
        (2, "diff", "no.such", "1"),
        (4, "7", "log.retention.ms", "1"),
        (4, "1", "log.dirs", "x"),
        (4, "x", "log.retention.ms", "1"),
        (77, "x", "y", "1"),
    ] {
        pair.compare_versions(&format!("set {key}={value} on {kind} {name}"), 44, 0..=1, 1, |_, body| {
            let body = body.array(Some(1)).int8(kind).text(Some(name)).array(Some(1));
            body.text(Some(key)).int8(0).text(Some(value)).end().end().int8(1).end()
        })?;
    }
    pair.finish();
    Ok(())
}

#[test]
fn configs_described() -> Result<()> {
    let mut pair = Pair::start()?;
    // One key at a time: Apache Kafka gives several in no order.
    for (kind, name, key) in [
        (2, "diff", "retention.ms"),
        (2, "diff", "segment.bytes"),
        (2, "diff", "log.retention.ms"),
        (2, "diff", "no.such"),
        (2, "compact", "cleanup.policy"),
        (2, "missing", "retention.ms"),
        (2, "bad/name", "retention.ms"),
        (4, "1", "log.retention.ms"),
        (4, "1", "node.id"),
        (4, "1", "ssl.key.password"),
        (4, "1", "no.such"),
        (4, "7", "node.id"),
        (4, "x", "node.id"),
        (99, "x", "y"),
    ] {
        let shown = format!("describe {key} of {kind} {name}");
        pair.compare_versions(&shown, 32, 1..=4, 4, |version, body| {
            let body = body.array(Some(1)).int8(kind).text(Some(name)).array(Some(1)).text(Some(key));
            let body = body.end().int8(1);
            if version >= 3 { body.int8(0).end() } else { body }
        })?;
    }
    pair.compare_versions("brokers with configs", 74, 1..=1, 0, |_, body| body.array(Some(1)).int8(4).end())?;
    pair.compare_versions("client metrics", 74, 0..=0, 0, |_, body| body.end())?;
    pair.finish();
    Ok(())
}
