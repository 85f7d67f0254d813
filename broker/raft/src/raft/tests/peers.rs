//! Traces among three voters: one per message family.

use broker_types::ReplyId;

use super::*;
use crate::{
    Answer, Correlation, Destination, FetchRequest, Fetched, HeldBytes, Outcome, Refusal, SnapshotId,
    VoteRequest,
};

fn node(id: i32) -> VoterKey {
    VoterKey { id: BrokerId::new(id), ..key(7) }
}

fn three() -> Voters {
    let mut record = Voters::standalone(voter(7, 9090)).to_record();
    for id in [2, 3] {
        let mut other = record.voters[0].clone();
        other.voter_id = id;
        record.voters.push(other);
    }
    Voters::from_record(&record)
}

/// Node 1 of three, with a log of ten records of epoch 4, all durable.
struct Member {
    raft: Raft,
    at: Mono,
}

impl Member {
    fn new() -> Self {
        Self::with(epochs(4))
    }

    fn with(epochs: EpochHistory) -> Self {
        let mut voters = VoterHistory::default();
        voters.appended(Offset::new(1), three());
        let state = QuorumState { leader: None, epoch: LeaderEpoch::new(4), voted: None };
        let durable = Durable { state, voters, epochs, end: Offset::new(10), ..Durable::default() };
        let mut member = Self { raft: super::member(durable), at: Mono::from_micros(1) };
        member.step(Event::Start);
        member
    }

    fn step(&mut self, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        self.raft.step(Now { mono: self.at, ..Now::default() }, event, &mut actions);
        actions
    }

    /// As long as it takes until something is due, but at least so many milliseconds.
    fn later(&mut self, millis: u64) -> Vec<Action> {
        let until = self.at.plus(core::time::Duration::from_millis(millis));
        self.at = self.raft.next_deadline().map_or(until, |deadline| deadline.max(until));
        self.step(Event::Tick)
    }

    fn ask(&mut self, request: Request) -> Vec<Action> {
        self.step(Event::Received { reply: ReplyId::new(9), request })
    }

    /// Follows node 2 in epoch 5; its log is durable, its first fetch is on its way.
    fn following() -> (Self, Correlation) {
        Self::new().follows()
    }

    fn follows(mut self) -> (Self, Correlation) {
        let member = &mut self;
        member.ask(begin(5, 2));
        member.step(Event::StateWritten);
        let actions = member.step(Event::Flushed { upto: Offset::new(10) });
        let (correlation, _) = sent(&actions);
        (self, correlation)
    }

    fn answered(&mut self, correlation: Correlation, outcome: Outcome) -> Vec<Action> {
        let answer = Answer { epoch: self.raft.state().epoch, leader: self.raft.state().leader, outcome };
        self.step(Event::Answered { correlation, from: BrokerId::new(2), answer })
    }
}

/// The only request among the actions.
fn sent(actions: &[Action]) -> (Correlation, Request) {
    let mut requests = actions.iter().filter_map(|action| match action {
        Action::Peer(PeerAction::Send { correlation, to: Destination::Node(_), request }) => {
            Some((*correlation, request.clone()))
        }
        _ => None,
    });
    requests.next().unwrap_or_else(|| panic!("no request in {actions:?}"))
}

fn begin(epoch: i32, leader: i32) -> Request {
    let (epoch, leader) = (LeaderEpoch::new(epoch), BrokerId::new(leader));
    Request::BeginQuorumEpoch { epoch, leader, voter: node(1) }
}

fn vote(epoch: i32, candidate: i32, end: i64, is_pre_vote: bool) -> Request {
    Request::Vote(VoteRequest {
        epoch: LeaderEpoch::new(epoch),
        candidate: node(candidate),
        voter: Some(node(1)),
        last_epoch: LeaderEpoch::new(4),
        end: Offset::new(end),
        is_pre_vote,
    })
}

fn respond(epoch: i32, leader: Option<i32>, outcome: Outcome) -> Action {
    let answer = Answer { epoch: LeaderEpoch::new(epoch), leader: leader.map(BrokerId::new), outcome };
    Action::Peer(PeerAction::Respond { reply: ReplyId::new(9), answer })
}

fn write(epoch: i32, leader: Option<i32>, voted: Option<i32>) -> Action {
    Action::WriteState(QuorumState {
        leader: leader.map(BrokerId::new),
        epoch: LeaderEpoch::new(epoch),
        voted: voted.map(node),
    })
}

const GRANTED: Outcome = Outcome::Vote { is_granted: true };
const DENIED: Outcome = Outcome::Vote { is_granted: false };

