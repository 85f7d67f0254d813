//! Groups that change their type while they have members.

use alloc::{string::ToString, vec};

use bytes::Bytes;

use super::{super::embedded, *};

/// A classic assignment of topic `t`.
fn assigned(id: &MemberId, partitions: &[i32]) -> MemberAssignment {
    let mut writer = broker_protocol::wire::Writer::new();
    writer.i16(3);
    let topic = broker_protocol::messages::consumer_protocol_assignment::TopicPartition {
        topic: Str::from("t"),
        partitions: partitions.to_vec(),
    };
    let value = broker_protocol::messages::ConsumerProtocolAssignment {
        assigned_partitions: vec![topic],
        user_data: None,
    };
    broker_protocol::Message::encode(&value, &mut writer, 3).expect("an assignment");
    MemberAssignment { member: id.clone(), assignment: writer.finish().into_bytes() }
}

/// What a classic member is told that it owns, of topic `t`.
fn told(assignment: Bytes) -> Vec<i32> {
    let assignment = embedded::assignment(assignment).expect("an assignment");
    let mut partitions: Vec<_> =
        assignment.assigned_partitions.into_iter().flat_map(|it| it.partitions).collect();
    partitions.sort_unstable();
    partitions
}

/// A stable classic group of two members that share topic `t`.
fn classic(run: &mut Run) -> Vec<MemberId> {
    let ids = run.stable("g", 2);
    let replies: Vec<_> = ids.iter().map(|id| run.send(Request::JoinGroup(join("g").again(id)))).collect();
    let generation = run.joined(replies[0]).generation;
    let given = vec![assigned(&ids[0], &[0, 1, 2]), assigned(&ids[1], &[3, 4, 5])];
    for id in &ids {
        run.send(Request::SyncGroup(sync("g", id, generation, given.clone())));
    }
    run.answered.clear();
    ids
}

/// A join of a classic member that owns these partitions still.
fn owning(id: &MemberId, partitions: &[i32]) -> JoinGroup {
    let mut writer = broker_protocol::wire::Writer::new();
    writer.i16(3);
    let owned = broker_protocol::messages::consumer_protocol_subscription::TopicPartition {
        topic: Str::from("t"),
        partitions: partitions.to_vec(),
    };
    let value = broker_protocol::messages::ConsumerProtocolSubscription {
        topics: vec![Str::from("t")],
        owned_partitions: vec![owned],
        ..broker_protocol::messages::ConsumerProtocolSubscription::default()
    };
    broker_protocol::Message::encode(&value, &mut writer, 3).expect("a subscription");
    let metadata = writer.finish().into_bytes();
    join("g").again(id).change(|it| it.protocols = vec![Protocol { name: Str::from("range"), metadata }])
}

fn sync_now(run: &mut Run, id: &MemberId, generation: Generation) -> Result<Vec<i32>, GroupError> {
    let reply = run.send(Request::SyncGroup(sync("g", id, generation, vec![])));
    run.synced(reply).map(told)
}

#[test]
fn a_classic_group_is_upgraded_by_the_first_of_the_others_and_its_members_go_on() {
    let mut run = Run::with_topic();
    let ids = classic(&mut run);
    let mut new = client("new", &["t"]);
    new.join(&mut run).expect("a member");
    let described = run.describe_consumers("g").expect("a consumer group");
    assert_eq!(described.members.iter().filter(|it| it.is_classic).count(), 2);
    assert_eq!((new.epoch, new.count()), (3, 0), "the others have everything");
    // The classic members hear of it, join again, and give up.
    assert_eq!(run.heartbeat("g", &ids[0], 2), Err(GroupError::RebalanceInProgress));
    let had = [vec![0, 1, 2], vec![3, 4, 5]];
    for (id, had) in ids.iter().zip(&had) {
        let reply = run.send(Request::JoinGroup(owning(id, had)));
        let joined = run.joined(reply);
        assert_eq!((joined.leader, joined.members.len()), (None, 0), "nobody assigns");
        let kept = sync_now(&mut run, id, joined.generation).expect("an assignment");
        assert_eq!((joined.generation, kept.len()), (Generation::new(2), 2));
        assert!(kept.iter().all(|partition| had.contains(partition)), "{kept:?} of {had:?}");
        assert_eq!(
            run.heartbeat("g", id, 2),
            Err(GroupError::RebalanceInProgress),
            "it must say that it did"
        );
        let reply = run.send(Request::JoinGroup(owning(id, &kept)));
        let joined = run.joined(reply);
        assert_eq!(joined.generation, Generation::new(3));
        assert_eq!(sync_now(&mut run, id, joined.generation), Ok(kept));
        assert_eq!(run.heartbeat("g", id, 3), Ok(()));
        assert_eq!(run.commit(commit("g", 4).of(id, 3)), Ok(()));
    }
    new.beat(&mut run).expect("a member");
    assert_eq!(new.count(), 2);
    assert_eq!(run.describe_consumers("g").map(|it| it.state), Ok(GroupState::Stable));
    run.fail_over();
    assert_eq!(run.heartbeat("g", &ids[1], 3), Ok(()));
}

