//! What the member's machine decides, carried out: requests to the coordinator, and their answers back to the machine.

use std::{collections::BTreeSet, time::Duration};

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, SyncGroupRequest,
        join_group_request::JoinGroupRequestProtocol, leave_group_request::MemberIdentity,
        sync_group_request::SyncGroupRequestAssignment,
    },
};
use broker_types::{BrokerId, TopicName, TopicPartition};

use super::{GroupConsumer, Happening};
use crate::{
    ClientError, CoordinatorKind,
    admin::groups::CONSUMER_PROTOCOL,
    assignor::{Assignment, Assignor},
    consumer_protocol,
    member::{Action, Event, Fault, Identity, Joined},
};

/// How much longer than the group waits for its members an answer to who joins may take.
const JOIN_SLACK: Duration = Duration::from_secs(5);
/// What the coordinator is told of why a member leaves (KIP-800).
const LEAVE_REASON: &str = "the consumer is being closed";

impl GroupConsumer {
    /// Does what is to be done, and what follows from it, until the machine waits for time to pass.
    pub(super) async fn act(&mut self) -> Result<(), ClientError> {
        while !self.actions.is_empty() {
            let action = self.actions.remove(0);
            let Some(event) = self.carry_out(action).await? else { continue };
            let time = self.now();
            self.member.step(time, event, &mut self.actions);
        }
        Ok(())
    }

    async fn carry_out(&mut self, action: Action) -> Result<Option<Event>, ClientError> {
        Ok(match action {
            Action::Revoke(partitions) => {
                if self.options.auto_commit.is_some() {
                    self.commit().await?;
                }
                self.positions.clear();
                if !partitions.is_empty() {
                    self.happened.push(Happening::Revoked(partitions));
                }
                Some(Event::Revoked)
            }
            Action::Lose(partitions) => {
                self.positions.clear();
                self.happened.push(Happening::Lost(partitions));
                Some(Event::Revoked)
            }
            Action::FindCoordinator => {
                self.coordinator = None;
                None
            }
            Action::Join { member, topics } => Some(self.join(member, &topics).await?),
            Action::LookUp(topics) => {
                Some(Event::Partitions(self.topics.look_up(&mut self.client, &topics).await?))
            }
            Action::Sync { identity, protocol, assignments } => {
                Some(Event::Synced(self.sync(identity, protocol, assignments).await?))
            }
            Action::Take(partitions) => {
                self.positions.start(&mut self.client, &self.options, &partitions).await?;
                self.happened.push(Happening::Assigned(partitions));
                None
            }
            Action::Beat(identity) => Some(Event::Beat(self.beat(identity).await?)),
            Action::Leave(member) => {
                self.leave(member).await?;
                None
            }
            Action::Fail(code) => return Err(ClientError::Broker { code, message: None }),
        })
    }

    /// The coordinator, from before or looked up.
    async fn coordinator(&mut self) -> Result<BrokerId, ClientError> {
        if let Some(id) = self.coordinator {
            return Ok(id);
        }
        let id = self.client.find_coordinator(CoordinatorKind::Group, &self.options.group).await?;
        self.coordinator = Some(id);
        Ok(id)
    }

    async fn join(&mut self, member: Str, topics: &BTreeSet<TopicName>) -> Result<Event, ClientError> {
        let subscription = consumer_protocol::subscription(topics.iter());
        let protocol = |assignor: Assignor| JoinGroupRequestProtocol {
            name: Str::from_static(assignor.name()),
            metadata: subscription.clone(),
        };
        let request = JoinGroupRequest {
            group_id: Str::from(self.options.group.as_str()),
            session_timeout_ms: millis(self.options.session_timeout),
            rebalance_timeout_ms: millis(self.options.rebalance_timeout),
            member_id: member,
            group_instance_id: self.options.instance_id.as_deref().map(Str::from),
            protocol_type: Str::from_static(CONSUMER_PROTOCOL),
            protocols: Assignor::OFFERED.into_iter().map(protocol).collect(),
            reason: None,
        };
        let id = self.coordinator().await?;
        let patience = self.options.rebalance_timeout + JOIN_SLACK;
        let answer = self.client.broker_within(id, &request, patience).await;
        Ok(match answered(answer, |response| response.error_code)? {
            Ok(response) => {
                let member = response.member_id.detached();
                Event::Joined {
                    member,
                    outcome: fault_of(response.error_code).map_or_else(|| Ok(joined(response)), Err),
                }
            }
            Err(fault) => Event::Joined { member: request.member_id, outcome: Err(fault) },
        })
    }

