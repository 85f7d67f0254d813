use alloc::{format, vec, vec::Vec};

use broker_types::{TopicId, Uuid};

use super::*;

fn asked(offset: i64) -> Asked {
    Asked {
        fetch_offset: offset,
        max_bytes: 100,
        leader_epoch: None,
        last_fetched_epoch: None,
        log_start_offset: -1,
        high_watermark: i64::MAX,
    }
}

fn seen() -> Seen {
    Seen { high_watermark: 10, log_start_offset: 0 }
}

/// An answer without news after [`seen`].
fn same() -> Answer {
    Answer {
        records_bytes: 0,
        high_watermark: 10,
        log_start_offset: 0,
        preferred_replica: false,
        diverging: false,
        error: false,
    }
}

fn header(session_id: i32, session_epoch: i32) -> Header {
    Header { session_id, session_epoch, follower: false, topic_ids: false }
}

fn at(seconds: u64) -> Mono {
    Mono::ZERO.plus(Duration::from_secs(seconds))
}

fn cache(slots: usize) -> FetchSessions {
    FetchSessions::new(Limits { slots, ..Limits::default() }, 1)
}

type Part<'a> = (&'a str, i32);

fn open_as(cache: &mut FetchSessions, now: Mono, follower: bool, parts: &[Part]) -> Option<i32> {
    let header = Header { follower, ..header(0, 0) };
    assert!(matches!(cache.begin(now, header, [], []), Ok(Context::New)));
    let answered = parts.iter().map(|(t, p)| (TopicRef::Name(t), PartitionId::new(*p), asked(0), seen()));
    cache.open(now, header, answered)
}

fn open(cache: &mut FetchSessions, parts: &[Part]) -> i32 {
    open_as(cache, at(0), false, parts).expect("room")
}

/// An incremental fetch at offset 5 of some partitions, forgetting others.
fn fetch(
    cache: &mut FetchSessions,
    id: i32,
    epoch: i32,
    parts: &[Part],
    forgotten: &[Part],
) -> Result<Context, SessionError> {
    let parts = parts.iter().map(|(t, p)| (TopicRef::Name(t), PartitionId::new(*p), asked(5)));
    let forgotten = forgotten.iter().map(|(t, p)| (TopicRef::Name(t), PartitionId::new(*p)));
    cache.begin(at(1), header(id, epoch), parts, forgotten)
}

fn incremental(context: Result<Context, SessionError>) -> Box<Session> {
    match context {
        Ok(Context::Incremental(session)) => session,
        other => panic!("{other:?}"),
    }
}

fn order(session: &Session) -> Vec<alloc::string::String> {
    let name = |entry: &Entry| match &entry.topic {
        TopicKey::Name(name) => format!("{name}-{}@{}", entry.partition, entry.asked.fetch_offset),
        TopicKey::Id(id) => format!("{id}-{}", entry.partition),
    };
    session.iter().map(|(_, entry)| name(entry)).collect()
}

fn slot(session: &Session, topic: &str, partition: i32) -> Slot {
    let is = |entry: &Entry| {
        entry.topic.as_ref() == TopicRef::Name(topic) && entry.partition == PartitionId::new(partition)
    };
    session.iter().find(|(_, entry)| is(entry)).expect("is there").0
}

#[test]
fn a_session_keeps_what_was_asked_and_takes_changes() {
    let mut cache = cache(10);
    let id = open(&mut cache, &[("b", 0), ("a", 1), ("a", 0)]);
    let session = incremental(fetch(&mut cache, id, 1, &[("a", 1), ("c", 0)], &[("b", 0), ("x", 9)]));
    assert_eq!(order(&session), ["a-1@5", "a-0@0", "c-0@5"]);
    assert_eq!((cache.len(), cache.partitions()), (1, 3));
    cache.finish(session);
    // A forgotten place is used again.
    let session = incremental(fetch(&mut cache, id, 2, &[("d", 0)], &[]));
    assert_eq!(order(&session), ["a-1@5", "a-0@0", "c-0@5", "d-0@5"]);
}

#[test]
fn only_news_is_answered() {
    let mut cache = cache(10);
    let id = open(&mut cache, &[("a", 0)]);
    let mut session = incremental(fetch(&mut cache, id, 1, &[], &[]));
    let a = slot(&session, "a", 0);
    assert!(!session.answered(a, &same()));
    let cases = [
        Answer { records_bytes: 1, ..same() },
        Answer { high_watermark: 11, ..same() },
        Answer { log_start_offset: 3, ..same() },
        Answer { preferred_replica: true, ..same() },
        Answer { diverging: true, ..same() },
        Answer { error: true, high_watermark: -1, ..same() },
    ];
    for answer in cases {
        assert!(session.answered(a, &answer), "{answer:?}");
    }
    // After an error the next answer is news, whatever it is; then no more.
    assert!(session.answered(a, &same()));
    assert!(!session.answered(a, &same()));
}

