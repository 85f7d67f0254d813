//! A broker's life in its cluster (KIP-631).
//!
//! ```text
//!  Start ─► Starting ──caught up──► Recovery ──unfenced──► Running ──stop──► PendingControlledShutdown ─► ShuttingDown
//!              │ SendRegistration       │ CaughtUp             │ BecameReady     │ SendHeartbeat (wants to stop)   MayStop
//!              └ SendHeartbeat (every 10 ms, then every 2 s; at once when something changed)
//! ```
//!
//! Invariants: at most one request to the controller is under way; the shell answers each, with [`Failure`] when it
//! could not be sent or timed out; after `MayStop` or `GaveUp` nothing more is sent.

mod messages;
mod settings;
mod timing;

use alloc::{collections::BTreeMap, vec::Vec};

use broker_types::{BrokerEpoch, DirectoryId, IncarnationId, Mono, Now, Offset, Random};

use self::timing::{Backoff, earliest};
pub use self::{
    messages::{Action, Event, Failure, GaveUp, Heartbeat, Registration, Standing, State},
    settings::Settings,
};

/// The machine.
#[derive(Debug)]
pub struct Node {
    settings: Settings,
    state: State,
    registration: Option<Registration>,
    epoch: Option<BrokerEpoch>,
    metadata_offset: Option<Offset>,
    ready: bool,
    /// Failed directories, with the time by which the controller must know; none once it does.
    failed: BTreeMap<DirectoryId, Option<Mono>>,
    cordoned: Option<Vec<DirectoryId>>,
    in_flight: InFlight,
    /// Something changed while a request was under way: send the next at once.
    again: bool,
    next_send: Option<Mono>,
    backoff: Backoff,
    register_by: Option<Mono>,
    stop_by: Option<Mono>,
    /// While it is to stop: by when a controller must answer.
    answer_by: Option<Mono>,
    /// Whether the controller has answered the wish to stop.
    stop_seen: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum InFlight {
    Nothing,
    Registration,
    /// With the failed directories that it tells of.
    Heartbeat(Vec<DirectoryId>),
}

impl Node {
    /// A broker that has not started. The seed spreads retries.
    #[must_use]
    pub fn new(settings: Settings, seed: u64) -> Self {
        Self {
            backoff: Backoff::new(settings.session_timeout, Random::new(seed)),
            settings,
            state: State::NotRunning,
            registration: None,
            epoch: None,
            metadata_offset: None,
            ready: false,
            failed: BTreeMap::new(),
            cordoned: None,
            in_flight: InFlight::Nothing,
            again: false,
            next_send: None,
            register_by: None,
            stop_by: None,
            answer_by: None,
            stop_seen: false,
        }
    }

    /// How far it is in its life.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// The epoch of its registration, once it has one.
    #[must_use]
    pub fn epoch(&self) -> Option<BrokerEpoch> {
        self.epoch
    }

