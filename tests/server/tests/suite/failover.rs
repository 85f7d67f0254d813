//! How long writes pause when a broker dies, with Kafka's own timeouts and Kafka's own producer: a process that is gone
//! refuses connections, and that is enough to know it.

use std::fs;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tests_compat::{Broker, Cluster, Deadline, Kind, Stopwatch, Tool, pause};

/// How long anything may take that is not measured.
const LIMIT: Duration = Duration::from_secs(90);
/// Between two looks at files.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// The longest a record may wait: the goal of a second, with room for a busy machine and builds that are not optimized.
const PAUSE_MAX: Duration = Duration::from_secs(3);
const NODES: usize = 3;
/// What the producer sends: the first ones do not count, as connections and metadata are new to it then.
const RECORDS: u32 = 3_000;
const WARM_UP: u32 = 500;
const RECORD_BYTES: u32 = 100;
const RECORDS_A_SECOND: u32 = 300;

/// Three combined nodes with Kafka's timeouts; the only partition of topic `led-by-n` is led by node `n`.
fn three() -> Result<Cluster> {
    let cluster = Cluster::start(&[Kind::under_test()?; NODES])?;
    for (leader, replicas) in [(1, "1:2:3"), (2, "2:3:1"), (3, "3:1:2")] {
        let words = ["--create", "--topic", &topic(leader), "--replica-assignment", replicas];
        cluster.tool(Tool::Topics, &[&words[..], &["--config", "min.insync.replicas=2"]].concat())?;
    }
    Ok(cluster)
}

fn topic(leader: usize) -> String {
    format!("led-by-{leader}")
}

/// Kills a node while Kafka's producer writes to the partition that it leads. No record failed; gives how long one waited at
/// most, and how long it took until the broker was fenced.
fn kill_under_load(cluster: &mut Cluster, victim: usize) -> Result<(Duration, Duration)> {
    let (topic, bootstrap) = (topic(victim), cluster.bootstrap());
    thread::scope(|scope| {
        let producing = scope.spawn(|| produce(&bootstrap, &topic));
        let half = u64::from((WARM_UP + RECORDS) / 2 * RECORD_BYTES);
        wait_until(|| Ok(size_of_log(cluster.node(victim), &topic)? > half))?;
        cluster.node(victim).kill()?;
        let watch = Stopwatch::start();
        wait_until(|| Ok(running(cluster).any(|node| node.last_lines().contains("a broker is gone"))))?;
        let fenced = watch.elapsed();
        Ok((producing.join().expect("no panic")?, fenced))
    })
}

/// The longest that a record waited for its acknowledgement.
fn produce(bootstrap: &str, topic: &str) -> Result<Duration> {
    let (records, warm_up) = ((RECORDS + WARM_UP).to_string(), WARM_UP.to_string());
    let (bytes, rate) = (RECORD_BYTES.to_string(), RECORDS_A_SECOND.to_string());
    let told = Tool::ProducerPerformance
        .program(&["--topic", topic, "--num-records", &records, "--record-size", &bytes])?
        .args(["--throughput", &rate, "--warmup-records", &warm_up])
        .args(["--bootstrap-server", bootstrap, "--command-property", "acks=all"])
        .limit(LIMIT)
        .stdout()?;
    // It tells of every record that failed, and counts those that did not.
    ensure!(!told.contains("Exception"), "{told}");
    let summary = told.lines().rev().find(|line| line.contains("99.9th")).context(told.clone())?;
    let max =
        summary.split(", ").find_map(|part| part.strip_suffix(" ms max latency")).context(told.clone())?;
    Ok(Duration::from_secs_f64(max.parse::<f64>()? / 1e3))
}

fn size_of_log(node: &Broker, topic: &str) -> Result<u64> {
    Ok(fs::metadata(node.partition(topic, 0).join("00000000000000000000.log"))?.len())
}

fn running(cluster: &Cluster) -> impl Iterator<Item = &Broker> {
    cluster.nodes().iter().filter(|node| node.pid().is_some())
}

fn wait_until(mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    while deadline.left().is_some() {
        if is_so()? {
            return Ok(());
        }
        pause(LOOK_EVERY);
    }
    bail!("not so after {LIMIT:?}")
}

#[test]
fn writes_go_on_within_a_second_when_a_leader_is_killed() -> Result<()> {
    if Kind::under_test()? == Kind::Apache {
        // It waits for the session: nine seconds.
        return Ok(());
    }
    let mut cluster = three()?;
    let victim = cluster.leader()? % NODES + 1;
    let (longest, fenced) = kill_under_load(&mut cluster, victim)?;
    println!("a leader was killed: writes paused for {longest:?}, it was fenced after {fenced:?}");
    ensure!(longest < PAUSE_MAX, "writes paused for {longest:?}");
    Ok(())
}

#[test]
fn writes_and_changes_go_on_within_two_seconds_when_the_active_controller_is_killed() -> Result<()> {
    if Kind::under_test()? == Kind::Apache {
        return Ok(());
    }
    let mut cluster = three()?;
    let victim = cluster.leader()?;
    let (longest, fenced) = kill_under_load(&mut cluster, victim)?;
    println!(
        "the active controller was killed: writes paused for {longest:?}, its broker was fenced after {fenced:?}"
    );
    ensure!(
        longest < PAUSE_MAX && fenced < PAUSE_MAX,
        "writes paused for {longest:?}, fenced after {fenced:?}"
    );
    Ok(())
}

#[test]
fn a_killed_broker_that_is_started_at_once_does_not_wait_for_its_former_session() -> Result<()> {
    let mut cluster = three()?;
    let victim = cluster.leader()? % NODES + 1;
    cluster.node(victim).kill()?;
    let watch = Stopwatch::start();
    cluster.launch()?;
    println!("a killed broker served again after {:?}", watch.elapsed());
    if Kind::under_test()? == Kind::Klamm {
        ensure!(watch.elapsed() < Duration::from_secs(6), "it served after {:?}", watch.elapsed());
    }
    Ok(())
}

#[test]
fn all_stop_in_time_when_all_are_told_to_stop_at_once() -> Result<()> {
    if Kind::under_test()? == Kind::Apache {
        // Its last one waits for five minutes.
        return Ok(());
    }
    let mut cluster = three()?;
    let watch = Stopwatch::start();
    for node in cluster.nodes() {
        let pid = node.pid().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?)).context("it runs")?;
        kill_process(pid, Signal::TERM)?;
    }
    for id in 1..=NODES {
        let node = cluster.node(id);
        let status = node.wait(LIMIT)?.with_context(|| format!("it goes on:\n{}", node.last_lines()))?;
        ensure!(status.success(), "node {id} ended with {status}:\n{}", node.last_lines());
        ensure!(fs::exists(node.data().join(".kafka_cleanshutdown"))?, "node {id} was not done");
    }
    println!("all stopped after {:?}", watch.elapsed());
    ensure!(watch.elapsed() < Duration::from_secs(12), "all stopped after {:?}", watch.elapsed());
    Ok(())
}