#[test]
fn a_partition_added_later_is_answered_at_first_in_any_case() {
    let mut cache = cache(10);
    let id = open(&mut cache, &[("a", 0)]);
    let mut session = incremental(fetch(&mut cache, id, 1, &[("b", 0)], &[]));
    let b = slot(&session, "b", 0);
    assert!(session.answered(b, &Answer { high_watermark: 0, ..same() }));
    assert!(!session.answered(b, &Answer { high_watermark: 0, ..same() }));
}

#[test]
fn a_partition_with_records_goes_to_the_end() {
    let mut cache = cache(10);
    let id = open(&mut cache, &[("a", 0), ("b", 0), ("c", 0)]);
    let mut session = incremental(fetch(&mut cache, id, 1, &[], &[]));
    let records = Answer { records_bytes: 1, ..same() };
    for (topic, expected) in [
        ("a", ["b-0@0", "c-0@0", "a-0@0"]),
        ("c", ["b-0@0", "a-0@0", "c-0@0"]),
        ("c", ["b-0@0", "a-0@0", "c-0@0"]),
    ] {
        let place = slot(&session, topic, 0);
        assert!(session.answered(place, &records));
        assert_eq!(order(&session), expected);
    }
    let b = slot(&session, "b", 0);
    assert!(session.answered(b, &Answer { high_watermark: 99, ..same() }));
    assert_eq!(order(&session), ["b-0@0", "a-0@0", "c-0@0"]);
}

#[test]
fn epochs_count_on_and_wrap_to_one() {
    let mut cache = cache(10);
    let id = open(&mut cache, &[("a", 0)]);
    for epoch in 1..5 {
        let session = incremental(fetch(&mut cache, id, epoch, &[], &[]));
        cache.finish(session);
    }
    assert_eq!(fetch(&mut cache, id, 4, &[], &[]).err(), Some(SessionError::InvalidEpoch));
    assert_eq!(fetch(&mut cache, id, 6, &[], &[]).err(), Some(SessionError::InvalidEpoch));
    assert!(fetch(&mut cache, id, 5, &[], &[]).is_ok());
    assert_eq!(next_epoch(i32::MAX), 1);
}

#[test]
fn a_session_that_is_being_served_or_never_came_back_has_no_valid_epoch() {
    let mut cache = cache(10);
    let id = open(&mut cache, &[("a", 0)]);
    let lost = incremental(fetch(&mut cache, id, 1, &[], &[]));
    assert_eq!(fetch(&mut cache, id, 2, &[], &[]).err(), Some(SessionError::InvalidEpoch));
    // The fetcher starts again; the lost one does not come back.
    assert!(matches!(fetch(&mut cache, id, 0, &[], &[]), Ok(Context::New)));
    assert!(cache.is_empty());
    cache.finish(lost);
    assert_eq!((cache.len(), cache.partitions()), (0, 0));
    assert_eq!(fetch(&mut cache, id, 2, &[], &[]).err(), Some(SessionError::NotFound(id)));
}

#[test]
fn a_session_ends_when_it_is_told_to_or_has_no_partitions_left() {
    let mut cache = cache(10);
    let id = open(&mut cache, &[("a", 0)]);
    assert!(matches!(fetch(&mut cache, id, -1, &[], &[]), Ok(Context::Sessionless)));
    assert!(cache.is_empty());
    let id = open(&mut cache, &[("a", 0)]);
    assert!(matches!(fetch(&mut cache, id, 1, &[], &[("a", 0)]), Ok(Context::Sessionless)));
    assert_eq!((cache.len(), cache.partitions()), (0, 0));
}

#[test]
fn names_and_ids_do_not_mix() {
    let mut cache = cache(10);
    let id = open(&mut cache, &[("a", 0)]);
    let by_id = Header { topic_ids: true, ..header(id, 1) };
    assert_eq!(cache.begin(at(1), by_id, [], []).err(), Some(SessionError::TopicIds));
    // The session is unharmed.
    assert!(fetch(&mut cache, id, 1, &[], &[]).is_ok());

    let topic = TopicRef::Id(TopicId::new(Uuid::from_bytes([7; 16])));
    let new = Header { topic_ids: true, ..header(0, 0) };
    let answered = [(topic, PartitionId::new(3), asked(0), seen())];
    let id = cache.open(at(1), new, answered.into_iter()).expect("room");
    let context = cache.begin(at(1), Header { topic_ids: true, ..header(id, 1) }, [], []);
    assert_eq!(order(&incremental(context)).len(), 1);
}

