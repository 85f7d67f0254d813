//! Shards on nodes: what the server's tasks do around a driver.
//!
//! Appends are written some time after they were decided, in order; who was deposed learns of it late, and what it appends
//! meanwhile is refused, or stays where nobody replicates it.

use std::collections::{BTreeMap, VecDeque};

use broker_coordinator::{Action, Driver, Event, Refused, Shard, Unwritten};
use broker_log::{AppendOrigin, Terms};
use broker_txn::MarkerNumber;
use broker_types::{LeaderEpoch, Mono, Offset, ReplyId};

use super::{
    defect::Defect,
    entry::{self, Entry},
    invariants::Claim,
    message::Caller,
    world::{Item, World},
};

/// A shard that lives in a partition.
pub(super) trait Hosted: Shard<State: Default> + Sized {
    fn hosts(world: &mut World) -> &mut Hosts<Self>;
    fn make(world: &mut World) -> Self;
    fn encode(record: &Self::Record) -> Result<Entry, String>;
    fn decode(entry: Entry) -> Result<Option<Self::Record>, String>;
    /// What is claimed by a good answer.
    fn claim(request: &Self::Request) -> Claim;
    /// It has read its log.
    fn began(world: &mut World, node: usize, part: usize);
    /// It decided this, which is not committed.
    fn decided(world: &mut World, node: usize, part: usize, records: &[Self::Record]);
    fn replied(world: &mut World, at: Place, asked: Asked, response: Result<Self::Response, Refused>);
}

pub(super) type Hosts<S> = BTreeMap<(usize, usize), Host<S>>;

/// Where a shard lives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) node: usize,
    pub(super) part: usize,
}

/// A request that waits.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) caller: Caller,
    pub(super) claim: Claim,
}

/// How one behaves that was deposed and does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deposed {
    /// Its log takes what nobody replicates.
    Alone,
    /// Its log knows, and refuses.
    Refused,
}

/// A shard on a node.
pub(super) struct Host<S: Shard> {
    pub(super) driver: Driver<S>,
    pub(super) epoch: LeaderEpoch,
    pub(super) deposed: Option<Deposed>,
    asked: BTreeMap<u64, Asked>,
    appends: VecDeque<(Vec<S::Record>, Terms)>,
    /// Where the log ends for it.
    end: Offset,
    next_reply: u64,
    wakes_at: u64,
    /// The last markers that the shell has.
    pub(super) heard: Option<MarkerNumber>,
}

/// How long a request may wait until its shard looks at it.
const LATE_MAX_MICROS: u64 = 5_000;

/// Nothing but the records is checked.
pub(super) fn plain() -> Terms {
    AppendOrigin::Coordinator.into()
}

impl World {
    /// Asks a shard; says whether it is here.
    pub(super) fn ask_shard<S: Hosted>(
        &mut self,
        at: Place,
        caller: Caller,
        request: S::Request,
        terms: Terms,
    ) -> bool {
        let Some(host) = S::hosts(self).get_mut(&(at.node, at.part)) else { return false };
        host.next_reply += 1;
        let reply = ReplyId::new(host.next_reply);
        host.asked.insert(reply.get(), Asked { caller, claim: S::claim(&request) });
        self.pass_until_it_came::<S>(at);
        self.step_shard::<S>(at, Event::Request { reply, request }, terms);
        true
    }

    /// A request waited for a while in the shard's mailbox: what was due when it came is done first.
    fn pass_until_it_came<S: Hosted>(&mut self, at: Place) {
        let late = self.random.below(LATE_MAX_MICROS);
        let now = self.now_of(at.node);
        let Some(host) = S::hosts(self).get_mut(&(at.node, at.part)) else { return };
        let came = Mono::from_micros(now.mono.as_micros().saturating_sub(late));
        let mut actions = Vec::new();
        host.driver.pass_until(came, now, &mut actions);
        self.carry_out::<S>(at, actions, plain());
    }

    pub(super) fn step_shard<S: Hosted>(&mut self, at: Place, event: Event<S>, terms: Terms) {
        let now = self.now_of(at.node);
        let Some(host) = S::hosts(self).get_mut(&(at.node, at.part)) else { return };
        let mut actions = Vec::new();
        host.driver.step(now, event, &mut actions);
        self.carry_out(at, actions, terms);
        self.arm::<S>(at);
    }

    fn carry_out<S: Hosted>(&mut self, at: Place, actions: Vec<Action<S>>, terms: Terms) {
        for action in actions {
            match action {
                Action::Append { epoch, records, .. } => {
                    S::decided(self, at.node, at.part, &records);
                    let Some(host) = S::hosts(self).get_mut(&(at.node, at.part)) else { return };
                    host.appends.push_back((records, terms));
                    let wait = 50 + self.random.below(2_000);
                    self.after(wait, Item::Append { at, epoch });
                }
                Action::Reply { reply, response } => {
                    let Some(host) = S::hosts(self).get_mut(&(at.node, at.part)) else { return };
                    match host.asked.remove(&reply.get()) {
                        Some(asked) => S::replied(self, at, asked, response),
                        None => self.fail(|| format!("{reply:?} is answered twice")),
                    }
                }
            }
        }
    }

