//! Kafka's error code for everything that can go wrong with a partition, in one place and exhaustive.

use broker_log::{AppendError, ProducerError, ReadError};
use broker_protocol::ErrorCode;
use broker_records::validate::{Rejected, RejectedCode};
use broker_replication::{DeleteFailure, ProduceFailure};

use crate::partition::{FetchError, ProduceError};

/// The code that a producer is answered with.
pub(crate) fn of_produce(error: &ProduceError) -> ErrorCode {
    match error {
        ProduceError::NotLeader => ErrorCode::NotLeaderOrFollower,
        ProduceError::Offline => ErrorCode::KafkaStorageError,
        ProduceError::Rejected(rejected) => of_rejected(rejected),
        ProduceError::Append(error) => of_append(error),
        ProduceError::NotEnoughReplicas(_) => ErrorCode::NotEnoughReplicas,
        ProduceError::NotCommitted(failure) => match failure {
            ProduceFailure::NotLeader => ErrorCode::NotLeaderOrFollower,
            ProduceFailure::Offline => ErrorCode::KafkaStorageError,
            ProduceFailure::TimedOut | ProduceFailure::TooManyWaiting => ErrorCode::RequestTimedOut,
            ProduceFailure::NotEnoughReplicasAfterAppend => ErrorCode::NotEnoughReplicasAfterAppend,
        },
        ProduceError::BehindRefused(reason) => *reason,
    }
}

/// The code that who deletes records is answered with.
pub(crate) fn of_delete(failure: DeleteFailure) -> ErrorCode {
    match failure {
        DeleteFailure::NotLeader => ErrorCode::NotLeaderOrFollower,
        DeleteFailure::Offline => ErrorCode::KafkaStorageError,
        DeleteFailure::OutOfRange { .. } => ErrorCode::OffsetOutOfRange,
        DeleteFailure::TimedOut | DeleteFailure::TooManyWaiting => ErrorCode::RequestTimedOut,
    }
}

fn of_rejected(rejected: &Rejected) -> ErrorCode {
    match rejected.code() {
        RejectedCode::CorruptMessage => ErrorCode::CorruptMessage,
        RejectedCode::MessageTooLarge => ErrorCode::MessageTooLarge,
        RejectedCode::InvalidTimestamp => ErrorCode::InvalidTimestamp,
        RejectedCode::UnsupportedCompressionType => ErrorCode::UnsupportedCompressionType,
        RejectedCode::InvalidRecord => ErrorCode::InvalidRecord,
    }
}

fn of_append(error: &AppendError) -> ErrorCode {
    match error {
        AppendError::Empty | AppendError::Corrupt(_) | AppendError::OutOfOrder { .. } => {
            ErrorCode::CorruptMessage
        }
        AppendError::TooLarge { .. } => ErrorCode::RecordListTooLarge,
        AppendError::Producer(error) => of_producer(error),
        // A full volume empties again by retention: the client is told to try again, and to refresh first.
        AppendError::DiskFull(_) | AppendError::Storage(_) | AppendError::Failed => {
            ErrorCode::KafkaStorageError
        }
    }
}

/// The code that a reader is answered with.
pub(crate) fn of_fetch(error: &FetchError) -> ErrorCode {
    match error {
        FetchError::NotLeader => ErrorCode::NotLeaderOrFollower,
        FetchError::Offline => ErrorCode::KafkaStorageError,
        FetchError::FencedEpoch { .. } => ErrorCode::FencedLeaderEpoch,
        FetchError::NotSettled => ErrorCode::OffsetNotAvailable,
        FetchError::UnknownEpoch { .. } => ErrorCode::UnknownLeaderEpoch,
        // The two may not know the same metadata yet: a replica that says which leadership it means tries again.
        FetchError::UnknownReplica { names_epoch: true } => ErrorCode::UnknownLeaderEpoch,
        FetchError::UnknownReplica { names_epoch: false } | FetchError::StaleReplica => {
            ErrorCode::NotLeaderOrFollower
        }
        FetchError::Read(ReadError::OutOfRange { .. }) => ErrorCode::OffsetOutOfRange,
        FetchError::Read(ReadError::Damaged { .. } | ReadError::Storage(_)) => ErrorCode::KafkaStorageError,
    }
}

/// The code for a producer that may not write, or end, what it wants to.
pub(crate) fn of_producer(error: &ProducerError) -> ErrorCode {
    match error {
        ProducerError::OutOfOrderSequence { .. } => ErrorCode::OutOfOrderSequenceNumber,
        ProducerError::InvalidEpoch { .. } => ErrorCode::InvalidProducerEpoch,
        ProducerError::InvalidTxnState { .. } | ProducerError::NotVerified { .. } => {
            ErrorCode::InvalidTxnState
        }
        ProducerError::CoordinatorFenced { .. } => ErrorCode::TransactionCoordinatorFenced,
    }
}
