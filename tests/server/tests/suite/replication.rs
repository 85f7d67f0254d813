//! Three brokers with all partitions on each: what was acknowledged is on all of them, in the same bytes, whoever dies.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use anyhow::{Context, Result, ensure};
use tests_compat::{Cluster, Deadline, Kind, Program, Tool};

const TOPIC: &str = "replicated";
const PARTITIONS: i32 = 3;
/// How long the replicas may take to be in sync again.
const SYNC_LIMIT: Duration = Duration::from_secs(60);

/// Brokers that find a dead one quickly, so that a test is short.
fn three() -> Result<Cluster> {
    let cluster = Cluster::start_with(&[Kind::under_test()?; 3], |spec| {
        spec.set("broker.session.timeout.ms", "3000")
            .set("broker.heartbeat.interval.ms", "500")
            .set("controller.quorum.fetch.timeout.ms", "1000")
            .set("controller.quorum.election.timeout.ms", "500")
    })?;
    let partitions = PARTITIONS.to_string();
    let words = ["--create", "--topic", TOPIC, "--partitions", &partitions, "--replication-factor", "3"];
    cluster.tool(Tool::Topics, &[&words[..], &["--config", "min.insync.replicas=2"]].concat())?;
    Ok(cluster)
}

/// An idempotent producer with acks=all; it ends with 0 only when every line was acknowledged.
fn producer(cluster: &Cluster) -> Result<Child> {
    let mut command = Command::new("kcat");
    command.args(["-P", "-b", &cluster.bootstrap(), "-t", TOPIC, "-X", "enable.idempotence=true"]);
    command.args(["-X", "linger.ms=1", "-X", "log_level=0"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().context("kcat")
}

/// Writes so many lines, a few at a time, from where `from` says; calls `meanwhile` after each part.
fn feed(
    child: &mut Child,
    lines: std::ops::Range<u32>,
    mut meanwhile: impl FnMut(u32) -> Result<()>,
) -> Result<()> {
    let input = child.stdin.as_mut().context("its input is piped")?;
    for line in lines {
        writeln!(input, "{line}")?;
        if line % 100 == 99 {
            input.flush()?;
            meanwhile(line)?;
        }
    }
    Ok(())
}

/// Every line of the topic, sorted.
fn lines(cluster: &Cluster) -> Result<Vec<u32>> {
    let words = ["-C", "-q", "-e", "-o", "beginning", "-b", &cluster.bootstrap(), "-t", TOPIC];
    let text = Program::new("kcat").args(words).stdout()?;
    let mut all = text.lines().map(str::parse).collect::<Result<Vec<u32>, _>>()?;
    all.sort_unstable();
    Ok(all)
}

/// Waits until every partition has all its replicas in sync.
fn wait_until_in_sync(cluster: &Cluster) -> Result<()> {
    let deadline = Deadline::after(SYNC_LIMIT);
    let mut told = String::new();
    while deadline.left().is_some() {
        told =
            cluster.tool(Tool::Topics, &["--describe", "--topic", TOPIC, "--under-replicated-partitions"])?;
        if told.trim().is_empty() {
            return Ok(());
        }
    }
    anyhow::bail!("not in sync after {SYNC_LIMIT:?}:\n{told}")
}

/// The segments of a partition on each node.
fn logs(cluster: &Cluster, partition: i32) -> Result<Vec<Vec<u8>>> {
    let read = |folder: std::path::PathBuf| -> Result<Vec<u8>> {
        let mut names: Vec<_> = fs::read_dir(&folder)?.flatten().map(|entry| entry.path()).collect();
        names.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
        names.sort_unstable();
        let mut whole = Vec::new();
        for name in names {
            whole.extend(fs::read(name)?);
        }
        Ok(whole)
    };
    cluster.nodes().iter().map(|node| read(node.partition(TOPIC, partition))).collect()
}

fn check(cluster: &Cluster, written: u32) -> Result<()> {
    wait_until_in_sync(cluster)?;
    let read = lines(cluster)?;
    let lost: Vec<_> = (0..written).filter(|line| read.binary_search(line).is_err()).take(5).collect();
    ensure!(lost.is_empty(), "lost, the first of them: {lost:?}");
    assert_eq!(read.len(), written as usize, "none came twice");
    for partition in 0..PARTITIONS {
        let logs = logs(cluster, partition)?;
        ensure!(logs.iter().all(|log| *log == logs[0]), "the replicas of partition {partition} differ");
    }
    Ok(())
}

#[test]
fn nothing_acknowledged_is_lost_when_brokers_are_killed_in_turn() -> Result<()> {
    let mut cluster = three()?;
    let mut child = producer(&cluster)?;
    let (part, rounds) = (4_000, 3);
    for round in 0..rounds {
        let victim = round as usize % 3 + 1;
        let mut is_alive = true;
        feed(&mut child, round * part..(round + 1) * part, |line| {
            if line % part > part / 4 && std::mem::take(&mut is_alive) {
                cluster.node(victim).kill()?;
            }
            thread::yield_now();
            Ok(())
        })?;
        // Writes go on without the dead one before it comes back.
        cluster.launch()?;
        wait_until_in_sync(&cluster)?;
    }
    drop(child.stdin.take());
    ensure!(child.wait()?.success(), "a line was not acknowledged");
    check(&cluster, rounds * part)
}

#[test]
fn nothing_acknowledged_is_lost_when_all_are_killed_at_once() -> Result<()> {
    let mut cluster = three()?;
    let mut child = producer(&cluster)?;
    feed(&mut child, 0..5_000, |_| Ok(()))?;
    drop(child.stdin.take());
    ensure!(child.wait()?.success(), "a line was not acknowledged");
    for id in 1..=3 {
        cluster.node(id).kill()?;
    }
    cluster.launch()?;
    check(&cluster, 5_000)
}

#[test]
fn brokers_that_stop_in_turn_hand_over_what_they_lead() -> Result<()> {
    let mut cluster = three()?;
    let mut child = producer(&cluster)?;
    let part = 2_000;
    for round in 0..3 {
        let next = round as usize + 1;
        feed(&mut child, round * part..(round + 1) * part, |_| Ok(()))?;
        cluster.node(next).stop()?;
        cluster.launch()?;
        wait_until_in_sync(&cluster)?;
    }
    drop(child.stdin.take());
    ensure!(child.wait()?.success(), "a line was not acknowledged");
    check(&cluster, 3 * part)
}

#[test]
fn partitions_move_lead_where_they_should_and_leave_nothing_behind() -> Result<()> {
    let mut cluster = three()?;
    cluster.tool(Tool::Topics, &["--create", "--topic", "moved", "--replica-assignment", "1:2,2:3,3:1"])?;
    let numbers: String = (0..3_000).map(|line| format!("{line}\n")).collect();
    Program::new("kcat").args(["-P", "-b", &cluster.bootstrap(), "-t", "moved"]).input(numbers).stdout()?;
    let target = [(0, "3,2"), (1, "1,2,3"), (2, "2")];
    let moves: Vec<_> = target
        .iter()
        .map(|(index, to)| format!(r#"{{"topic":"moved","partition":{index},"replicas":[{to}]}}"#))
        .collect();
    let file = cluster.node(1).folder().join("moves.json");
    fs::write(&file, format!(r#"{{"version":1,"partitions":[{}]}}"#, moves.join(",")))?;
    let file = file.display().to_string();
    cluster.tool(Tool::ReassignPartitions, &["--reassignment-json-file", &file, "--execute"])?;
    wait_until(|| {
        let told =
            cluster.tool(Tool::ReassignPartitions, &["--reassignment-json-file", &file, "--verify"])?;
        Ok(told.matches("is completed").count() == 3)
    })?;
    cluster.tool(Tool::LeaderElection, &["--election-type", "preferred", "--all-topic-partitions"])?;
    let told = cluster.tool(Tool::Topics, &["--describe", "--topic", "moved"])?;
    for (index, to) in target {
        let leader = to.split(',').next().unwrap_or_default();
        let line = format!("Partition: {index}\tLeader: {leader}\tReplicas: {to}\t");
        assert!(told.contains(&line), "{line:?} in {told}");
    }
    let hosts =
        |id: usize, index: i32| target.iter().any(|(at, to)| *at == index && to.contains(&id.to_string()));
    wait_until(|| {
        let is_right = |id: usize| {
            (0..3).all(|index| cluster.nodes()[id - 1].partition("moved", index).exists() == hosts(id, index))
        };
        Ok((1..=3).all(is_right))
    })?;
    let words = ["-C", "-q", "-e", "-o", "beginning", "-b", &cluster.bootstrap(), "-t", "moved"];
    assert_eq!(Program::new("kcat").args(words).stdout()?.lines().count(), 3_000);
    Ok(())
}

/// Asks until it is so.
fn wait_until(mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let deadline = Deadline::after(SYNC_LIMIT);
    while deadline.left().is_some() {
        if is_so()? {
            return Ok(());
        }
        thread::yield_now();
    }
    anyhow::bail!("not so after {SYNC_LIMIT:?}")
}
