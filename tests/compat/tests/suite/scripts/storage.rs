//! Formatting with features: what is refused, what is said, and that both brokers start on what either has formatted.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use tests_compat::{Broker, Cluster, Kind, Spec, Tool};

use super::{ends_well, same::Asked};

const ID: &str = "4L6g3nShT-eMCtK--X86sw";

fn asked() -> Result<Asked> {
    let asked = Asked::new(Cluster::start(&[])?)?;
    for name in ["none", "latest", "old", "mixed", "joining"] {
        let text = format!(
            "process.roles=broker,controller\nnode.id=1\nlog.dirs=FILES/data-{name}\n\
             listeners=PLAINTEXT://127.0.0.1:29092,CONTROLLER://127.0.0.1:29093\n\
             controller.listener.names=CONTROLLER\ncontroller.quorum.bootstrap.servers=127.0.0.1:29093\n"
        );
        asked.write(name, &text)?;
    }
    Ok(asked)
}

#[test]
fn what_cannot_be_is_refused() -> Result<()> {
    let lines = [
        "--standalone --feature nope=1",
        "--standalone --feature group.version",
        "--standalone --feature group.version=",
        "--standalone --feature group.version=x",
        "--standalone --feature group.version=70000",
        "--standalone --feature group.version=1=1",
        "--standalone --feature group.version=2",
        "--standalone --feature group.version=-1",
        "--standalone -f transaction.version=3",
        "--standalone -f group.version=0 -f group.version=9",
        "--standalone --feature eligible.leader.replicas.version=1 --release-version 3.9",
        "--standalone --feature eligible.leader.replicas.version=1 --feature metadata.version=22",
        "--standalone --feature metadata.version=6",
        "--standalone --feature metadata.version=31",
        "--standalone --feature metadata.version=32",
        "--standalone --feature metadata.version=-1",
        "--standalone --feature metadata.version=30 --release-version 4.3",
        "--standalone --release-version 3.0",
        "--standalone --release-version 4.4",
        "--standalone --release-version 4.4-IV0",
        "--standalone -r x",
        "--standalone --feature kraft.version=0",
        "--standalone --feature kraft.version=2",
        "--standalone --feature kraft.version=-1",
        "--no-initial-controllers --feature kraft.version=0",
        "--no-initial-controllers --feature kraft.version=2",
        "--feature group.version=1",
        "--feature nope=1",
    ];
    let lines = lines.map(|line| format!("format --config FILES/none --cluster-id {ID} {line}"));
    let said = asked()?.same(Tool::Storage, &lines.each_ref().map(String::as_str))?;
    assert!(said.iter().all(|said| said.code == Some(1)), "{said:?}");
    Ok(())
}

#[test]
fn what_was_formatted_is_told() -> Result<()> {
    let asked = asked()?;
    let lines = [
        "latest --standalone -f share.version=0 -f streams.version=0",
        "old --standalone -r 3.9 -f group.version=1",
        "mixed -s --feature metadata.version=23 --feature transaction.version=1 --feature kraft.version=1",
        "mixed -s -g --feature metadata.version=23",
        "mixed -s --feature metadata.version=23",
        "joining -N -r 4.1 --feature group.version=0",
    ];
    let lines = lines.map(|line| format!("format -t {ID} -c FILES/{line}"));
    let said = asked.same(Tool::Storage, &lines.each_ref().map(String::as_str))?;
    ends_well(&said[..4]);
    assert_eq!(said[4].code, Some(1));
    ends_well(&said[5..]);
    Ok(())
}

#[test]
fn releases_and_levels_are_told() -> Result<()> {
    asked()?.same(
        Tool::Storage,
        &[
            "version-mapping",
            "version-mapping --release-version 3.3-IV3",
            "version-mapping -r 3.9",
            "version-mapping -r 4.0-IV1",
            "version-mapping -r 4.1",
            "version-mapping -r 4.3.1",
            "version-mapping -r 4.4-IV0",
            "version-mapping -r 4.4",
            "version-mapping -r 3.0",
            "version-mapping -r x",
            "feature-dependencies --feature transaction.version=2",
            "feature-dependencies -f eligible.leader.replicas.version=1 -f group.version=0 -f kraft.version=1",
            "feature-dependencies --feature metadata.version=30",
            "feature-dependencies --feature metadata.version=6",
            "feature-dependencies --feature share.version=2",
            "feature-dependencies --feature share.version=2 --feature group.version=1",
            "feature-dependencies --feature nope=1",
            "feature-dependencies --feature group.version=x",
        ],
    )?;
    Ok(())
}

/// The finalized level of each feature.
fn levels(broker: &Broker) -> Result<BTreeMap<String, String>> {
    let told = broker.tool(Tool::Features, &["describe"])?;
    let word_after = |line: &str, label: &str| {
        let word = line.split_once(label).and_then(|(_, rest)| rest.split_whitespace().next());
        word.map(str::to_owned).with_context(|| format!("{label} in {line}"))
    };
    let level = |line| Ok((word_after(line, "Feature:")?, word_after(line, "FinalizedVersionLevel:")?));
    told.lines().map(level).collect()
}

#[test]
fn both_start_on_what_either_formatted() -> Result<()> {
    let words = ["--release-version", "4.1", "--feature", "transaction.version=1", "-f", "group.version=0"];
    for formats in [Kind::Klamm, Kind::Apache] {
        for starts in [Kind::Klamm, Kind::Apache] {
            let broker = Spec::new(formats).format(&words).formatted()?.taken_over_by(starts)?;
            let levels = levels(&broker)?;
            let level = |name: &str| levels.get(name).map(String::as_str);
            let expected = [
                ("eligible.leader.replicas.version", "1"),
                ("group.version", "0"),
                ("kraft.version", "1"),
                ("metadata.version", "4.1-IV1"),
                ("transaction.version", "1"),
            ];
            for (name, expected) in expected {
                assert_eq!(level(name), Some(expected), "{name}, by {formats:?}, of {starts:?}");
            }
        }
    }
    Ok(())
}
