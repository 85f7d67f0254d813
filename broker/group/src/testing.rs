//! A coordinator for traces: records are replayed as they are written, replies leave at once.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::{String, ToString},
    sync::Arc,
    vec,
    vec::Vec,
};
use core::time::Duration;

use broker_coordinator::{Outcome, Replies, Shard};
use broker_protocol::{Str, messages::ConsumerProtocolSubscription, wire::Writer};
use broker_types::{
    GroupId, LeaderEpoch, Mono, Now, Offset, PartitionId, ProducerEpoch, ProducerId, ReplyId, Timestamp,
    TopicName,
};
use bytes::Bytes;

use crate::*;

mod topics;

pub(crate) use topics::Topics;

/// Coordinator, state, clock, and the replies that were not looked at.
pub(crate) struct Run {
    pub(crate) coordinator: GroupCoordinator,
    pub(crate) state: State,
    pub(crate) now: Now,
    pub(crate) answered: BTreeMap<u64, Response>,
    /// Everything that was written.
    pub(crate) log: Vec<GroupRecord>,
    /// What groups may want.
    pub(crate) topics: Arc<Topics>,
    next_reply: u64,
}

impl Run {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// The leader of an empty log, a million seconds after 1970.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::default();
        change(&mut settings);
        let topics = Arc::new(Topics::default());
        let lookup: Arc<dyn Metadata> = topics.clone();
        let mut run = Self {
            coordinator: GroupCoordinator::new(settings, lookup, [1, 2, 3, 4]),
            topics,
            state: State::default(),
            now: Now { mono: Mono::ZERO, wall: Timestamp::from_millis(1_000_000_000) },
            answered: BTreeMap::new(),
            log: Vec::new(),
            next_reply: 1,
        };
        run.coordinator.became_leader(run.now, &run.state);
        run
    }

    /// Asks; gives the reply's number and how many records were written.
    pub(crate) fn send(&mut self, request: Request) -> u64 {
        let reply = self.next_reply;
        self.next_reply += 1;
        let outcome = self.coordinator.handle(self.now, &self.state, ReplyId::new(reply), request);
        self.take(outcome);
        reply
    }

    /// Asks what is answered at once.
    pub(crate) fn ask(&mut self, request: Request) -> Response {
        let reply = self.send(request);
        self.answer(reply).expect("an answer at once")
    }

    /// The answer, if there is one.
    pub(crate) fn answer(&mut self, reply: u64) -> Option<Response> {
        self.answered.remove(&reply)
    }

    fn take(&mut self, outcome: Outcome<GroupRecord, Replies<Response>>) {
        for record in outcome.records {
            self.replay(record);
        }
        for (reply, response) in outcome.response {
            let before = self.answered.insert(reply.get(), response);
            assert_eq!(before, None, "reply {reply:?} is answered once");
        }
    }

    pub(crate) fn replay(&mut self, record: GroupRecord) {
        let offset = i64::try_from(self.log.len()).expect("a short log");
        GroupCoordinator::replay(&mut self.state, Offset::new(offset), &record);
        self.log.push(record);
    }

    /// Lets time pass from deadline to deadline until this is answered.
    pub(crate) fn wait(&mut self, reply: u64) {
        while !self.answered.contains_key(&reply) {
            let next = self.coordinator.next_deadline().expect("what is kept has a deadline");
            self.pass(next.since(self.now.mono));
        }
    }

    /// Lets time pass, with a tick whenever one is due.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now.mono.plus(time);
        while let Some(at) = self.coordinator.next_deadline().filter(|at| *at <= end) {
            self.advance(at.max(self.now.mono));
            let outcome = self.coordinator.tick(self.now, &self.state);
            self.take(outcome);
            let next = self.coordinator.next_deadline();
            assert!(next.is_none_or(|next| next > self.now.mono), "a tick does what is due");
        }
        self.advance(end);
    }

    /// One tick, when the next is due.
    pub(crate) fn tick_once(&mut self) {
        if let Some(at) = self.coordinator.next_deadline() {
            self.advance(at.max(self.now.mono));
            let outcome = self.coordinator.tick(self.now, &self.state);
            self.take(outcome);
        }
    }

    pub(crate) fn seconds(&mut self, seconds: u64) {
        self.pass(Duration::from_secs(seconds));
    }

    fn advance(&mut self, to: Mono) {
        self.now.wall = self.now.wall.plus(to.since(self.now.mono));
        self.now.mono = to;
    }

    /// Another coordinator takes over what is written; gives the replies that were kept.
    pub(crate) fn fail_over(&mut self) -> Vec<u64> {
        let kept = self.coordinator.resigned();
        let mut state = State::default();
        for (offset, record) in (0..).zip(&self.log) {
            GroupCoordinator::replay(&mut state, Offset::new(offset), record);
        }
        assert_eq!(state, self.state, "replay gives the live state");
        self.coordinator.became_leader(self.now, &self.state);
        kept.into_iter().map(ReplyId::get).collect()
    }

    /// What a group does, as a client is told.
    pub(crate) fn describe(&mut self, group: &str) -> GroupDescription {
        let Response::DescribeGroups(mut groups) =
            self.ask(Request::DescribeGroups(vec![GroupId::new(group)]))
        else {
            panic!("a description")
        };
        groups.remove(0).1.expect("a group")
    }

    pub(crate) fn state_of(&mut self, group: &str) -> GroupState {
        self.describe(group).state
    }

    pub(crate) fn joined(&mut self, reply: u64) -> Joined {
        match self.answer(reply) {
            Some(Response::JoinGroup(Ok(joined))) => joined,
            other => panic!("not joined: {other:?}"),
        }
    }

    pub(crate) fn refused(&mut self, reply: u64) -> JoinRefused {
        match self.answer(reply) {
            Some(Response::JoinGroup(Err(refused))) => refused,
            other => panic!("not refused: {other:?}"),
        }
    }

    pub(crate) fn synced(&mut self, reply: u64) -> Result<Bytes, GroupError> {
        match self.answer(reply) {
            Some(Response::SyncGroup(synced)) => synced.map(|synced| synced.assignment),
            other => panic!("not synced: {other:?}"),
        }
    }

    /// The id that a new dynamic member is given.
    pub(crate) fn given_id(&mut self, join: JoinGroup) -> MemberId {
        let reply = self.send(Request::JoinGroup(join));
        let refused = self.refused(reply);
        assert_eq!(refused.error, GroupError::MemberIdRequired);
        refused.member.expect("an id")
    }

    /// A stable group of dynamic members, the leader first.
    pub(crate) fn stable(&mut self, group: &str, members: usize) -> Vec<MemberId> {
        let ids: Vec<_> = (0..members).map(|_| self.given_id(join(group))).collect();
        let replies: Vec<_> =
            ids.iter().map(|id| self.send(Request::JoinGroup(join(group).again(id)))).collect();
        self.wait(replies[0]);
        let joined: Vec<_> = replies.into_iter().map(|reply| self.joined(reply)).collect();
        let leader = joined[0].leader.clone().expect("a leader");
        let generation = joined[0].generation;
        let assignments = ids.iter().map(|id| assignment(id, id.as_str())).collect();
        for id in &ids {
            let given = if *id == leader { Vec::clone(&assignments) } else { vec![] };
            self.send(Request::SyncGroup(sync(group, id, generation, given)));
        }
        self.answered.clear();
        let mut ids = ids;
        ids.sort_by_key(|id| *id != leader);
        ids
    }

    pub(crate) fn heartbeat(
        &mut self,
        group: &str,
        member: &MemberId,
        generation: i32,
    ) -> Result<(), GroupError> {
        let request = Heartbeat {
            group: GroupId::new(group),
            member: Some(member.clone()),
            instance: None,
            generation: Generation::from_wire(generation),
        };
        match self.ask(Request::Heartbeat(request)) {
            Response::Heartbeat(result) => result,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn leave(&mut self, group: &str, members: Vec<Leaving>) -> Vec<Result<(), GroupError>> {
        match self.ask(Request::LeaveGroup(LeaveGroup { group: GroupId::new(group), members })) {
            Response::LeaveGroup(Ok(left)) => left.into_iter().map(|left| left.result).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// Commits one offset of partition 0.
    pub(crate) fn commit(&mut self, commit: OffsetCommit) -> Result<(), GroupError> {
        match self.ask(Request::OffsetCommit(commit)) {
            Response::OffsetCommit(result) => {
                result.and_then(|topics| topics[0].partitions[0].result.clone())
            }
            other => panic!("{other:?}"),
        }
    }

    /// All that a group has committed: topic, partition, offset.
    pub(crate) fn offsets(&self, group: &str) -> Vec<(String, i32, i64)> {
        let all = self.state.offsets(group);
        all.map(|(topic, partition, it)| (topic.to_string(), partition.get(), it.offset)).collect()
    }

    /// How many records were written since a point of the log.
    pub(crate) fn written_since(&self, point: usize) -> &[GroupRecord] {
        &self.log[point..]
    }
}

/// A consumer with one protocol, subscribed to topic `t`; JoinGroup version 9.
pub(crate) fn join(group: &str) -> JoinGroup {
    JoinGroup {
        group: GroupId::new(group),
        member: None,
        instance: None,
        client: Client { id: Str::from("c"), host: Str::from("/127.0.0.1") },
        protocol_type: Str::from("consumer"),
        protocols: vec![protocol("range", &["t"])],
        session_timeout: Duration::from_secs(10),
        rebalance_timeout: Duration::from_secs(60),
        reason: None,
        dialect: JoinDialect::SkipsAssignment,
    }
}

impl JoinGroup {
    /// The same of a member with an id.
    pub(crate) fn again(mut self, member: &MemberId) -> Self {
        self.member = Some(member.clone());
        self
    }

    pub(crate) fn named(mut self, instance: &str) -> Self {
        self.instance = Some(self::instance(instance));
        self
    }

    pub(crate) fn change(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

pub(crate) fn instance(name: &str) -> InstanceId {
    InstanceId::new(Str::from(name))
}

/// A protocol with a subscription of version 3's form.
pub(crate) fn protocol(name: &str, topics: &[&str]) -> Protocol {
    let mut writer = Writer::new();
    writer.i16(3);
    let topics = topics.iter().map(|topic| Str::from(*topic)).collect();
    let subscription = ConsumerProtocolSubscription { topics, ..ConsumerProtocolSubscription::default() };
    broker_protocol::Message::encode(&subscription, &mut writer, 3).expect("a subscription");
    Protocol { name: Str::from(name), metadata: writer.finish().into_bytes() }
}

pub(crate) fn sync(
    group: &str,
    member: &MemberId,
    generation: Generation,
    assignments: Vec<MemberAssignment>,
) -> SyncGroup {
    SyncGroup {
        group: GroupId::new(group),
        member: Some(member.clone()),
        instance: None,
        generation: Some(generation),
        protocol_type: Some(Str::from("consumer")),
        protocol: Some(Str::from("range")),
        assignments,
    }
}

pub(crate) fn assignment(member: &MemberId, text: &str) -> MemberAssignment {
    MemberAssignment { member: member.clone(), assignment: Bytes::from(text.to_string()) }
}

pub(crate) fn leaving(member: &MemberId) -> Leaving {
    Leaving { member: Some(member.clone()), instance: None, reason: None }
}

/// A commit of a consumer that manages its partitions itself: partition 0 of topic `t`.
pub(crate) fn commit(group: &str, offset: i64) -> OffsetCommit {
    OffsetCommit {
        group: GroupId::new(group),
        member: None,
        instance: None,
        generation: None,
        retention: None,
        dialect: CommitDialect::Epochs,
        topics: vec![by_topic("t", vec![commit_partition(0, offset)])],
    }
}

impl OffsetCommit {
    pub(crate) fn of(mut self, member: &MemberId, generation: i32) -> Self {
        self.member = Some(member.clone());
        self.generation = Generation::from_wire(generation);
        self
    }

    pub(crate) fn change(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

pub(crate) fn commit_partition(partition: i32, offset: i64) -> CommitPartition {
    CommitPartition {
        partition: PartitionId::new(partition),
        offset,
        leader_epoch: Some(LeaderEpoch::new(1)),
        metadata: Str::EMPTY,
    }
}

pub(crate) fn by_topic<T>(topic: &str, partitions: Vec<T>) -> ByTopic<T> {
    ByTopic { topic: TopicName::new(topic), id: None, partitions }
}

pub(crate) fn producer(id: i64) -> Producer {
    Producer { id: ProducerId::new(id), epoch: ProducerEpoch::new(0) }
}

/// The ids, in order.
pub(crate) fn sorted(ids: &[MemberId]) -> Vec<MemberId> {
    ids.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect()
}
