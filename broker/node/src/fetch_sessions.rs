//! Fetch sessions (KIP-227): a fetcher names its partitions once and later only says what changed; the answer holds
//! only partitions with news.
//!
//! ```text
//! begin(header, asked, forgotten) ─► Context::Sessionless   answer what was asked, keep nothing
//!                                  ├ Context::New           answer what was asked, then open(…) with what was answered
//!                                  ├ Context::Incremental   a session, taken out of the cache: read its partitions,
//!                                  │                        Session::answered(…) says which to answer, then finish(…)
//!                                  └ SessionError           the fetcher starts again with a full fetch
//! ```
//!
//! A session is out of the cache while its request is served, so that the cache is locked for moments only; a second
//! request of the session meanwhile is told that its epoch is wrong, as is one after a session that never came back.
//! Invariants: at most `slots` sessions and `partitions` partitions in all, in or out; ids are random and never 0.

mod eviction;
mod session;

use alloc::{boxed::Box, collections::BTreeMap};
use core::time::Duration;

use broker_protocol::ErrorCode;
use broker_types::{Mono, PartitionId, Random};

pub use self::session::{Answer, Asked, Entry, Seen, Session, Slot, TopicKey, TopicRef};

/// Limits of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Sessions (`max.incremental.fetch.session.cache.slots`); 0 for none.
    pub slots: usize,
    /// Partitions in all sessions together.
    pub partitions: usize,
    /// A session that is idle for so long, or that is so old, may make room for another.
    pub eviction_after: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { slots: 1_000, partitions: 500_000, eviction_after: Duration::from_secs(120) }
    }
}

/// What a fetch request says about its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The session; 0 for none.
    pub session_id: i32,
    /// The session's epoch: 0 for a new session, -1 for none.
    pub session_epoch: i32,
    /// The fetcher is a broker: its sessions are kept before those of consumers.
    pub follower: bool,
    /// The request names topics by id (version 13 and later).
    pub topic_ids: bool,
}

impl Header {
    const NEW: i32 = 0;
    const NONE: i32 = -1;
}

/// How a request is to be served.
#[derive(Debug)]
pub enum Context {
    /// Answer what was asked; the answer's session id is 0.
    Sessionless,
    /// Answer what was asked and [open](FetchSessions::open) a session.
    New,
    /// Answer the session's partitions that have news, then [finish](FetchSessions::finish).
    Incremental(Box<Session>),
}

/// Why a session cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// There is no such session (any more).
    #[error("fetch session {0} is not found")]
    NotFound(i32),
    /// The epoch is not the next, or a request of the session is being served.
    #[error("the fetch session epoch is invalid")]
    InvalidEpoch,
    /// The session names topics by id and the request by name, or the other way round.
    #[error("the fetch session was made with another way of naming topics")]
    TopicIds,
}

impl SessionError {
    /// Kafka's code.
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::NotFound(_) => ErrorCode::FetchSessionIdNotFound,
            Self::InvalidEpoch => ErrorCode::InvalidFetchSessionEpoch,
            Self::TopicIds => ErrorCode::FetchSessionTopicIdError,
        }
    }
}

/// The cache of sessions.
#[derive(Debug)]
pub struct FetchSessions {
    limits: Limits,
    random: Random,
    by_id: BTreeMap<i32, Cached>,
    partitions: usize,
    evictions: u64,
}

/// A session and what eviction looks at.
#[derive(Debug)]
struct Cached {
    /// `None` while a request of it is served.
    session: Option<Box<Session>>,
    epoch: i32,
    follower: bool,
    size: usize,
    created: Mono,
    last_used: Mono,
}

impl FetchSessions {
    /// An empty cache; the seed makes the ids.
    #[must_use]
    pub fn new(limits: Limits, seed: u64) -> Self {
        Self { limits, random: Random::new(seed), by_id: BTreeMap::new(), partitions: 0, evictions: 0 }
    }

