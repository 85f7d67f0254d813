//! The two kinds of shards, and what the shell does with their answers.

use std::sync::Arc;

use broker_coordinator::Refused;
use broker_group::{self as group, GroupCoordinator, GroupRecord};
use broker_txn::{self as txn, TransactionCoordinator, TransactionRecord};

use super::{
    bent::Bent,
    defect::Defect,
    entry::Entry,
    hosted::{Asked, Hosted, Hosts, Place},
    invariants::Claim,
    message::{Answer, Caller},
    setup::{self, Topics},
    world::World,
};

pub(super) type Groups = Bent<GroupCoordinator>;
pub(super) type Transactions = Bent<TransactionCoordinator>;

impl Hosted for Groups {
    fn hosts(world: &mut World) -> &mut Hosts<Self> {
        &mut world.groups
    }

    fn make(world: &mut World) -> Self {
        let seed = [world.random.draw(), world.random.draw(), world.random.draw(), 1];
        let inner = GroupCoordinator::new(setup::groups(), Arc::new(Topics), seed);
        Self { inner, defect: world.defect }
    }

    fn encode(record: &GroupRecord) -> Result<Entry, String> {
        Ok(match record.encode().map_err(|error| error.to_string())? {
            group::Encoded::Entry { key, value, producer } => Entry::Data { producer, key: Some(key), value },
            group::Encoded::Marker(end) => Entry::End(end),
        })
    }

    fn decode(entry: Entry) -> Result<Option<GroupRecord>, String> {
        match entry {
            Entry::Data { producer, key, value } => {
                GroupRecord::decode(key, value, producer).map_err(|error| error.to_string())
            }
            Entry::End(end) => Ok(Some(GroupRecord::End(end))),
        }
    }

    fn claim(request: &group::Request) -> Claim {
        let tags = |topics: &[group::ByTopic<group::CommitPartition>]| {
            let all = topics.iter().flat_map(|topic| &topic.partitions);
            Claim::Offsets(all.map(|it| it.metadata.as_str().to_owned()).collect())
        };
        match request {
            group::Request::OffsetCommit(commit) => tags(&commit.topics),
            group::Request::TxnOffsetCommit(commit) => tags(&commit.topics),
            group::Request::OffsetFetch(fetch) => Claim::Reads(fetch.group.clone()),
            _ => Claim::Nothing,
        }
    }

    fn began(_: &mut World, _: usize, _: usize) {}

    fn decided(_: &mut World, _: usize, _: usize, _: &[GroupRecord]) {}

    fn replied(world: &mut World, at: Place, asked: Asked, response: Result<group::Response, Refused>) {
        if let Ok(response) = &response {
            let checked = world.truth.group_claim(at.part, &asked.claim, response);
            world.hold(checked);
        }
        let answer = match response {
            Ok(group::Response::EndTransaction) => Answer::Marked { is_written: true },
            Ok(response) => Answer::Group(Box::new(response)),
            Err(refused) => unanswered(refused),
        };
        world.answer(at.node, asked.caller, answer);
    }
}

impl Hosted for Transactions {
    fn hosts(world: &mut World) -> &mut Hosts<Self> {
        &mut world.transactions
    }

    fn make(world: &mut World) -> Self {
        let inner = TransactionCoordinator::new(setup::transactions(), Arc::new(world.setup.version));
        Self { inner, defect: world.defect }
    }

    fn encode(record: &TransactionRecord) -> Result<Entry, String> {
        let txn::Encoded { key, value } = record.encode().map_err(|error| error.to_string())?;
        Ok(Entry::Data { producer: None, key: Some(key), value })
    }

    fn decode(entry: Entry) -> Result<Option<TransactionRecord>, String> {
        let Entry::Data { key, value, .. } = entry else { return Ok(None) };
        TransactionRecord::decode(key, value).map(Some).map_err(|error| error.to_string())
    }

    fn claim(request: &txn::Request) -> Claim {
        match request {
            txn::Request::InitProducerId(init) => Claim::Init(init.id.clone()),
            txn::Request::AddPartitions(add) => {
                Claim::Add(add.id.clone(), add.producer, add.partitions.clone())
            }
            txn::Request::EndTransaction(end) => Claim::End(end.id.clone(), end.producer, end.result),
            _ => Claim::Nothing,
        }
    }

    fn began(world: &mut World, node: usize, part: usize) {
        if world.is_broken(Defect::MarkersForgotten)
            && let Some(host) = world.transactions.get_mut(&(node, part))
        {
            host.heard = Some(txn::MarkerNumber::new(u64::MAX / 2));
        }
        world.await_markers(Place { node, part });
    }

    fn decided(world: &mut World, node: usize, part: usize, records: &[TransactionRecord]) {
        if world.is_broken(Defect::MarkersBeforeCommit) {
            world.send_early(Place { node, part }, records);
        }
    }

    fn replied(world: &mut World, at: Place, asked: Asked, response: Result<txn::Response, Refused>) {
        if asked.caller == Caller::Shell {
            return world.shell_hears(at, response);
        }
        if let Ok(response) = &response {
            let checked = world.truth.txn_claim(at.part, &asked.claim, response);
            world.hold(checked);
        }
        let answer = match response {
            Ok(response) => Answer::Txn(Box::new(response)),
            Err(refused) => unanswered(refused),
        };
        world.answer(at.node, asked.caller, answer);
    }
}

const fn unanswered(refused: Refused) -> Answer {
    match refused {
        Refused::NotLeader => Answer::Elsewhere,
        Refused::Busy | Refused::NotWritten(_) | Refused::TimedOut => Answer::Unavailable,
    }
}
