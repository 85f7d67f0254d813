//! What producers send: checked outside of the lock, appended under it.

use std::cell::RefCell;

use broker_compression::Codecs;
use broker_log::{AppendInfo, AppendOrigin, Terms, VerificationGuard};
use broker_records::validate::{Scratch, Validated, ValidationRules, validate};
use broker_replication::{Event, ProduceFailure};
use broker_types::{Mono, Now};

use super::{Partition, ProduceError, Reply, state::State};
use crate::errors;

/// What validation keeps of its memory between batches.
const SCRATCH_BYTES_KEPT: usize = 1024 * 1024;

thread_local! {
    static SCRATCH: RefCell<Scratch> = const { RefCell::new(Scratch::new()) };
}

/// What a producer sent to the partition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) zstd_allowed: bool,
    /// acks=all: when the producer gives up waiting for the replicas.
    pub(crate) commit_by: Option<Mono>,
    /// Where it begins a transaction: what was given before its coordinator was asked.
    pub(crate) guard: Option<VerificationGuard>,
}

/// What was appended.
#[derive(Debug)]
pub(crate) struct Produced {
    pub(crate) appended: AppendInfo,
    pub(crate) validated: Validated,
    /// Whether enough replicas have it, where the producer asked.
    pub(crate) committed: Reply<Result<(), ProduceFailure>>,
    pub(crate) news: News,
}

/// What an append means to those who wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum News {
    /// The log is longer.
    Appended,
    /// Readers may see more, too.
    Committed,
}

impl News {
    /// Of what the replica's machine said.
    pub(super) const fn of(moved: bool) -> Self {
        if moved { Self::Committed } else { Self::Appended }
    }
}

impl Partition {
    /// Checks what a producer sent and appends it. Who waits for it is woken by [`tell`](Self::tell), once for all that
    /// one request brings: a replica then fetches it at once.
    pub(crate) fn produce(
        &self,
        sent: Sent<'_>,
        now: Now,
        codecs: &Codecs,
    ) -> Result<Produced, ProduceError> {
        self.check_online().map_err(|()| ProduceError::Offline)?;
        let settings = self.settings.load();
        let rules = ValidationRules { now: now.wall, zstd_allowed: sent.zstd_allowed, ..settings.rules };
        let validated = SCRATCH.with_borrow_mut(|scratch| {
            let validated = validate(sent.bytes, &rules, codecs, scratch);
            scratch.shrink_to(SCRATCH_BYTES_KEPT);
            validated
        })?;
        let batch = validated.replaced.as_deref().unwrap_or(&sent.bytes[..validated.input_bytes]);
        let (appended, committed, moved) = {
            let mut state = self.state.lock();
            let state = state.as_mut().ok_or(ProduceError::NotLeader)?;
            let (log, refusals) = (&state.log, &mut state.refusals);
            let reason = refusals.reason_for(&validated.header, |id, epoch| log.last_sequence(id, epoch));
            if let Some(reason) = reason {
                return Err(ProduceError::BehindRefused(reason));
            }
            let taken = self.append_sent(state, batch, sent, now);
            let appended = taken.inspect_err(|error| {
                if error.passes() {
                    state.refusals.note(&validated.header, errors::of_produce(error));
                }
            })?;
            let log_end = state.log.end_offset();
            let moved = state.step(now, Event::Appended { log_end });
            let committed = match sent.commit_by {
                Some(deadline) => state.committed(now, appended.last_offset.next(), deadline),
                None => Reply::Now(Ok(())),
            };
            (appended, committed, moved)
        };
        Ok(Produced { appended, validated, committed, news: News::of(moved) })
    }

    /// Wakes who waits for what was appended.
    pub(crate) fn tell(&self, news: News) {
        match news {
            News::Committed => self.waiters.wake(),
            News::Appended => self.waiters.appended(),
        }
    }

    fn append_sent(
        &self,
        state: &mut State,
        batch: &[u8],
        sent: Sent<'_>,
        now: Now,
    ) -> Result<AppendInfo, ProduceError> {
        let epoch = state.replica.leads().ok_or(ProduceError::NotLeader)?;
        if sent.commit_by.is_some() {
            state.replica.check_in_sync()?;
        }
        let terms = Terms { guard: sent.guard, ..AppendOrigin::Client.into() };
        let appended = state.log.append_as_leader(batch, epoch, now.wall, terms);
        Ok(appended.inspect_err(|error| self.notice(error))?)
    }
}