    /// How many sessions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// How many partitions all sessions hold.
    #[must_use]
    pub fn partitions(&self) -> usize {
        self.partitions
    }

    /// How many sessions made room for others so far.
    #[must_use]
    pub fn evictions(&self) -> u64 {
        self.evictions
    }

    /// Decides how a request is served, and takes what it says into its session.
    ///
    /// # Errors
    /// The session cannot be used.
    pub fn begin<'a>(
        &mut self,
        now: Mono,
        header: Header,
        asked: impl IntoIterator<Item = (TopicRef<'a>, PartitionId, Asked)>,
        forgotten: impl IntoIterator<Item = (TopicRef<'a>, PartitionId)>,
    ) -> Result<Context, SessionError> {
        if header.session_epoch == Header::NEW || header.session_epoch == Header::NONE {
            self.remove(header.session_id);
            let wants = header.session_epoch == Header::NEW && self.limits.slots > 0;
            return Ok(if wants { Context::New } else { Context::Sessionless });
        }
        let not_found = SessionError::NotFound(header.session_id);
        let cached = self.by_id.get_mut(&header.session_id).ok_or(not_found)?;
        if cached.epoch != header.session_epoch {
            return Err(SessionError::InvalidEpoch);
        }
        let mut session = cached.session.take().ok_or(SessionError::InvalidEpoch)?;
        if session.uses_topic_ids() != header.topic_ids {
            cached.session = Some(session);
            return Err(SessionError::TopicIds);
        }
        let others = self.partitions - cached.size;
        let fits = session.update(asked, forgotten, self.limits.partitions.saturating_sub(others));
        if !fits {
            self.remove(header.session_id);
            return Err(not_found);
        }
        if session.is_empty() {
            self.remove(header.session_id);
            return Ok(Context::Sessionless);
        }
        self.partitions = others + session.len();
        cached.size = session.len();
        cached.last_used = now;
        cached.epoch = next_epoch(cached.epoch);
        session.set_epoch(cached.epoch);
        Ok(Context::Incremental(session))
    }

    /// Opens a session after a full fetch, with every partition that was answered. `None` when there is no room: the
    /// answer's session id is then 0, and the fetcher goes on with full fetches.
    pub fn open<'a>(
        &mut self,
        now: Mono,
        header: Header,
        answered: impl ExactSizeIterator<Item = (TopicRef<'a>, PartitionId, Asked, Seen)>,
    ) -> Option<i32> {
        let size = answered.len();
        if size == 0 || size > self.limits.partitions || !self.make_room(now, header.follower, size) {
            return None;
        }
        let id = self.new_id();
        let epoch = next_epoch(Header::NEW);
        let session = Session::new(id, epoch, header.topic_ids, answered);
        let size = session.len();
        self.partitions += size;
        let session = Some(Box::new(session));
        let cached = Cached { session, epoch, follower: header.follower, size, created: now, last_used: now };
        self.by_id.insert(id, cached);
        Some(id)
    }

    /// Puts a session back after its request was answered, unless it was closed or evicted meanwhile.
    pub fn finish(&mut self, session: Box<Session>) {
        let cached = self.by_id.get_mut(&session.id());
        if let Some(cached) =
            cached.filter(|cached| cached.epoch == session.epoch() && cached.session.is_none())
        {
            cached.session = Some(session);
        }
    }

    fn remove(&mut self, id: i32) {
        if let Some(cached) = self.by_id.remove(&id) {
            self.partitions -= cached.size;
        }
    }

    fn new_id(&mut self) -> i32 {
        const COUNT: u64 = 0x7fff_fffe;
        loop {
            let id = i32::try_from(1 + self.random.below(COUNT)).unwrap_or(1);
            if !self.by_id.contains_key(&id) {
                return id;
            }
        }
    }
}

/// Epochs run from 1 and start again at 1 after the largest.
fn next_epoch(epoch: i32) -> i32 {
    epoch.checked_add(1).unwrap_or(1)
}

#[cfg(test)]
mod tests;
