//! Coordinators of groups and transactions that go from a broker of one to a broker of the other and back, while a topic
//! is copied in transactions and a group of KIP-848 reads the copy.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_compat::copied::{
    COPIERS, FROM, Feed, LIMIT, Output, PARTITIONS, READERS, Readers, Rehearsal, TO, committed, copier, ends,
};
use tests_compat::{Cluster, Deadline, Kind, Service, Tool, pause};

/// All groups and all transactions have one coordinator, which goes with the leader of one partition.
const TOPICS: [&str; 2] = ["__consumer_offsets", "__transaction_state"];
/// The one that coordinates as long as it lives, and the one that does while it is gone.
const KLAMM: usize = 1;
const APACHE: usize = 2;
const PACE: Duration = Duration::from_millis(10);
/// Copied between two faults, at least.
const STEP: u64 = 50;

fn start() -> Result<Cluster> {
    let cluster = Cluster::start_with(&[Kind::Klamm, Kind::Apache, Kind::Klamm], |spec| {
        spec.resilient()
            .set("offsets.topic.num.partitions", "1")
            .set("transaction.state.log.num.partitions", "1")
            .set("auto.leader.rebalance.enable", "false")
    })?;
    let told = cluster.tool(Tool::Features, &["describe"])?;
    for (name, level) in [("group.version", "1"), ("transaction.version", "2")] {
        let line = told.lines().find(|line| line.contains(name)).context(name)?;
        ensure!(line.contains(&format!("FinalizedVersionLevel: {level} ")), "{line}");
    }
    cluster.nodes()[0].create_replicated(&[FROM.to_owned(), TO.to_owned()], PARTITIONS, 3, &[])?;
    Ok(cluster)
}

/// Makes the order of succession certain, and begins with the first.
fn place_coordinators(cluster: &Cluster) -> Result<()> {
    let partition = |topic| format!(r#"{{"topic":"{topic}","partition":0,"replicas":[{KLAMM},{APACHE},3]}}"#);
    let file = cluster.nodes()[0].folder().join("succession.json");
    fs::write(&file, format!(r#"{{"partitions":[{}]}}"#, TOPICS.map(partition).join(",")))?;
    let file = file.display().to_string();
    cluster.tool(Tool::ReassignPartitions, &["--execute", "--reassignment-json-file", &file])?;
    cluster.wait_until_in_sync(&TOPICS.map(str::to_owned), LIMIT)?;
    cluster.tool(Tool::LeaderElection, &["--election-type", "preferred", "--all-topic-partitions"])?;
    wait_for_coordinators(cluster, KLAMM)
}

fn wait_for_coordinators(cluster: &Cluster, id: usize) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    loop {
        let leaders = TOPICS.map(|topic| cluster.partitions(topic).map(|all| all[0].leader));
        let is_it = |leader: &Result<Option<i32>>| {
            leader.as_ref().is_ok_and(|leader| *leader == i32::try_from(id).ok())
        };
        if leaders.iter().all(is_it) {
            return Ok(());
        }
        ensure!(deadline.left().is_some(), "{id} does not coordinate: {leaders:?}");
        pause(Duration::from_millis(20));
    }
}

#[test]
fn coordinators_go_from_each_to_the_other() -> Result<()> {
    let mut cluster = start()?;
    let bootstrap = cluster.bootstrap();
    let readers = Readers::join(&bootstrap, 2)?;
    let mut output = Output::open(&bootstrap)?;
    let feed = Feed::start(&bootstrap, PACE, output.fewest())?;
    let mut copiers =
        [copier(&bootstrap, 0, Rehearsal::Aborted)?, copier(&bootstrap, 1, Rehearsal::Aborted)?];
    copiers.iter_mut().try_for_each(Service::start)?;
    output.progress(STEP, LIMIT)?;
    place_coordinators(&cluster)?;
    let all = [&TOPICS[..], &[FROM, TO]].concat().iter().map(|&topic| topic.to_owned()).collect::<Vec<_>>();
    for (lost, next, dies) in
        [(KLAMM, APACHE, true), (APACHE, KLAMM, true), (KLAMM, APACHE, false), (APACHE, KLAMM, false)]
    {
        let fault = || format!("{lost} is gone for {next} (killed: {dies})");
        cluster.wait_until_in_sync(&all, LIMIT).with_context(fault)?;
        if dies {
            cluster.node(lost).kill()?
        } else {
            cluster.node(lost).stop()?
        }
        wait_for_coordinators(&cluster, next).with_context(fault)?;
        output.progress(STEP, LIMIT).with_context(fault)?;
        cluster.launch()?;
        output.progress(STEP, LIMIT).with_context(fault)?;
        eprintln!("{}: {output:?}", fault());
    }
    let written = feed.finish()?;
    output.finish(&written, LIMIT)?;
    let changes = readers.finish(&written, output.ends())?;
    ensure!(changes == 0, "{READERS} lost partitions {changes} times");
    copiers.iter_mut().try_for_each(Service::kill)?;
    let (done, all) = (committed(&bootstrap, COPIERS, FROM)?, ends(&bootstrap, FROM)?);
    ensure!(done == all, "{COPIERS} committed {done:?} of {all:?}");
    eprintln!("{written:?} records copied, each once");
    Ok(())
}