#[test]
fn a_group_becomes_classic_when_the_last_of_the_others_leaves() {
    let mut run = Run::with_topic();
    let ids = classic(&mut run);
    let mut new = client("new", &["t"]);
    new.join(&mut run).expect("a member");
    new.leave(&mut run, -1).expect("left");
    let described = run.describe("g");
    assert_eq!((described.state, described.members.len()), (GroupState::PreparingRebalance, 2));
    let replies: Vec<_> = ids.iter().map(|id| run.send(Request::JoinGroup(join("g").again(id)))).collect();
    let joined = run.joined(replies[0]);
    assert!(joined.leader.is_some(), "a member assigns again");
    assert!(joined.generation > Generation::new(3));
    run.joined(replies[1]);
    run.fail_over();
    assert_eq!(run.state_of("g"), GroupState::PreparingRebalance, "what the other had belongs to nobody");
}

#[test]
fn a_group_that_became_classic_rebalances_under_the_next_coordinator_too() {
    let mut run = Run::with_topic();
    let ids = classic(&mut run);
    let mut new = client("new", &["t"]);
    new.join(&mut run).expect("a member");
    new.leave(&mut run, -1).expect("left");
    // Found by the simulation (seed 1469): the rebalance was forgotten, and nobody had the partitions of the one who left.
    run.fail_over();
    assert_eq!(run.heartbeat("g", &ids[0], 3), Err(GroupError::RebalanceInProgress));
    let replies: Vec<_> = ids.iter().map(|id| run.send(Request::JoinGroup(join("g").again(id)))).collect();
    let (leader, other) = (run.joined(replies[0]), run.joined(replies[1]));
    let given = vec![assigned(&ids[0], &[0, 1, 2]), assigned(&ids[1], &[3, 4, 5])];
    for (id, joined) in ids.iter().zip([&leader, &other]) {
        let given = if joined.leader.as_ref() == Some(id) { given.clone() } else { vec![] };
        run.send(Request::SyncGroup(sync("g", id, joined.generation, given)));
    }
    run.fail_over();
    assert_eq!(run.state_of("g"), GroupState::Stable, "once is enough");
}

#[test]
fn a_silent_member_of_the_others_makes_it_classic_too() {
    let mut run = Run::with_topic();
    let ids = classic(&mut run);
    client("new", &["t"]).join(&mut run).expect("a member");
    for _ in 0..9 {
        run.seconds(5);
        for id in &ids {
            let _ = run.heartbeat("g", id, 2);
        }
        let replies: Vec<_> = ids.iter().map(|id| run.send(Request::JoinGroup(owning(id, &[])))).collect();
        for (id, reply) in ids.iter().zip(replies) {
            if let Some(Response::JoinGroup(Ok(joined))) = run.answer(reply) {
                let reply = run.send(Request::SyncGroup(sync("g", id, joined.generation, vec![])));
                run.answer(reply);
            }
        }
    }
    assert_eq!(run.describe("g").members.len(), 2);
}

#[test]
fn who_waits_in_a_group_that_is_upgraded_is_sent_back_to_join() {
    let mut run = Run::with_topic();
    let ids = run.stable("g", 2);
    let waits = run.send(Request::JoinGroup(join("g").again(&ids[0])));
    // Its assignments are not those of consumers: the group stays what it is.
    let refused = client("new", &["t"]).join(&mut run);
    assert!(matches!(refused, Err(GroupError::GroupIdNotFound(text)) if text.contains("malformed")));
    assert_eq!(run.answer(waits), None);
    let mut run = Run::with_topic();
    let ids = classic(&mut run);
    let waits = run.send(Request::JoinGroup(join("g").again(&ids[0])));
    client("new", &["t"]).join(&mut run).expect("a member");
    assert_eq!(run.refused(waits).error, GroupError::RebalanceInProgress);
}

