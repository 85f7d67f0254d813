//! Producers that go on while a cluster suffers: one for each partition, idempotent, acks=all, and the judgement after it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fs, io};

use anyhow::{Context, Result, bail, ensure};
use tests_compat::{Broker, Cluster, Deadline, PartitionView, partitions, pause};

use crate::oracle::{Acknowledged, check, produce, producer_config};

pub(crate) const TOPIC: &str = "suffering";
pub(crate) const PARTITIONS: i32 = 3;
/// How long the replicas may take to be in sync again once all nodes are there.
pub(crate) const SYNC_LIMIT: Duration = Duration::from_secs(60);
/// How long every partition may take to acknowledge something when enough replicas are alive.
pub(crate) const PROGRESS_LIMIT: Duration = Duration::from_secs(30);
/// A record of each producer about so often: the faults are what is tried here, not the machine.
const PACE: Duration = Duration::from_millis(1);
/// How long a record may take to be acknowledged where a cluster may be down for a while.
const PATIENCE: Duration = Duration::from_secs(120);

/// Producers under way.
pub(crate) struct Load {
    acknowledged: Vec<Arc<Acknowledged>>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Result<()>>>,
}

impl Load {
    /// Creates the topic and starts a producer for each partition.
    pub(crate) fn start(cluster: &Cluster) -> Result<Self> {
        Self::start_with(cluster, PATIENCE)
    }

    /// The same where a record that is not acknowledged within `patience` is a failure.
    pub(crate) fn start_with(cluster: &Cluster, patience: Duration) -> Result<Self> {
        let topics = [TOPIC.to_owned()];
        let first = cluster.brokers().next().context("a broker")?;
        first.create_replicated(&topics, PARTITIONS, 3, &[("min.insync.replicas", "2")])?;
        cluster.wait_until_in_sync(&topics, SYNC_LIMIT)?;
        let mut config = producer_config(&cluster.bootstrap());
        // A suspended broker, or one behind a cut, does not say that it has gone.
        config.set("request.timeout.ms", "2000").set("socket.timeout.ms", "3000");
        config.set("message.timeout.ms", patience.as_millis().to_string());
        let acknowledged: Vec<_> = (0..PARTITIONS).map(|_| Arc::new(Acknowledged::default())).collect();
        let stop = Arc::new(AtomicBool::new(false));
        let start = |(partition, own): (i32, &Arc<Acknowledged>)| {
            let (config, own, stop) = (config.clone(), Arc::clone(own), Arc::clone(&stop));
            let is_over = move || stop.load(Ordering::Relaxed);
            thread::spawn(move || produce(&config, TOPIC, partition, &own, is_over, || pause(PACE)))
        };
        let threads = (0..).zip(&acknowledged).map(start).collect();
        Ok(Self { acknowledged, stop, threads })
    }

    /// What was acknowledged in all partitions so far.
    pub(crate) fn count(&self) -> u64 {
        self.acknowledged.iter().map(|own| own.count()).sum()
    }

    /// Waits until every partition has acknowledged so many more.
    pub(crate) fn progress(&self, more: u64, limit: Duration) -> Result<()> {
        let deadline = Deadline::after(limit);
        let goals: Vec<_> = self.acknowledged.iter().map(|own| own.count() + more).collect();
        loop {
            if let Some(said) = self.acknowledged.iter().find_map(|own| own.failure()) {
                bail!("a producer gave up: {said}");
            }
            let counts: Vec<_> = self.acknowledged.iter().map(|own| own.count()).collect();
            if counts.iter().zip(&goals).all(|(count, goal)| count >= goal) {
                return Ok(());
            }
            ensure!(deadline.left().is_some(), "no progress within {limit:?}: {counts:?} of {goals:?}");
            pause(Duration::from_millis(1));
        }
    }

    /// Lets the producers end, each with everything acknowledged, and looks at what the brokers have: records as they
    /// were acknowledged, replicas of the same bytes. All must run.
    pub(crate) fn finish(self, cluster: &Cluster) -> Result<()> {
        self.finish_where_disks_differ(cluster)?;
        (0..PARTITIONS).try_for_each(|partition| same_bytes(cluster, partition))
    }

    /// The same without a look at the files.
    pub(crate) fn finish_where_disks_differ(mut self, cluster: &Cluster) -> Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        let threads = std::mem::take(&mut self.threads).into_iter();
        let ends = threads.map(|thread| thread.join().expect("a producer does not panic"));
        let ends: Vec<Result<()>> = ends.collect();
        ends.into_iter().collect::<Result<()>>()?;
        cluster.wait_until_in_sync(&[TOPIC.to_owned()], SYNC_LIMIT)?;
        (0..).zip(&self.acknowledged).try_for_each(|(partition, own)| {
            check(&cluster.bootstrap(), TOPIC, partition, own)
                .with_context(|| format!("partition {partition}"))
        })
    }
}

/// Who leads and who is in sync, as each broker sees it, and how much each has: for the message of a test that fails.
pub(crate) fn views(cluster: &Cluster) -> String {
    let bytes = |node: &Broker| -> Vec<_> {
        let logs = (0..PARTITIONS).map(|partition| log_bytes(&node.partition(TOPIC, partition)));
        logs.map(|log| log.map_or(0, |log| log.len())).collect()
    };
    let of_broker = |node: &Broker| match partitions(node.address(), &[TOPIC.to_owned()]) {
        Ok(views) => {
            let of =
                |view: &PartitionView| format!("{}: {:?} leads {:?}", view.index, view.leader, view.in_sync);
            let views: Vec<_> = views.iter().map(of).collect();
            format!("node {} sees {views:?} and has {:?} bytes", node.id(), bytes(node))
        }
        Err(error) => format!("node {}: {error:#}", node.id()),
    };
    cluster.brokers().map(of_broker).collect::<Vec<_>>().join("\n")
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// The segments of a partition, one after the other.
pub(crate) fn log_bytes(folder: &Path) -> Result<Vec<u8>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut names: Vec<_> = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    names.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    names.sort_unstable();
    let whole: Vec<_> = names.into_iter().map(fs::read).collect::<io::Result<_>>()?;
    Ok(whole.concat())
}

/// Fails unless all replicas hold the same bytes. In sync is who has what was acknowledged to somebody: what nobody was
/// told of may still be on its way.
fn same_bytes(cluster: &Cluster, partition: i32) -> Result<()> {
    let deadline = Deadline::after(SYNC_LIMIT);
    loop {
        let logs = cluster.brokers().map(|node| log_bytes(&node.partition(TOPIC, partition)));
        let logs: Vec<_> = logs.collect::<Result<_>>()?;
        if logs.iter().all(|log| *log == logs[0]) {
            return Ok(());
        }
        let lengths: Vec<_> = logs.iter().map(Vec::len).collect();
        ensure!(deadline.left().is_some(), "the replicas of partition {partition} differ: {lengths:?} bytes");
        pause(Duration::from_millis(100));
    }
}
