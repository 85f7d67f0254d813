//! One run: random work on one partition, stops of all kinds, and the oracle after each.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hasher as _},
    num::NonZeroUsize,
    path::Path,
    time::Duration,
};

use broker_log::{
    AppendError, AppendOrigin, LoadSpec, Log, LogConfig, LogDirectory, Owner, SimDisk, SimFaults,
};
use broker_types::{
    BrokerId, ClusterId, DirectoryId, LeaderEpoch, PartitionId, Timestamp, TopicId, TopicName,
    TopicPartition, Uuid,
};
use bytes::Bytes;

use super::{
    oracle::{Oracle, Stop, Violation},
    work::{Work, terms},
};
use crate::Random;

/// A deliberate defect, to prove that the oracle notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// None.
    None,
    /// The disk answers file syncs and does not do them.
    SyncDataIgnored,
    /// The disk answers folder syncs and does not do them.
    SyncDirIgnored,
    /// Flushes count although they were never run.
    FlushNotRun,
    /// A batch that was refused is sent again as if it were new.
    SentTwice,
    /// Compaction does not wait for the time of tombstones.
    TombstonesGoAtOnce,
}

/// What a run did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Of every outcome in order, and of the disk at the end.
    pub hash: u64,
    /// Batches appended well.
    pub appended: u64,
    /// Stops of all kinds.
    pub stops: u64,
    /// Segments that compaction has put in the place of others.
    pub swapped: u64,
}

struct Simulation {
    disk: SimDisk,
    random: Random,
    oracle: Oracle,
    work: Work,
    defect: Defect,
    time: i64,
    epoch: i32,
    generation: i64,
    trace: DefaultHasher,
    /// The last steps, for the report of a violation.
    recent: VecDeque<String>,
    appended: u64,
    stops: u64,
}

const STEPS: u64 = 250;
const RECENT_STEPS: usize = 60;

fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 2048,
        index_interval_bytes: 64,
        retention_age: Some(Duration::from_millis(400)),
        retention_bytes: Some(20_000),
        file_delete_delay: Duration::from_millis(20),
        ..LogConfig::default()
    }
}

fn partition() -> TopicPartition {
    TopicPartition::new(TopicName::new("t"), PartitionId::new(0))
}

/// Whether the process goes on after a step.
enum After {
    GoOn,
    Stop(Stop),
}

/// Runs the simulation of `seed`.
///
/// # Errors
/// What the oracle could not accept, with the seed and the step.
pub fn run(seed: u64, defect: Defect) -> Result<Trace, Violation> {
    let disk = SimDisk::new(seed ^ 0x5eed);
    let mut simulation = Simulation {
        disk,
        random: Random::new(seed),
        oracle: Oracle::default(),
        work: Work::default(),
        defect,
        time: 1000,
        epoch: 0,
        generation: 0,
        trace: DefaultHasher::new(),
        recent: VecDeque::new(),
        appended: 0,
        stops: 0,
    };
    simulation.set_faults(None);
    let mut steps = STEPS;
    let mut stop = Stop::Clean;
    while steps > 0 {
        let lived = simulation.live(stop, &mut steps);
        stop = lived.map_err(|violation| {
            let recent: Vec<&str> = simulation.recent.iter().map(String::as_str).collect();
            Violation(format!("seed {seed}, {steps} steps left: {violation}, after {}", recent.join(", ")))
        })?;
    }
    simulation.trace.write_u64(simulation.disk.fingerprint());
    let (appended, stops) = (simulation.appended, simulation.stops);
    Ok(Trace { hash: simulation.trace.finish(), appended, stops, swapped: 0 })
}