#[test]
fn error_codes_are_kafkas() {
    assert_eq!(SessionError::NotFound(1).code(), ErrorCode::FetchSessionIdNotFound);
    assert_eq!(SessionError::InvalidEpoch.code(), ErrorCode::InvalidFetchSessionEpoch);
    assert_eq!(SessionError::TopicIds.code(), ErrorCode::FetchSessionTopicIdError);
}

#[test]
fn a_full_cache_keeps_young_sessions_and_lets_idle_ones_go() {
    let mut cache = cache(2);
    let first = open_as(&mut cache, at(0), false, &[("a", 0)]).expect("room");
    let second = open_as(&mut cache, at(1), false, &[("a", 0)]).expect("room");
    assert_eq!(open_as(&mut cache, at(60), false, &[("a", 0), ("a", 1)]), None);
    // Used again, the first is not the idlest.
    let session = cache.begin(at(100), header(first, 1), [], []);
    cache.finish(incremental(session));
    assert!(open_as(&mut cache, at(122), false, &[("a", 0)]).is_some());
    assert_eq!(cache.evictions(), 1);
    assert!(cache.begin(at(122), header(first, 2), [], []).is_ok());
    assert_eq!(cache.begin(at(122), header(second, 1), [], []).err(), Some(SessionError::NotFound(second)));
}

#[test]
fn an_old_session_gives_way_to_a_larger_one() {
    let mut cache = cache(2);
    let small = open_as(&mut cache, at(0), false, &[("a", 0)]).expect("room");
    let large = open_as(&mut cache, at(0), false, &[("a", 0), ("a", 1), ("a", 2)]).expect("room");
    for (seconds, epoch) in [(100, 1), (200, 2)] {
        for id in [small, large] {
            let session = cache.begin(at(seconds), header(id, epoch), [], []);
            cache.finish(incremental(session));
        }
    }
    assert_eq!(open_as(&mut cache, at(201), false, &[("b", 0)]), None);
    assert!(open_as(&mut cache, at(201), false, &[("b", 0), ("b", 1)]).is_some());
    assert_eq!(cache.begin(at(201), header(small, 3), [], []).err(), Some(SessionError::NotFound(small)));
}

#[test]
fn a_broker_takes_the_place_of_a_young_consumer_but_not_of_a_broker() {
    let mut cache = cache(2);
    let consumer = open_as(&mut cache, at(0), false, &[("a", 0), ("a", 1)]).expect("room");
    open_as(&mut cache, at(0), true, &[("a", 0)]).expect("room");
    assert!(open_as(&mut cache, at(1), true, &[("a", 0)]).is_some());
    assert_eq!(cache.begin(at(1), header(consumer, 1), [], []).err(), Some(SessionError::NotFound(consumer)));
    assert_eq!(open_as(&mut cache, at(2), true, &[("a", 0), ("a", 1)]), None);
}

#[test]
fn partitions_are_limited_in_all() {
    let limits = Limits { slots: 10, partitions: 3, ..Limits::default() };
    let mut cache = FetchSessions::new(limits, 1);
    let id = open(&mut cache, &[("a", 0), ("a", 1)]);
    assert_eq!(open_as(&mut cache, at(0), false, &[("b", 0), ("b", 1)]), None);
    let session = incremental(fetch(&mut cache, id, 1, &[("a", 2)], &[]));
    cache.finish(session);
    // One more than fits: the session is over, and the fetcher goes on without one.
    assert_eq!(fetch(&mut cache, id, 2, &[("a", 3)], &[]).err(), Some(SessionError::NotFound(id)));
    assert_eq!((cache.len(), cache.partitions()), (0, 0));
}

#[test]
fn no_slots_is_no_sessions() {
    let mut cache = cache(0);
    assert!(matches!(cache.begin(at(0), header(0, 0), [], []), Ok(Context::Sessionless)));
}

#[test]
fn ids_are_random_and_positive() {
    let mut cache = cache(1_000);
    let mut ids: Vec<_> = (0..500).map(|_| open(&mut cache, &[("a", 0)])).collect();
    assert!(ids.iter().all(|id| *id > 0));
    assert!(ids.windows(2).any(|pair| pair[0] > pair[1]));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 500);
    assert_eq!(vec![cache.len()], vec![500]);
}
