//! ListOffsets: starts, ends, and the offsets of times (KIP-79, KIP-734, KIP-405, KIP-1005, KIP-1023).

use std::sync::Arc;

use broker_compression::Codecs;
use broker_log::{Log, ReadError, TimedBatch, TimedRecord, record_at_time, record_of_max_time};
use broker_protocol::{
    ErrorCode,
    messages::{
        ListOffsetsRequest, ListOffsetsResponse,
        list_offsets_request::ListOffsetsPartition,
        list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse},
    },
};
use broker_records::{BatchView, Codec, Decompress as _, Records};
use broker_types::{LeaderEpoch, Offset, PartitionId, Timestamp};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    errors,
    partition::{FetchError, Isolation, Partition},
};

/// The most that one batch may expand to while its records are searched.
const BATCH_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Who names itself so compares replicas, and is answered by each of them.
const DEBUGGING_CONSUMER: i32 = -2;
/// Since this version answers carry leader epochs.
const EPOCHS_SINCE: i16 = 4;
/// Since this version clients know OFFSET_NOT_AVAILABLE (KIP-207).
const NOT_AVAILABLE_SINCE: i16 = 5;

/// The special timestamps, and since which version they mean something.
mod special {
    pub(super) const LATEST: i64 = -1;
    pub(super) const EARLIEST: i64 = -2;
    pub(super) const MAX_TIMESTAMP: i64 = -3;
    pub(super) const MAX_TIMESTAMP_SINCE: i16 = 7;
    pub(super) const EARLIEST_LOCAL: i64 = -4;
    pub(super) const EARLIEST_LOCAL_SINCE: i16 = 8;
    pub(super) const LATEST_TIERED: i64 = -5;
    pub(super) const LATEST_TIERED_SINCE: i16 = 9;
    pub(super) const EARLIEST_PENDING_UPLOAD: i64 = -6;
    pub(super) const EARLIEST_PENDING_UPLOAD_SINCE: i16 = 11;
}

/// What a partition is asked for.
#[derive(Clone, Copy, Debug)]
enum Wanted {
    Earliest,
    Latest,
    MaxTimestamp,
    /// Nothing is tiered: there is no such offset.
    NothingTiered,
    At(Timestamp),
}

/// What a partition answers.
struct Found {
    offset: i64,
    timestamp: i64,
    epoch: i32,
}

const NOT_FOUND: Found = Found { offset: -1, timestamp: -1, epoch: -1 };

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: ListOffsetsRequest,
) -> ListOffsetsResponse {
    let isolation = match request.isolation_level {
        // Another replica asks for the log, whatever of it is committed; so does who compares replicas.
        _ if request.replica_id >= 0 || request.replica_id == DEBUGGING_CONSUMER => Isolation::LogEnd,
        1 => Isolation::ReadCommitted,
        _ => Isolation::ReadUncommitted,
    };
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let is_allowed =
            broker.authorizer().allows(context, Operation::Describe, Resource::Topic(&topic.name));
        let found = broker.partitions().topic(&topic.name);
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for asked in &topic.partitions {
            let index = asked.partition_index;
            // Before anything is looked at, as Kafka does.
            if is_allowed && wanted(asked.timestamp, context.api_version).is_none() {
                partitions.push(failed(index, ErrorCode::UnsupportedVersion));
                continue;
            }
            let partition = found.as_ref().and_then(|topic| topic.partition(PartitionId::new(index)));
            partitions.push(match (is_allowed, partition) {
                (false, _) => failed(index, ErrorCode::TopicAuthorizationFailed),
                (true, None) => failed(index, ErrorCode::UnknownTopicOrPartition),
                (true, Some(partition)) if request.replica_id == DEBUGGING_CONSUMER => {
                    of_any_replica(&partition, context, asked)
                }
                (true, Some(partition)) => answer(broker, context, partition, asked, isolation).await,
            });
        }
        topics.push(ListOffsetsTopicResponse { name: topic.name, partitions });
    }
    ListOffsetsResponse { topics, ..ListOffsetsResponse::default() }
}

/// The ends of this replica, led or not. Times are searched for on leaders only.
fn of_any_replica(
    partition: &Partition,
    context: &RequestContext,
    asked: &ListOffsetsPartition,
) -> ListOffsetsPartitionResponse {
    let index = asked.partition_index;
    let bounds = match partition.bounds_of_any(LeaderEpoch::from_wire(asked.current_leader_epoch)) {
        Ok(bounds) => bounds,
        Err(error) => return failed(index, errors::of_fetch(&error)),
    };
    let offset = match wanted(asked.timestamp, context.api_version) {
        Some(Wanted::Earliest) => bounds.start,
        Some(Wanted::Latest) => bounds.log_end,
        _ => return failed(index, ErrorCode::NotLeaderOrFollower),
    };
    ListOffsetsPartitionResponse {
        partition_index: index,
        offset: offset.get(),
        ..ListOffsetsPartitionResponse::default()
    }
}