impl Simulation {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.time)
    }

    fn note(&mut self, what: &str, number: i64) {
        self.trace.write(what.as_bytes());
        self.trace.write_i64(number);
        if self.recent.len() >= RECENT_STEPS {
            self.recent.pop_front();
        }
        self.recent.push_back(format!("{what} {number}"));
    }

    /// What is wrong with the disk all the time.
    fn faults(&self) -> SimFaults {
        SimFaults {
            ignore_sync_data: self.defect == Defect::SyncDataIgnored,
            ignore_sync_dir: self.defect == Defect::SyncDirIgnored,
            unflipped_bytes: 16,
            ..SimFaults::default()
        }
    }

    fn set_faults(&self, power_fails_after: Option<u64>) {
        self.disk.set_faults(SimFaults { power_fails_after, ..self.faults() });
    }

    /// One life of the process, from opening to its stop.
    fn live(&mut self, stopped: Stop, steps: &mut u64) -> Result<Stop, Violation> {
        self.stops += 1;
        // A start may lose power, too.
        let fuse = self.random.one_in(4).then(|| self.random.below(40));
        self.set_faults(fuse);
        let Some((directory, mut log)) = self.open() else {
            *steps = steps.saturating_sub(1);
            self.disk.crash();
            return Ok(Stop::PowerLost);
        };
        self.note(&format!("after {stopped:?} opened, up to"), log.end_offset().get());
        self.oracle.reopened(&mut log, stopped)?;
        self.generation += 1;
        self.epoch += 1;
        self.work.restart();
        let fuse = self.random.one_in(2).then(|| self.random.below(300));
        self.set_faults(fuse);
        loop {
            *steps = steps.saturating_sub(1);
            self.time += 1;
            match self.step(&directory, &mut log)? {
                After::GoOn if *steps > 0 => {}
                After::GoOn => return Ok(Stop::Clean),
                After::Stop(Stop::Killed) => {
                    self.disk.kill_process();
                    return Ok(Stop::Killed);
                }
                After::Stop(Stop::PowerLost) => {
                    self.disk.crash();
                    return Ok(Stop::PowerLost);
                }
                After::Stop(Stop::Clean) => return Ok(Stop::Clean),
            }
        }
    }

    /// The directory and its one log; `None` when the power went.
    fn open(&mut self) -> Option<(LogDirectory<SimDisk>, Log<SimDisk>)> {
        let owner = Owner { cluster_id: ClusterId::new("c"), node_id: BrokerId::new(1) };
        let id = DirectoryId::new(Uuid::from_bytes([1; 16]));
        let directory = LogDirectory::open(self.disk.clone(), Path::new("/data"), &owner, id).ok()?;
        let spec =
            LoadSpec { config_of: |_: &TopicName| config(), threads: NonZeroUsize::MIN, now: self.now() };
        let loaded = directory.load(&spec).ok()?;
        let log = match loaded.logs.into_iter().next() {
            Some(log) => log,
            None => {
                let topic_id = TopicId::new(Uuid::from_bytes([2; 16]));
                directory.create_log(partition(), Some(topic_id), config(), self.now()).ok()?
            }
        };
        Some((directory, log))
    }

    fn step(
        &mut self,
        directory: &LogDirectory<SimDisk>,
        log: &mut Log<SimDisk>,
    ) -> Result<After, Violation> {
        log.set_high_watermark(log.end_offset());
        match self.random.below(100) {
            0..60 => self.append(log),
            60..72 => Ok(self.flush(log)),
            72..76 => Ok(self.outcome("roll", log.roll(self.now()))),
            76..81 => Ok(self.retain(log)),
            81..84 => Ok(self.truncate(log)),
            84..87 => Ok(self.delete_records(log)),
            87..91 => Ok(self.checkpoint(directory, log)),
            91..94 => self.oracle.check(log).map(|()| After::GoOn),
            94..96 => Ok(After::Stop(Stop::Killed)),
            96..98 => Ok(After::Stop(Stop::PowerLost)),
            98 => self.full_disk(log),
            _ => {
                self.oracle.check(log)?;
                let closed = directory.close(&mut [log], None);
                if closed.is_ok() {
                    self.oracle.flushed(self.oracle.end());
                    self.oracle.start_is_durable();
                }
                Ok(match self.outcome("close", closed) {
                    After::GoOn => After::Stop(Stop::Clean),
                    stop @ After::Stop(_) => stop,
                })
            }
        }
    }

    /// Any error of the disk is the end of the power here.
    fn outcome<T, E>(&mut self, what: &str, result: Result<T, E>) -> After {
        self.note(what, i64::from(result.is_ok()));
        if result.is_ok() { After::GoOn } else { After::Stop(Stop::PowerLost) }
    }

    fn append(&mut self, log: &mut Log<SimDisk>) -> Result<After, Violation> {
        let append = self.work.next(&mut self.random, self.generation, self.time);
        let origin = if append.is_marker { AppendOrigin::Coordinator } else { AppendOrigin::Client };
        self.oracle.appending(&append.bytes, self.epoch);
        let terms = terms(log, &append.bytes, origin, self.now());
        let result = log.append_as_leader(&append.bytes, LeaderEpoch::new(self.epoch), self.now(), terms);
        self.note("append", result.as_ref().map_or(-1, |info| info.first_offset.get()));
        match result {
            Ok(info) => {
                if info.first_offset != self.oracle.end() || info.is_duplicate {
                    return Err(Violation(format!(
                        "appended at {}, not at {}",
                        info.first_offset,
                        self.oracle.end()
                    )));
                }
                self.oracle.appended();
                self.work.appended(&append);
                self.appended += 1;
                self.resend(log, &append.bytes, origin)
            }
            Err(AppendError::DiskFull(_)) => {
                self.oracle.refused();
                Ok(After::GoOn)
            }
            Err(AppendError::Storage(_) | AppendError::Failed) => Ok(After::Stop(Stop::PowerLost)),
            Err(error) => Err(Violation(format!("a good batch was refused: {error}"))),
        }
    }

    /// Sends a producer's batch again, as one does that missed the answer.
    fn resend(
        &mut self,
        log: &mut Log<SimDisk>,
        bytes: &Bytes,
        origin: AppendOrigin,
    ) -> Result<After, Violation> {
        let is_idempotent =
            broker_records::BatchHeader::parse(bytes).is_ok_and(|header| header.producer().is_some());
        if !is_idempotent && self.defect != Defect::SentTwice || !self.random.one_in(5) {
            return Ok(After::GoOn);
        }
        let again = log.append_as_leader(bytes, LeaderEpoch::new(self.epoch), self.now(), origin);
        match again {
            Ok(info) if info.is_duplicate => Ok(After::GoOn),
            Ok(_) if self.defect == Defect::SentTwice => Ok(After::GoOn),
            Ok(info) => Err(Violation(format!("a batch is there twice, again at {}", info.first_offset))),
            Err(AppendError::Storage(_) | AppendError::Failed) => Ok(After::Stop(Stop::PowerLost)),
            Err(error) => Err(Violation(format!("a resent batch was refused: {error}"))),
        }
    }

    fn flush(&mut self, log: &mut Log<SimDisk>) -> After {
        let end = log.end_offset();
        let up_to = if self.random.one_in(2) { Some(end) } else { log.needs_flush(self.now()) };
        let Some(up_to) = up_to else { return After::GoOn };
        let job = match log.begin_flush(up_to) {
            Ok(Some(job)) => job,
            Ok(None) => return After::GoOn,
            Err(error) => return self.outcome("flush", Err::<(), _>(error)),
        };
        let outcome = if self.defect == Defect::FlushNotRun { Ok(()) } else { job.run() };
        log.complete_flush(&job, &outcome, self.now());
        if outcome.is_ok() {
            self.oracle.flushed(log.recovery_point());
        }
        self.outcome("flush", outcome)
    }

    fn retain(&mut self, log: &mut Log<SimDisk>) -> After {
        let retained = log.retain(self.now());
        self.oracle.started_at(log.start_offset());
        if retained.is_err() {
            // How far it came is not told.
            self.oracle.started_at(log.end_offset());
            return self.outcome("retain", retained);
        }
        match log.take_due_deletes(self.now()) {
            Some(job) => self.outcome("unlink", job.run()),
            None => After::GoOn,
        }
    }

    fn truncate(&mut self, log: &mut Log<SimDisk>) -> After {
        let (start, end) = (log.start_offset(), log.end_offset());
        let back = i64::try_from(self.random.below(30)).unwrap_or(0).min(end.since(start));
        let target = broker_types::Offset::new(end.get() - back);
        // A cut inside a batch takes the whole batch.
        self.oracle.truncating(broker_types::Offset::new((target.get() - 4).max(0)));
        let cut = log.truncate_to(target, self.now());
        if cut.is_ok() {
            self.oracle.truncated(log.end_offset());
            self.oracle.started_at(log.start_offset());
            // Producers whose batches were cut begin anew.
            self.generation += 1;
            self.epoch += 1;
            self.work.restart();
        }
        self.outcome("truncate", cut)
    }

    fn delete_records(&mut self, log: &mut Log<SimDisk>) -> After {
        let span = u64::try_from(log.end_offset().since(log.start_offset())).unwrap_or(0);
        let by = i64::try_from(self.random.below(span / 4 + 1)).unwrap_or(0);
        let moved = log.advance_start_offset(log.start_offset().plus(by));
        self.oracle.started_at(log.start_offset());
        self.outcome("delete records", moved)
    }

    fn checkpoint(&mut self, directory: &LogDirectory<SimDisk>, log: &Log<SimDisk>) -> After {
        let written = directory.checkpoint([log].into_iter());
        if written.is_ok() {
            self.oracle.start_is_durable();
        }
        self.outcome("checkpoint", written)
    }

    /// A while without room: appends are refused, nothing is lost.
    fn full_disk(&mut self, log: &mut Log<SimDisk>) -> Result<After, Violation> {
        let capacity_bytes = Some(self.random.below(40_000));
        self.disk.set_faults(SimFaults { capacity_bytes, ..self.faults() });
        for _ in 0..10 {
            if let After::Stop(_) = self.append(log)? {
                return Err(Violation("a full disk made the log fail".to_owned()));
            }
        }
        self.set_faults(None);
        self.oracle.check(log)?;
        Ok(After::GoOn)
    }
}
