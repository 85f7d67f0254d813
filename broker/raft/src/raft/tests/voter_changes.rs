//! Traces of voters that come, go and change.

use core::time::Duration;

use broker_types::ReplyId;

use super::*;
use crate::{Answer, Awaited, FetchRequest, Outcome, Refusal, VoterRequest};

fn other(id: i32) -> Voter {
    let one = voter(7, 9090);
    Voter { key: VoterKey { id: BrokerId::new(id), ..one.key }, ..one }
}

/// Node 1 leads alone in epoch 1; its opening, three records, is committed.
fn leading() -> Raft {
    let mut raft = won(formatted());
    step(&mut raft, Event::Appended { end: Offset::new(3) });
    step(&mut raft, Event::Flushed { upto: Offset::new(3) });
    raft
}

fn ask(raft: &mut Raft, request: VoterRequest) -> Vec<Action> {
    step(raft, Event::Received { reply: ReplyId::new(9), request: Request::Voters(request) })
}

fn fetch(raft: &mut Raft, id: i32, offset: i64) -> Vec<Action> {
    let request = Request::Fetch(FetchRequest {
        epoch: LeaderEpoch::new(1),
        replica: other(id).key,
        offset: Offset::new(offset),
        last_epoch: LeaderEpoch::new(1),
        high_watermark: None,
    });
    step(raft, Event::Received { reply: ReplyId::new(20), request })
}

fn at(raft: &mut Raft, seconds: u64) -> Vec<Action> {
    let mut actions = Vec::new();
    let now = Now { mono: Mono::from_micros(seconds * 1_000_000), ..Now::default() };
    raft.step(now, Event::Tick, &mut actions);
    actions
}

fn told(outcome: Outcome) -> Action {
    let answer = Answer { epoch: LeaderEpoch::new(1), leader: Some(BrokerId::new(1)), outcome };
    Action::Peer(PeerAction::Respond { reply: ReplyId::new(9), answer })
}

fn refused(refusal: Refusal) -> [Action; 1] {
    [told(Outcome::Refused(refusal))]
}

fn add(id: i32) -> VoterRequest {
    VoterRequest::Add { voter: other(id), timeout: Duration::from_secs(1), ack_when_committed: true }
}

fn remove(id: i32) -> VoterRequest {
    VoterRequest::Remove { voter: other(id).key, timeout: Duration::from_secs(1) }
}

const APPEND: Action = Action::Peer(PeerAction::AppendVoters { epoch: LeaderEpoch::new(1) });

/// Node 2 votes too; its record ends at 4 and is committed.
fn leading_two() -> Raft {
    let mut raft = leading();
    ask(&mut raft, add(2));
    fetch(&mut raft, 2, 3);
    step(&mut raft, Event::VotersAppended { end: Offset::new(4) });
    step(&mut raft, Event::Flushed { upto: Offset::new(4) });
    fetch(&mut raft, 2, 4);
    assert_eq!(raft.committed(), Offset::new(4));
    raft
}

#[test]
fn an_observer_votes_once_it_caught_up_and_the_new_majority_commits_it() {
    let mut raft = leading();
    assert_eq!(ask(&mut raft, add(2)), []);
    assert!(!fetch(&mut raft, 2, 0).contains(&APPEND), "it is behind");
    assert_eq!(fetch(&mut raft, 2, 3), [APPEND]);
    let batch = raft.voters_batch(Offset::new(3), Timestamp::default()).expect("small").expect("asked for");
    let records = read(&batch);
    let record = VotersRecord::decode(&mut Reader::new(records[0].1.clone()), 0).expect("voters");
    assert_eq!((records.len(), Voters::from_record(&record).len()), (1, 2));
    assert_eq!(raft.voters().len(), 1, "not before it is appended");
    let end = Offset::new(4);
    assert_eq!(step(&mut raft, Event::VotersAppended { end })[0], Action::Flush { upto: end });
    assert_eq!(raft.voters().len(), 2);
    assert_eq!(step(&mut raft, Event::Flushed { upto: end }), [], "the leader alone is no majority any more");
    assert_eq!(fetch(&mut raft, 2, 4)[..2], [Action::Committed { upto: end }, told(Outcome::VotersChanged)]);
}

#[test]
fn who_does_not_catch_up_in_time_does_not_vote() {
    let mut raft = leading();
    ask(&mut raft, add(2));
    assert_eq!(at(&mut raft, 2), refused(Refusal::TimedOut(Awaited::CatchUp)));
    assert_eq!(fetch(&mut raft, 2, 3), []);
    assert_eq!(raft.voters().len(), 1);
}

#[test]
fn only_one_change_is_under_way() {
    let mut raft = leading();
    ask(&mut raft, add(2));
    assert_eq!(ask(&mut raft, add(3)), refused(Refusal::TimedOut(Awaited::EarlierChange)));
    fetch(&mut raft, 2, 3);
    step(&mut raft, Event::VotersAppended { end: Offset::new(4) });
    at(&mut raft, 2);
    let open = Awaited::EarlierVoters { end: Offset::new(4), committed: Offset::new(3) };
    assert_eq!(ask(&mut raft, add(3)), refused(Refusal::TimedOut(open)), "given up, but not committed yet");
}

#[test]
fn nothing_changes_before_the_opening_is_committed() {
    let mut raft = won(formatted());
    step(&mut raft, Event::Appended { end: Offset::new(3) });
    assert_eq!(ask(&mut raft, add(2)), refused(Refusal::TimedOut(Awaited::Leadership)));
}

