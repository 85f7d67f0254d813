//! The machine: requests and ticks in, records and responses out.

use alloc::{boxed::Box, vec::Vec};
use core::{fmt, mem};

use broker_coordinator::{Outcome, Replies, Shard};
use broker_metadata::{Image, MetadataVersion};
use broker_protocol::{
    Str,
    records::metadata::{BeginTransactionRecord, EndTransactionRecord, MetadataRecord, NoOpRecord},
};
use broker_types::{Mono, Now, Offset, Random, ReplyId};

use crate::{
    ConfigRules, CreateToken, ExpireToken, MAX_RECORDS, RenewToken, Request, Response, Settings, Suspect,
    acls, bootstrap, brokers, client_quotas, configs, directories,
    elections::{self, ElectionTimers},
    features, isr, producer_ids, reassignments, scram,
    sessions::Sessions,
    tokens::{self, Tokens},
    topics,
};

/// The name of a transaction of a change that takes more than one batch (KIP-868).
const LARGE_CHANGE: &str = "Large change";

/// The controller of a cluster. Its hard state is the [`Image`]; what it holds itself dies with its leadership.
pub struct Controller {
    settings: Settings,
    rules: Box<dyn ConfigRules + Send + Sync>,
    random: Random,
    /// There while this controller leads.
    active: Option<Active>,
}

/// Soft state of a leadership.
#[derive(Debug)]
struct Active {
    sessions: Sessions,
    elections: ElectionTimers,
    tokens: Tokens,
    /// Whether the first records of this leadership are written.
    began: bool,
    /// When the log counts as idle, and how far it was when that was decided.
    idle_at: Option<Mono>,
    idle_since: Option<Offset>,
    /// When it became the leader.
    since: Mono,
}

impl fmt::Debug for Controller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Controller")
            .field("settings", &self.settings)
            .field("active", &self.active)
            .finish_non_exhaustive()
    }
}

impl Controller {
    /// A controller on standby. The seed makes the ids of topics; it must be fresh randomness in every life of the
    /// process.
    #[must_use]
    pub fn new(settings: Settings, rules: Box<dyn ConfigRules + Send + Sync>, seed: [u64; 4]) -> Self {
        Self { settings, rules, random: Random::from_seed(seed), active: None }
    }

    /// The settings that it was made with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Answers a request against an image that has the first records of the leadership.
    fn answer(&mut self, now: Now, image: &Image, request: Request) -> Outcome<MetadataRecord, Response> {
        let settings = &self.settings;
        match request {
            Request::CreateTopics(request) => {
                let created = topics::create(image, settings, &*self.rules, &mut self.random, &request);
                each(created, Response::CreateTopics)
            }
            Request::DeleteTopics(request) => {
                each(topics::delete(image, settings, &request), Response::DeleteTopics)
            }
            Request::CreatePartitions(request) => {
                each(topics::create_partitions(image, &mut self.random, &request), Response::CreatePartitions)
            }
            Request::IncrementalAlterConfigs(request) => {
                each(configs::incremental(image, &*self.rules, &request), Response::IncrementalAlterConfigs)
            }
            Request::AlterConfigs(request) => {
                each(configs::replace(image, &*self.rules, &request), Response::AlterConfigs)
            }
            Request::RegisterBroker(request) => {
                let sessions = self.active.get_or_insert_with(|| Active::new(settings, now.mono)).sessions();
                let registered = brokers::register(image, settings, sessions, now.mono, request);
                all(registered, Response::RegisterBroker)
            }
            Request::Heartbeat(request) => {
                let sessions = self.active.get_or_insert_with(|| Active::new(settings, now.mono)).sessions();
                let reply = brokers::heartbeat(image, settings, sessions, now.mono, &request);
                all(reply, Response::Heartbeat)
            }
            Request::UnregisterBroker(id) => {
                done(brokers::unregister(image, settings, id), Response::UnregisterBroker)
            }
            Request::RegisterController(request) => {
                recorded(brokers::register_controller(&request), Response::RegisterController)
            }
            Request::AllocateProducerIds(request) => {
                let block = producer_ids::allocate(image, request);
                all(block.map(|(record, block)| (alloc::vec![record], block)), Response::AllocateProducerIds)
            }
            Request::AlterPartition(request) => {
                apart(all(isr::alter(image, settings, &request), Response::AlterPartition))
            }
            Request::ElectLeaders(request) => {
                apart(all(elections::elect(image, settings, &request), Response::ElectLeaders))
            }
            Request::AlterReassignments(request) => {
                each(reassignments::alter(image, settings, &request), Response::AlterReassignments)
            }
            Request::Suspect(request) => self.suspect(now, image, request),
            Request::AssignDirectories(request) => {
                all(directories::assign(image, settings, &request), Response::AssignDirectories)
            }
            Request::UpdateFeatures(request) => {
                done(features::update(image, settings, &request), Response::UpdateFeatures)
            }
            Request::CreateAcls(request) => {
                each(acls::create(image, &mut self.random, &request), Response::CreateAcls)
            }
            Request::DeleteAcls(request) => each(acls::delete(image, &request), Response::DeleteAcls),
            Request::AlterScram(request) => each(scram::alter(image, &request), Response::AlterScram),
            Request::AlterClientQuotas(request) => {
                each(client_quotas::alter(image, &request), Response::AlterClientQuotas)
            }
            Request::CreateToken(request) => self.create_token(now, image, request),
            Request::RenewToken(request) => self.renew_token(now, image, &request),
            Request::ExpireToken(request) => self.expire_token(now, image, &request),
        }
    }

