//! A group whose brokers assign (KIP-848) reads the copy. While its members stay, and brokers come and go, its partitions
//! stay where they are: each of its records is seen once, in order.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::output::comes_next;
use super::{LIMIT, PARTITIONS, READERS, TO, committed};
use crate::{Deadline, pause};

const WAIT: Duration = Duration::from_millis(100);

/// What the members have seen together.
#[derive(Debug, Default)]
struct Seen {
    /// The number that comes next in each partition.
    next: Mutex<Vec<u64>>,
    /// How often the partitions of a member changed.
    changes: AtomicU64,
}

impl Seen {
    fn next(&self) -> Vec<u64> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[derive(Debug)]
struct Share(Arc<Seen>);

impl ClientContext for Share {}

impl ConsumerContext for Share {
    fn post_rebalance(&self, _: &BaseConsumer<Self>, _: &Rebalance<'_>) {
        self.0.changes.fetch_add(1, Ordering::Relaxed);
    }
}

/// The members.
pub struct Readers {
    bootstrap: String,
    seen: Arc<Seen>,
    changes: u64,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Result<()>>>,
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readers").field("seen", &self.seen).finish_non_exhaustive()
    }
}

impl Readers {
    /// So many join; each has a share of the partitions when this returns.
    ///
    /// # Errors
    /// The client's, and when the partitions are not shared in time.
    pub fn join(bootstrap: &str, count: usize) -> Result<Self> {
        let seen = Arc::new(Seen::default());
        *seen.next.lock().unwrap_or_else(PoisonError::into_inner) = (0..PARTITIONS).map(|_| 0).collect();
        let stop = Arc::new(AtomicBool::new(false));
        let (mut members, mut threads) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let member = Arc::new(member(bootstrap, &seen)?);
            let (own, seen, stop) = (Arc::clone(&member), Arc::clone(&seen), Arc::clone(&stop));
            threads.push(thread::spawn(move || read(&own, &seen, &stop)));
            members.push(member);
        }
        let mut readers = Self { bootstrap: bootstrap.to_owned(), seen, changes: 0, stop, threads };
        wait_until_shared(&members)?;
        readers.changes = readers.seen.changes.load(Ordering::Relaxed);
        Ok(readers)
    }

    /// Waits until they have seen so many of each partition, and lets them leave; gives how often their partitions
    /// changed since they had them all. What they committed must be `ends`, the offsets after the last records.
    ///
    /// # Errors
    /// When something came twice, out of order or not at all, or was not committed.
    pub fn finish(mut self, written: &[u64], ends: &[i64]) -> Result<u64> {
        let deadline = Deadline::after(LIMIT);
        while self.seen.next() != written && self.threads.iter().all(|thread| !thread.is_finished()) {
            let seen = self.seen.next();
            ensure!(deadline.left().is_some(), "{READERS} saw {seen:?} of {written:?} after {LIMIT:?}");
            pause(WAIT);
        }
        let changes = self.seen.changes.load(Ordering::Relaxed) - self.changes;
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().map_err(|_| anyhow!("a reader panicked"))??;
        }
        let committed = committed(&self.bootstrap, READERS, TO)?;
        // All is read, and the marker of its transaction may be.
        let is_end = |(committed, end): (&i64, &i64)| (*end..=end + 1).contains(committed);
        ensure!(committed.iter().zip(ends).all(is_end), "{READERS} committed {committed:?}, not {ends:?}");
        Ok(changes)
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Waits until every member has a share of the partitions, which are all given out.
fn wait_until_shared(members: &[Arc<BaseConsumer<Share>>]) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    let all = usize::try_from(PARTITIONS)?;
    loop {
        let shares = members.iter().map(|member| Ok(member.assignment()?.count()));
        let shares: Vec<_> = shares.collect::<Result<_>>()?;
        if shares.iter().sum::<usize>() == all && !shares.contains(&0) {
            return Ok(());
        }
        ensure!(deadline.left().is_some(), "shares of {shares:?} after {LIMIT:?}");
        pause(WAIT);
    }
}

fn member(bootstrap: &str, seen: &Arc<Seen>) -> Result<BaseConsumer<Share>> {
    let member: BaseConsumer<Share> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", READERS)
        .set("group.protocol", "consumer")
        .set("isolation.level", "read_committed")
        .set("auto.offset.reset", "earliest")
        .create_with_context(Share(Arc::clone(seen)))?;
    member.subscribe(&[TO])?;
    Ok(member)
}

fn read(member: &BaseConsumer<Share>, seen: &Seen, stop: &AtomicBool) -> Result<()> {
    while !stop.load(Ordering::Relaxed) {
        // A broker that is away is what this is about: the client tries again by itself.
        let Some(Ok(record)) = member.poll(WAIT) else { continue };
        let mut next = seen.next.lock().unwrap_or_else(PoisonError::into_inner);
        comes_next(&mut next[usize::try_from(rdkafka::Message::partition(&record))?], &record)?;
    }
    match member.commit_consumer_state(CommitMode::Sync) {
        // All is committed already.
        Err(KafkaError::ConsumerCommit(RDKafkaErrorCode::NoOffset)) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