#[test]
fn what_cannot_be_is_refused() {
    let mut raft = leading();
    assert_eq!(ask(&mut raft, add(1)), refused(Refusal::DuplicateVoter));
    assert_eq!(ask(&mut raft, remove(2)), refused(Refusal::VoterNotFound));
    assert_eq!(ask(&mut raft, remove(1)), refused(Refusal::InvalidRequest), "the last one stays");
    let old = Voter { kraft_versions: (0, 0), ..other(2) };
    let timeout = Duration::from_secs(1);
    let request = VoterRequest::Add { voter: old, timeout, ack_when_committed: true };
    assert_eq!(ask(&mut raft, request), refused(Refusal::InvalidRequest), "it does not know voter records");
    let request = VoterRequest::Update { epoch: LeaderEpoch::ZERO, voter: other(1) };
    assert_eq!(ask(&mut raft, request), refused(Refusal::FencedEpoch));
    let request = VoterRequest::Update { epoch: LeaderEpoch::new(1), voter: other(2) };
    assert_eq!(ask(&mut raft, request), refused(Refusal::VoterNotFound));
}

#[test]
fn a_leader_that_removes_itself_leads_until_that_is_committed() {
    let mut raft = leading_two();
    assert_eq!(ask(&mut raft, remove(1)), [APPEND]);
    let end = Offset::new(5);
    step(&mut raft, Event::VotersAppended { end });
    step(&mut raft, Event::Flushed { upto: end });
    assert_eq!((raft.role(), raft.committed()), (Role::Leader, Offset::new(4)), "it does not count itself");
    let actions = fetch(&mut raft, 2, 5);
    assert_eq!(actions[..2], [Action::Committed { upto: end }, told(Outcome::VotersChanged)]);
    assert!(actions.contains(&Action::Resigned { epoch: LeaderEpoch::new(1) }));
    assert_eq!(raft.role(), Role::Resigned);
}

#[test]
fn a_voter_that_moved_is_answered_when_its_address_is_appended() {
    let mut raft = leading_two();
    let mut moved = other(2);
    moved.endpoints[0].port = 1234;
    let update = VoterRequest::Update { epoch: LeaderEpoch::new(1), voter: moved.clone() };
    assert_eq!(ask(&mut raft, update.clone()), [APPEND]);
    let actions = step(&mut raft, Event::VotersAppended { end: Offset::new(5) });
    assert!(actions.contains(&told(Outcome::VotersChanged)));
    assert_eq!(raft.voters().get(BrokerId::new(2)), Some(&moved));
    step(&mut raft, Event::Flushed { upto: Offset::new(5) });
    fetch(&mut raft, 2, 5);
    assert_eq!(ask(&mut raft, update), [told(Outcome::VotersChanged)], "nothing to append");
}

#[test]
fn a_leader_that_was_alone_must_hear_the_other_from_now_on() {
    let mut raft = leading_two();
    at(&mut raft, 2);
    assert_eq!(raft.role(), Role::Leader);
    at(&mut raft, 4);
    assert_eq!(raft.role(), Role::Resigned);
}

#[test]
fn who_was_removed_stands_again_while_that_is_not_committed() {
    let restarted = |directory| {
        let two = Voters::standalone(voter(7, 9090)).with(other(2));
        let mut voters = VoterHistory::default();
        voters.appended(Offset::new(3), two.clone());
        voters.appended(Offset::new(5), two.without(other(1).key).expect("one stays"));
        let durable = Durable { voters, epochs: epochs(1), end: Offset::new(9), ..Durable::default() };
        let mut raft = Raft::new(voter(directory, 9090), durable, Timing::default(), 1);
        step(&mut raft, Event::Start);
        at(&mut raft, 3);
        raft
    };
    let mut raft = restarted(7);
    assert_eq!(raft.role(), Role::Prospective, "it may have the longest log of all");
    at(&mut raft, 4);
    assert_ne!(raft.role(), Role::Candidate, "its own vote does not count");
    assert_eq!(restarted(8).role(), Role::Unattached, "another directory never voted");
}

#[test]
fn a_leader_outside_of_the_set_must_hear_the_only_voter() {
    let mut voters = VoterHistory::default();
    voters.appended(Offset::new(5), Voters::standalone(other(2)));
    let durable = Durable { voters, epochs: epochs(1), end: Offset::new(9), ..Durable::default() };
    let mut raft = Raft::new(voter(7, 9090), durable, Timing::default(), 1);
    step(&mut raft, Event::Start);
    raft.become_leader(Mono::ZERO, [BrokerId::new(2)].into());
    step(&mut raft, Event::StateWritten);
    at(&mut raft, 2);
    assert_eq!(raft.role(), Role::Leader);
    at(&mut raft, 4);
    assert_eq!(raft.role(), Role::Resigned);
}

#[test]
fn who_asks_for_itself_must_have_caught_up_before() {
    let mut raft = leading();
    let ask_itself =
        VoterRequest::Add { voter: other(2), timeout: Duration::from_secs(1), ack_when_committed: false };
    assert_eq!(ask(&mut raft, ask_itself.clone()), refused(Refusal::TimedOut(Awaited::CatchUp)));
    fetch(&mut raft, 2, 3);
    assert_eq!(ask(&mut raft, ask_itself), [APPEND]);
    let appended = step(&mut raft, Event::VotersAppended { end: Offset::new(4) });
    assert!(appended.contains(&told(Outcome::VotersChanged)), "before it is committed: {appended:?}");
}