    async fn sync(
        &mut self,
        identity: Identity,
        protocol: Str,
        assignments: Assignment,
    ) -> Result<Result<BTreeSet<TopicPartition>, Fault>, ClientError> {
        let assignment = |(member_id, partitions): (Str, BTreeSet<TopicPartition>)| {
            SyncGroupRequestAssignment { member_id, assignment: consumer_protocol::assignment(&partitions) }
        };
        let request = SyncGroupRequest {
            group_id: Str::from(self.options.group.as_str()),
            generation_id: identity.generation,
            member_id: identity.member,
            group_instance_id: self.options.instance_id.as_deref().map(Str::from),
            protocol_type: Some(Str::from_static(CONSUMER_PROTOCOL)),
            protocol_name: Some(protocol),
            assignments: assignments.into_iter().map(assignment).collect(),
        };
        let id = self.coordinator().await?;
        let patience = self.options.rebalance_timeout + JOIN_SLACK;
        let answer = self.client.broker_within(id, &request, patience).await;
        let response = match answered(answer, |response| response.error_code)? {
            Ok(response) => response,
            Err(fault) => return Ok(Err(fault)),
        };
        if let Some(fault) = fault_of(response.error_code) {
            return Ok(Err(fault));
        }
        if response.assignment.is_empty() {
            return Ok(Ok(BTreeSet::new()));
        }
        let read = consumer_protocol::read_assignment(response.assignment);
        Ok(Ok(read.map_err(|error| ClientError::Codec {
            api: broker_protocol::ApiKey::SyncGroup,
            reason: error.to_string(),
        })?))
    }

    async fn beat(&mut self, identity: Identity) -> Result<Result<(), Fault>, ClientError> {
        let request = HeartbeatRequest {
            group_id: Str::from(self.options.group.as_str()),
            generation_id: identity.generation,
            member_id: identity.member,
            group_instance_id: self.options.instance_id.as_deref().map(Str::from),
        };
        let id = self.coordinator().await?;
        let answer = self.client.broker_within(id, &request, self.options.session_timeout).await;
        Ok(match answered(answer, |response| response.error_code)? {
            Ok(response) => fault_of(response.error_code).map_or(Ok(()), Err),
            Err(fault) => Err(fault),
        })
    }

    pub(super) async fn leave(&mut self, member: Str) -> Result<(), ClientError> {
        let identity = MemberIdentity {
            member_id: member.clone(),
            group_instance_id: None,
            reason: Some(Str::from_static(LEAVE_REASON)),
        };
        let request = LeaveGroupRequest {
            group_id: Str::from(self.options.group.as_str()),
            member_id: Str::EMPTY,
            members: vec![identity],
        };
        let id = self.coordinator().await?;
        // Whatever the answer is: who is not heard of any more is out of the group after its session.
        let _ = self.client.broker(id, &request).await?;
        Ok(())
    }
}

/// An answer, or that there was none; what cannot be helped by another coordinator is an error.
fn answered<R>(
    answer: Result<R, ClientError>,
    code: impl Fn(&R) -> i16,
) -> Result<Result<R, Fault>, ClientError> {
    match answer {
        Ok(response) => {
            tracing::debug!(code = code(&response), "the coordinator answered");
            Ok(Ok(response))
        }
        Err(ClientError::Io { .. } | ClientError::Connect(_)) => Ok(Err(Fault::Broken)),
        // The coordinator is not among the brokers any more.
        Err(error) if error.code() == Some(ErrorCode::BrokerNotAvailable) => Ok(Err(Fault::Broken)),
        Err(error) => Err(error),
    }
}

fn fault_of(code: i16) -> Option<Fault> {
    let code = (code != 0).then(|| ErrorCode::from_code(code).unwrap_or(ErrorCode::UnknownServerError));
    code.map(Fault::Code)
}

fn joined(response: JoinGroupResponse) -> Joined {
    let leads = response.leader == response.member_id && !response.skip_assignment;
    let subscriber = |member: broker_protocol::messages::join_group_response::JoinGroupResponseMember| {
        consumer_protocol::read_subscriber(
            member.member_id.detached(),
            member.group_instance_id.map(|id| id.detached()),
            member.metadata,
        )
    };
    Joined {
        generation: response.generation_id,
        protocol: response.protocol_name.unwrap_or_default().detached(),
        members: response.members.into_iter().map(subscriber).collect(),
        leads,
    }
}

fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
