//! Traces: events in, exact actions out.

mod logs;
mod sessions;
mod simulation;
mod throttling;

use alloc::{vec, vec::Vec};
use core::time::Duration;

use broker_types::{LeaderEpoch, Mono, Now, Offset, PartitionId, Timestamp, TopicId, Uuid};

use super::*;

const BACKOFF: Duration = Duration::from_secs(1);

const SETTINGS: Settings = Settings {
    partition_bytes_max: 1 << 20,
    response_bytes_max: 10 << 20,
    bytes_min: 1,
    wait_max: Duration::from_millis(500),
    backoff: BACKOFF,
};

fn key(partition: i32) -> Key {
    Key { topic: TopicId::new(Uuid::from_bytes([7; 16])), partition: PartitionId::new(partition) }
}

fn epoch(raw: i32) -> LeaderEpoch {
    LeaderEpoch::new(raw)
}

fn at(offset: i64) -> Offset {
    Offset::new(offset)
}

/// A log from 0 to `end` whose last record is of epoch 4, committed to `high_watermark`.
fn log(end: i64, high_watermark: i64) -> LogState {
    LogState { start: at(0), end: at(end), last_epoch: Some(epoch(4)), high_watermark: at(high_watermark) }
}

fn told(high_watermark: i64, bytes: usize) -> Told {
    Told { high_watermark: at(high_watermark), log_start: at(0), diverging: None, bytes }
}

fn ok(partition: i32, told: Told) -> Answered {
    Answered { partition: key(partition), outcome: Ok(told) }
}

fn refused(partition: i32, failure: PartitionFailure) -> Answered {
    Answered { partition: key(partition), outcome: Err(failure) }
}

/// A follower of one leader in epoch 5.
struct Run {
    fetcher: Fetcher,
    now: Mono,
}

impl Run {
    fn new() -> Self {
        Self { fetcher: Fetcher::new(SETTINGS), now: Mono::from_micros(1_000_000) }
    }

    /// These partitions are followed, each with a log to 10, and asked for in a full fetch.
    fn following(partitions: &[i32]) -> Self {
        let mut run = Self::new();
        for partition in partitions {
            run.follow(*partition, 5, 10);
        }
        run
    }

    /// As [`Run::following`], and session 9 is open.
    fn in_session(partitions: &[i32]) -> Self {
        let mut run = Self::following(&partitions[..1]);
        run.answer(9, vec![]);
        for partition in &partitions[1..] {
            run.follow(*partition, 5, 10);
        }
        // What came while a request was under way goes with the next.
        run.answer(9, vec![]);
        run
    }

    fn step(&mut self, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        self.fetcher.step(Now { mono: self.now, wall: Timestamp::default() }, event, &mut actions);
        actions
    }

    fn follow(&mut self, partition: i32, leader: i32, end: i64) -> Vec<Action> {
        self.step(Event::Followed { partition: key(partition), epoch: epoch(leader), log: log(end, 10) })
    }

    fn answer(&mut self, session: i32, partitions: Vec<Answered>) -> Vec<Action> {
        self.step(Event::Answered(Answer { session, outcome: Ok(partitions) }))
    }

    fn refuse(&mut self, failure: FetchFailure) -> Vec<Action> {
        self.step(Event::Answered(Answer { session: 0, outcome: Err(failure) }))
    }

    fn written(&mut self, partition: i32, log: LogState) -> Vec<Action> {
        self.step(Event::Written { partition: key(partition), epoch: epoch(5), log })
    }

    fn later(&mut self, by: Duration) -> Vec<Action> {
        self.now = self.now.plus(by);
        self.step(Event::Tick)
    }
}

/// As [`request`], each partition also with what it knows to be committed.
fn requested(session: (i32, i32), partitions: &[(i32, i64, i64)], forgotten: &[i32]) -> Action {
    let with_end: Vec<_> = partitions.iter().map(|(partition, end, _)| (*partition, *end)).collect();
    let mut action = request(session, &with_end, forgotten);
    if let Action::SendFetch(request) = &mut action {
        for ((_, _, known), (_, _, high_watermark)) in request.partitions.iter_mut().zip(partitions) {
            *known = at(*high_watermark);
        }
    }
    action
}

/// A request; each partition with the end of its log, which is also what it knows to be committed unless less is.
fn request(session: (i32, i32), partitions: &[(i32, i64)], forgotten: &[i32]) -> Action {
    let asked = |(partition, end): &(i32, i64)| {
        let wanted =
            Wanted { epoch: epoch(5), offset: at(*end), last_epoch: Some(epoch(4)), log_start: at(0) };
        (key(*partition), wanted, at(10))
    };
    Action::SendFetch(Request {
        session_id: session.0,
        session_epoch: session.1,
        partitions: partitions.iter().map(asked).collect(),
        forgotten: forgotten.iter().map(|partition| key(*partition)).collect(),
    })
}

fn write(partition: i32, index: usize, told: Told) -> Action {
    Action::Write { partition: key(partition), epoch: epoch(5), index, told }
}