/// Found where all nodes were killed at once: what a new leader sent began before the end of the log, and who leads was
/// not taken from it.
#[test]
fn a_leader_is_looked_for_from_the_end_of_a_durable_log() {
    let mut member = Member::new();
    assert_eq!(member.step(Event::Tick), [], "not durable yet");
    let (_, asked) = sent(&member.step(Event::Flushed { upto: Offset::new(10) }));
    assert!(
        matches!(asked, Request::Fetch(FetchRequest { offset, .. }) if offset == Offset::new(10)),
        "{asked:?}"
    );
}

#[test]
fn a_vote_is_told_after_it_is_durable_and_given_once() {
    let mut member = Member::new();
    assert_eq!(member.ask(vote(5, 2, 10, false)), [write(5, None, None)]);
    assert_eq!(member.step(Event::StateWritten), [write(5, None, Some(2))]);
    assert_eq!(member.step(Event::StateWritten)[..1], [respond(5, None, GRANTED)]);
    assert_eq!(member.ask(vote(5, 3, 99, false)), [respond(5, None, DENIED)]);
    assert_eq!(member.ask(vote(5, 2, 10, false)), [respond(5, None, GRANTED)], "asked again");
    assert_eq!(member.ask(vote(4, 3, 99, false)), [respond(5, None, Outcome::Refused(Refusal::FencedEpoch))]);
}

#[test]
fn who_has_less_gets_no_vote_and_who_means_another_directory_no_answer() {
    let mut member = Member::new();
    assert_eq!(member.ask(vote(4, 2, 9, true)), [respond(4, None, DENIED)]);
    assert_eq!(member.ask(vote(4, 2, 10, true)), [respond(4, None, GRANTED)], "a pre-vote binds nobody");
    assert_eq!(member.ask(vote(4, 3, 10, true)), [respond(4, None, GRANTED)]);
    let other = VoterKey { directory: DirectoryId::new(Uuid::from_bytes([8; 16])), ..node(1) };
    let Request::Vote(mut request) = vote(6, 2, 10, false) else { return };
    request.voter = Some(other);
    let refused = Outcome::Refused(Refusal::InvalidVoterKey);
    assert_eq!(member.ask(Request::Vote(request)), [respond(4, None, refused)], "nor is its epoch taken");
}

#[test]
fn an_election_asks_first_then_stands_then_leads() {
    let mut member = Member::new();
    let asks = member.later(2_000);
    let (correlation, request) = sent(&asks);
    let Request::Vote(pre) = request else { panic!("{request:?}") };
    assert!(pre.is_pre_vote && pre.epoch == LeaderEpoch::new(4));
    assert_eq!(member.raft.role(), Role::Prospective);
    let stands = member.answered(correlation, GRANTED);
    assert_eq!(stands, [write(5, None, Some(1))], "votes are asked for when its own is durable");
    let (correlation, request) = sent(&member.step(Event::StateWritten));
    let Request::Vote(real) = request else { panic!("{request:?}") };
    assert!(!real.is_pre_vote && real.epoch == LeaderEpoch::new(5));
    assert_eq!(member.answered(correlation, GRANTED), [write(5, Some(1), None)]);
    let begins = member.step(Event::StateWritten);
    let epoch = LeaderEpoch::new(5);
    assert_eq!(begins[0], Action::AppendLeaderChange { epoch });
    assert!(matches!(sent(&begins).1, Request::BeginQuorumEpoch { .. }));
}

#[test]
fn a_leader_commits_what_a_majority_has_durably() {
    let mut member = Member::new();
    let (correlation, _) = sent(&member.later(2_000));
    member.answered(correlation, GRANTED);
    let (correlation, _) = sent(&member.step(Event::StateWritten));
    member.answered(correlation, GRANTED);
    member.step(Event::StateWritten);
    let end = Offset::new(11);
    assert_eq!(member.step(Event::Appended { end }), [Action::Flush { upto: end }]);
    assert_eq!(member.step(Event::Flushed { upto: end }), []);
    assert_eq!(member.raft.high_watermark(), None, "what was committed before is not known yet");
    let fetch = |offset| {
        let replica = node(3);
        let (epoch, last_epoch) = (LeaderEpoch::new(5), LeaderEpoch::new(if offset > 10 { 5 } else { 4 }));
        Request::Fetch(FetchRequest {
            epoch,
            replica,
            offset: Offset::new(offset),
            last_epoch,
            high_watermark: None,
        })
    };
    let from = |from, high_watermark| Outcome::Records { from: Offset::new(from), upto: end, high_watermark };
    assert_eq!(member.ask(fetch(10)), [respond(5, Some(1), from(10, None))]);
    let epoch = LeaderEpoch::new(5);
    assert_eq!(
        member.ask(fetch(11)),
        [Action::Committed { upto: end }, Action::Elected { epoch, next: end }],
        "the fetch itself waits"
    );
    assert_eq!(member.raft.high_watermark(), Some(end));
    assert_eq!(member.later(500)[..1], [respond(5, Some(1), from(11, Some(end)))]);
    let parted = FetchRequest {
        epoch,
        replica: node(3),
        offset: Offset::new(15),
        last_epoch: LeaderEpoch::new(4),
        high_watermark: None,
    };
    let diverging = Outcome::Diverging { epoch: LeaderEpoch::new(4), end: Offset::new(10) };
    assert_eq!(member.ask(Request::Fetch(parted)), [respond(5, Some(1), diverging)]);
}

