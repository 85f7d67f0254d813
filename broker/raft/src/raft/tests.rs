//! Traces: events in, exact actions out; and what the opening batch says.

use alloc::{vec, vec::Vec};

use broker_protocol::{
    Message as _,
    records::control::{LeaderChangeMessage, VotersRecord},
    wire::Reader,
};
use broker_records::{ControlKey, ControlType, batches};
use broker_types::{DirectoryId, Timestamp, Uuid};
use bytes::Bytes;

use super::*;
use crate::{ReplicaStatus, voters::VoterEndpoint};

fn key(directory: u8) -> VoterKey {
    VoterKey { id: BrokerId::new(1), directory: DirectoryId::new(Uuid::from_bytes([directory; 16])) }
}

fn voter(directory: u8, port: u16) -> Voter {
    let endpoint = VoterEndpoint { name: "CONTROLLER".into(), host: "127.0.0.1".into(), port };
    Voter { key: key(directory), endpoints: vec![endpoint], kraft_versions: (0, 1) }
}

fn formatted() -> Durable {
    let voters = VoterHistory::bootstrap(Voters::standalone(voter(7, 9090)));
    Durable { voters, ..Durable::default() }
}

fn epochs(epoch: i32) -> EpochHistory {
    let mut epochs = EpochHistory::default();
    epochs.assign(LeaderEpoch::new(epoch), Offset::ZERO);
    epochs
}

fn member(durable: Durable) -> Raft {
    Raft::new(voter(7, 9090), durable, Timing::default(), 1)
}

fn step(raft: &mut Raft, event: Event) -> Vec<Action> {
    let mut actions = Vec::new();
    raft.step(Now::default(), event, &mut actions);
    actions
}

/// Up to where the opening batch is asked for.
fn won(durable: Durable) -> Raft {
    let mut raft = member(durable);
    for event in [Event::Start, Event::StateWritten, Event::StateWritten] {
        step(&mut raft, event);
    }
    raft
}

/// The kinds and the values of a control batch.
fn read(batch: &Bytes) -> Vec<(ControlType, Bytes)> {
    let mut records = Vec::new();
    for batch_view in batches(batch) {
        let view = batch_view.expect("a whole batch");
        assert!(view.crc_is_valid() && view.header.attributes.is_control());
        for record in view.records() {
            let record = record.expect("a whole record");
            let kind = ControlKey::parse(record.key.expect("a key")).expect("a control key");
            records
                .push((kind.control_type().expect("known"), batch.slice_ref(record.value.expect("a value"))));
        }
    }
    records
}

#[test]
fn the_only_voter_leads_after_its_vote_its_lead_and_its_opening_are_durable() {
    let state = QuorumState { leader: Some(BrokerId::new(1)), epoch: LeaderEpoch::new(4), voted: None };
    let mut raft = member(Durable { state, end: Offset::new(10), epochs: epochs(4), ..formatted() });
    let epoch = LeaderEpoch::new(5);
    let voted = QuorumState { leader: None, epoch, voted: Some(key(7)) };
    assert_eq!(step(&mut raft, Event::Start), [Action::WriteState(voted)]);
    assert_eq!(raft.status(Now::default()), None);
    let leads = QuorumState { leader: Some(BrokerId::new(1)), epoch, voted: None };
    assert_eq!(step(&mut raft, Event::StateWritten), [Action::WriteState(leads)]);
    assert_eq!(step(&mut raft, Event::StateWritten), [Action::AppendLeaderChange { epoch }]);
    let end = Offset::new(13);
    assert_eq!(step(&mut raft, Event::Appended { end }), [Action::Flush { upto: end }]);
    assert_eq!(
        step(&mut raft, Event::Flushed { upto: end }),
        [Action::Committed { upto: end }, Action::Elected { epoch, next: end }]
    );
}

#[test]
fn what_is_not_flushed_is_not_committed() {
    let mut raft = won(formatted());
    let end = Offset::new(3);
    step(&mut raft, Event::Appended { end });
    assert_eq!(
        step(&mut raft, Event::Flushed { upto: Offset::new(2) }),
        [],
        "the opening is not all flushed"
    );
    step(&mut raft, Event::Flushed { upto: end });
    step(&mut raft, Event::Appended { end: Offset::new(5) });
    let later = Offset::new(8);
    assert_eq!(step(&mut raft, Event::Appended { end: later }), [Action::Flush { upto: later }]);
    let upto = Offset::new(5);
    assert_eq!(step(&mut raft, Event::Flushed { upto }), [Action::Committed { upto }]);
    assert_eq!(step(&mut raft, Event::Flushed { upto }), []);
    assert_eq!((raft.committed(), raft.end()), (upto, later));
}

