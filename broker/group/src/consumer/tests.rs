//! Traces of KIP-848 groups.

use alloc::{
    string::{String, ToString},
    vec,
    vec::Vec,
};
use core::time::Duration;

use broker_protocol::Str;
use broker_types::{GroupId, PartitionId, TopicName};

use crate::{testing::*, *};

mod assignment;
mod commits;
mod migration;
mod random;
mod replay;
mod static_members;
mod subscriptions;

/// A member as its client runs it: it gives up at once what it must, unless a test says otherwise.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) group: &'static str,
    pub(super) id: MemberId,
    pub(super) epoch: i32,
    pub(super) instance: Option<InstanceId>,
    pub(super) topics: Vec<&'static str>,
    pub(super) regex: Option<&'static str>,
    pub(super) owned: Vec<OwnedPartitions>,
}

pub(super) fn client(id: &str, topics: &[&'static str]) -> Client {
    Client {
        group: "g",
        id: MemberId::new(Str::from(id)),
        epoch: 0,
        instance: None,
        topics: topics.to_vec(),
        regex: None,
        owned: vec![],
    }
}

pub(super) fn reader(principal: &'static str) -> Reader {
    Reader { principal: Str::from_static(principal), address: core::net::IpAddr::from([127, 0, 0, 1]) }
}

impl Client {
    /// The first request of a life.
    pub(super) fn joins(&self) -> ConsumerHeartbeat {
        ConsumerHeartbeat {
            epoch: 0,
            instance: self.instance.clone(),
            rebalance_timeout: Some(Duration::from_secs(30)),
            topics: Some(self.topics.iter().map(|topic| TopicName::new(topic)).collect()),
            regex: self.regex.map(Str::from),
            owned: Some(vec![]),
            ..self.lives()
        }
    }

    /// One of the others: nothing changed.
    pub(super) fn lives(&self) -> ConsumerHeartbeat {
        ConsumerHeartbeat {
            group: GroupId::new(self.group),
            member: Some(self.id.clone()),
            epoch: self.epoch,
            instance: self.instance.clone(),
            rack: None,
            rebalance_timeout: None,
            topics: None,
            regex: None,
            assignor: None,
            owned: None,
            client: crate::Client { id: Str::from("c"), host: Str::from("/127.0.0.1") },
            reader: reader("insider"),
            draws_member_id: true,
        }
    }

    pub(super) fn join(&mut self, run: &mut Run) -> Result<(), GroupError> {
        let request = self.joins();
        self.owned.clear();
        self.hear(run, request)
    }

    /// One heartbeat that says what it owns.
    pub(super) fn beat(&mut self, run: &mut Run) -> Result<(), GroupError> {
        let request = ConsumerHeartbeat { owned: Some(self.owned.clone()), ..self.lives() };
        self.hear(run, request)
    }

    pub(super) fn hear(&mut self, run: &mut Run, request: ConsumerHeartbeat) -> Result<(), GroupError> {
        let told = run.consumer(request)?;
        self.epoch = told.epoch;
        if let Some(assignment) = told.assignment {
            self.owned = assignment;
        }
        Ok(())
    }

    pub(super) fn leave(&mut self, run: &mut Run, epoch: i32) -> Result<(), GroupError> {
        run.consumer(ConsumerHeartbeat { epoch, ..self.lives() }).map(|_| ())
    }

    /// What it owns: partitions of each topic, in order.
    pub(super) fn owns(&self, run: &Run) -> Vec<(String, Vec<i32>)> {
        let all = self.owned.iter().map(|owned| {
            let name = Metadata::name(&*run.topics, owned.topic).expect("a topic");
            (name.to_string(), owned.partitions.iter().map(|it| it.get()).collect())
        });
        all.collect()
    }

    pub(super) fn count(&self) -> usize {
        self.owned.iter().map(|owned| owned.partitions.len()).sum()
    }
}

impl Run {
    pub(super) fn consumer(&mut self, request: ConsumerHeartbeat) -> Result<ConsumerAssignment, GroupError> {
        match self.ask(Request::ConsumerHeartbeat(request)) {
            Response::ConsumerHeartbeat(result) => result,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn describe_consumers(&mut self, group: &str) -> Result<ConsumerGroupDescription, GroupError> {
        match self.ask(Request::DescribeConsumerGroups(vec![GroupId::new(group)])) {
            Response::DescribeConsumerGroups(mut groups) => groups.remove(0).1,
            other => panic!("{other:?}"),
        }
    }

    /// With a topic `t` of six partitions.
    pub(super) fn with_topic() -> Self {
        let run = Self::new();
        run.topics.put("t", 6);
        run
    }

    /// Everybody comes every second until nobody has anything to do.
    pub(super) fn settle(&mut self, clients: &mut [&mut Client]) {
        for _ in 0..20 {
            self.seconds(1);
            for client in clients.iter_mut() {
                client.beat(self).expect("a member");
            }
        }
    }
}

/// Two dynamic members; the second joins two seconds after the first, which has everything and does not know yet.
pub(super) fn one_and_another(run: &mut Run) -> (Client, Client) {
    with_another(run, client("a", &["t"]))
}

/// The same with a first member of the test's.
pub(super) fn with_another(run: &mut Run, mut one: Client) -> (Client, Client) {
    let mut other = client("b", &["t"]);
    one.join(run).expect("a member");
    run.seconds(2);
    other.join(run).expect("a member");
    (one, other)
}

/// The same, once each has its half.
pub(super) fn half_and_half(run: &mut Run, one: Client) -> (Client, Client) {
    let (mut one, mut other) = with_another(run, one);
    run.settle(&mut [&mut one, &mut other]);
    assert_eq!((one.count(), other.count()), (3, 3));
    (one, other)
}

pub(super) fn partition(number: i32) -> PartitionId {
    PartitionId::new(number)
}

#[test]
fn what_cannot_be_a_heartbeat_is_refused() {
    let mut run = Run::with_topic();
    let member = client("m", &["t"]);
    let invalid = |text| Err(GroupError::InvalidRequest(Str::from_static(text)));
    let mut ask = |change: fn(&mut ConsumerHeartbeat)| {
        let mut request = member.joins();
        change(&mut request);
        run.consumer(request).map(|_| ())
    };
    assert_eq!(ask(|it| it.member = None), invalid("MemberId can't be empty."));
    assert_eq!(ask(|it| it.group = GroupId::new("")), invalid("GroupId can't be empty."));
    assert_eq!(ask(|it| it.instance = Some(instance(""))), invalid("InstanceId can't be empty."));
    assert_eq!(ask(|it| it.rack = Some(Str::EMPTY)), invalid("RackId can't be empty."));
    let timeout = invalid("RebalanceTimeoutMs must be provided in first request.");
    assert_eq!(ask(|it| it.rebalance_timeout = None), timeout);
    let owned = invalid("TopicPartitions must be empty when (re-)joining.");
    assert_eq!(ask(|it| it.owned = None), owned);
    assert_eq!(
        ask(|it| it.topics = None),
        invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.")
    );
    assert_eq!(ask(|it| it.epoch = -2), invalid("InstanceId can't be null."));
    assert_eq!(ask(|it| it.epoch = -3), invalid("MemberEpoch is invalid."));
    let text = "ServerAssignor best is not supported. Supported assignors: uniform, range.";
    let unsupported = Err(GroupError::UnsupportedAssignor(Str::from_static(text)));
    assert_eq!(ask(|it| it.assignor = Some(Str::from("best"))), unsupported);
    let missing = Err(GroupError::GroupIdNotFound(Str::from_static("Consumer group g not found.")));
    assert_eq!(ask(|it| it.epoch = 1), missing);
    assert_eq!(run.log, []);
}

#[test]
fn one_member_gets_everything_at_once() {
    let mut run = Run::with_topic();
    let mut member = client("m", &["t"]);
    let told = run.consumer(member.joins()).expect("a member");
    assert_eq!((told.epoch, told.heartbeat_interval), (2, Duration::from_secs(5)));
    assert_eq!(told.assignment.as_ref().map(|it| it[0].partitions.len()), Some(6));
    member.epoch = told.epoch;
    let point = run.log.len();
    let told = run.consumer(member.lives()).expect("a member");
    assert_eq!((told.epoch, told.assignment), (2, None), "nothing new");
    assert_eq!(run.written_since(point), []);
    let described = run.describe_consumers("g").expect("a group");
    assert_eq!((described.state, described.epoch, described.assignment_epoch), (GroupState::Stable, 2, 2));
    assert_eq!(&*described.assignor, "uniform");
    assert_eq!(described.members[0].assignment, described.members[0].target);
    assert_eq!(described.members[0].assignment[0].0, TopicName::new("t"));
}

#[test]
fn an_old_client_is_given_an_id() {
    let mut run = Run::with_topic();
    let request = ConsumerHeartbeat { member: None, draws_member_id: false, ..client("", &["t"]).joins() };
    let told = run.consumer(request).expect("a member");
    assert_eq!(told.member.as_str().len(), 22, "{}", told.member);
}

#[test]
fn a_silent_member_is_removed_and_its_partitions_go_to_the_others() {
    let mut run = Run::with_topic();
    let (mut one, mut other) = (client("a", &["t"]), client("b", &["t"]));
    one.join(&mut run).expect("a member");
    other.join(&mut run).expect("a member");
    run.settle(&mut [&mut one, &mut other]);
    assert_eq!((one.count(), other.count()), (3, 3));
    for _ in 0..9 {
        run.seconds(5);
        one.beat(&mut run).expect("a member");
    }
    one.beat(&mut run).expect("a member");
    assert_eq!(one.count(), 6);
    let fenced = other.beat(&mut run);
    let text = "Member b is not a member of group g.";
    assert_eq!(fenced, Err(GroupError::UnknownConsumerMember(Str::from_static(text))));
    let reason = run.describe_consumers("g").expect("a group").rebalances.pop().expect("a reason");
    assert!(reason.reason.contains("session timeout"), "{reason:?}");
}

#[test]
fn a_group_may_have_times_of_its_own() {
    let mut run = Run::with_topic();
    let mut member = Client { group: "slow", ..client("m", &["t"]) };
    let told = run.consumer(member.joins()).expect("a member");
    assert_eq!(told.heartbeat_interval, Duration::from_secs(12));
    member.epoch = told.epoch;
    run.seconds(59);
    run.consumer(member.lives()).expect("still a member");
    run.seconds(60);
    assert!(run.consumer(member.lives()).is_err());
}

#[test]
fn a_member_is_heard_in_its_epoch_and_in_the_last_when_it_missed_an_answer() {
    let mut run = Run::with_topic();
    let (mut one, mut other) = (client("a", &["t"]), client("b", &["t"]));
    one.join(&mut run).expect("a member");
    let before = one.clone();
    other.join(&mut run).expect("a member");
    run.seconds(2);
    other.beat(&mut run).expect("a member");
    one.beat(&mut run).expect("gives up");
    one.beat(&mut run).expect("gave up");
    assert!(one.epoch > before.epoch);
    let ahead = ConsumerHeartbeat { epoch: one.epoch + 1, ..one.lives() };
    assert!(
        matches!(run.consumer(ahead), Err(GroupError::FencedMemberEpoch(text)) if text.contains("greater"))
    );
    let missed = ConsumerHeartbeat { epoch: before.epoch, owned: Some(one.owned.clone()), ..one.lives() };
    assert_eq!(run.consumer(missed).map(|told| told.epoch), Ok(one.epoch));
    for owned in [None, Some(before.owned)] {
        let late = ConsumerHeartbeat { epoch: before.epoch, owned, ..one.lives() };
        assert!(
            matches!(run.consumer(late), Err(GroupError::FencedMemberEpoch(text)) if text.contains("smaller"))
        );
    }
}

#[test]
fn a_full_group_takes_nobody() {
    let mut run = Run::with(|settings| settings.consumer_group_size_max = 1);
    let mut one = client("a", &["t"]);
    one.join(&mut run).expect("a member");
    let full = client("b", &["t"]).join(&mut run);
    let text = "The consumer group has reached its maximum capacity of 1 members.";
    assert_eq!(full, Err(GroupError::ConsumerGroupFull(Str::from_static(text))));
    one.beat(&mut run).expect("a member");
}

#[test]
fn a_group_without_members_is_of_whichever_type_comes() {
    let mut run = Run::with_topic();
    run.commit(commit("g", 5)).expect("committed");
    let mut member = client("m", &["t"]);
    member.join(&mut run).expect("a member");
    assert_eq!(run.offsets("g").len(), 1, "its offsets stay");
    run.given_id(join("g"));
    member.leave(&mut run, -1).expect("left");
    assert_eq!(run.describe_consumers("g").map(|it| it.state), Ok(GroupState::Empty));
    let id = run.given_id(join("g"));
    assert_eq!(run.state_of("g"), GroupState::Empty);
    let reply = run.send(Request::JoinGroup(join("g").again(&id)));
    run.wait(reply);
    run.joined(reply);
    run.fail_over();
    let text = "Group g is not a consumer group.";
    assert_eq!(
        run.describe_consumers("g").map(|it| it.state),
        Err(GroupError::GroupIdNotFound(Str::from_static(text)))
    );
}

#[test]
fn a_group_is_deleted_when_it_has_no_members() {
    let mut run = Run::with_topic();
    let mut member = client("m", &["t"]);
    member.regex = Some("t.*");
    member.join(&mut run).expect("a member");
    let delete = |run: &mut Run| match run.ask(Request::DeleteGroups(vec![GroupId::new("g")])) {
        Response::DeleteGroups(mut results) => results.remove(0).1,
        other => panic!("{other:?}"),
    };
    assert_eq!(delete(&mut run), Err(GroupError::NonEmptyGroup));
    member.leave(&mut run, -1).expect("left");
    assert_eq!(delete(&mut run), Ok(()));
    assert_eq!(run.state, State::default());
    assert_eq!(run.coordinator.next_deadline_of_groups(), None);
}