    fn arm<S: Hosted>(&mut self, at: Place) {
        let started = self.nodes[at.node].started;
        let now = self.now;
        let Some(host) = S::hosts(self).get_mut(&(at.node, at.part)) else { return };
        let Some(deadline) = host.driver.next_deadline() else { return };
        let due = (started + deadline.as_micros()).max(now + 1_000);
        if due < host.wakes_at {
            host.wakes_at = due;
            let epoch = host.epoch;
            self.at(due, Item::Wake { at, epoch });
        }
    }

    pub(super) fn wake<S: Hosted>(&mut self, at: Place, epoch: LeaderEpoch) {
        let Some(host) = S::hosts(self).get_mut(&(at.node, at.part)) else { return };
        if host.epoch == epoch {
            host.wakes_at = u64::MAX;
            self.step_shard::<S>(at, Event::Tick, plain());
        }
    }

    /// The oldest append that waits is written, or not.
    pub(super) fn write<S: Hosted>(&mut self, at: Place, epoch: LeaderEpoch) {
        let now = self.now_of(at.node).wall;
        let refuses = self.partitions[at.part].refuses_until > self.now;
        let Some(host) = S::hosts(self).get_mut(&(at.node, at.part)).filter(|host| host.epoch == epoch)
        else {
            return;
        };
        let Some((records, terms)) = host.appends.pop_front() else { return };
        let first = host.end;
        let last = Offset::new(first.get() + records.len() as i64 - 1);
        match host.deposed {
            Some(Deposed::Refused) => return self.resign::<S>(at),
            Some(Deposed::Alone) => {
                host.end = last.next();
                return self.step_shard::<S>(at, Event::Appended { first, last }, plain());
            }
            None => {}
        }
        let entries: Result<Vec<_>, _> = records.iter().map(S::encode).collect();
        let batch = entries.and_then(|entries| entry::batch(&entries, now));
        let batch = match batch {
            Ok(batch) => batch,
            Err(why) => return self.fail(|| format!("a record does not fit its format: {why}")),
        };
        let log = &mut self.partitions[at.part].log;
        let written = if refuses { None } else { log.append_as_leader(&batch, epoch, now, terms).ok() };
        let Some(written) = written else {
            self.coverage.appends_refused += 1;
            if let Some(host) = S::hosts(self).get_mut(&(at.node, at.part)) {
                host.appends.clear();
            }
            return self.step_shard::<S>(at, Event::Failed(Unwritten::Unavailable), plain());
        };
        if (written.first_offset, written.last_offset) != (first, last) {
            return self.fail(|| format!("records at {first} to {last} are at {written:?}"));
        }
        if let Some(host) = S::hosts(self).get_mut(&(at.node, at.part)) {
            host.end = last.next();
        }
        self.appended(at.part);
        self.step_shard::<S>(at, Event::Appended { first, last }, plain());
        if self.is_broken(Defect::AnsweredBeforeCommit) {
            self.step_shard::<S>(at, Event::Committed { upto: last.next() }, plain());
        }
    }

    /// It learns that it leads no longer.
    pub(super) fn resign<S: Hosted>(&mut self, at: Place) {
        self.step_shard::<S>(at, Event::Resigned, plain());
        if let Some(host) = S::hosts(self).remove(&(at.node, at.part))
            && let Some(asked) = host.asked.values().next()
        {
            self.fail(|| format!("{asked:?} is never answered"));
        }
    }

    /// The partition's leader has read its log.
    pub(super) fn begin<S: Hosted>(&mut self, at: Place, epoch: LeaderEpoch) {
        let partition = &self.partitions[at.part];
        let end = partition.log.end_offset();
        let bytes = partition.read_all(Offset::ZERO, end);
        let records = bytes.and_then(|bytes| entry::entries(&bytes)).and_then(|entries| {
            let decoded = entries.into_iter().map(|(offset, entry)| Ok((offset, S::decode(entry)?)));
            decoded.collect::<Result<Vec<_>, String>>()
        });
        let records = match records {
            Ok(records) => records,
            Err(why) => return self.fail(|| format!("a coordinator cannot read its log: {why}")),
        };
        let skipped = self.is_broken(Defect::ReplaySkipsRecord).then(|| self.random.below(end.get() as u64));
        let (now, shard) = (self.now_of(at.node), S::make(self));
        let mut state = S::State::default();
        for (offset, record) in &records {
            if let Some(record) = record
                && Some(offset.get() as u64) != skipped
            {
                S::replay(&mut state, *offset, record);
            }
        }
        let mut driver =
            Driver::new(shard, state, end).with_commit_timeout(std::time::Duration::from_secs(3));
        driver.step(now, Event::Elected { epoch, next: end }, &mut Vec::new());
        let host = Host {
            driver,
            epoch,
            deposed: None,
            asked: BTreeMap::new(),
            appends: VecDeque::new(),
            end,
            next_reply: 0,
            wakes_at: u64::MAX,
            heard: None,
        };
        S::hosts(self).insert((at.node, at.part), host);
        self.arm::<S>(at);
        S::began(self, at.node, at.part);
    }
}
