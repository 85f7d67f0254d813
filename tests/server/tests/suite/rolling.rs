//! Nodes that are stopped and started in turn, as an upgrade does it: leaders are handed over first, no record fails.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::load::{Load, PROGRESS_LIMIT, SYNC_LIMIT, TOPIC};
use crate::shape::{Shape, Victim};

/// A record that takes longer is a failed one.
const DELIVERY_LIMIT: Duration = Duration::from_secs(5);

fn no_record_fails(shape: Shape) -> Result<()> {
    let mut cluster = shape.start()?;
    let load = Load::start_with(&cluster, DELIVERY_LIMIT)?;
    for id in 1..=cluster.nodes().len() {
        load.progress(100, PROGRESS_LIMIT)?;
        cluster.node(id).stop()?;
        load.progress(100, PROGRESS_LIMIT).with_context(|| format!("without {id}"))?;
        cluster.launch()?;
        cluster.wait_until_in_sync(&[TOPIC.to_owned()], SYNC_LIMIT).with_context(|| format!("after {id}"))?;
    }
    // Once more whoever is the active controller now, and whoever leads most.
    for victim in [Victim::Controller, Victim::Leader] {
        let id = victim.nodes(&cluster)?[0];
        cluster.node(id).stop()?;
        load.progress(100, PROGRESS_LIMIT).with_context(|| format!("without {victim:?} {id}"))?;
        cluster.launch()?;
        cluster.wait_until_in_sync(&[TOPIC.to_owned()], SYNC_LIMIT)?;
    }
    load.finish(&cluster)
}

#[test]
fn no_record_fails_while_combined_nodes_restart_in_turn() -> Result<()> {
    no_record_fails(Shape::Combined)
}

#[test]
fn no_record_fails_while_controllers_and_brokers_restart_in_turn() -> Result<()> {
    no_record_fails(Shape::Separate)
}
