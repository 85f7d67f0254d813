//! The long one: hundreds of kills over leader, follower, active controller and all at once, at moments that a seed
//! chooses, under load. `KLAMM_CLUSTER_KILLS` sets their number (6, or 300 with `KLAMM_SOAK`), `KLAMM_SEED` the moments.

use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Cluster, Stopwatch, pause};

use crate::load::{Load, PROGRESS_LIMIT, SYNC_LIMIT, TOPIC, views};
use crate::moments::{Moments, setting};
use crate::shape::{Shape, Victim};

/// Kills that are judged together: each part has a cluster of its own, in turns of both shapes.
const PART: u64 = 50;

#[test]
fn nothing_is_lost_twice_or_out_of_order_however_often_nodes_are_killed() -> Result<()> {
    let is_soak = std::env::var_os("KLAMM_SOAK").is_some();
    let kills = setting("KLAMM_CLUSTER_KILLS", if is_soak { 300 } else { 6 })?;
    let mut moments = Moments::from_environment()?;
    let watch = Stopwatch::start();
    let mut done = 0;
    while done < kills {
        let shape = if (done / PART).is_multiple_of(2) { Shape::Combined } else { Shape::Separate };
        let count = PART.min(kills - done);
        let acknowledged =
            part(shape, count, &mut moments).with_context(|| format!("{shape:?}, after kill {done}"))?;
        done += count;
        println!("{done} kills in {:?}: {acknowledged} acknowledged on {shape:?}", watch.elapsed());
    }
    Ok(())
}

/// So many kills of one cluster, and the judgement; gives how many records were acknowledged.
fn part(shape: Shape, kills: u64, moments: &mut Moments) -> Result<u64> {
    let mut cluster = shape.start()?;
    let load = Load::start(&cluster)?;
    for kill in 0..kills {
        let victim = Victim::EACH[usize::try_from(kill)? % Victim::EACH.len()];
        let done = kill_once(&mut cluster, &load, victim, moments);
        done.with_context(|| format!("kill {kill}: {victim:?}\n{}\n{}", views(&cluster), logs(&cluster)))?;
    }
    let acknowledged = load.count();
    load.finish(&cluster)?;
    Ok(acknowledged)
}

/// What the nodes logged last.
fn logs(cluster: &Cluster) -> String {
    cluster.nodes().iter().map(|node| format!("node {}:\n{}\n", node.id(), node.last_lines())).collect()
}

fn kill_once(cluster: &mut Cluster, load: &Load, victim: Victim, moments: &mut Moments) -> Result<()> {
    load.progress(moments.below(300), PROGRESS_LIMIT)?;
    let nodes = victim.nodes(cluster)?;
    for id in &nodes {
        cluster.node(*id).kill()?;
    }
    if victim != Victim::All && moments.below(2) == 0 {
        load.progress(1 + moments.below(100), PROGRESS_LIMIT).context("without it")?;
    } else {
        pause(Duration::from_millis(moments.below(500)));
    }
    cluster.launch()?;
    // The next kill must not take a second replica of what has only two in sync: that is the one that may lose.
    cluster.wait_until_in_sync(&[TOPIC.to_owned()], SYNC_LIMIT)
}
