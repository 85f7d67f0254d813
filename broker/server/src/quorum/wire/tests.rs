//! What one member says, another understands; what is not about the metadata, or from another cluster, is refused.

use broker_protocol::{ErrorCode, Message, wire::Reader, wire::Writer};
use broker_raft::{
    Answer, FetchRequest, Outcome, Refusal, Request, SnapshotId, VoteRequest, Voter, VoterEndpoint, VoterKey,
    VoterRequest,
};
use broker_types::{BrokerId, ClusterId, DirectoryId, LeaderEpoch, Offset, Uuid};
use bytes::Bytes;

use super::*;

fn id() -> ClusterId {
    ClusterId::new("4L6g3nShT-eMCtK--X86sw")
}

fn voter(id: i32) -> VoterKey {
    VoterKey { id: BrokerId::new(id), directory: DirectoryId::new(Uuid::from_bytes([7; 16])) }
}

fn endpoints() -> Vec<VoterEndpoint> {
    vec![VoterEndpoint { name: "CONTROLLER".into(), host: "one".into(), port: 9090 }]
}

fn reply(outcome: Outcome) -> Reply {
    Reply {
        answer: Answer { epoch: LeaderEpoch::new(4), leader: Some(BrokerId::new(1)), outcome },
        leader: Some(NodeAddress { node: BrokerId::new(1), host: "one".into(), port: 9090 }),
        bytes: Bytes::from_static(b"records"),
        snapshot_bytes: 700,
        log_start: Offset::new(3),
    }
}

/// Through the wire in its newest version.
fn sent<M: Message>(message: &M) -> M {
    let mut writer = Writer::new();
    let version = *M::VERSIONS.end();
    message.encode(&mut writer, version).unwrap();
    M::decode(&mut Reader::new(writer.finish().into_bytes()), version).unwrap()
}

fn vote() -> VoteRequest {
    VoteRequest {
        epoch: LeaderEpoch::new(5),
        candidate: voter(2),
        voter: Some(voter(1)),
        last_epoch: LeaderEpoch::new(4),
        end: Offset::new(77),
        is_pre_vote: true,
    }
}

#[test]
fn votes_are_asked_for_and_given() {
    let asked = sent(&vote::request(&id(), &vote()));
    assert_eq!(vote::read_request(&id(), &asked), Ok(vote()));
    for outcome in [
        Outcome::Vote { is_granted: true },
        Outcome::Vote { is_granted: false },
        Outcome::Refused(Refusal::FencedEpoch),
        Outcome::Refused(Refusal::InvalidVoterKey),
    ] {
        let reply = reply(outcome);
        let answered = sent(&vote::response(&reply));
        assert_eq!(vote::read_response(&answered), Ok(reply.answer));
        assert_eq!(answered.node_endpoints.len(), 1);
    }
}

#[test]
fn leaderships_begin_and_end() {
    let begin = (LeaderEpoch::new(5), BrokerId::new(1), voter(2));
    let asked = sent(&begin_epoch::request(&id(), begin, &endpoints()));
    let (read, at) = begin_epoch::read_request(&id(), (voter(2), "CONTROLLER"), &asked).unwrap();
    assert_eq!(read, Request::BeginQuorumEpoch { epoch: begin.0, leader: begin.1, voter: begin.2 });
    assert_eq!(at, reply(Outcome::BeginQuorumEpoch).leader);
    let answered = sent(&begin_epoch::response(&reply(Outcome::BeginQuorumEpoch)));
    assert_eq!(
        begin_epoch::read_response(&answered).map(|answer| answer.outcome),
        Ok(Outcome::BeginQuorumEpoch)
    );

    let successors = vec![voter(3), voter(2)];
    let asked = sent(&end_epoch::request(&id(), (begin.0, begin.1), &successors, &endpoints()));
    let read = end_epoch::read_request(&id(), voter(2), &asked).unwrap();
    assert_eq!(read, Request::EndQuorumEpoch { epoch: begin.0, leader: begin.1, successors });
    let refused = reply(Outcome::Refused(Refusal::InvalidRequest));
    let answered = sent(&end_epoch::response(&refused));
    assert_eq!(end_epoch::read_response(&answered), Ok(refused.answer));
}

#[test]
fn the_log_is_fetched() {
    let fetch = FetchRequest {
        epoch: LeaderEpoch::new(5),
        replica: voter(2),
        offset: Offset::new(9),
        last_epoch: LeaderEpoch::new(4),
        high_watermark: Some(Offset::new(8)),
    };
    let terms = fetch::Terms { max_wait_ms: 500, max_bytes: 1000 };
    let asked = sent(&fetch::request(&id(), terms, &fetch));
    let version = *broker_protocol::messages::FetchRequest::VERSIONS.end();
    assert_eq!(fetch::read_request(&id(), &asked, version), Ok((fetch, 1000)));

    let records = Outcome::Records {
        from: Offset::new(9),
        upto: Offset::new(12),
        high_watermark: Some(Offset::new(10)),
    };
    let answered = sent(&fetch::response(&reply(records)));
    let received = fetch::Received::Records {
        epoch: LeaderEpoch::new(4),
        leader: BrokerId::new(1),
        bytes: Bytes::from_static(b"records"),
        high_watermark: Some(Offset::new(10)),
    };
    assert_eq!(fetch::read_response(answered), Ok(received));
    let snapshot = SnapshotId { end: Offset::new(40), epoch: LeaderEpoch::new(2) };
    for outcome in [
        Outcome::Diverging { epoch: LeaderEpoch::new(3), end: Offset::new(6) },
        Outcome::Snapshot(snapshot),
        Outcome::Refused(Refusal::NotLeader),
        Outcome::Refused(Refusal::FencedEpoch),
        Outcome::Refused(Refusal::UnknownEpoch),
    ] {
        let reply = reply(outcome);
        let answered = sent(&fetch::response(&reply));
        assert_eq!(fetch::read_response(answered), Ok(fetch::Received::Other(reply.answer)));
    }
}