    fn create_token(
        &mut self,
        now: Now,
        image: &Image,
        request: CreateToken,
    ) -> Outcome<MetadataRecord, Response> {
        let created = tokens::create(image, &self.settings, now.wall, &mut self.random, request);
        all(created, Response::CreateToken)
    }

    fn renew_token(
        &mut self,
        now: Now,
        image: &Image,
        request: &RenewToken,
    ) -> Outcome<MetadataRecord, Response> {
        let settings = &self.settings;
        let tokens = &mut self.active.get_or_insert_with(|| Active::new(settings, now.mono)).tokens;
        all(tokens.renew(image, settings, now.wall, request), Response::RenewToken)
    }

    fn expire_token(
        &mut self,
        now: Now,
        image: &Image,
        request: &ExpireToken,
    ) -> Outcome<MetadataRecord, Response> {
        let settings = &self.settings;
        let tokens = &mut self.active.get_or_insert_with(|| Active::new(settings, now.mono)).tokens;
        all(tokens.expire(image, settings, now.wall, request), Response::ExpireToken)
    }

    fn suspect(&mut self, now: Now, image: &Image, request: Suspect) -> Outcome<MetadataRecord, Response> {
        let settings = &self.settings;
        let sessions = self.active.get_or_insert_with(|| Active::new(settings, now.mono)).sessions();
        all(brokers::suspect(image, settings, sessions, request), Response::Suspect)
    }
}

/// A request of many parts: whatever is written is written at once.
fn each<T>(
    (records, results): (Vec<MetadataRecord>, T),
    wrap: fn(T) -> Response,
) -> Outcome<MetadataRecord, Response> {
    Outcome { records, response: wrap(results), atomic: true }
}

/// A request that succeeds or fails as a whole.
fn all<T, E>(
    result: Result<(Vec<MetadataRecord>, T), E>,
    wrap: fn(Result<T, E>) -> Response,
) -> Outcome<MetadataRecord, Response> {
    match result {
        Ok((records, value)) => Outcome { records, response: wrap(Ok(value)), atomic: true },
        Err(error) => Outcome { records: Vec::new(), response: wrap(Err(error)), atomic: true },
    }
}

/// The same for one that is answered with nothing but whether it succeeded.
fn done<E>(
    result: Result<Vec<MetadataRecord>, E>,
    wrap: fn(Result<(), E>) -> Response,
) -> Outcome<MetadataRecord, Response> {
    all(result.map(|records| (records, ())), wrap)
}

/// A request that cannot fail.
fn recorded(record: MetadataRecord, response: Response) -> Outcome<MetadataRecord, Response> {
    Outcome { records: alloc::vec![record], response, atomic: true }
}

/// Changes that do not need each other: a log may take them in several batches.
fn apart<T>(outcome: Outcome<MetadataRecord, T>) -> Outcome<MetadataRecord, T> {
    Outcome { atomic: false, ..outcome }
}

impl Active {
    fn new(settings: &Settings, now: Mono) -> Self {
        Self {
            sessions: Sessions::new(settings.session_timeout),
            elections: ElectionTimers::new(settings, now),
            tokens: Tokens::new(settings, now),
            began: false,
            idle_at: settings.idle_interval.map(|interval| now.plus(interval)),
            idle_since: None,
            since: now,
        }
    }

