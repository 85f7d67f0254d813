//! Brokers that may have died, found out without waiting for their sessions to run out: a lost connection makes a broker
//! suspect, and its listener is tried until it is heard from again or nobody listens there any more.
//!
//! ```text
//!  Elected ─┐                        ┌── Probed(Refused) ──► Fence
//!  Lost ────┴─► suspect ──► Probe ───┤
//!                  ▲                 └── Probed(Answered | Silent), after a pause ──► Probe
//!                  └─ ends with Heard, with Resigned, and when its session would have run out
//! ```
//!
//! A broker that comes back as another process with the directories of the one that is suspect proves by that that the
//! other one is gone: directories are locked by who uses them.
//!
//! Invariants: at most 16 probes are under way; the shell answers each; who is fenced was refused, or replaced,
//! after its connection was lost. Fencing is safe in any case: a broker that lives is unfenced by its next heartbeat.

use alloc::{collections::BTreeMap, vec::Vec};
use core::time::Duration;

use broker_metadata::Image;
use broker_types::{BrokerEpoch, BrokerId, Mono, Now};

use crate::{RegisterBroker, Suspect};

/// How many probes may be under way.
pub(crate) const PROBES_MAX: usize = 16;
/// The pause after the first probe that found somebody; it doubles.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_millis(500);

/// What a probe of a broker's listener found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Nobody listens there: the process is gone.
    Refused,
    /// Somebody took the connection.
    Answered,
    /// Nothing was heard, or its address does not resolve: that says nothing of the process.
    Silent,
}

/// What happens to suspicions.
#[derive(Clone, Debug, PartialEq)]
pub enum SuspectEvent {
    /// This controller leads now. It knows no connections: every unfenced broker but its own is suspect.
    Elected(Vec<Suspect>),
    /// It leads no longer.
    Resigned,
    /// The last connection of an unfenced broker to this controller has ended.
    Lost(Suspect),
    /// A heartbeat of the broker came.
    Heard(BrokerId),
    /// A probe is done.
    Probed(Suspect, Probe),
    /// [`Suspects::next_deadline`] has come.
    Tick,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspectAction {
    /// Try the broker's listener, and say what was found.
    Probe(Suspect),
    /// The broker is gone: have it fenced.
    Fence(Suspect),
}

/// The brokers that are suspect.
#[derive(Debug)]
pub struct Suspects {
    session_timeout: Duration,
    leads: bool,
    under_way: usize,
    by_broker: BTreeMap<BrokerId, Suspicion>,
}

#[derive(Debug)]
struct Suspicion {
    epoch: BrokerEpoch,
    /// When the session has run out anyway.
    until: Mono,
    pause: Duration,
    /// When the next probe is due; `None` while one is under way.
    probe_at: Option<Mono>,
}

impl Suspects {
    /// Nobody is suspect. Suspicions last as long as a session at most.
    #[must_use]
    pub const fn new(session_timeout: Duration) -> Self {
        Self { session_timeout, leads: false, under_way: 0, by_broker: BTreeMap::new() }
    }

    /// When [`SuspectEvent::Tick`] is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        let has_room = self.under_way < PROBES_MAX;
        let of = |suspicion: &Suspicion| {
            suspicion.probe_at.filter(|_| has_room).map_or(suspicion.until, |at| at.min(suspicion.until))
        };
        self.by_broker.values().map(of).min()
    }

    /// Whose registration this one takes the place of, when that life is suspect: the directories were locked by it, so it is
    /// gone.
    #[must_use]
    pub fn replaced(&self, image: &Image, request: &RegisterBroker) -> Option<Suspect> {
        let suspicion = self.by_broker.get(&request.broker)?;
        let known = image.cluster().broker(request.broker)?;
        let is_it = known.epoch == suspicion.epoch && known.incarnation != request.incarnation;
        let has_its_directories =
            !known.log_dirs.is_empty() && known.log_dirs.iter().any(|dir| request.log_dirs.contains(dir));
        (is_it && has_its_directories).then_some(Suspect { broker: known.id, epoch: known.epoch })
    }

    /// Takes one event. Total: never fails, never waits.
    pub fn step(&mut self, now: Now, event: SuspectEvent, actions: &mut Vec<SuspectAction>) {
        let now = now.mono;
        match event {
            SuspectEvent::Elected(all) => {
                self.leads = true;
                all.into_iter().for_each(|one| self.suspect(now, one));
            }
            SuspectEvent::Resigned => {
                self.leads = false;
                self.by_broker.clear();
            }
            SuspectEvent::Lost(one) if self.leads => self.suspect(now, one),
            SuspectEvent::Lost(_) | SuspectEvent::Tick => {}
            SuspectEvent::Heard(broker) => _ = self.by_broker.remove(&broker),
            SuspectEvent::Probed(one, found) => self.probed(now, one, found, actions),
        }
        self.by_broker.retain(|_, suspicion| now < suspicion.until);
        self.send_probes(now, actions);
        assert!(self.under_way <= PROBES_MAX, "probes are bounded");
    }

    fn suspect(&mut self, now: Mono, Suspect { broker, epoch }: Suspect) {
        if self.by_broker.get(&broker).is_some_and(|known| known.epoch == epoch) {
            return;
        }
        let until = now.plus(self.session_timeout);
        let suspicion = Suspicion { epoch, until, pause: PAUSE_FIRST, probe_at: Some(now) };
        self.by_broker.insert(broker, suspicion);
    }

    fn probed(&mut self, now: Mono, one: Suspect, found: Probe, actions: &mut Vec<SuspectAction>) {
        self.under_way = self.under_way.saturating_sub(1);
        let of_it = |known: &&mut Suspicion| known.epoch == one.epoch && known.probe_at.is_none();
        let Some(suspicion) = self.by_broker.get_mut(&one.broker).filter(of_it) else { return };
        if found == Probe::Refused {
            self.by_broker.remove(&one.broker);
            actions.push(SuspectAction::Fence(one));
            return;
        }
        suspicion.probe_at = Some(now.plus(suspicion.pause));
        suspicion.pause = (suspicion.pause * 2).min(PAUSE_MAX);
    }

    fn send_probes(&mut self, now: Mono, actions: &mut Vec<SuspectAction>) {
        for (broker, suspicion) in &mut self.by_broker {
            if self.under_way == PROBES_MAX {
                return;
            }
            if suspicion.probe_at.is_some_and(|at| at <= now) {
                suspicion.probe_at = None;
                self.under_way += 1;
                actions.push(SuspectAction::Probe(Suspect { broker: *broker, epoch: suspicion.epoch }));
            }
        }
    }
}

#[cfg(test)]
mod tests;