#[test]
fn a_follower_asks_on_when_what_came_is_durable() {
    let (mut member, correlation) = Member::following();
    assert_eq!(member.raft.high_watermark(), None);
    let bytes = HeldBytes(1);
    let end = Offset::new(12);
    let records = Fetched {
        bytes,
        end,
        epochs: vec![(LeaderEpoch::new(5), Offset::new(10))],
        voters: vec![],
        high_watermark: Some(Offset::new(11)),
    };
    let (epoch, leader) = (LeaderEpoch::new(5), BrokerId::new(2));
    let appends = member.step(Event::Fetched { correlation, epoch, leader, records });
    assert_eq!(appends, [Action::Peer(PeerAction::AppendFetched { bytes })]);
    assert_eq!(member.step(Event::Appended { end }), [Action::Flush { upto: end }]);
    let flushed = member.step(Event::Flushed { upto: end });
    assert_eq!(flushed[0], Action::Committed { upto: Offset::new(11) });
    assert_eq!(member.raft.high_watermark(), Some(Offset::new(11)));
    let Request::Fetch(next) = sent(&flushed).1 else { panic!("{flushed:?}") };
    assert_eq!((next.offset, next.last_epoch), (end, epoch));
}

#[test]
fn a_follower_cuts_what_the_leader_does_not_have() {
    let (mut member, correlation) = Member::following();
    let diverging = Outcome::Diverging { epoch: LeaderEpoch::new(4), end: Offset::new(6) };
    let to = Offset::new(6);
    assert_eq!(member.answered(correlation, diverging), [Action::Peer(PeerAction::Truncate { to })]);
    let Request::Fetch(next) = sent(&member.step(Event::Truncated)).1 else { panic!("no fetch") };
    assert_eq!(next.offset, to);
}

/// Found by the simulation of whole clusters (seed 8867): cut at 6, inside of a batch, the log would have been another
/// than the machine took it for.
#[test]
fn a_follower_without_the_leaders_epoch_cuts_where_its_own_later_ones_begin() {
    let mut history = epochs(2);
    history.assign(LeaderEpoch::new(4), Offset::new(8));
    let (mut member, correlation) = Member::with(history).follows();
    let diverging = Outcome::Diverging { epoch: LeaderEpoch::new(3), end: Offset::new(6) };
    let to = Offset::new(8);
    assert_eq!(member.answered(correlation, diverging), [Action::Peer(PeerAction::Truncate { to })]);
    let Request::Fetch(next) = sent(&member.step(Event::Truncated)).1 else { panic!("no fetch") };
    assert_eq!((next.offset, next.last_epoch), (to, LeaderEpoch::new(2)));
}

#[test]
fn a_follower_takes_a_snapshot_part_by_part() {
    let (mut member, correlation) = Member::following();
    let id = SnapshotId { end: Offset::new(40), epoch: LeaderEpoch::new(5) };
    let asks = member.answered(correlation, Outcome::Snapshot(id));
    let (correlation, request) = sent(&asks);
    assert!(matches!(request, Request::FetchSnapshot { position: 0, .. }));
    let bytes = HeldBytes(1);
    let chunk = |correlation, length| Event::SnapshotChunk { correlation, bytes, length, size: 15 };
    let writes = |position| [Action::Peer(PeerAction::WriteSnapshotChunk { id, position, bytes })];
    assert_eq!(member.step(chunk(correlation, 10)), writes(0));
    let (correlation, request) = sent(&member.step(Event::SnapshotChunkWritten));
    assert!(matches!(request, Request::FetchSnapshot { position: 10, .. }));
    assert_eq!(member.step(chunk(correlation, 5)), writes(10));
    let installs = [Action::Peer(PeerAction::InstallSnapshot { id })];
    assert_eq!(member.step(Event::SnapshotChunkWritten), installs);
    let Request::Fetch(next) = sent(&member.step(Event::SnapshotInstalled { voters: three() })).1 else {
        panic!("no fetch")
    };
    assert_eq!((next.offset, next.last_epoch, member.raft.committed()), (id.end, id.epoch, id.end));
}