    /// When [`Event::Tick`] is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        if matches!(self.state, State::NotRunning | State::ShuttingDown) {
            return None;
        }
        let send = self.next_send.filter(|_| self.in_flight == InFlight::Nothing);
        let failed = self.failed.values().copied().flatten().min();
        earliest([send, self.register_by, self.stop_by, self.answer_by, failed])
    }

    /// Takes one event. Total: never fails, never waits.
    pub fn step(&mut self, now: Now, event: Event, actions: &mut Vec<Action>) {
        if self.state == State::ShuttingDown {
            return;
        }
        let now = now.mono;
        match event {
            Event::Start { incarnation, log_dirs, previous_epoch } => {
                self.start(now, incarnation, log_dirs, previous_epoch);
            }
            Event::MetadataAt(offset) => self.metadata_at(now, offset),
            Event::ReadyToServe => {
                self.ready = true;
                self.send_soon(now);
            }
            Event::RegistrationAnswered(answer) => self.registered(now, answer),
            Event::HeartbeatAnswered(answer) => self.heartbeat_answered(now, answer, actions),
            Event::RegisterAgain => self.register_again(now),
            Event::DirectoryFailed(directory) => self.directory_failed(now, directory, actions),
            Event::Cordoned(directories) => {
                self.cordoned = Some(directories);
                self.send_soon(now);
            }
            Event::StopRequested => self.stop(now, actions),
            Event::Tick => self.check_deadlines(now, actions),
        }
        self.send_if_due(now, actions);
    }

    fn start(
        &mut self,
        now: Mono,
        incarnation: IncarnationId,
        mut log_dirs: Vec<DirectoryId>,
        previous_epoch: Option<BrokerEpoch>,
    ) {
        if self.state != State::NotRunning {
            return;
        }
        log_dirs.sort_unstable();
        self.state = State::Starting;
        self.registration = Some(Registration { incarnation, log_dirs, previous_epoch });
        self.register_by = Some(now.plus(self.settings.registration_timeout));
        self.next_send = Some(now);
    }

    fn metadata_at(&mut self, now: Mono, offset: Offset) {
        self.metadata_offset = self.metadata_offset.max(Some(offset));
        // The epoch is the offset of the registration or just before it: this may be the moment it waits for.
        let may_be_caught_up = self.epoch.is_some_and(|epoch| offset.get() >= epoch.get());
        if self.state == State::Starting && may_be_caught_up {
            self.send_soon(now);
        }
    }

    fn registered(&mut self, now: Mono, answer: Result<BrokerEpoch, Failure>) {
        if self.in_flight != InFlight::Registration {
            return;
        }
        self.in_flight = InFlight::Nothing;
        match answer {
            Ok(epoch) => {
                self.epoch = Some(epoch);
                self.register_by = None;
                self.backoff.reset();
                self.next_send = Some(now);
            }
            Err(_) => self.send_after_failure(now),
        }
    }

    fn heartbeat_answered(
        &mut self,
        now: Mono,
        answer: Result<Standing, Failure>,
        actions: &mut Vec<Action>,
    ) {
        let told = match core::mem::replace(&mut self.in_flight, InFlight::Nothing) {
            InFlight::Heartbeat(told) => told,
            other => {
                self.in_flight = other;
                return;
            }
        };
        match answer {
            Ok(standing) => {
                self.backoff.reset();
                self.answer_by = self.answer_by.map(|_| now.plus(self.settings.controller_patience));
                for directory in told {
                    self.failed.insert(directory, None);
                }
                let pause = self.advance(standing, actions);
                self.next_send = Some(if self.again { now } else { now.plus(pause) });
                self.again = false;
            }
            Err(Failure::StaleEpoch) => {
                self.epoch = None;
                self.send_after_failure(now);
            }
            Err(Failure::Retry) => self.send_after_failure(now),
        }
    }

    /// Moves on in life by what the controller said; returns how long to wait before the next heartbeat.
    fn advance(&mut self, standing: Standing, actions: &mut Vec<Action>) -> core::time::Duration {
        match self.state {
            State::Starting => {
                if standing.caught_up {
                    self.state = State::Recovery;
                    actions.push(Action::CaughtUp);
                }
                self.settings.starting_interval
            }
            State::Recovery => {
                if !standing.fenced {
                    self.state = State::Running;
                    actions.push(Action::BecameReady);
                }
                self.settings.heartbeat_interval
            }
            State::PendingControlledShutdown if standing.shut_down => {
                self.shut_down(actions);
                self.settings.heartbeat_interval
            }
            State::PendingControlledShutdown if !core::mem::replace(&mut self.stop_seen, true) => {
                // Most often the leaderships have moved by then.
                self.settings.stopping_interval
            }
            _ => self.settings.heartbeat_interval,
        }
    }

    fn register_again(&mut self, now: Mono) {
        if self.epoch.take().is_some() {
            self.send_soon(now);
        }
    }

    fn directory_failed(&mut self, now: Mono, directory: DirectoryId, actions: &mut Vec<Action>) {
        let by = now.plus(self.settings.directory_failure_timeout);
        self.failed.entry(directory).or_insert(Some(by));
        let all = self.registration.as_ref().map_or(&[][..], |registration| &registration.log_dirs);
        if !all.is_empty() && all.iter().all(|directory| self.failed.contains_key(directory)) {
            self.give_up(GaveUp::NoDirectoryLeft, actions);
            return;
        }
        self.send_soon(now);
    }

    fn stop(&mut self, now: Mono, actions: &mut Vec<Action>) {
        match self.state {
            State::Running => {
                self.state = State::PendingControlledShutdown;
                self.stop_by = Some(now.plus(self.settings.shutdown_timeout));
                self.answer_by = Some(now.plus(self.settings.controller_patience));
                self.send_soon(now);
            }
            State::PendingControlledShutdown => {}
            // Nobody relies on it yet.
            _ => self.shut_down(actions),
        }
    }

    fn check_deadlines(&mut self, now: Mono, actions: &mut Vec<Action>) {
        let due = |by: Option<Mono>| by.is_some_and(|by| now >= by);
        if due(self.register_by) {
            self.give_up(GaveUp::RegistrationTimedOut, actions);
        } else if let Some((directory, _)) = self.failed.iter().find(|(_, by)| due(**by)) {
            self.give_up(GaveUp::DirectoryFailureUnknown(*directory), actions);
        } else if due(self.stop_by) || due(self.answer_by) {
            self.shut_down(actions);
        }
    }

    fn shut_down(&mut self, actions: &mut Vec<Action>) {
        self.state = State::ShuttingDown;
        actions.push(Action::MayStop);
    }

    fn give_up(&mut self, reason: GaveUp, actions: &mut Vec<Action>) {
        self.state = State::ShuttingDown;
        actions.push(Action::GiveUp(reason));
    }

    /// The next request goes out at once, or as soon as the one under way is answered.
    fn send_soon(&mut self, now: Mono) {
        if self.in_flight == InFlight::Nothing {
            if self.next_send.is_some() {
                self.next_send = Some(now);
            }
        } else {
            self.again = true;
        }
    }

    fn send_after_failure(&mut self, now: Mono) {
        self.again = false;
        self.next_send = Some(now.plus(self.backoff.next()));
    }

    fn send_if_due(&mut self, now: Mono, actions: &mut Vec<Action>) {
        let alive = !matches!(self.state, State::NotRunning | State::ShuttingDown);
        let due = self.next_send.is_some_and(|at| now >= at);
        if !alive || !due || self.in_flight != InFlight::Nothing {
            return;
        }
        match (self.epoch, &self.registration) {
            (Some(epoch), _) => {
                let heartbeat = self.heartbeat(epoch);
                self.in_flight = InFlight::Heartbeat(heartbeat.offline_log_dirs.clone());
                actions.push(Action::SendHeartbeat(heartbeat));
            }
            (None, Some(registration)) => {
                actions.push(Action::SendRegistration(registration.clone()));
                self.in_flight = InFlight::Registration;
            }
            (None, None) => {}
        }
    }

    fn heartbeat(&self, epoch: BrokerEpoch) -> Heartbeat {
        Heartbeat {
            epoch,
            metadata_offset: self.metadata_offset,
            want_fence: !self.ready,
            want_shut_down: self.state == State::PendingControlledShutdown,
            offline_log_dirs: self.failed.keys().copied().collect(),
            cordoned_log_dirs: self.cordoned.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
