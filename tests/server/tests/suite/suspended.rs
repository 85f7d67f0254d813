//! SIGSTOP and SIGCONT: a node that is away without a word, others take its place, and it comes back believing that it
//! still has it.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_compat::{Cluster, Stopwatch, pause};

use crate::load::{Load, PROGRESS_LIMIT, SYNC_LIMIT, TOPIC};
use crate::shape::{Shape, Victim};

/// Longer than a session of these clusters, so that who is away is replaced.
const AWAY: Duration = Duration::from_secs(4);
/// Too short for anybody to be replaced.
const BLINK: Duration = Duration::from_millis(300);

fn suspend(cluster: &Cluster, nodes: &[usize]) -> Result<()> {
    nodes.iter().try_for_each(|id| cluster.nodes()[id - 1].suspend())
}

fn resume(cluster: &Cluster, nodes: &[usize]) -> Result<()> {
    nodes.iter().try_for_each(|id| cluster.nodes()[id - 1].resume())
}

fn nothing_is_lost(shape: Shape) -> Result<()> {
    let cluster = shape.start()?;
    let load = Load::start(&cluster)?;
    for victim in Victim::EACH {
        load.progress(100, PROGRESS_LIMIT).with_context(|| format!("before {victim:?}"))?;
        let nodes = victim.nodes(&cluster)?;
        suspend(&cluster, &nodes)?;
        if victim == Victim::All {
            pause(AWAY);
        } else {
            // Writes go on without it, and so long that it is replaced.
            load.progress(100, PROGRESS_LIMIT).with_context(|| format!("without {victim:?} {nodes:?}"))?;
            pause(AWAY);
        }
        resume(&cluster, &nodes)?;
        cluster
            .wait_until_in_sync(&[TOPIC.to_owned()], SYNC_LIMIT)
            .with_context(|| format!("after {victim:?} {nodes:?}"))?;
    }
    load.finish(&cluster)
}

#[test]
fn nothing_is_lost_by_combined_nodes_that_stand_still() -> Result<()> {
    nothing_is_lost(Shape::Combined)
}

#[test]
fn nothing_is_lost_by_controllers_and_brokers_that_stand_still() -> Result<()> {
    nothing_is_lost(Shape::Separate)
}

#[test]
fn a_follower_that_hardly_moves_holds_nobody_up_for_long() -> Result<()> {
    let cluster = Shape::Combined.start()?;
    let load = Load::start(&cluster)?;
    let slow = Victim::Follower.nodes(&cluster)?;
    for _ in 0..20 {
        suspend(&cluster, &slow)?;
        pause(BLINK);
        resume(&cluster, &slow)?;
        // While it stands still and is in sync, acknowledgements wait for it; then they come.
        load.progress(1, PROGRESS_LIMIT)?;
    }
    suspend(&cluster, &slow)?;
    load.progress(500, PROGRESS_LIMIT)?;
    let slow_id = i32::try_from(slow[0])?;
    let views = cluster.partitions(TOPIC)?;
    ensure!(views.iter().all(|view| !view.in_sync.contains(&slow_id)), "still in sync: {views:?}");
    resume(&cluster, &slow)?;
    cluster.wait_until_in_sync(&[TOPIC.to_owned()], SYNC_LIMIT)?;
    load.finish(&cluster)
}

/// A change that waits at a controller which stands still goes on at the next one, long before its own time is over.
#[test]
fn a_change_is_not_held_up_by_a_controller_that_stands_still() -> Result<()> {
    let cluster = Shape::Combined.start()?;
    let active = Victim::Controller.nodes(&cluster)?;
    let through = &cluster.nodes()[active[0] % cluster.nodes().len()];
    // From now on that node has a connection to the active controller.
    through.create_replicated(&["before".to_owned()], 1, 2, &[])?;
    suspend(&cluster, &active)?;
    let watch = Stopwatch::start();
    let created = through.create_replicated(&["meanwhile".to_owned()], 1, 2, &[]);
    let waited = watch.elapsed();
    resume(&cluster, &active)?;
    created?;
    ensure!(waited < PROGRESS_LIMIT / 2, "it took {waited:?}");
    Ok(())
}

/// A controller that cannot commit a change gives the lead up with it; whoever asked it hears of the next one's decision:
/// that the topic is made, or, where a follower got the change in the last moment, that it is there already.
#[test]
fn a_change_at_a_controller_that_resigns_is_made_by_the_next() -> Result<()> {
    let cluster = Shape::Combined.start()?;
    let active = Victim::Controller.nodes(&cluster)?;
    let others: Vec<_> = (1..=cluster.nodes().len()).filter(|id| !active.contains(id)).collect();
    suspend(&cluster, &others)?;
    let asked = &cluster.nodes()[active[0] - 1];
    let created = thread::scope(|scope| {
        let asking = scope.spawn(|| asked.create_replicated(&["meanwhile".to_owned()], 1, 2, &[]));
        // Long enough for it to see that nobody fetches any more.
        pause(AWAY);
        resume(&cluster, &others)?;
        asking.join().expect("no panic")
    });
    let is_there = created.as_ref().is_err_and(|error| error.to_string().contains("already exists"));
    ensure!(created.is_ok() || is_there, "{created:?}");
    cluster.wait_until_in_sync(&["meanwhile".to_owned()], SYNC_LIMIT)
}
