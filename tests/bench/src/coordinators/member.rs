//! A member of a classic group, as clients of KIP-394 are: it is given its id, joins with it, comes for its assignment
//! and sends heartbeats.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::coordinators::crowd::{Client, Next};
use crate::coordinators::messages::{
    Identity, error, heartbeat, join_group, leave_group, sync_group, take_error, take_joined, take_synced,
};

/// How soon a coordinator that does not serve yet is asked again.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// What a member waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Joining,
    Syncing,
    Stable,
}

/// One member.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    identity: Identity,
    topic: String,
    phase: Phase,
    /// Of how many members its generation is, where it has an assignment.
    size: usize,
    heartbeat: Duration,
}

impl Member {
    pub(crate) fn new(group: String, topic: &str, heartbeat: Duration) -> Self {
        let identity = Identity { group, member: String::new(), generation: -1 };
        Self { identity, topic: topic.to_owned(), phase: Phase::Joining, size: 0, heartbeat }
    }

    /// `groups` groups of `size` members.
    pub(crate) fn groups(
        name: &str,
        groups: usize,
        size: usize,
        topic: &str,
        heartbeat: Duration,
    ) -> impl Iterator<Item = Self> {
        let each =
            move |group| (0..size).map(move |_| Self::new(format!("{name}-{group}"), topic, heartbeat));
        (0..groups).flat_map(each)
    }

    /// Whether it has an assignment of a generation of this many members.
    pub(crate) fn is_stable(&self, size: usize) -> bool {
        self.phase == Phase::Stable && self.size == size
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    fn join(&mut self) -> Vec<u8> {
        self.phase = Phase::Joining;
        join_group(&self.identity, &self.topic)
    }

    fn sync(&mut self, members: &[String]) -> Vec<u8> {
        self.phase = Phase::Syncing;
        sync_group(&self.identity, members, &self.topic)
    }

    fn joined(&mut self, answer: &[u8], now: Duration) -> Result<Next> {
        let joined = take_joined(answer)?;
        match joined.error {
            0 => {
                self.identity.generation = joined.generation;
                self.identity.member = joined.member;
                Ok(Next::Send(self.sync(&joined.members)))
            }
            error::MEMBER_ID_REQUIRED => {
                self.identity.member = joined.member;
                Ok(Next::Send(self.join()))
            }
            other => self.again(other, now),
        }
    }

    fn synced(&mut self, answer: &[u8], now: Duration) -> Result<Next> {
        let (error, size) = take_synced(answer)?;
        if error != 0 {
            return self.again(error, now);
        }
        (self.phase, self.size) = (Phase::Stable, size);
        Ok(self.heartbeat_later(now))
    }

    fn heartbeat_later(&self, now: Duration) -> Next {
        Next::SendAt(now + self.heartbeat, heartbeat(&self.identity))
    }

    /// Joins again, where the error asks for that.
    fn again(&mut self, error: i16, now: Duration) -> Result<Next> {
        match error {
            error::COORDINATOR_LOAD_IN_PROGRESS
            | error::COORDINATOR_NOT_AVAILABLE
            | error::NOT_COORDINATOR => Ok(Next::SendAt(now + TRY_EVERY, self.join())),
            error::REBALANCE_IN_PROGRESS | error::ILLEGAL_GENERATION => Ok(Next::Send(self.join())),
            error::UNKNOWN_MEMBER_ID => {
                self.identity.member.clear();
                Ok(Next::Send(self.join()))
            }
            other => bail!("a member of {} in {:?}: error {other}", self.identity.group, self.phase),
        }
    }
}

impl Client for Member {
    fn next(&mut self, answer: Option<&[u8]>, now: Duration) -> Result<Next> {
        let Some(answer) = answer else { return Ok(Next::Send(self.join())) };
        match self.phase {
            Phase::Joining => self.joined(answer, now),
            Phase::Syncing => self.synced(answer, now),
            Phase::Stable => match take_error(answer)? {
                0 => Ok(self.heartbeat_later(now)),
                other => self.again(other, now),
            },
        }
    }
}

/// A member that leaves its group.
#[derive(Debug)]
pub(crate) struct Leaver(pub(crate) Member);

impl Client for Leaver {
    fn next(&mut self, answer: Option<&[u8]>, _now: Duration) -> Result<Next> {
        match answer {
            None => Ok(Next::Send(leave_group(self.0.identity()))),
            Some(_) => Ok(Next::Done),
        }
    }
}
