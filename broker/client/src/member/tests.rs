use super::*;

const INTERVAL: Duration = Duration::from_secs(3);

fn at(millis: u64) -> Mono {
    Mono::ZERO.plus(Duration::from_millis(millis))
}

fn topics(names: &[&str]) -> BTreeSet<TopicName> {
    names.iter().map(|name| TopicName::new(name)).collect()
}

fn partitions(ids: &[i32]) -> BTreeSet<TopicPartition> {
    ids.iter()
        .map(|id| TopicPartition::new(TopicName::new("t"), broker_types::PartitionId::new(*id)))
        .collect()
}

fn counts(count: i32) -> BTreeMap<TopicName, i32> {
    [(TopicName::new("t"), count)].into()
}

fn step(member: &mut Member, now: Mono, event: Event) -> Vec<Action> {
    let mut actions = Vec::new();
    member.step(now, event, &mut actions);
    actions
}

fn join(member: &'static str) -> Action {
    Action::Join { member: Str::from_static(member), topics: topics(&["t"]) }
}

fn identity(generation: i32) -> Identity {
    Identity { member: Str::from_static("m"), generation }
}

fn sync(generation: i32, assignments: Assignment) -> Action {
    Action::Sync { identity: identity(generation), protocol: Str::from_static("range"), assignments }
}

fn joined(generation: i32) -> Event {
    let joined =
        Joined { generation, protocol: Str::from_static("range"), members: Vec::new(), leads: false };
    Event::Joined { member: Str::from_static("m"), outcome: Ok(joined) }
}

fn not_joined(member: &'static str, code: ErrorCode) -> Event {
    Event::Joined { member: Str::from_static(member), outcome: Err(Fault::Code(code)) }
}

/// A member that follows, with these partitions in generation 1 since time 0.
fn stable(ids: &[i32], is_static: bool) -> Member {
    let mut member = Member::new(INTERVAL, is_static);
    step(&mut member, at(0), Event::Start(topics(&["t"])));
    step(&mut member, at(0), Event::Revoked);
    step(&mut member, at(0), joined(1));
    step(&mut member, at(0), Event::Synced(Ok(partitions(ids))));
    assert!(member.is_stable());
    member
}

#[test]
fn a_member_joins_with_the_id_that_it_is_given_and_takes_what_it_gets() {
    let mut member = Member::new(INTERVAL, false);
    assert_eq!(step(&mut member, at(0), Event::Start(topics(&["t"]))), [Action::Revoke(BTreeSet::new())]);
    assert_eq!(step(&mut member, at(0), Event::Revoked), [join("")]);
    assert_eq!(step(&mut member, at(0), not_joined("m", ErrorCode::MemberIdRequired)), [join("m")]);
    assert_eq!(member.identity(), None);
    assert_eq!(step(&mut member, at(1), joined(1)), [sync(1, Assignment::new())]);
    assert_eq!(
        step(&mut member, at(2), Event::Synced(Ok(partitions(&[0, 1])))),
        [Action::Take(partitions(&[0, 1]))]
    );
    assert_eq!(member.identity(), Some(identity(1)));
    assert_eq!(member.next_deadline(), Some(at(3002)));
    assert_eq!(step(&mut member, at(3001), Event::Time), []);
    assert_eq!(step(&mut member, at(3002), Event::Time), [Action::Beat(identity(1))]);
    assert_eq!((step(&mut member, at(9000), Event::Time), member.next_deadline()), (vec![], None));
    assert_eq!(step(&mut member, at(3010), Event::Beat(Ok(()))), []);
    assert_eq!(member.next_deadline(), Some(at(6010)));
}

#[test]
fn the_leader_assigns_and_sees_topics_that_grow() {
    let mut member = Member::new(INTERVAL, false);
    step(&mut member, at(0), Event::Start(topics(&["t"])));
    step(&mut member, at(0), Event::Revoked);
    let subscriber = |id: &'static str| Subscriber {
        member: Str::from_static(id),
        instance: None,
        topics: topics(&["t"]),
        owned: BTreeSet::new(),
        generation: -1,
    };
    let joined = Joined {
        generation: 2,
        protocol: Str::from_static("range"),
        members: vec![subscriber("m"), subscriber("n")],
        leads: true,
    };
    let event = Event::Joined { member: Str::from_static("m"), outcome: Ok(joined) };
    assert_eq!(step(&mut member, at(0), event), [Action::LookUp(topics(&["t"]))]);
    let shared = [("m", partitions(&[0, 1])), ("n", partitions(&[2]))];
    let shared = shared.map(|(member, all)| (Str::from_static(member), all)).into();
    assert_eq!(step(&mut member, at(0), Event::Partitions(counts(3))), [sync(2, shared)]);
    step(&mut member, at(0), Event::Synced(Ok(partitions(&[0, 1]))));
    assert_eq!(step(&mut member, at(5), Event::Topics(counts(3))), []);
    assert_eq!(step(&mut member, at(6), Event::Topics(counts(4))), [Action::Revoke(partitions(&[0, 1]))]);
    assert_eq!(step(&mut member, at(6), Event::Revoked), [join("m")]);
}

