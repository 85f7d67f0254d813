//! In-sync replicas as the leaders of a node propose them: all that wait in one request, one request at a time.

use std::{collections::BTreeMap, time::Duration};

use broker_controller::{
    AlterPartition, AlterPartitionError, AlteredPartition, IsrChange, IsrMember, Request, Response,
};
use broker_metadata::LeaderRecovery;
use broker_node::fetcher::Key;
use broker_replication::{Event, IsrAnswer};
use broker_types::{BrokerEpoch, BrokerId, LeaderEpoch, PartitionEpoch, PartitionId, TopicId};

use super::{
    defect::Defect,
    node::{Call, broker},
    world::World,
};

/// An ISR that a leader proposes.
#[derive(Clone, Debug)]
pub(super) struct Proposal {
    pub(super) epoch: LeaderEpoch,
    pub(super) partition_epoch: PartitionEpoch,
    pub(super) isr: Vec<(BrokerId, Option<BrokerEpoch>)>,
}

/// What waits for the next request.
pub(super) type Proposals = BTreeMap<(TopicId, PartitionId), Proposal>;

/// Between two attempts after a failure.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

impl World {
    /// Sends what waits.
    pub(super) fn propose(&mut self, node: usize) {
        let now = self.now_of(node).mono;
        let Some(live) = self.live(node) else { return };
        if live.is_proposing || live.proposals.is_empty() || now < live.propose_after {
            return;
        }
        let Some(epoch) = live.machine.epoch() else {
            live.propose_after = now.plus(RETRY_PAUSE);
            return;
        };
        live.is_proposing = true;
        let proposed = std::mem::take(&mut live.proposals);
        let mut topics: Vec<(TopicId, Vec<IsrChange>)> = Vec::new();
        for ((topic, partition), proposal) in &proposed {
            if topics.last().is_none_or(|(last, _)| last != topic) {
                topics.push((*topic, Vec::new()));
            }
            let member = |(id, seen): &(BrokerId, Option<BrokerEpoch>)| IsrMember {
                broker: *id,
                epoch: if *id == broker(node) { Some(epoch) } else { *seen },
            };
            let change = IsrChange {
                partition: *partition,
                leader_epoch: proposal.epoch,
                partition_epoch: proposal.partition_epoch,
                isr: proposal.isr.iter().map(member).collect(),
                recovery: LeaderRecovery::Recovered,
            };
            if let Some((_, changes)) = topics.last_mut() {
                changes.push(change);
            }
        }
        let request = Request::AlterPartition(AlterPartition { broker: broker(node), epoch, topics });
        self.ask_controller(node, Call::AlterPartition(proposed), request);
    }

    /// What a defect makes of a request.
    pub(super) fn falsified(&self, node: usize, mut request: Request) -> Request {
        if self.is_broken(Defect::IsrWithoutEpochs)
            && let Request::AlterPartition(alter) = &mut request
            && let Some(live) = &self.nodes[node].live
        {
            let image = live.driver.committed();
            for (topic, changes) in &mut alter.topics {
                for change in changes {
                    let known = image.topics().partition(*topic, change.partition);
                    let Some((known, leader)) = known.and_then(|known| Some((known, known.leader?))) else {
                        continue;
                    };
                    change.leader_epoch = known.leader_epoch;
                    change.partition_epoch = known.partition_epoch;
                    change.isr.iter_mut().for_each(|member| member.epoch = None);
                    if !change.isr.iter().any(|member| member.broker == leader) {
                        change.isr.push(IsrMember { broker: leader, epoch: None });
                    }
                    if let Some(registered) = image.cluster().broker(leader) {
                        (alter.broker, alter.epoch) = (leader, registered.epoch);
                    }
                }
            }
        }
        request
    }

    /// Tells the partitions what became of their proposals; those that nobody answered are sent again.
    pub(super) fn isr_answered(&mut self, node: usize, proposed: &Proposals, response: Option<Response>) {
        let now = self.now_of(node).mono;
        let Some(live) = self.live(node) else { return };
        live.is_proposing = false;
        let mut unanswered = proposed.clone();
        let altered = match response {
            Some(Response::AlterPartition(Ok(altered))) => altered,
            _ => Vec::new(),
        };
        for (topic, partitions) in altered {
            for (partition, result) in partitions {
                let Some(proposal) = proposed.get(&(topic, partition)) else { continue };
                let Some(answer) = meaning(proposal, result) else { continue };
                unanswered.remove(&(topic, partition));
                self.coverage.isr_answer(&answer, proposal.isr.len());
                let key = Key { topic, partition };
                let held = self.live(node).and_then(|live| live.replicas.get(&key));
                if held.is_some_and(|held| held.replica.leads() == Some(proposal.epoch)) {
                    self.replica_step(node, key, Event::IsrAnswered(answer));
                }
            }
        }
        let Some(live) = self.live(node) else { return };
        if !unanswered.is_empty() {
            live.propose_after = now.plus(RETRY_PAUSE);
        }
        for (key, proposal) in unanswered {
            live.proposals.entry(key).or_insert(proposal);
        }
    }
}

/// What an answer says to the leader; `None`: try again.
fn meaning(proposal: &Proposal, result: Result<AlteredPartition, AlterPartitionError>) -> Option<IsrAnswer> {
    match result {
        Ok(altered) if altered.leader_epoch != proposal.epoch => Some(IsrAnswer::Overtaken),
        Ok(altered) => Some(IsrAnswer::Accepted {
            isr: altered.isr.into_iter().collect(),
            partition_epoch: altered.partition_epoch,
        }),
        Err(AlterPartitionError::IneligibleReplica(_)) => Some(IsrAnswer::Refused),
        // Another controller must be active, which this one does not know yet.
        Err(AlterPartitionError::FromTheFuture) => None,
        Err(_) => Some(IsrAnswer::Overtaken),
    }
}