#[test]
fn the_first_successor_of_a_leader_that_ends_asks_at_once() {
    let (mut member, _) = Member::following();
    let end = |successors| {
        let (epoch, leader) = (LeaderEpoch::new(5), BrokerId::new(2));
        Request::EndQuorumEpoch { epoch, leader, successors }
    };
    let actions = member.ask(end(vec![node(1), node(3)]));
    assert_eq!(actions[0], respond(5, Some(2), Outcome::EndQuorumEpoch));
    assert_eq!(member.raft.role(), Role::Prospective);
}

#[test]
fn of_two_leaders_in_an_epoch_the_second_is_refused() {
    let (mut member, _) = Member::following();
    let refused = Outcome::Refused(Refusal::InvalidRequest);
    assert_eq!(member.ask(begin(5, 3)), [respond(5, Some(2), refused)]);
    assert_eq!(member.ask(begin(5, 2)), [respond(5, Some(2), Outcome::BeginQuorumEpoch)]);
}

#[test]
fn an_election_that_nobody_answers_is_asked_for_again_at_once() {
    let mut member = Member::new();
    member.later(2_000);
    let (_, again) = sent(&member.later(4_000));
    assert!(matches!(again, Request::Vote(_)), "{again:?}");
}

/// Node 1 follows node 2, which answered, and its next fetch is on its way.
fn heard() -> (Member, Correlation) {
    let (mut member, correlation) = Member::following();
    let records = Fetched {
        bytes: HeldBytes(1),
        end: Offset::new(10),
        epochs: Vec::new(),
        voters: Vec::new(),
        high_watermark: Some(Offset::new(5)),
    };
    let (epoch, leader) = (LeaderEpoch::new(5), BrokerId::new(2));
    let actions = member.step(Event::Fetched { correlation, epoch, leader, records });
    let (correlation, _) = sent(&actions);
    (member, correlation)
}

#[test]
fn a_leader_that_does_not_listen_any_more_is_not_waited_for() {
    let (mut member, correlation) = heard();
    assert_eq!(member.ask(vote(5, 3, 10, true)), [respond(5, Some(2), DENIED)]);
    member.step(Event::Refused { correlation });
    // It would have an election now, and asks for one itself soon.
    assert_eq!(member.ask(vote(5, 3, 10, true)), [respond(5, Some(2), GRANTED)]);
    let refused_at = member.at;
    while member.raft.role() == Role::Follower {
        for action in member.later(0) {
            if let Action::Peer(PeerAction::Send { correlation, request: Request::Fetch(_), .. }) = action {
                member.step(Event::Refused { correlation });
            }
        }
    }
    assert_eq!(member.raft.role(), Role::Prospective);
    let waited = member.at.since(refused_at);
    assert!(waited <= core::time::Duration::from_millis(100), "{waited:?}");
    assert_eq!(
        member.raft.state().epoch,
        LeaderEpoch::new(5),
        "the epoch goes on until a majority wants another"
    );
}

#[test]
fn a_lost_connection_alone_ends_no_leadership() {
    let (mut member, correlation) = heard();
    member.step(Event::Failed { correlation });
    assert_eq!(member.ask(vote(5, 3, 10, true)), [respond(5, Some(2), DENIED)]);
    let (correlation, _) = sent(&member.later(0));
    // Another than the leader may refuse as it likes.
    member.step(Event::Refused { correlation: Correlation(correlation.0 + 100) });
    assert_eq!(member.ask(vote(5, 3, 10, true)), [respond(5, Some(2), DENIED)]);
}

/// It goes from asking for votes to following and back for as long as nobody votes for it.
#[test]
fn who_follows_a_leader_that_is_gone_does_not_hear_it() {
    let (mut member, correlation) = Member::following();
    assert!(!member.raft.hears_leader(), "it has not answered yet");
    let nothing = Fetched {
        bytes: HeldBytes(1),
        end: Offset::new(10),
        epochs: Vec::new(),
        voters: Vec::new(),
        high_watermark: Some(Offset::new(10)),
    };
    let (epoch, leader) = (LeaderEpoch::new(5), BrokerId::new(2));
    member.step(Event::Fetched { correlation, epoch, leader, records: nothing });
    assert!(member.raft.hears_leader());
    let mut roles = Vec::new();
    for _ in 0..20 {
        member.later(1);
        roles.push(member.raft.role());
        if roles.contains(&Role::Prospective) {
            assert!(!member.raft.hears_leader(), "{roles:?}");
        }
    }
    let asked = roles.iter().position(|role| *role == Role::Prospective).unwrap();
    assert!(roles[asked..].contains(&Role::Follower), "{roles:?}");
}
