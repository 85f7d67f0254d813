//! Features.

use anyhow::Result;
use tests_compat::{Cluster, Kind, Tool};

use super::{ends_well, same::Asked, three_nodes};

#[test]
fn features_are_described_and_updated() -> Result<()> {
    let asked = three_nodes()?.without_numbers();
    let of = |lines: &[&str]| {
        let lines: Vec<_> = lines.iter().map(|line| format!("--bootstrap-server BROKERS {line}")).collect();
        asked.same(Tool::Features, &lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    ends_well(&of(&[
        "describe",
        "describe --node-id 2",
        "upgrade --metadata 4.3",
        "upgrade --feature metadata.version=30",
        "disable --feature eligible.leader.replicas.version --dry-run",
        "version-mapping",
        "feature-dependencies --feature group.version=1 --feature eligible.leader.replicas.version=1",
    ])?);
    ends_well(
        &asked.same(Tool::Features, &["--bootstrap-controller CONTROLLERS describe", "version-mapping"])?,
    );
    of(&[
        "upgrade",
        "disable",
        "upgrade --metadata bogus",
        "upgrade --release-version bogus",
        "upgrade --release-version 4.3 --metadata 4.3",
        "upgrade --release-version 3.3 --dry-run",
        "upgrade --feature a",
        "upgrade --feature a=b",
        "upgrade --feature nope=1",
        "upgrade --feature nope=1 --feature nope=2",
        "upgrade --feature metadata.version=99 --feature kraft.version=1",
        "downgrade --feature metadata.version=25 --dry-run",
        "downgrade --metadata 4.1 --unsafe --dry-run",
        "disable --feature nope",
        "disable --feature metadata.version --unsafe",
        "describe --node-id=-1",
        "describe --node-id x",
        "--command-config FILES/nope describe",
        "bogus",
        "upgrade --bogus",
        "feature-dependencies",
        "feature-dependencies --feature nope=1",
        "feature-dependencies --feature share.version=2",
        "feature-dependencies --feature metadata.version=6",
        "feature-dependencies --feature metadata.version=31",
    ])?;
    asked.same(Tool::Features, &["describe", ""])?;
    Ok(())
}

#[test]
fn every_release_has_the_features_that_kafka_gives_it() -> Result<()> {
    let asked = Asked::new(Cluster::start(&[Kind::under_test()?])?)?;
    let releases = [
        "3.0", "3.3", "3.3-IV3", "3.4-IV0", "3.5", "3.6-IV2", "3.7", "3.8-IV0", "3.9", "4.0-IV0", "4.0-IV1",
        "4.0-IV2", "4.0-IV3", "4.1-IV0", "4.1-IV1", "4.2-IV0", "4.2-IV1", "4.3", "4.3.1", "4.4", "4.4-IV0",
    ];
    let lines = releases.map(|release| format!("version-mapping --release-version {release}"));
    asked.same(Tool::Features, &lines.each_ref().map(String::as_str))?;
    Ok(())
}
