//! Measures the engine on a real disk:
//! `cargo run --release -p broker-log --example append -- FOLDER [PARTITIONS]`
//!
//! Prints the time of one append (16 KB batches, one partition and many), of reads, of opening PARTITIONS
//! (default 5000) after a clean stop and after none, and the memory that they take.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock and prints"
)]

use std::{
    error::Error,
    num::NonZeroUsize,
    path::Path,
    time::{Duration, Instant},
};

use broker_log::{AppendOrigin, FsDisk, LoadSpec, Loaded, Log, LogConfig, LogDirectory, Owner};
use broker_records::{BatchBuilder, NewRecord};
use broker_types::{
    BrokerId, ClusterId, DirectoryId, LeaderEpoch, Offset, PartitionId, Timestamp, TopicName, TopicPartition,
    Uuid,
};
use bytes::Bytes;

type Outcome<T> = Result<T, Box<dyn Error>>;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn batch(records: usize, value_bytes: usize) -> Outcome<Bytes> {
    let value = vec![b'v'; value_bytes];
    let mut builder = BatchBuilder::new(Offset::ZERO);
    for _ in 0..records {
        builder.append(&NewRecord { timestamp: Some(NOW), key: None, value: Some(&value), headers: &[] })?;
    }
    Ok(builder.build())
}

fn partition(number: usize) -> Outcome<TopicPartition> {
    Ok(TopicPartition::new(TopicName::new("bench"), PartitionId::new(i32::try_from(number)?)))
}

fn open(path: &Path) -> Outcome<LogDirectory> {
    let owner = Owner { cluster_id: ClusterId::new("bench"), node_id: BrokerId::new(1) };
    Ok(LogDirectory::open(FsDisk, path, &owner, DirectoryId::new(Uuid::from_bytes([7; 16])))?)
}

fn load(directory: &LogDirectory) -> Outcome<Loaded> {
    let threads = NonZeroUsize::new(2).ok_or("no threads")?;
    Ok(directory.load(&LoadSpec { config_of: |_: &TopicName| LogConfig::default(), threads, now: NOW })?)
}

fn rss_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024
}

fn each(elapsed: Duration, count: usize) -> String {
    format!("{:.2} us", elapsed.as_secs_f64() * 1e6 / count.max(1) as f64)
}

fn appends(folder: &Path) -> Outcome<()> {
    let directory = open(&folder.join("appends"))?;
    for (records, value_bytes) in [(16, 1000), (160, 90), (1, 100)] {
        let sent = batch(records, value_bytes)?;
        let tp = TopicPartition::new(TopicName::new(&format!("one-{records}")), PartitionId::new(0));
        let mut log = directory.create_log(tp, None, LogConfig::default(), NOW)?;
        let count = (512 << 20) / sent.len().max(4096);
        let started = Instant::now();
        for _ in 0..count {
            log.append_as_leader(&sent, LeaderEpoch::new(0), NOW, AppendOrigin::Client)?;
        }
        println!("append of {} bytes: {} each", sent.len(), each(started.elapsed(), count));
        let mut buf = vec![0; 1 << 20];
        let (mut next, mut reads, started) = (Offset::ZERO, 0, Instant::now());
        let mut planning = Duration::ZERO;
        while next < log.end_offset() {
            let plan_started = Instant::now();
            let slice = log.read(next, 1 << 20, log.end_offset(), true)?;
            planning += plan_started.elapsed();
            let read = slice.try_read_into(&mut buf)?;
            let mut walk = broker_records::batches(&buf[..read]);
            let last = walk.by_ref().last().ok_or("nothing was read")??;
            next = last.header.next_offset();
            reads += 1;
        }
        println!(
            "  read of 1 MiB: {} each, planning {}",
            each(started.elapsed(), reads),
            each(planning, reads)
        );
    }
    Ok(())
}

fn partitions(folder: &Path, count: usize) -> Outcome<()> {
    let path = folder.join("partitions");
    let directory = open(&path)?;
    let sent = batch(16, 1000)?;
    let started = Instant::now();
    let mut logs: Vec<Log> = Vec::with_capacity(count);
    for number in 0..count {
        logs.push(directory.create_log(partition(number)?, None, LogConfig::default(), NOW)?);
    }
    println!("creating {count} partitions: {:?}", started.elapsed());
    let before = rss_bytes();
    let started = Instant::now();
    for _ in 0..20 {
        for log in &mut logs {
            log.append_as_leader(&sent, LeaderEpoch::new(0), NOW, AppendOrigin::Client)?;
        }
    }
    println!("append to {count} partitions in turn: {} each", each(started.elapsed(), count * 20));
    println!("  memory for it: {} bytes a partition", rss_bytes().saturating_sub(before) / count as u64);
    drop((logs, directory));

    let directory = open(&path)?;
    let started = Instant::now();
    let mut loaded = load(&directory)?;
    let checked = loaded.recovered.bytes_checked;
    println!("opening after kill -9: {:?} ({checked} bytes checked)", started.elapsed());
    let started = Instant::now();
    let mut logs: Vec<&mut Log> = loaded.logs.iter_mut().collect();
    directory.close(&mut logs, None)?;
    println!("clean stop: {:?}", started.elapsed());
    drop((loaded, directory));

    let directory = open(&path)?;
    let before = rss_bytes();
    let started = Instant::now();
    let loaded = load(&directory)?;
    println!("opening after a clean stop: {:?}", started.elapsed());
    println!("  memory: {} bytes a partition", rss_bytes().saturating_sub(before) / count as u64);
    drop(loaded);
    Ok(())
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let count = arguments.next().map_or(Ok(5000), |count| count.parse())?;
    appends(Path::new(&folder))?;
    partitions(Path::new(&folder), count)
}
