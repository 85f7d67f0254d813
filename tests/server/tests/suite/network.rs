//! Cuts of the network: packets vanish, connections stay open for their ends, and both sides go on as they think right.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_compat::{Cluster, Deadline, Program, partitions, pause};

use crate::load::{Load, PARTITIONS, PROGRESS_LIMIT, SYNC_LIMIT, TOPIC, views};
use crate::shape::Victim;
use crate::wires::Wires;

const NODES: usize = 3;

/// A topic beside the one under load.
const ASIDE: &str = "aside";
/// Longer than a session of these clusters.
const CUT: Duration = Duration::from_secs(5);

const TRY_EVERY: Duration = Duration::from_millis(50);

fn others(than: usize) -> Vec<usize> {
    (1..=NODES).filter(|id| *id != than).collect()
}

/// A cluster on wires, and producers at the switch.
struct Wired {
    // In the order in which they must end.
    load: Load,
    cluster: Cluster,
    wires: Wires,
}

impl Wired {
    fn start() -> Result<Self> {
        let wires = Wires::lay(NODES)?;
        let cluster = wires.start()?;
        let load = Load::start(&cluster)?;
        cluster.nodes()[0].create_replicated(
            &[ASIDE.to_owned()],
            PARTITIONS,
            3,
            &[("min.insync.replicas", "2")],
        )?;
        cluster.wait_until_in_sync(&[ASIDE.to_owned()], SYNC_LIMIT)?;
        Ok(Self { load, cluster, wires })
    }

    fn victim(&self, victim: Victim) -> Result<usize> {
        Ok(victim.nodes(&self.cluster)?[0])
    }

    fn progress(&self, what: &str) -> Result<()> {
        let done = self.load.progress(100, PROGRESS_LIMIT);
        done.with_context(|| format!("{what}\n{}", views(&self.cluster)))
    }

    /// Whether clients that know these nodes only have records taken in every partition of a topic beside the one under
    /// load. The load's producers may not: a client asks the broker that it is connected to who leads, and that one may
    /// be cut off.
    fn goes_on_at(&self, nodes: &[usize]) -> Result<()> {
        let nodes: Vec<_> = nodes.iter().map(|id| &self.cluster.nodes()[id - 1]).collect();
        let ids: Vec<_> = nodes.iter().map(|node| node.id()).collect();
        let deadline = Deadline::after(PROGRESS_LIMIT);
        let topic = [ASIDE.to_owned()];
        while !nodes.iter().all(|node| {
            let views = partitions(node.address(), &topic).unwrap_or_default();
            !views.is_empty()
                && views.iter().all(|view| view.leader.is_some_and(|leader| ids.contains(&leader)))
        }) {
            ensure!(deadline.left().is_some(), "nobody else leads:\n{}", views(&self.cluster));
            pause(TRY_EVERY);
        }
        let bootstrap: Vec<_> = nodes.iter().map(|node| node.bootstrap()).collect();
        for partition in 0..PARTITIONS {
            let words = ["-P", "-b", &bootstrap.join(","), "-t", ASIDE, "-p", &partition.to_string()];
            let patience =
                ["-X", "message.timeout.ms=30000", "-X", "request.timeout.ms=2000", "-X", "log_level=0"];
            let taken = Program::new("kcat").args([&words[..], &patience].concat()).input("taken\n").stdout();
            taken.with_context(|| format!("partition {partition}\n{}", views(&self.cluster)))?;
        }
        Ok(())
    }

    fn heal(&self) -> Result<()> {
        self.cluster.wait_until_in_sync(&[TOPIC.to_owned()], SYNC_LIMIT)
    }

    fn finish(self) -> Result<()> {
        self.progress("in the end")?;
        self.load.finish(&self.cluster)
    }
}

#[test]
fn a_leader_whose_wire_is_pulled_is_replaced_and_takes_nothing_back() -> Result<()> {
    let wired = Wired::start()?;
    for victim in [Victim::Leader, Victim::Controller, Victim::Follower] {
        wired.progress("before")?;
        let id = wired.victim(victim)?;
        wired.wires.pull(id)?;
        wired.progress(&format!("without {victim:?} {id}"))?;
        wired.wires.plug(id)?;
        wired.heal().with_context(|| format!("after {victim:?} {id}"))?;
    }
    wired.finish()
}

#[test]
fn a_leader_that_only_clients_reach_acknowledges_nothing_that_is_lost() -> Result<()> {
    let wired = Wired::start()?;
    wired.progress("before")?;
    let leader = wired.victim(Victim::Leader)?;
    let others = others(leader);
    for other in &others {
        wired.wires.deafen(leader, *other)?;
        wired.wires.deafen(*other, leader)?;
    }
    wired.goes_on_at(&others)?;
    for other in &others {
        wired.wires.hear(leader, *other)?;
        wired.wires.hear(*other, leader)?;
    }
    wired.heal()?;
    wired.finish()
}

#[test]
fn nothing_is_lost_when_only_one_direction_is_cut() -> Result<()> {
    let wired = Wired::start()?;
    wired.progress("before")?;
    let leader = wired.victim(Victim::Leader)?;
    let follower = wired.victim(Victim::Follower)?;
    // The follower asks and hears no answer; then the leader hears no question.
    for (from, to) in [(leader, follower), (follower, leader)] {
        wired.wires.deafen(from, to)?;
        pause(CUT);
        wired.wires.hear(from, to)?;
        wired.heal()?;
        wired.progress(&format!("{to} hears {from} again"))?;
    }
    // The active controller speaks to nobody, and hears everybody.
    let active = wired.victim(Victim::Controller)?;
    let others = others(active);
    for other in &others {
        wired.wires.deafen(active, *other)?;
    }
    wired.goes_on_at(&others)?;
    for other in &others {
        wired.wires.hear(active, *other)?;
    }
    wired.heal()?;
    wired.finish()
}
