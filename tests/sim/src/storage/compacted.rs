//! A compacted log under random work: rounds of cleaning, step by step between appends, and stops of all kinds.

mod oracle;
mod reading;

use std::{
    hash::{DefaultHasher, Hasher as _},
    num::NonZeroUsize,
    ops::ControlFlow,
    path::Path,
    time::Duration,
};

use broker_log::{
    AppendError, AppendOrigin, CleanError, CleanLimits, Cleaning, HashKey, LoadSpec, Log, LogConfig,
    LogDirectory, Owner, SimDisk, SimFaults, Tools,
};
use broker_records::{Codec, Compress, CompressError, ControlType, Decompress, DecompressError};
use broker_types::{
    BrokerId, ClusterId, DirectoryId, LeaderEpoch, Offset, PartitionId, Timestamp, TopicId, TopicName,
    TopicPartition, Uuid,
};
use bytes::Bytes;

use self::oracle::Oracle;
use super::{
    oracle::{Stop, Violation},
    simulation::{Defect, Trace},
    work::{Work, terms},
};
use crate::Random;

const STEPS: u64 = 300;
const KEYS: u64 = 9;
const SEGMENT_BYTES: u32 = 1024;
/// How long tombstones stay, in steps.
const TOMBSTONES: Duration = Duration::from_millis(60);

/// The batches of these runs are not compressed.
struct NoCodecs;

impl Compress for NoCodecs {
    fn compress(&self, codec: Codec, _: Option<i32>, _: &[u8], _: &mut Vec<u8>) -> Result<(), CompressError> {
        Err(CompressError::Unsupported(codec))
    }
}

impl Decompress for NoCodecs {
    fn decompress(&self, codec: Codec, _: &[u8], _: usize, _: &mut Vec<u8>) -> Result<(), DecompressError> {
        Err(DecompressError::Unsupported(codec))
    }
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
    /// The high watermark.
    replicated: Offset,
    trace: DefaultHasher,
    appended: u64,
    stops: u64,
    swapped: u64,
}

/// One life of the process.
struct Life {
    directory: LogDirectory<SimDisk>,
    log: Log<SimDisk>,
    cleaning: Option<Cleaning<SimDisk>>,
}

/// Runs the simulation of `seed`.
///
/// # Errors
/// What the oracle could not accept, with the seed and the step.
pub fn run_compacted(seed: u64, defect: Defect) -> Result<Trace, Violation> {
    let mut simulation = Simulation {
        disk: SimDisk::new(seed ^ 0xc1ea),
        random: Random::new(seed),
        oracle: Oracle::new(TOMBSTONES),
        work: Work::of_keys(KEYS),
        defect,
        time: 1000,
        epoch: 0,
        generation: 0,
        replicated: Offset::ZERO,
        trace: DefaultHasher::new(),
        appended: 0,
        stops: 0,
        swapped: 0,
    };
    let mut steps = STEPS;
    let mut stop = Stop::Clean;
    while steps > 0 {
        stop = simulation
            .live(stop, &mut steps)
            .map_err(|violation| Violation(format!("seed {seed}, {steps} steps left: {violation}")))?;
    }
    simulation.trace.write_u64(simulation.disk.fingerprint());
    let Simulation { appended, stops, swapped, .. } = simulation;
    Ok(Trace { hash: simulation.trace.finish(), appended, stops, swapped })
}