#[test]
fn a_follower_joins_again_only_for_other_topics() {
    let mut member = stable(&[0], false);
    assert_eq!(step(&mut member, at(5), Event::Topics(counts(9))), []);
    let more = counts(9).into_iter().chain([(TopicName::new("u"), 1)]).collect();
    assert_eq!(step(&mut member, at(6), Event::Topics(more)), [Action::Revoke(partitions(&[0]))]);
    let again = Action::Join { member: Str::from_static("m"), topics: topics(&["t", "u"]) };
    assert_eq!(step(&mut member, at(6), Event::Revoked), [again]);
}

#[test]
fn a_rebalance_takes_partitions_back_before_the_group_is_joined_again() {
    let mut member = stable(&[0, 1], false);
    step(&mut member, at(3000), Event::Time);
    let rebalance = Event::Beat(Err(Fault::Code(ErrorCode::RebalanceInProgress)));
    assert_eq!(step(&mut member, at(3001), rebalance), [Action::Revoke(partitions(&[0, 1]))]);
    assert_eq!(member.identity(), Some(identity(1)), "what was read can be committed");
    assert_eq!(step(&mut member, at(3001), Event::Revoked), [join("m")]);
    assert_eq!(member.identity(), None);
    let rebalance = Event::Synced(Err(Fault::Code(ErrorCode::RebalanceInProgress)));
    step(&mut member, at(3002), joined(2));
    assert_eq!(step(&mut member, at(3003), rebalance), [join("m")], "there is nothing to give up twice");
}

#[test]
fn a_member_that_is_forgotten_loses_what_it_had() {
    for (code, id) in [(ErrorCode::UnknownMemberId, ""), (ErrorCode::IllegalGeneration, "m")] {
        let mut member = stable(&[0], false);
        let fault = Event::Beat(Err(Fault::Code(code)));
        assert_eq!(step(&mut member, at(1), fault), [Action::Lose(partitions(&[0]))]);
        assert_eq!(member.identity(), None);
        assert_eq!(step(&mut member, at(1), Event::Revoked), [join(id)]);
    }
}

#[test]
fn a_coordinator_that_moved_is_looked_for_and_nothing_is_given_up() {
    for fault in [Fault::Broken, Fault::Code(ErrorCode::NotCoordinator)] {
        let mut member = stable(&[0], false);
        assert_eq!(step(&mut member, at(10), Event::Beat(Err(fault))), [Action::FindCoordinator]);
        assert_eq!((member.is_stable(), member.next_deadline()), (true, Some(at(110))));
        assert_eq!(step(&mut member, at(110), Event::Time), [Action::Beat(identity(1))]);
    }
    let mut member = Member::new(INTERVAL, false);
    step(&mut member, at(0), Event::Start(topics(&["t"])));
    step(&mut member, at(0), Event::Revoked);
    assert_eq!(step(&mut member, at(5), not_joined("", ErrorCode::CoordinatorLoadInProgress)), []);
    assert_eq!(member.next_deadline(), Some(at(105)));
    assert_eq!(step(&mut member, at(105), Event::Time), [join("")]);
}

#[test]
fn what_will_not_get_better_is_told_and_ends_it() {
    let mut member = stable(&[0], true);
    let fenced = Event::Beat(Err(Fault::Code(ErrorCode::FencedInstanceId)));
    assert_eq!(step(&mut member, at(1), fenced), [Action::Fail(ErrorCode::FencedInstanceId)]);
    assert_eq!(step(&mut member, at(2), Event::Time), []);
    assert_eq!(step(&mut member, at(2), Event::Leave), []);
}

#[test]
fn a_dynamic_member_leaves_and_a_static_one_keeps_its_place() {
    assert_eq!(step(&mut stable(&[0], false), at(1), Event::Leave), [Action::Leave(Str::from_static("m"))]);
    assert_eq!(step(&mut stable(&[0], true), at(1), Event::Leave), []);
    assert_eq!(step(&mut Member::new(INTERVAL, false), at(1), Event::Leave), []);
}

#[test]
fn answers_to_nothing_change_nothing() {
    let mut member = stable(&[0], false);
    for event in
        [Event::Revoked, joined(7), Event::Synced(Ok(partitions(&[5]))), Event::Partitions(counts(1))]
    {
        assert_eq!(step(&mut member, at(1), event), []);
    }
    assert_eq!(member.identity(), Some(identity(1)));
}
