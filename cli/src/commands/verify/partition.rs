//! One partition: its replicas read side by side, from the first offset that all have to the last that all know to be
//! committed.

use anyhow::Result;
use broker_client::{
    Client, ClientError,
    admin::{
        offsets::OffsetSpec,
        replicas::ReplicaPiece,
        topics::{Partition, Topic},
    },
};
use broker_protocol::ErrorCode;
use broker_types::{BrokerId, Offset};
use serde::Serialize;

use super::pieces::{Batch, Policy, difference, read};

/// How much of each replica is held at a time. A batch that is larger comes whole.
const PIECE_BYTES: i32 = 1024 * 1024;

/// What was found.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checked {
    pub(super) topic: String,
    pub(super) partition: i32,
    pub(super) replicas: Vec<i32>,
    /// The first offset that was compared.
    pub(super) compared_from: i64,
    /// The first offset that was not compared any more.
    pub(super) compared_to: i64,
    /// How far the slowest replica's high watermark is behind the leader's.
    pub(super) lag_max: i64,
    /// What is wrong, by replica.
    pub(super) problems: Vec<String>,
}

impl Checked {
    pub(super) fn is_worth_telling(&self) -> bool {
        self.lag_max > 0 || !self.problems.is_empty()
    }
}

/// A replica that is read.
struct Reading {
    id: BrokerId,
    high_watermark: i64,
    batches: Vec<Batch>,
}

/// The partition, and who of it can still be read.
struct Check<'a> {
    client: &'a mut Client,
    topic: &'a Topic,
    partition: &'a Partition,
    policy: Policy,
    readings: Vec<Reading>,
    checked: Checked,
}

/// Compares the replicas of a partition.
///
/// # Errors
/// None of a single replica: these are among the problems.
pub(super) async fn check(
    client: &mut Client,
    topic: &Topic,
    partition: &Partition,
    is_compacted: bool,
) -> Result<Checked> {
    // The leader first: the others are compared with it.
    let leader = partition.leader.into_iter();
    let others = partition.replicas.iter().copied().filter(|id| Some(*id) != partition.leader);
    let reading = |id| Reading { id, high_watermark: 0, batches: Vec::new() };
    let checked = Checked {
        topic: topic.name.clone(),
        partition: partition.id.get(),
        replicas: partition.replicas.iter().map(|id| id.get()).collect(),
        ..Checked::default()
    };
    let policy = if is_compacted { Policy::Compacted } else { Policy::Kept };
    let readings = leader.chain(others).map(reading).collect();
    let mut check = Check { client, topic, partition, policy, readings, checked };
    match check.start().await {
        Ok(start) => check.run(start).await,
        Err(error) => check.checked.problems.push(format!("its beginning is not known: {error}")),
    }
    Ok(check.checked)
}

impl Check<'_> {
    /// The first offset that the leader has; without a leader the first replica's.
    async fn start(&mut self) -> Result<Offset, ClientError> {
        if self.partition.leader.is_some() {
            let start = self.client.offset(&self.topic.name, self.partition.id, OffsetSpec::Earliest).await?;
            return Ok(start.unwrap_or(Offset::ZERO));
        }
        let first = self.readings.first().map(|reading| reading.id);
        match first {
            Some(id) => self.client.replica_start(id, &self.topic.name, self.partition.id).await,
            None => Ok(Offset::ZERO),
        }
    }

    /// Reads all replicas from `start` on until one of them has nothing more.
    async fn run(&mut self, start: Offset) {
        let mut at = start;
        self.checked.compared_from = at.get();
        loop {
            if let Some(later) = self.read_all(at).await {
                // That replica begins later: what is before it cannot be compared.
                at = later;
                self.checked.compared_from = self.checked.compared_from.max(at.get());
                continue;
            }
            self.checked.lag_max = lag(&self.readings);
            self.checked.compared_to = at.get();
            let ends = self.readings.iter().map(|reading| reading.batches.last().map(|last| last.next));
            let Some(Some(to)) = ends.min().filter(|to| to.is_some_and(|to| to > at.get())) else { return };
            self.compare(to);
            at = Offset::new(to);
            self.checked.compared_to = to;
        }
    }

    /// Reads a piece of every replica; the offset to begin at instead, when one has nothing of `at` any more.
    async fn read_all(&mut self, at: Offset) -> Option<Offset> {
        let mut kept = Vec::with_capacity(self.readings.len());
        let mut later = None;
        for mut reading in std::mem::take(&mut self.readings) {
            match self.piece(reading.id, at).await {
                Ok(piece) => {
                    reading.high_watermark = piece.high_watermark.map_or(0, Offset::get);
                    match read(&piece.batches, at) {
                        Ok(batches) => {
                            reading.batches = batches;
                            kept.push(reading);
                        }
                        Err(damage) => self.problem(reading.id, &damage),
                    }
                }
                Err(error) if error.code() == Some(ErrorCode::OffsetOutOfRange) => {
                    let start =
                        self.client.replica_start(reading.id, &self.topic.name, self.partition.id).await;
                    match start {
                        Ok(start) if start > at => {
                            kept.push(reading);
                            later = later.max(Some(start));
                        }
                        _ => self.problem(reading.id, &error),
                    }
                }
                Err(error) => self.problem(reading.id, &error),
            }
        }
        self.readings = kept;
        later
    }

    async fn piece(&mut self, id: BrokerId, at: Offset) -> Result<ReplicaPiece, ClientError> {
        let topic = (self.topic.name.as_str(), self.topic.id);
        self.client.replica_piece(id, topic, self.partition.id, at, PIECE_BYTES).await
    }

    /// Compares what was read before `to` with the first replica's; whoever differs is read no further.
    fn compare(&mut self, to: i64) {
        let Some((first, others)) = self.readings.split_first() else { return };
        let mut differing = Vec::new();
        for other in others {
            if let Some(offset) = difference(&first.batches, &other.batches, to, self.policy) {
                differing.push(other.id);
                let problem =
                    format!("replica {} differs from replica {} at offset {offset}", other.id, first.id);
                self.checked.problems.push(problem);
            }
        }
        self.readings.retain(|reading| !differing.contains(&reading.id));
    }

    fn problem(&mut self, id: BrokerId, what: &dyn std::fmt::Display) {
        self.checked.problems.push(format!("replica {id} cannot be read: {what}"));
    }
}

/// How far the last high watermark is behind the first replica's.
fn lag(readings: &[Reading]) -> i64 {
    let first = readings.first().map_or(0, |reading| reading.high_watermark);
    readings.iter().map(|reading| first - reading.high_watermark).max().unwrap_or(0)
}