#[test]
fn the_policy_says_which_way() {
    let with = |policy| {
        let run = Run::with(|settings| settings.migration = policy);
        run.topics.put("t", 6);
        run
    };
    let mut run = with(MigrationPolicy::Downgrade);
    classic(&mut run);
    let text = "Cannot upgrade classic group g to consumer group because online upgrade is disabled.";
    let refused = client("new", &["t"]).join(&mut run);
    assert_eq!(refused, Err(GroupError::GroupIdNotFound(Str::from_static(text))));
    assert_eq!(run.state_of("g"), GroupState::Stable);
    let mut run = with(MigrationPolicy::Disabled);
    client("new", &["t"]).join(&mut run).expect("a member");
    let reply = run.send(Request::JoinGroup(join("g")));
    assert_eq!(run.refused(reply).error, GroupError::InconsistentProtocol);
    let mut run = with(MigrationPolicy::Upgrade);
    classic(&mut run);
    let mut new = client("new", &["t"]);
    new.join(&mut run).expect("a member");
    new.leave(&mut run, -1).expect("left");
    assert_eq!(run.describe_consumers("g").map(|it| it.members.len()), Ok(2), "it does not go back");
}

#[test]
fn a_classic_member_joins_a_group_of_the_others() {
    let mut run = Run::with_topic();
    let mut first = client("first", &["t"]);
    first.join(&mut run).expect("a member");
    run.seconds(2);
    let id = run.given_id(join("g"));
    let reply = run.send(Request::JoinGroup(join("g").again(&id)));
    let joined = run.joined(reply);
    assert_eq!(sync_now(&mut run, &id, joined.generation), Ok(vec![]), "nothing is free");
    assert_eq!(run.heartbeat("g", &id, joined.generation.get()), Ok(()));
    first.beat(&mut run).expect("gives up");
    first.beat(&mut run).expect("gave up");
    assert_eq!(first.count(), 3);
    let generation = joined.generation.get();
    assert_eq!(run.heartbeat("g", &id, generation), Err(GroupError::RebalanceInProgress), "now there is");
    let reply = run.send(Request::JoinGroup(join("g").again(&id)));
    let joined = run.joined(reply);
    assert_eq!(sync_now(&mut run, &id, joined.generation).map(|it| it.len()), Ok(3));
    // What does not fit is refused as in a classic group.
    assert_eq!(run.heartbeat("g", &id, 77), Err(GroupError::IllegalGeneration));
    assert_eq!(run.heartbeat("g", &first.id, first.epoch), Err(GroupError::UnknownMember));
    assert_eq!(sync_now(&mut run, &id, Generation::new(77)), Err(GroupError::IllegalGeneration));
    let connect = join("g").change(|it| it.protocol_type = Str::from("connect"));
    let reply = run.send(Request::JoinGroup(connect));
    assert_eq!(run.refused(reply).error, GroupError::InconsistentProtocol);
    let unreadable =
        join("g").again(&id).change(|it| it.protocols[0].metadata = bytes::Bytes::from_static(b"what"));
    let reply = run.send(Request::JoinGroup(unreadable));
    assert_eq!(run.refused(reply), JoinRefused { error: GroupError::MalformedSubscription, member: None });
    let other = MemberId::new(Str::from("x"));
    assert_eq!(
        run.leave("g", vec![leaving(&other), leaving(&id), leaving(&id)])
            .iter()
            .filter(|it| it.is_ok())
            .count(),
        1
    );
    run.settle(&mut [&mut first]);
    assert_eq!(first.count(), 6);
    assert_eq!(first.owns(&run)[0].0, "t".to_string());
}

#[test]
fn a_classic_member_that_does_not_come_for_its_assignment_is_removed() {
    let mut run = Run::with_topic();
    let mut first = client("first", &["t"]);
    first.join(&mut run).expect("a member");
    let id = run.given_id(join("g"));
    let long = join("g").again(&id).change(|it| it.session_timeout = Duration::from_secs(600));
    let reply = run.send(Request::JoinGroup(long));
    run.joined(reply);
    for _ in 0..12 {
        run.seconds(5);
        first.beat(&mut run).expect("a member");
    }
    assert_eq!(run.describe_consumers("g").map(|it| it.members.len()), Ok(1));
}

/// Seed 13771 of the simulation of coordinators: what was free by then was nobody's.
#[test]
fn a_group_that_becomes_classic_before_all_have_their_partitions_rebalances() {
    let mut run = Run::with_topic();
    let mut first = Client { instance: Some(instance("i")), ..client("first", &["t"]) };
    first.join(&mut run).expect("a member");
    run.seconds(2);
    let id = run.given_id(join("g"));
    let reply = run.send(Request::JoinGroup(join("g").again(&id)));
    let generation = run.joined(reply).generation;
    assert_eq!(sync_now(&mut run, &id, generation), Ok(vec![]), "nothing is free");
    // The one that has everything comes back as a classic member, and the group is classic from now on.
    let back = join("g").change(|it| it.instance = Some(instance("i")));
    let reply = run.send(Request::JoinGroup(back));
    run.joined(reply);
    assert_eq!(run.state_of("g"), GroupState::PreparingRebalance);
    assert_eq!(run.heartbeat("g", &id, generation.get()), Err(GroupError::RebalanceInProgress));
}
