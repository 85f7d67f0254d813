//! The leader's side of Fetch: where the logs part, what is new, who follows (KIP-595, KIP-1166).

use broker_types::{LeaderEpoch, Mono, Now, Offset, ReplyId};

use crate::{
    leader::{Leadership, ParkedFetch},
    message::{FetchRequest, Outcome, Refusal},
    raft::Raft,
    role::State,
};

/// How many fetches wait at most; one more is answered at once, with nothing.
const PARKED_MAX: usize = 10_000;

impl Raft {
    /// The answer, or `None` when the fetch waits.
    pub(crate) fn fetch_requested(
        &mut self,
        now: Now,
        reply: ReplyId,
        fetch: &FetchRequest,
    ) -> Option<Outcome> {
        if let Some(refusal) = self.refusal_of_epoch(fetch.epoch) {
            return Some(Outcome::Refused(refusal));
        }
        if let Some(elsewhere) = self.part(fetch) {
            return Some(elsewhere);
        }
        let (me, every) = (self.me.key, self.check_every());
        let State::Leader(leadership) = &mut self.state else { return None };
        leadership.fetched(fetch.replica, fetch.offset, self.appended, now);
        leadership.heard(fetch.replica, self.voters.latest(), me, now.mono, every);
        self.advance();
        let parked = ParkedFetch {
            reply,
            replica: fetch.replica,
            offset: fetch.offset,
            high_watermark: fetch.high_watermark,
            until: now.mono.plus(self.timing.fetch_wait_max),
        };
        if let Some(records) = self.news_for(&parked, None) {
            return Some(records);
        }
        let records = self.records_from(fetch.offset);
        let State::Leader(leadership) = &mut self.state else { return None };
        // A follower that asks again has given up the fetch before.
        let before = leadership.fetches.iter().position(|fetch| fetch.replica == parked.replica);
        let replaced = before.map(|index| leadership.fetches.swap_remove(index));
        if leadership.fetches.len() >= PARKED_MAX {
            return Some(records);
        }
        leadership.fetches.push(parked);
        if let Some(replaced) = replaced {
            self.respond(replaced.reply, records);
        }
        None
    }

    /// Only a leader answers, and only who knows it as such.
    pub(crate) fn refusal_of_epoch(&self, epoch: LeaderEpoch) -> Option<Refusal> {
        if epoch < self.quorum.epoch {
            Some(Refusal::FencedEpoch)
        } else if epoch > self.quorum.epoch {
            Some(Refusal::UnknownEpoch)
        } else if matches!(self.state, State::Leader(_)) {
            None
        } else {
            Some(Refusal::NotLeader)
        }
    }

    /// Where the follower's log parts from this one, if it does; or a snapshot, if this one does not go back so far.
    fn part(&self, fetch: &FetchRequest) -> Option<Outcome> {
        if fetch.offset == Offset::ZERO && self.log_start == Offset::ZERO {
            return None;
        }
        if let Some(id) = self.snapshot
            && fetch.offset < self.log_start
        {
            return Some(Outcome::Snapshot(id));
        }
        match self.epochs.end_of(fetch.last_epoch, self.appended) {
            Some((epoch, end)) if epoch == fetch.last_epoch && end >= fetch.offset => None,
            Some((epoch, end)) if end >= self.log_start => Some(Outcome::Diverging { epoch, end }),
            // Every epoch here is newer than the follower's last one.
            _ => Some(self.snapshot.filter(|id| id.end > Offset::ZERO).map_or(
                Outcome::Diverging { epoch: LeaderEpoch::ZERO, end: Offset::ZERO },
                Outcome::Snapshot,
            )),
        }
    }

    fn records_from(&self, from: Offset) -> Outcome {
        let is_elected = matches!(&self.state, State::Leader(leadership) if leadership.is_elected);
        Outcome::Records { from, upto: self.appended, high_watermark: is_elected.then_some(self.committed) }
    }

    /// Records, a newer high watermark, or nothing when the wait is over.
    fn news_for(&self, fetch: &ParkedFetch, now: Option<Mono>) -> Option<Outcome> {
        let records = self.records_from(fetch.offset);
        let Outcome::Records { upto, high_watermark, .. } = &records else { return None };
        let has_news = fetch.offset < *upto
            || fetch.high_watermark.is_some_and(|known| high_watermark.is_some_and(|newer| newer > known))
            || now.is_some_and(|now| fetch.until <= now);
        has_news.then_some(records)
    }

    pub(crate) fn poll_leader(&mut self, now: Now) {
        let (me, every) = (self.me.key, self.check_every());
        let State::Leader(leadership) = &mut self.state else { return };
        if leadership.check_at.is_some_and(|at| at <= now.mono)
            && !leadership.hears_a_majority(self.voters.latest(), me, now.mono, every)
        {
            self.resign(now.mono);
            return;
        }
        self.poll_voter_change(now.mono);
        self.begin_epoch(now.mono);
        self.answer_fetches(now.mono);
    }

    fn answer_fetches(&mut self, now: Mono) {
        let State::Leader(Leadership { fetches, .. }) = &mut self.state else { return };
        let parked = core::mem::take(fetches);
        for fetch in parked {
            if let Some(records) = self.news_for(&fetch, Some(now)) {
                self.respond(fetch.reply, records);
            } else if let State::Leader(leadership) = &mut self.state {
                leadership.fetches.push(fetch);
            }
        }
    }
}