#[test]
fn snapshots_are_fetched() {
    let snapshot = SnapshotId { end: Offset::new(40), epoch: LeaderEpoch::new(2) };
    let asked = snapshot::request(&id(), 1000, (LeaderEpoch::new(5), voter(2)), (snapshot, 64));
    let (read, max_bytes) = snapshot::read_request(&id(), &sent(&asked)).unwrap();
    let part =
        Request::FetchSnapshot { epoch: LeaderEpoch::new(5), replica: voter(2), id: snapshot, position: 64 };
    assert_eq!((read, max_bytes), (part, 1000));
    let chunk = reply(Outcome::SnapshotChunk { id: snapshot, position: 64 });
    let received = snapshot::Received::Chunk { bytes: Bytes::from_static(b"records"), size: 700 };
    assert_eq!(snapshot::read_response(sent(&snapshot::response(&chunk))), Ok(received));
    let gone = reply(Outcome::Refused(Refusal::SnapshotNotFound));
    let answered = sent(&snapshot::response(&gone));
    assert_eq!(snapshot::read_response(answered), Ok(snapshot::Received::Other(gone.answer)));
}

#[test]
fn what_is_not_about_this_quorum_is_refused() {
    let other = ClusterId::new("AAAAAAAAAAAAAAAAAAAAAQ");
    let asked = vote::request(&other, &vote());
    assert_eq!(vote::read_request(&id(), &asked), Err(Unusable::OtherCluster));
    let mut elsewhere = vote::request(&id(), &vote());
    elsewhere.topics[0].topic_name = "mine".into();
    assert_eq!(vote::read_request(&id(), &elsewhere), Err(Unusable::Malformed));
    let mut twice = vote::request(&id(), &vote());
    twice.topics.push(twice.topics[0].clone());
    assert_eq!(vote::read_request(&id(), &twice), Err(Unusable::Malformed));
    let mut negative = vote::request(&id(), &vote());
    negative.topics[0].partitions[0].last_offset = -5;
    assert_eq!(vote::read_request(&id(), &negative), Err(Unusable::Malformed));
    let refused = vote::refused(ErrorCode::InconsistentClusterId);
    assert_eq!(vote::read_response(&refused), Err(Unusable::Refused(ErrorCode::InconsistentClusterId)));
}

fn whole(id: i32) -> Voter {
    Voter { key: voter(id), endpoints: endpoints(), kraft_versions: (0, 1) }
}

#[test]
fn voters_come_go_and_move() {
    let timeout = std::time::Duration::from_secs(2);
    let added = sent(&voters::add_request(&id(), &whole(2), timeout, false));
    assert_eq!((added.timeout_ms, added.ack_when_committed), (2000, false));
    assert_eq!(voters::read_add(&added), Some((voter(2), endpoints())));
    let removed = sent(&voters::remove_request(&id(), voter(2)));
    assert_eq!(voters::read_remove(&removed), Some(voter(2)));
    let epoch = LeaderEpoch::new(4);
    let moved = sent(&voters::update_request(&id(), epoch, &whole(2)));
    let update = VoterRequest::Update { epoch, voter: whole(2) };
    assert_eq!(voters::read_update(&id(), "CONTROLLER", &moved), Ok(update));
    let answered = voters::update_response(&reply(Outcome::Refused(Refusal::VoterNotFound)));
    assert_eq!(answered.error_code, ErrorCode::VoterNotFound.code());
    assert_eq!((answered.current_leader.leader_id, answered.current_leader.port), (1, 9090));
}

#[test]
fn voters_that_are_not_named_or_cannot_be_reached_are_refused() {
    let moved = voters::update_request(&id(), LeaderEpoch::new(4), &whole(2));
    let read = |request| voters::read_update(&id(), "CONTROLLER", &request);
    let elsewhere = broker_protocol::messages::UpdateRaftVoterRequest { listeners: vec![], ..moved.clone() };
    assert_eq!(read(elsewhere), Err(Unusable::Malformed));
    let nobody =
        broker_protocol::messages::UpdateRaftVoterRequest { voter_directory_id: Uuid::ZERO, ..moved.clone() };
    assert_eq!(read(nobody), Err(Unusable::Malformed));
    let other = ClusterId::new("AAAAAAAAAAAAAAAAAAAAAQ");
    assert_eq!(voters::read_update(&other, "CONTROLLER", &moved), Err(Unusable::OtherCluster));
}
