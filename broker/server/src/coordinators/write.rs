//! From a shard's appends to batches in its log: those that wait together are written together.
//!
//! Durability point: the high watermark, as for any record; the shard answers only then.

use broker_coordinator::Unwritten;
use broker_records::{Attributes, BatchBuilder, Codec, NewRecord};
use broker_types::{LeaderEpoch, Now, Offset, Producer, ProducerEpoch, ProducerId, TransactionResult};
use bytes::Bytes;

use super::hosted::{Entry, Marker};
use crate::{
    broker::Broker,
    partition::{CoordinatorAppendError, Grounds, Partition, ProduceError, TransactionEnd},
};

/// What a record takes besides its key and value, at most.
const RECORD_OVERHEAD_BYTES: usize = 32;
/// What a batch takes besides its records.
const BATCH_OVERHEAD_BYTES: usize = broker_records::HEADER_BYTES;

/// Writes one shard's records.
pub(super) struct Writer<'a> {
    pub(super) broker: &'a Broker,
    pub(super) partition: &'a Partition,
    pub(super) epoch: LeaderEpoch,
    pub(super) codec: Codec,
    pub(super) now: Now,
    /// Where the log ends, as far as the shard knows.
    pub(super) end: Offset,
}

/// Why not everything was written.
#[derive(Debug)]
pub(super) enum Stopped {
    /// The shard may go on without it.
    Unwritten(Unwritten),
    /// The lead is lost.
    NotLeader,
    /// The log holds what the shard has not seen.
    Foreign,
}

/// What became of the appends, in their order.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The first and the last offset of each that is in the log.
    pub(super) confirmed: Vec<(Offset, Offset)>,
    /// Why those behind them are not.
    pub(super) stopped: Option<Stopped>,
}

/// A batch that is being filled.
struct Open {
    builder: BatchBuilder,
    producer: Option<(ProducerId, ProducerEpoch)>,
    grounds: Grounds,
    /// The offsets of the appends in it.
    appends: Vec<(Offset, Offset)>,
}

impl Writer<'_> {
    /// Writes all of `appends`, or those before the first that cannot be.
    pub(super) fn write(mut self, appends: Vec<(Vec<Entry>, Grounds)>) -> Written {
        let mut written = Written::default();
        let mut open = None;
        let mut stopped = None;
        for (entries, grounds) in appends {
            if let Err(why) = self.append(&entries, grounds, &mut open, &mut written) {
                stopped = Some(why);
                break;
            }
        }
        // What was gathered before goes out all the same, and if it does not, that is what came first.
        let closed = open.map_or(Ok(()), |open| self.close(open, &mut written));
        written.stopped = closed.err().or(stopped);
        written
    }

    fn append(
        &mut self,
        entries: &[Entry],
        grounds: Grounds,
        open: &mut Option<Open>,
        written: &mut Written,
    ) -> Result<(), Stopped> {
        if let [Entry::Marker(marker)] = entries {
            if let Some(open) = open.take() {
                self.close(open, written)?;
            }
            let batch = self.marker(marker, grounds);
            let at = self.end;
            self.put(&batch, grounds)?;
            written.confirmed.push((at, at));
            return Ok(());
        }
        let size: usize = entries.iter().map(size_of).sum();
        let max = self.partition.settings().rules.batch_bytes_max;
        if size + BATCH_OVERHEAD_BYTES > max {
            return Err(Stopped::Unwritten(Unwritten::TooLarge));
        }
        let producer = entries.first().and_then(|entry| match entry {
            Entry::Data { producer, .. } => *producer,
            Entry::Marker(_) => None,
        });
        let fits = |open: &Open| {
            (open.producer, open.grounds) == (producer, grounds) && open.builder.size_bytes() + size <= max
        };
        if let Some(full) = open.take_if(|open| !fits(open)) {
            self.close(full, written)?;
        }
        let (end, codec) = (self.end, self.codec);
        let open = open.get_or_insert_with(|| Open::new(end, producer, grounds, codec));
        open.append(self.now, entries)
    }

    fn close(&mut self, open: Open, written: &mut Written) -> Result<(), Stopped> {
        let Open { builder, appends, grounds, .. } = open;
        let batch = builder.build_compressed(self.broker.codecs(), None);
        let batch = batch.map_err(|error| {
            tracing::error!(partition = %self.partition.id(), %error, "a batch could not be compressed");
            Stopped::Unwritten(Unwritten::Unavailable)
        })?;
        self.put(&batch, grounds)?;
        written.confirmed.extend(appends);
        Ok(())
    }

    fn put(&mut self, batch: &[u8], grounds: Grounds) -> Result<(), Stopped> {
        match self.partition.append_as_coordinator(self.epoch, self.end, batch, grounds, self.now) {
            Ok(appended) => {
                self.end = appended.last_offset.next();
                Ok(())
            }
            Err(
                CoordinatorAppendError::NotLeader | CoordinatorAppendError::Refused(ProduceError::NotLeader),
            ) => Err(Stopped::NotLeader),
            Err(error @ CoordinatorAppendError::Foreign { .. }) => {
                tracing::warn!(partition = %self.partition.id(), %error, "others have written to a coordinator's partition; it reads its log anew");
                Err(Stopped::Foreign)
            }
            Err(error) => {
                tracing::warn!(partition = %self.partition.id(), %error, "a coordinator could not write");
                let why = if error.is_too_large() { Unwritten::TooLarge } else { Unwritten::Unavailable };
                Err(Stopped::Unwritten(why))
            }
        }
    }

    fn marker(&self, marker: &Marker, grounds: Grounds) -> Bytes {
        let (id, epoch) = marker.producer;
        let end = TransactionEnd {
            producer: Producer { id, epoch },
            result: if marker.is_commit { TransactionResult::Commit } else { TransactionResult::Abort },
            coordinator_epoch: marker.coordinator_epoch,
            version: grounds.marker_version,
        };
        end.batch(self.end, self.epoch, self.now)
    }
}

impl Open {
    fn new(
        end: Offset,
        producer: Option<(ProducerId, ProducerEpoch)>,
        grounds: Grounds,
        codec: Codec,
    ) -> Self {
        let attributes = Attributes::NONE.with_codec(codec);
        let builder = BatchBuilder::new(end);
        let builder = match producer {
            Some((id, epoch)) => {
                builder.marker_producer(id, epoch).attributes(attributes.with_transactional())
            }
            None => builder.attributes(attributes),
        };
        Self { builder, producer, grounds, appends: Vec::new() }
    }

    fn append(&mut self, now: Now, entries: &[Entry]) -> Result<(), Stopped> {
        let first = self.builder.next_offset();
        let mut last = first;
        for entry in entries {
            let Entry::Data { key, value, .. } = entry else { continue };
            let record = NewRecord {
                timestamp: Some(now.wall),
                key: key.as_deref(),
                value: value.as_deref(),
                headers: &[],
            };
            last = self.builder.append(&record).map_err(|_| Stopped::Unwritten(Unwritten::TooLarge))?;
        }
        self.appends.push((first, last));
        Ok(())
    }
}

fn size_of(entry: &Entry) -> usize {
    let Entry::Data { key, value, .. } = entry else { return 0 };
    key.as_ref().map_or(0, Bytes::len) + value.as_ref().map_or(0, Bytes::len) + RECORD_OVERHEAD_BYTES
}
