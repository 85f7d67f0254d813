//! Transactions and idempotent producers.

use crate::Support::{Honoured, OnlyDefault};
use crate::check::Check::{Any, AtLeast};
use crate::def::{ConfigDef, keys, of};

pub(super) const KEYS: &[ConfigDef] = keys! {
    "add.partitions.to.txn.retry.backoff.max.ms": Int = of("100"), AtLeast(0),
        High, ReadOnly, Public, Honoured,
        "Longest total time that the leader retries to add a partition to a transaction.";
    "add.partitions.to.txn.retry.backoff.ms": Int = of("20"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Pause between two tries of the leader to add a partition to a transaction.";
    "producer.id.expiration.check.interval.ms": Int = of("600000"), AtLeast(1),
        Low, ReadOnly, Internal, Honoured,
        "Time between two looks for expired producer ids.";
    "producer.id.expiration.ms": Int = of("86400000"), AtLeast(1), Low, ClusterWide, Public, Honoured,
        "Idle time after which a partition forgets a producer id.";
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": Int = of("10000"), AtLeast(1),
        Low, ReadOnly, Public, Honoured,
        "Time between two looks for transactions that timed out.";
    "transaction.max.timeout.ms": Int = of("900000"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Largest timeout that a transaction may have.";
    "transaction.partition.verification.enable": Boolean = of("true"), Any,
        Low, ClusterWide, Public, Honoured,
        "Whether a leader asks the coordinator about a transaction before it appends to it.";
    "transaction.remove.expired.transaction.cleanup.interval.ms": Int = of("3600000"), AtLeast(1),
        Low, ReadOnly, Public, Honoured,
        "Time between two looks for transactional ids that expired.";
    "transaction.state.log.load.buffer.size": Int = of("5242880"), AtLeast(1),
        High, ReadOnly, Public, Honoured,
        "Bytes read at once when a coordinator loads transactions.";
    "transaction.state.log.min.isr": Int = of("2"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "In-sync replicas that the transaction topic needs.";
    "transaction.state.log.num.partitions": Int = of("50"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Partitions of the transaction topic; not to be changed later.";
    "transaction.state.log.replication.factor": Short = of("3"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Replicas of the transaction topic.";
    "transaction.state.log.segment.bytes": Int = of("104857600"), AtLeast(1),
        High, ReadOnly, Public, Honoured,
        "Segment size of the transaction topic.";
    "transaction.two.phase.commit.enable": Boolean = of("false"), Any,
        Low, ReadOnly, Public, OnlyDefault("two-phase commit is not built"),
        "Whether transactions may take part in two-phase commits.";
    "transactional.id.expiration.ms": Int = of("604800000"), AtLeast(1), High, ReadOnly, Public, Honoured,
        "Idle time after which a transactional id is forgotten.";
};