    fn sessions(&mut self) -> &mut Sessions {
        &mut self.sessions
    }

    /// The first records of the leadership, once.
    fn begin(&mut self, settings: &Settings, image: &Image) -> Vec<MetadataRecord> {
        if mem::replace(&mut self.began, true) {
            return Vec::new();
        }
        bootstrap::on_leadership(image, settings)
    }

    /// A broker whose session ran out is fenced; one at a time, so that the next is judged by what this one changed.
    fn expire(&mut self, settings: &Settings, now: Mono, image: &Image) -> Vec<MetadataRecord> {
        let Some((id, epoch)) = self.sessions.expired(now) else { return Vec::new() };
        self.sessions.remove(id);
        match image.cluster().broker(id).filter(|broker| broker.epoch == epoch && !broker.fenced) {
            Some(broker) => brokers::fence(image, settings, broker),
            None => Vec::new(),
        }
    }

    /// A record that says nothing, when nothing else was written for a while: followers see that the leader lives.
    fn idle(&mut self, settings: &Settings, now: Mono, image: &Image) -> Option<MetadataRecord> {
        let due = self.idle_at.is_some_and(|at| now >= at);
        if !due {
            return None;
        }
        self.idle_at = settings.idle_interval.map(|interval| now.plus(interval));
        let unchanged = mem::replace(&mut self.idle_since, image.last_offset()) == image.last_offset();
        if !unchanged {
            return None;
        }
        // The record itself moves the offset by one: that is no sign of life.
        self.idle_since = image.last_offset().map(Offset::next);
        Some(MetadataRecord::NoOp(NoOpRecord))
    }
}

impl Shard for Controller {
    type State = Image;
    type Record = MetadataRecord;
    type Request = Request;
    type Response = Response;

    const APPEND_MAX: usize = MAX_RECORDS;

    fn brackets(state: &Image) -> Option<(MetadataRecord, MetadataRecord)> {
        let begin = BeginTransactionRecord { name: Some(Str::from_static(LARGE_CHANGE)) };
        let brackets = (begin.into(), EndTransactionRecord.into());
        (state.metadata_version() >= MetadataVersion::TRANSACTIONS).then_some(brackets)
    }

    fn handle(
        &mut self,
        now: Now,
        state: &Image,
        reply: ReplyId,
        request: Request,
    ) -> Outcome<MetadataRecord, Replies<Response>> {
        let begin = |active: &mut Active| active.begin(&self.settings, state);
        let first = self.active.as_mut().map(begin).unwrap_or_default();
        if first.is_empty() {
            return self.answer(now, state, request).to(reply);
        }
        // The request came before the first tick: it must see the cluster's first records all the same.
        let mut staged = state.clone();
        for record in &first {
            let offset = staged.last_offset().map_or(Offset::ZERO, Offset::next);
            staged.apply(offset, record);
        }
        let mut outcome = self.answer(now, &staged, request);
        outcome.records.splice(0..0, first);
        outcome.to(reply)
    }

    fn tick(&mut self, now: Now, state: &Image) -> Outcome<MetadataRecord, Replies<Response>> {
        let mut records = Vec::new();
        if let Some(active) = &mut self.active {
            records = active.begin(&self.settings, state);
            if records.is_empty() {
                records = active.expire(&self.settings, now.mono, state);
            }
            if records.is_empty() {
                records = active.elections.due(&self.settings, now.mono, state);
            }
            if records.is_empty() {
                records = active.tokens.due(&self.settings, now, state);
            }
            if records.is_empty() {
                records.extend(active.idle(&self.settings, now.mono, state));
            }
        }
        Outcome { records, response: Vec::new(), atomic: true }
    }

    fn next_deadline(&self) -> Option<Mono> {
        let active = self.active.as_ref()?;
        if !active.began {
            return Some(active.since);
        }
        let elections = active.elections.next_deadline();
        let others = [active.sessions.next_deadline(), active.tokens.next_deadline(), elections];
        others.into_iter().chain([active.idle_at]).flatten().min()
    }

    fn replay(state: &mut Image, offset: Offset, record: &MetadataRecord) {
        state.apply(offset, record);
    }

    fn became_leader(&mut self, now: Now, state: &Image) {
        let mut active = Active::new(&self.settings, now.mono);
        active.sessions.start(now.mono, state.settled());
        self.active = Some(active);
    }

    fn resigned(&mut self) -> Vec<ReplyId> {
        self.active = None;
        Vec::new()
    }
}

#[cfg(test)]
mod tests;
