//! Traces of what a follower asks of its leader for itself.

use super::*;
use crate::{Fetched, VoterRequest};

const LEADER: BrokerId = BrokerId::new(2);

fn leader() -> Voter {
    let one = voter(7, 9092);
    Voter { key: VoterKey { id: LEADER, ..one.key }, ..one }
}

/// Node 1, in directory 7 and at port 9090, follows node 2, whose log tells these voters.
struct Follower {
    raft: Raft,
    millis: u64,
}

impl Follower {
    fn among(voters: impl IntoIterator<Item = Voter>, joins: bool) -> Self {
        let mut history = VoterHistory::default();
        history.appended(Offset::new(3), voters.into_iter().collect());
        let state = QuorumState { leader: Some(LEADER), epoch: LeaderEpoch::new(1), voted: None };
        let end = Offset::new(3);
        let durable = Durable { state, voters: history, epochs: epochs(1), end, ..Durable::default() };
        Self { raft: member(durable).joining(joins), millis: 0 }
    }

    fn step(&mut self, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        let now = Now { mono: Mono::from_micros(self.millis * 1000), ..Now::default() };
        self.raft.step(now, event, &mut actions);
        actions
    }

    /// Everything that it asks within so many milliseconds, when the leader has nothing new for it and takes half a
    /// second to say so; other requests fail.
    fn asks(&mut self, millis: u64) -> Vec<Request> {
        let mut actions = self.step(Event::Start);
        actions.extend(self.step(Event::Flushed { upto: Offset::new(3) }));
        let mut asked = Vec::new();
        while self.millis < millis {
            let sent = actions.drain(..).find_map(|action| match action {
                Action::Peer(PeerAction::Send { correlation, request, .. }) => Some((correlation, request)),
                _ => None,
            });
            self.millis += 500;
            let Some((correlation, request)) = sent else {
                actions = self.step(Event::Tick);
                continue;
            };
            let is_fetch = matches!(request, Request::Fetch(_));
            asked.push(request);
            let records = Fetched {
                bytes: crate::HeldBytes(0),
                end: Offset::new(3),
                epochs: vec![],
                voters: vec![],
                high_watermark: None,
            };
            actions = self.step(if is_fetch {
                Event::Fetched { correlation, epoch: LeaderEpoch::new(1), leader: LEADER, records }
            } else {
                Event::Failed { correlation }
            });
        }
        asked
    }

    fn wishes(&mut self, millis: u64) -> Vec<VoterRequest> {
        let wish = |request| if let Request::Voters(wish) = request { Some(wish) } else { None };
        self.asks(millis).into_iter().filter_map(wish).collect()
    }
}

#[test]
fn a_voter_that_moved_has_its_address_changed_and_fetches_on() {
    let mut follower = Follower::among([leader(), voter(7, 9999)], false);
    let asked = follower.asks(6000);
    let update = VoterRequest::Update { epoch: LeaderEpoch::new(1), voter: voter(7, 9090) };
    let wishes: Vec<_> = asked.iter().filter(|request| matches!(request, Request::Voters(_))).collect();
    assert_eq!(
        wishes,
        [&Request::Voters(update.clone()), &Request::Voters(update)],
        "once per fetch timeout"
    );
    assert!(matches!(asked.last(), Some(Request::Fetch(_))), "{asked:?}");
}

#[test]
fn a_voter_that_is_told_rightly_and_an_observer_that_does_not_join_ask_for_nothing() {
    assert_eq!(Follower::among([leader(), voter(7, 9090)], true).wishes(6000), []);
    assert_eq!(Follower::among([leader()], false).wishes(6000), []);
}

#[test]
fn an_observer_that_joins_asks_for_a_vote() {
    let timeout = Timing::default().request_timeout;
    let add = VoterRequest::Add { voter: voter(7, 9090), timeout, ack_when_committed: false };
    assert_eq!(Follower::among([leader()], true).wishes(4000)[0], add);
}

#[test]
fn one_that_lost_its_directory_has_the_old_voter_removed_first() {
    let timeout = Timing::default().request_timeout;
    let remove = VoterRequest::Remove { voter: key(8), timeout };
    assert_eq!(Follower::among([leader(), voter(8, 9090)], true).wishes(4000)[0], remove);
}
