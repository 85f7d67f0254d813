//! kill -9 of a leader, a follower, the active controller, and of all nodes at once, while producers go on.

use anyhow::{Context, Result};

use crate::load::{Load, PROGRESS_LIMIT, SYNC_LIMIT, TOPIC};
use crate::shape::{Shape, Victim};

fn nothing_is_lost(shape: Shape) -> Result<()> {
    let mut cluster = shape.start()?;
    let load = Load::start(&cluster)?;
    for victim in Victim::EACH {
        load.progress(100, PROGRESS_LIMIT).with_context(|| format!("before {victim:?}"))?;
        let nodes = victim.nodes(&cluster)?;
        for id in &nodes {
            cluster.node(*id).kill()?;
        }
        if victim != Victim::All {
            // Writes go on before the dead one comes back.
            load.progress(100, PROGRESS_LIMIT).with_context(|| format!("without {victim:?} {nodes:?}"))?;
        }
        cluster.launch()?;
        cluster
            .wait_until_in_sync(&[TOPIC.to_owned()], SYNC_LIMIT)
            .with_context(|| format!("after {victim:?} {nodes:?}"))?;
    }
    load.finish(&cluster)
}

#[test]
fn nothing_is_lost_by_kills_of_combined_nodes() -> Result<()> {
    nothing_is_lost(Shape::Combined)
}

#[test]
fn nothing_is_lost_by_kills_of_controllers_and_brokers() -> Result<()> {
    nothing_is_lost(Shape::Separate)
}