impl Simulation {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.time)
    }

    fn config(&self) -> LogConfig {
        let is_early = self.defect == Defect::TombstonesGoAtOnce;
        LogConfig {
            segment_bytes: SEGMENT_BYTES,
            index_interval_bytes: 64,
            compact_policy: true,
            delete_policy: false,
            dirty_ratio_min: 0.0,
            delete_retention: if is_early { Duration::ZERO } else { TOMBSTONES },
            file_delete_delay: Duration::from_millis(20),
            ..LogConfig::default()
        }
    }

    fn set_faults(&self, power_fails_after: Option<u64>) {
        self.disk.set_faults(SimFaults {
            ignore_sync_data: self.defect == Defect::SyncDataIgnored,
            ignore_sync_dir: self.defect == Defect::SyncDirIgnored,
            unflipped_bytes: 16,
            power_fails_after,
            ..SimFaults::default()
        });
    }

    fn live(&mut self, stopped: Stop, steps: &mut u64) -> Result<Stop, Violation> {
        self.stops += 1;
        let fuse = self.random.one_in(4).then(|| self.random.below(60));
        self.set_faults(fuse);
        let Some(mut life) = self.open() else {
            *steps = steps.saturating_sub(1);
            self.disk.crash();
            return Ok(Stop::PowerLost);
        };
        self.oracle.reopened(&mut life.log, stopped, self.time)?;
        self.replicated = self.replicated.min(life.log.end_offset());
        self.generation += 1;
        self.epoch += 1;
        self.work.restart();
        if let Some(stop) = self.abort_open(&mut life.log)? {
            self.disk.crash();
            return Ok(stop);
        }
        let fuse = self.random.one_in(2).then(|| self.random.below(400));
        self.set_faults(fuse);
        loop {
            *steps = steps.saturating_sub(1);
            self.time += 1;
            let stop = self.step(&mut life)?.or((*steps == 0).then_some(Stop::Clean));
            match stop {
                None => continue,
                Some(Stop::Killed) => self.disk.kill_process(),
                Some(Stop::PowerLost) => self.disk.crash(),
                Some(Stop::Clean) => {}
            }
            return Ok(stop.unwrap_or(Stop::Clean));
        }
    }

    /// `None` when the power went.
    fn open(&mut self) -> Option<Life> {
        let owner = Owner { cluster_id: ClusterId::new("c"), node_id: BrokerId::new(1) };
        let id = DirectoryId::new(Uuid::from_bytes([1; 16]));
        let directory = LogDirectory::open(self.disk.clone(), Path::new("/data"), &owner, id).ok()?;
        let config = self.config();
        let spec = LoadSpec {
            config_of: |_: &TopicName| config.clone(),
            threads: NonZeroUsize::MIN,
            now: self.now(),
        };
        let loaded = directory.load(&spec).ok()?;
        let log = match loaded.logs.into_iter().next() {
            Some(log) => log,
            None => {
                let partition = TopicPartition::new(TopicName::new("t"), PartitionId::new(0));
                let topic_id = TopicId::new(Uuid::from_bytes([2; 16]));
                directory.create_log(partition, Some(topic_id), config, self.now()).ok()?
            }
        };
        Some(Life { directory, log, cleaning: None })
    }

    /// How the life ends, if it does.
    fn step(&mut self, life: &mut Life) -> Result<Option<Stop>, Violation> {
        if self.random.one_in(2) {
            self.replicated = life.log.end_offset();
        }
        life.log.set_high_watermark(self.replicated);
        let what = self.random.below(100);
        self.trace.write_u64(what);
        self.trace.write_i64(life.log.end_offset().get());
        match what {
            0..45 => self.append(&mut life.log),
            45..55 => Ok(self.flush(&mut life.log)),
            55..59 => Ok(power(life.log.roll(self.now()))),
            59..82 => self.clean(life),
            82..84 => self.truncate(life),
            84..87 => Ok(self.retain(&mut life.log)),
            87..90 => Ok(power(life.directory.checkpoint([&life.log].into_iter()))),
            90..94 => self.oracle.check(&mut life.log, self.time).map(|()| None),
            94..96 => Ok(Some(Stop::Killed)),
            96..98 => Ok(Some(Stop::PowerLost)),
            _ => {
                self.oracle.check(&mut life.log, self.time)?;
                let closed = life.directory.close(&mut [&mut life.log], None);
                if closed.is_ok() {
                    self.oracle.flushed(life.log.end_offset());
                }
                Ok(Some(power(closed).unwrap_or(Stop::Clean)))
            }
        }
    }

    /// Ends the transactions that producers of an earlier life left open, as their coordinator does.
    fn abort_open(&mut self, log: &mut Log<SimDisk>) -> Result<Option<Stop>, Violation> {
        let open: Vec<_> = log.producers().filter(|(_, entry)| entry.txn_first.is_some()).collect();
        let open: Vec<_> = open.into_iter().map(|(id, entry)| (id, entry.epoch)).collect();
        for producer in open {
            let marker = Work::marker(ControlType::Abort, producer, self.time);
            if let Some(stop) = self.write(log, &marker, AppendOrigin::Coordinator)? {
                return Ok(Some(stop));
            }
        }
        Ok(None)
    }

    fn append(&mut self, log: &mut Log<SimDisk>) -> Result<Option<Stop>, Violation> {
        let append = self.work.next(&mut self.random, self.generation, self.time);
        let origin = if append.is_marker { AppendOrigin::Coordinator } else { AppendOrigin::Client };
        let written = self.write(log, &append.bytes, origin)?;
        if written.is_none() {
            self.work.appended(&append);
            self.appended += 1;
        }
        Ok(written)
    }

    fn write(
        &mut self,
        log: &mut Log<SimDisk>,
        bytes: &Bytes,
        origin: AppendOrigin,
    ) -> Result<Option<Stop>, Violation> {
        self.oracle.appending(bytes, log.end_offset(), self.time);
        let terms = terms(log, bytes, origin, self.now());
        match log.append_as_leader(bytes, LeaderEpoch::new(self.epoch), self.now(), terms) {
            Ok(_) => {
                self.oracle.appended();
                Ok(None)
            }
            Err(AppendError::Storage(_) | AppendError::Failed) => Ok(Some(Stop::PowerLost)),
            Err(error) => Err(Violation(format!("a good batch was refused: {error}"))),
        }
    }

    fn flush(&mut self, log: &mut Log<SimDisk>) -> Option<Stop> {
        let flushed = log.flush(log.end_offset(), self.now());
        if flushed.is_ok() {
            self.oracle.flushed(log.recovery_point());
        }
        power(flushed)
    }

    /// One step of a round: its beginning, one segment, or its end.
    fn clean(&mut self, life: &mut Life) -> Result<Option<Stop>, Violation> {
        let map_bytes = if self.random.one_in(3) { 24 * 6 } else { 1 << 16 };
        let limits = CleanLimits { map_bytes, io_bytes: 200, ..CleanLimits::default() };
        let mut pace = |_| ControlFlow::Continue(());
        let mut tools = Tools { codecs: &NoCodecs, key: HashKey::new([5; 16]), limits, pace: &mut pace };
        let stepped = match life.cleaning.take() {
            None => self.begin(life, &mut tools),
            Some(cleaning) => self.go_on(life, cleaning, &mut tools),
        };
        match stepped {
            Ok(cleaning) => {
                life.cleaning = cleaning;
                Ok(None)
            }
            Err(CleanError::Aborted) => Ok(None),
            Err(CleanError::Storage(_) | CleanError::DiskFull) => Ok(Some(Stop::PowerLost)),
            Err(CleanError::Damaged(damage)) => Err(Violation(format!("a good log: {damage}"))),
        }
    }

    fn begin(
        &mut self,
        life: &mut Life,
        tools: &mut Tools<'_>,
    ) -> Result<Option<Cleaning<SimDisk>>, CleanError> {
        let Some(mut cleaning) = life.log.begin_cleaning(self.now())? else { return Ok(None) };
        self.oracle.cleaning(cleaning.range().end);
        cleaning.map_keys(tools)?;
        Ok(Some(cleaning))
    }

    fn go_on(
        &mut self,
        life: &mut Life,
        mut cleaning: Cleaning<SimDisk>,
        tools: &mut Tools<'_>,
    ) -> Result<Option<Cleaning<SimDisk>>, CleanError> {
        match cleaning.next_segment(tools)? {
            Some(cleaned) => {
                life.log.swap_in(&cleaning, cleaned, self.now())?;
                cleaning.sync_names()?;
                self.swapped += 1;
                Ok(Some(cleaning))
            }
            None => {
                life.log.complete_cleaning(&cleaning);
                cleaning.write_checkpoint()?;
                Ok(None)
            }
        }
    }

    /// Cuts what is not replicated.
    fn truncate(&mut self, life: &mut Life) -> Result<Option<Stop>, Violation> {
        let (floor, end) = (life.log.high_watermark(), life.log.end_offset());
        let back = i64::try_from(self.random.below(30)).unwrap_or(0).min(end.since(floor));
        let target = Offset::new(end.get() - back);
        self.oracle.truncating(target);
        let cut = life.log.truncate_to(target, self.now());
        if cut.is_ok() {
            self.oracle.truncated(life.log.end_offset());
            self.generation += 1;
            self.epoch += 1;
            self.work.restart();
        }
        Ok(power(cut))
    }

    fn retain(&mut self, log: &mut Log<SimDisk>) -> Option<Stop> {
        if self.random.one_in(4) {
            let span = u64::try_from(log.high_watermark().since(log.start_offset())).unwrap_or(0);
            let by = i64::try_from(self.random.below(span / 8 + 1)).unwrap_or(0);
            let moved = log.advance_start_offset(log.start_offset().plus(by));
            debug_assert!(moved.is_ok(), "all of it is below the high watermark");
        }
        let retained = log.retain(self.now()).map(drop);
        let unlinked = log.take_due_deletes(self.now()).map_or(Ok(()), broker_log::DeleteJob::run);
        power(retained.and(unlinked))
    }
}

/// Any error of the disk is the end of the power here.
fn power<T, E>(result: Result<T, E>) -> Option<Stop> {
    result.is_err().then_some(Stop::PowerLost)
}
