//! Who and what a run is made of.

use std::time::Duration;

use broker_group as group;
use broker_protocol::Str;
use broker_txn as txn;
use broker_types::{GroupId, PartitionId, TopicId, TopicName, TopicPartition, TransactionVersion, Uuid};

use crate::Random;

pub(super) const NODES: usize = 3;

/// Partitions by number: two of `__transaction_state`, two of `__consumer_offsets`, then the topic that is written, then
/// the one that it is copied to.
pub(super) const TXN: [usize; 2] = [0, 1];
pub(super) const OFFSETS: [usize; 2] = [2, 3];
pub(super) const WIDTH: usize = 3;
pub(super) const SOURCE: [usize; WIDTH] = [4, 5, 6];
pub(super) const SINK: [usize; WIDTH] = [7, 8, 9];
pub(super) const PARTITIONS: usize = 10;

/// The group whose members copy, and the one whose members only read.
pub(super) const COPIERS: &str = "copiers";
pub(super) const READERS: &str = "readers";

/// Times in microseconds.
pub(super) const SECOND: u64 = 1_000_000;
pub(super) const MILLI: u64 = 1_000;
/// How long faults go on.
pub(super) const SAFETY: u64 = 60 * SECOND;

pub(super) const SESSION: Duration = Duration::from_secs(3);
pub(super) const REBALANCE: Duration = Duration::from_secs(5);
pub(super) const TXN_TIMEOUT: Duration = Duration::from_secs(4);

/// How the members of groups speak at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speech {
    /// KIP-848.
    Consumer,
    /// JoinGroup: gives everything up before it joins.
    Eager,
    /// JoinGroup: gives up what it must (KIP-429).
    Cooperative,
}

/// One run's choices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setup {
    /// What members of the copying and of the reading group speak at first.
    speech: [Speech; 2],
    /// What those of them speak who speak the classic protocol: a group has one at a time.
    classic: [Speech; 2],
    /// Whether each member that starts speaks one or the other.
    pub(super) migrates: bool,
    /// The cluster's level of `transaction.version`.
    pub(super) version: TransactionVersion,
    /// Whether some members are static.
    pub(super) has_statics: bool,
}

impl Setup {
    pub(super) const fn new(random: &mut Random) -> Self {
        let classic = [Self::classic(random), Self::classic(random)];
        let mut speech = [Speech::Consumer; 2];
        if random.one_in(2) {
            speech[0] = classic[0];
        }
        if random.one_in(2) {
            speech[1] = classic[1];
        }
        let version = match random.below(8) {
            0 => TransactionVersion::V0,
            1 => TransactionVersion::V1,
            _ => TransactionVersion::V2,
        };
        Self { speech, classic, migrates: random.one_in(3), version, has_statics: random.one_in(2) }
    }

    const fn classic(random: &mut Random) -> Speech {
        if random.one_in(2) { Speech::Eager } else { Speech::Cooperative }
    }

    /// How a transactional producer speaks that starts now: some are older than their cluster.
    pub(super) const fn version_of_client(&self, random: &mut Random) -> TransactionVersion {
        if self.version.bumps_epoch() && !random.one_in(4) {
            TransactionVersion::V2
        } else {
            TransactionVersion::V0
        }
    }

    /// What a member speaks that starts now.
    pub(super) fn speech_of(&self, group: &str, random: &mut Random) -> Speech {
        let index = usize::from(group == READERS);
        match self.migrates {
            false => self.speech[index],
            true if random.one_in(2) => self.classic[index],
            true => Speech::Consumer,
        }
    }
}

/// The partition's name.
pub(super) fn name(part: usize) -> TopicPartition {
    let (topic, index) = match part {
        0..2 => ("__transaction_state", part),
        2..4 => ("__consumer_offsets", part - 2),
        4..7 => ("source", part - 4),
        _ => ("sink", part - 7),
    };
    TopicPartition::new(TopicName::new(topic), PartitionId::new(index as i32))
}

/// The partition of a name.
pub(super) fn number(topic: &str, partition: PartitionId) -> Option<usize> {
    let base = match topic {
        "__transaction_state" => 0,
        "__consumer_offsets" => OFFSETS[0],
        "source" => SOURCE[0],
        "sink" => SINK[0],
        _ => return None,
    };
    Some(base + usize::try_from(partition.get()).ok()?)
}

pub(super) fn topic_id(topic: &str) -> TopicId {
    let mut bytes = [7; 16];
    for (to, from) in bytes.iter_mut().zip(topic.bytes()) {
        *to = from;
    }
    TopicId::new(Uuid::from_bytes(bytes))
}

/// The partition of `__consumer_offsets` of a group.
pub(super) fn offsets_of(group: &str) -> usize {
    OFFSETS[usize::from(group == READERS)]
}

/// The partition of `__transaction_state` of a transactional id.
pub(super) fn transactions_of(id: &str) -> usize {
    TXN[id.bytes().map(usize::from).sum::<usize>() % TXN.len()]
}

pub(super) fn groups() -> group::Settings {
    group::Settings {
        session_timeout_min: Duration::from_millis(500),
        initial_rebalance_delay: Duration::from_millis(300),
        consumer_session_timeout: SESSION,
        consumer_heartbeat_interval: Duration::from_millis(400),
        consumer_assignment_interval: Duration::from_millis(100),
        ..group::Settings::default()
    }
}

pub(super) fn transactions() -> txn::Settings {
    txn::Settings { abort_timed_out_interval: Duration::from_secs(1), ..txn::Settings::default() }
}

/// The topics that there are.
#[derive(Debug)]
pub(super) struct Topics;

impl group::Metadata for Topics {
    fn topic(&self, name: &str) -> Option<group::TopicMetadata> {
        let is_known = matches!(name, "source" | "sink");
        is_known.then(|| group::TopicMetadata { id: topic_id(name), partitions: WIDTH as i32 })
    }

    fn name(&self, id: TopicId) -> Option<TopicName> {
        ["source", "sink"].into_iter().find(|name| topic_id(name) == id).map(TopicName::new)
    }

    fn racks(&self, _: TopicId, _: PartitionId) -> Vec<Str> {
        Vec::new()
    }

    fn matching(&self, _: &str, _: &group::Reader) -> Result<Vec<TopicName>, group::InvalidRegex> {
        Ok(Vec::new())
    }

    fn group_config(&self, _: &GroupId) -> group::GroupConfig {
        group::GroupConfig::default()
    }
}