#[test]
fn an_emptied_volume_does_not_vote() {
    let other = VoterHistory::bootstrap(Voters::standalone(voter(8, 9090)));
    for voters in [VoterHistory::default(), other] {
        let mut raft = member(Durable { voters, ..Durable::default() });
        let asks = step(&mut raft, Event::Start);
        assert!(
            matches!(asks[..], [Action::Peer(PeerAction::Send { request: Request::Fetch(_), .. })]),
            "{asks:?}"
        );
        let much_later = Now { mono: Mono::from_micros(3_600_000_000), ..Now::default() };
        let mut actions = Vec::new();
        raft.step(much_later, Event::Tick, &mut actions);
        assert!(matches!(actions[..], [Action::Peer(PeerAction::Send { request: Request::Fetch(_), .. })]));
        assert_eq!(raft.role(), Role::Unattached);
        assert_eq!(raft.status(Now::default()), None);
    }
}

#[test]
fn a_lost_state_file_does_not_bring_an_old_epoch_back() {
    let mut raft = member(Durable { end: Offset::new(10), epochs: epochs(4), ..formatted() });
    let voted = QuorumState { leader: None, epoch: LeaderEpoch::new(5), voted: Some(key(7)) };
    assert_eq!(step(&mut raft, Event::Start), [Action::WriteState(voted)]);
}

#[test]
fn the_first_leadership_writes_version_and_voters_into_the_log_and_the_next_does_not() {
    let mut raft = won(formatted());
    let records = read(&raft.opening_batch(Offset::ZERO, Timestamp::default()).expect("small"));
    let kinds: Vec<_> = records.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [ControlType::LeaderChange, ControlType::KRaftVersion, ControlType::KRaftVoters]);
    let message = LeaderChangeMessage::decode(&mut Reader::new(records[0].1.clone()), 0).expect("version 0");
    assert_eq!((message.version, message.leader_id, message.voters.len()), (0, 1, 1));
    let record = VotersRecord::decode(&mut Reader::new(records[2].1.clone()), 0).expect("voters");
    assert_eq!(&Voters::from_record(&record), raft.voters());
    step(&mut raft, Event::Appended { end: Offset::new(3) });

    let voters = raft.voters.clone();
    let raft = won(Durable { voters, end: Offset::new(3), epochs: epochs(1), ..Durable::default() });
    let records = read(&raft.opening_batch(Offset::new(3), Timestamp::default()).expect("small"));
    assert_eq!(records.len(), 1);
}

#[test]
fn the_log_learns_where_the_leader_can_be_reached_now() {
    let mut voters = VoterHistory::default();
    voters.appended(Offset::new(3), Voters::standalone(voter(7, 1234)));
    let mut raft = won(Durable { voters, end: Offset::new(3), ..Durable::default() });
    assert_eq!(raft.voters(), &Voters::standalone(voter(7, 1234)), "not before it is appended");
    let records = read(&raft.opening_batch(Offset::new(3), Timestamp::default()).expect("small"));
    assert_eq!(records.len(), 3);
    step(&mut raft, Event::Appended { end: Offset::new(6) });
    assert_eq!(raft.voters(), &Voters::standalone(voter(7, 9090)));
    assert_eq!(raft.voters_before(Offset::new(5)), &Voters::standalone(voter(7, 1234)));
}

#[test]
fn only_the_leader_says_how_the_quorum_stands() {
    let mut raft = won(formatted());
    let end = Offset::new(3);
    step(&mut raft, Event::Appended { end });
    let now = Now { wall: Timestamp::from_millis(50), ..Now::default() };
    assert_eq!(raft.status(now).expect("leads").high_watermark, None, "its opening is not committed");
    step(&mut raft, Event::Flushed { upto: end });
    let status = raft.status(now).expect("leads");
    assert_eq!((status.epoch, status.high_watermark), (LeaderEpoch::new(1), Some(end)));
    let leader = ReplicaStatus {
        key: key(7),
        log_end: Some(end),
        last_fetch: Some(now.wall),
        last_caught_up: Some(now.wall),
    };
    assert_eq!((status.voters, status.observers), (vec![leader], vec![]));
}

mod joining;
mod peers;
mod voter_changes;