async fn answer(
    broker: &Arc<Broker>,
    context: &RequestContext,
    partition: Arc<Partition>,
    asked: &ListOffsetsPartition,
    isolation: Isolation,
) -> ListOffsetsPartitionResponse {
    let index = asked.partition_index;
    let Some(wanted) = wanted(asked.timestamp, context.api_version) else {
        return failed(index, ErrorCode::UnsupportedVersion);
    };
    let known_epoch = LeaderEpoch::from_wire(asked.current_leader_epoch);
    // Searching by time reads the disk.
    let found = match wanted {
        Wanted::MaxTimestamp | Wanted::At(_) => {
            broker.blocking(move || look(&partition, wanted, known_epoch, isolation)).await
        }
        Wanted::Earliest | Wanted::Latest | Wanted::NothingTiered => {
            look(&partition, wanted, known_epoch, isolation)
        }
    };
    match found {
        Ok(found) => ListOffsetsPartitionResponse {
            partition_index: index,
            timestamp: found.timestamp,
            offset: found.offset,
            leader_epoch: if context.api_version >= EPOCHS_SINCE { found.epoch } else { -1 },
            ..ListOffsetsPartitionResponse::default()
        },
        // Older clients do not know the other code (KIP-207).
        Err(FetchError::NotSettled) if context.api_version < NOT_AVAILABLE_SINCE => {
            failed(index, ErrorCode::LeaderNotAvailable)
        }
        Err(error) => failed(index, errors::of_fetch(&error)),
    }
}

fn wanted(timestamp: i64, version: i16) -> Option<Wanted> {
    match timestamp {
        special::LATEST => Some(Wanted::Latest),
        special::EARLIEST => Some(Wanted::Earliest),
        special::MAX_TIMESTAMP if version >= special::MAX_TIMESTAMP_SINCE => Some(Wanted::MaxTimestamp),
        special::EARLIEST_LOCAL if version >= special::EARLIEST_LOCAL_SINCE => Some(Wanted::Earliest),
        special::LATEST_TIERED if version >= special::LATEST_TIERED_SINCE => Some(Wanted::NothingTiered),
        special::EARLIEST_PENDING_UPLOAD if version >= special::EARLIEST_PENDING_UPLOAD_SINCE => {
            Some(Wanted::NothingTiered)
        }
        time if time >= 0 => Some(Wanted::At(Timestamp::from_millis(time))),
        _ => None,
    }
}

fn look(
    partition: &Partition,
    wanted: Wanted,
    known_epoch: Option<LeaderEpoch>,
    isolation: Isolation,
) -> Result<Found, FetchError> {
    let bounds = partition.bounds(known_epoch)?;
    let end = isolation.end(&bounds);
    // Another replica asks for the log, whatever of it is committed.
    let is_settled = bounds.is_settled || isolation == Isolation::LogEnd;
    let told = |found: Found| {
        let is_known = found.offset >= 0 || is_settled;
        if is_known { Ok(found) } else { Err(FetchError::NotSettled) }
    };
    let epoch_of = |offset: Offset| {
        partition.with_log(known_epoch, |log| log.epoch_of(offset).map_or(-1, LeaderEpoch::get))
    };
    match wanted {
        Wanted::Earliest => {
            Ok(Found { offset: bounds.start.get(), timestamp: -1, epoch: epoch_of(bounds.start)? })
        }
        Wanted::Latest if !is_settled => Err(FetchError::NotSettled),
        Wanted::Latest => Ok(Found { offset: end.get(), timestamp: -1, epoch: bounds.leader_epoch.get() }),
        Wanted::NothingTiered => Ok(NOT_FOUND),
        Wanted::MaxTimestamp => {
            told(search(partition, known_epoch, end, Log::batch_of_max_time, record_of_max_time)?)
        }
        Wanted::At(time) => told(search(
            partition,
            known_epoch,
            end,
            |log| log.batch_for_time(time),
            |header, records| record_at_time(header, records, time, bounds.start),
        )?),
    }
}

/// Finds a batch under the lock, then reads and searches it outside.
fn search(
    partition: &Partition,
    known_epoch: Option<LeaderEpoch>,
    end: Offset,
    find: impl FnOnce(&mut Log) -> Result<Option<TimedBatch>, ReadError>,
    pick: impl FnOnce(
        &broker_records::BatchHeader,
        Records<'_>,
    ) -> Result<Option<TimedRecord>, broker_records::RecordError>,
) -> Result<Found, FetchError> {
    let Some(batch) = partition.with_log(known_epoch, find)?? else { return Ok(NOT_FOUND) };
    let damaged = || ReadError::Damaged { segment: batch.slice.first_offset(), position: 0 };
    let bytes = batch.slice.read_to_vec().map_err(|_| damaged())?;
    let view = BatchView::parse(&bytes).map_err(|_| damaged())?;
    let codec = view.header.attributes.codec().ok_or_else(damaged)?;
    let mut payload = Vec::new();
    let records = if codec == Codec::None {
        view.records()
    } else {
        Codecs::default()
            .decompress(codec, view.payload(), BATCH_BYTES_MAX, &mut payload)
            .map_err(|_| damaged())?;
        Records::new(&payload, view.header.record_count)
    };
    let record = pick(&view.header, records).map_err(|_| damaged())?;
    // What is not on all in-sync replicas is not told.
    Ok(match record.filter(|record| record.offset < end) {
        Some(record) => Found {
            offset: record.offset.get(),
            timestamp: record.timestamp.as_millis(),
            epoch: record.leader_epoch.map_or(-1, LeaderEpoch::get),
        },
        None => NOT_FOUND,
    })
}

fn failed(index: i32, error: ErrorCode) -> ListOffsetsPartitionResponse {
    ListOffsetsPartitionResponse {
        partition_index: index,
        error_code: error.code(),
        timestamp: -1,
        offset: -1,
        leader_epoch: -1,
    }
}
