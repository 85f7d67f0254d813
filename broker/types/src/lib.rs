//! Newtypes that every broker crate speaks: ids, offsets, epochs and time.
//!
//! Invariant: no I/O, no clock, no source of randomness, no `std`. A raw integer appears only at codec edges; `-1`
//! sentinels of the wire become `Option` there.
#![no_std]

extern crate alloc;

mod broker;
mod epoch;
mod group;
mod offset;
mod producer;
mod random;
mod reply;
mod text;
mod time;
mod topic;
mod transaction;
mod uuid;

pub use broker::{BrokerEpoch, BrokerId};
pub use epoch::{LeaderEpoch, PartitionEpoch};
pub use group::GroupId;
pub use offset::Offset;
pub use producer::{Producer, ProducerEpoch, ProducerId, Sequence};
pub use random::Random;
pub use reply::ReplyId;
pub use time::{Mono, Now, Timestamp};
pub use topic::{InvalidTopicName, PartitionId, TopicName, TopicPartition};
pub use transaction::{TransactionResult, TransactionVersion, TransactionalId};
pub use uuid::{ClusterId, DirectoryId, IncarnationId, InvalidUuid, TopicId, Uuid};
