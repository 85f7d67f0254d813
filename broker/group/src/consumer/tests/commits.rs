//! Who may commit to a KIP-848 group.

use super::*;

fn stale(text: &'static str) -> Result<(), GroupError> {
    Err(GroupError::StaleMemberEpoch(Str::from_static(text)))
}

#[test]
fn a_member_commits_in_its_epoch() {
    let mut run = Run::with_topic();
    let mut member = client("m", &["t"]);
    member.join(&mut run).expect("a member");
    assert_eq!(run.commit(commit("g", 5).of(&member.id, 2)), Ok(()));
    let newer = stale("Received member epoch 3 is newer than current member epoch 2.");
    assert_eq!(run.commit(commit("g", 6).of(&member.id, 3)), newer);
    let stranger = MemberId::new(Str::from("x"));
    assert!(matches!(run.commit(commit("g", 6).of(&stranger, 2)), Err(GroupError::UnknownConsumerMember(_))));
    assert!(matches!(run.commit(commit("g", 6)), Err(GroupError::UnknownConsumerMember(_))), "by hand");
    let old = commit("g", 6).of(&member.id, 2).change(|it| it.dialect = CommitDialect::Generations);
    assert!(matches!(run.commit(old), Err(GroupError::UnsupportedVersion(_))));
    member.leave(&mut run, -1).expect("left");
    assert_eq!(run.commit(commit("g", 7)), Ok(()), "an empty group takes them from anybody");
    assert!(run.commit(commit("g", 8).of(&member.id, 2)).is_err());
}

#[test]
fn an_older_epoch_commits_what_was_its_own_then() {
    let mut run = Run::with_topic();
    let (one, other) = half_and_half(&mut run, client("a", &["t"]));
    let (kept, lost) = (one.owned[0].partitions[0], other.owned[0].partitions[0]);
    let commit_of = |partition: PartitionId, epoch: i32, id: &MemberId| {
        commit("g", 5).of(id, epoch).change(|it| it.topics[0].partitions[0].partition = partition)
    };
    assert!(one.epoch > 2);
    assert_eq!(run.commit(commit_of(kept, 2, &one.id)), Ok(()), "it had it in epoch 2, and has it");
    let result = run.commit(commit_of(lost, 2, &one.id));
    assert!(matches!(result, Err(GroupError::StaleMemberEpoch(text)) if text.contains("is not assigned")));
    let result = run.commit(commit_of(lost, 2, &other.id));
    assert!(
        matches!(result, Err(GroupError::StaleMemberEpoch(text)) if text.contains("older than assignment epoch"))
    );
    assert_eq!(run.commit(commit_of(lost, other.epoch, &other.id)), Ok(()));
}

#[test]
fn a_transaction_is_told_of_generations_only() {
    let mut run = Run::with_topic();
    let mut member = client("m", &["t"]);
    member.join(&mut run).expect("a member");
    let transactional = |id: Option<&MemberId>, epoch: i32| TxnOffsetCommit {
        group: GroupId::new("g"),
        producer: producer(7),
        member: id.cloned(),
        instance: None,
        generation: Generation::from_wire(epoch),
        topics: vec![by_topic("t", vec![commit_partition(0, 9)])],
    };
    let mut ask = |request| match run.ask(Request::TxnOffsetCommit(request)) {
        Response::TxnOffsetCommit(result) => result.map(|_| ()),
        other => panic!("{other:?}"),
    };
    assert_eq!(ask(transactional(Some(&member.id), 2)), Ok(()));
    assert_eq!(ask(transactional(None, -1)), Ok(()));
    assert_eq!(ask(transactional(Some(&member.id), 3)), Err(GroupError::IllegalGeneration));
    assert_eq!(ask(transactional(Some(&member.id), 1)), Err(GroupError::IllegalGeneration));
}

#[test]
fn a_reader_that_says_who_it_is_must_be_who_it_says() {
    let mut run = Run::with_topic();
    let mut member = client("m", &["t"]);
    member.join(&mut run).expect("a member");
    let mut ask = |id: Option<&str>, epoch: i32| {
        let member = id.map(|id| MemberId::new(Str::from(id)));
        let (group, epoch) = (GroupId::new("g"), Generation::from_wire(epoch));
        let request = OffsetFetch { group, member, epoch, topics: None, require_stable: false };
        match run.ask(Request::OffsetFetch(request)) {
            Response::OffsetFetch(result) => result.map(|_| ()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(ask(None, -1), Ok(()));
    assert_eq!(ask(Some("m"), 2), Ok(()));
    let text = "The received member epoch 1 does not match the expected member epoch 2.";
    assert_eq!(ask(Some("m"), 1), stale(text));
    assert!(matches!(ask(Some("x"), 2), Err(GroupError::UnknownConsumerMember(_))));
}
