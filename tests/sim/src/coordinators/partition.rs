//! A replicated partition: one real log, which keeps replication's promises and nothing more.
//!
//! What lies below the high watermark stays. At a change of leader any part of what lies beyond may go, and the log is
//! read anew from its disk, as the next leader has it.

use std::{collections::VecDeque, path::Path};

use broker_log::{Log, LogConfig, LogDirectory, Owner, SimDisk};
use broker_records::batches;
use broker_types::{BrokerId, ClusterId, DirectoryId, Offset, Timestamp, TopicId, Uuid};
use bytes::Bytes;

use super::{defect::Defect, message::Caller, setup::name};

/// Who waits for the high watermark.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) upto: Offset,
    pub(super) caller: Caller,
    /// Of a batch, its first offset; of a marker, none.
    pub(super) first: Option<Offset>,
}

/// A partition.
pub(super) struct Partition {
    pub(super) number: usize,
    directory: LogDirectory<SimDisk>,
    config: LogConfig,
    pub(super) log: Log<SimDisk>,
    pub(super) epoch: i32,
    pub(super) leader: Option<usize>,
    /// When the high watermark moves again.
    pub(super) frozen_until: u64,
    /// When it takes records again.
    pub(super) refuses_until: u64,
    /// When markers reach it again.
    pub(super) unmarked_until: u64,
    pub(super) waiting: VecDeque<Waiting>,
}

impl Partition {
    /// An empty one without a leader.
    pub(super) fn new(number: usize, seed: u64, now: Timestamp, defect: Option<Defect>) -> Option<Self> {
        let disk = SimDisk::new(seed);
        let owner = Owner { cluster_id: ClusterId::new("c"), node_id: BrokerId::new(1) };
        let id = DirectoryId::new(Uuid::from_bytes([1; 16]));
        let directory = LogDirectory::open(disk, Path::new("/data"), &owner, id).ok()?;
        let config = LogConfig {
            segment_bytes: 64 * 1024,
            retention_age: None,
            verifies_transactions: number > 1 && defect != Some(Defect::VerificationSkipped),
            ..LogConfig::default()
        };
        let topic = Some(TopicId::new(Uuid::from_bytes([2; 16])));
        let log = directory.create_log(name(number), topic, config.clone(), now).ok()?;
        Some(Self {
            number,
            directory,
            config,
            log,
            epoch: 0,
            leader: None,
            frozen_until: 0,
            refuses_until: 0,
            unmarked_until: 0,
            waiting: VecDeque::new(),
        })
    }

    pub(super) fn high_watermark(&self) -> Offset {
        self.log.high_watermark()
    }

    /// Everything from `cut` on is lost, and the log is what its disk says. Gives how many records went.
    pub(super) fn lose(&mut self, cut: Offset, now: Timestamp) -> Result<i64, String> {
        let (end, high_watermark) = (self.log.end_offset(), self.log.high_watermark());
        self.log.truncate_to(cut, now).map_err(|error| error.to_string())?;
        if self.log.end_offset() < high_watermark {
            return Err(format!("a cut at {cut} went below the high watermark {high_watermark}"));
        }
        let opened = self.directory.open_log(name(self.number), self.config.clone(), now);
        let (log, _) = opened.map_err(|error| error.to_string())?;
        self.log = log;
        self.log.set_high_watermark(high_watermark);
        Ok(end.since(self.log.end_offset()))
    }

    /// Some whole batches from `from` up to `upto`.
    pub(super) fn read(&self, from: Offset, upto: Offset) -> Result<Vec<u8>, String> {
        let slice = self.log.read(from, 4096, upto, true).map_err(|error| error.to_string())?;
        let bytes = slice.read_to_vec().map_err(|error| error.to_string())?;
        // The last one may be cut.
        let mut walk = batches(&bytes);
        while walk.next().is_some_and(|batch| batch.is_ok()) {}
        let whole = walk.consumed();
        Ok(bytes.into_iter().take(whole).collect())
    }

    /// All batches from `from` up to `upto`.
    pub(super) fn read_all(&self, from: Offset, upto: Offset) -> Result<Bytes, String> {
        let (mut all, mut next) = (Vec::new(), from);
        while next < upto {
            let bytes = self.read(next, upto)?;
            let last = batches(&bytes).filter_map(Result::ok).last();
            let Some(last) = last else { return Err(format!("nothing to read at {next}, before {upto}")) };
            next = last.header.next_offset();
            all.extend_from_slice(&bytes);
        }
        Ok(Bytes::from(all))
    }
}
