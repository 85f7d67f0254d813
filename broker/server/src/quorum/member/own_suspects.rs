//! Brokers whose connection to this controller was lost: their listeners are tried, and those that are gone are fenced
//! without waiting for their sessions.

use std::{io, time::Duration};

use broker_controller::{Probe, Request, Suspect, SuspectAction, SuspectEvent};
use broker_coordinator as coordinator;
use broker_types::{BrokerId, ReplyId};
use tokio::{net::TcpStream, runtime::Handle, time::timeout};

use super::{Events, Member};
use crate::{
    quorum::{Command, QuorumDiskError, QuorumHandle},
    tasks::{TaskKind, Tasks},
};

/// The reply to the fencing of a suspect; nobody waits for it.
const SUSPECT_FENCED: ReplyId = ReplyId::new(u64::MAX - 3);
/// How long a listener is tried.
const PROBE_PATIENCE: Duration = Duration::from_secs(1);

/// Tries the listeners of brokers. Lives on the quorum's thread.
#[derive(Debug)]
pub(crate) struct Prober {
    listener: String,
    quorum: QuorumHandle,
    runtime: Handle,
    tasks: Tasks,
}

impl Prober {
    /// One that tries the listeners of this name: those that brokers have for one another.
    pub(crate) fn new(listener: String, quorum: QuorumHandle, runtime: Handle) -> Self {
        Self { listener, quorum, runtime, tasks: Tasks::default() }
    }

    fn probe(&self, one: Suspect, address: Option<(String, u16)>) {
        let quorum = self.quorum.clone();
        let _in_runtime = self.runtime.enter();
        self.tasks.spawn(TaskKind::Connection, async move {
            let found = match address {
                Some(address) => probe(address).await,
                None => Probe::Silent,
            };
            quorum.probed(one, found).await;
        });
    }
}

/// Whether somebody listens there. The connection alone tells it, whatever is spoken over it.
async fn probe((host, port): (String, u16)) -> Probe {
    match timeout(PROBE_PATIENCE, TcpStream::connect((host.as_str(), port))).await {
        Ok(Ok(_connected)) => Probe::Answered,
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => Probe::Refused,
        Ok(Err(_)) | Err(_) => Probe::Silent,
    }
}

impl<E: Events> Member<E> {
    /// Steps the machine of suspicions and does what it wants.
    pub(super) fn suspects_step(&mut self, event: SuspectEvent) -> Result<(), QuorumDiskError> {
        let mut actions = Vec::new();
        self.suspects.step(self.clock.now(), event, &mut actions);
        for action in actions {
            match action {
                SuspectAction::Probe(one) => self.prober.probe(one, self.listener_of(one.broker)),
                SuspectAction::Fence(one) => {
                    tracing::warn!(broker = %one.broker, "a broker is gone: its connection was lost, and nobody listens there");
                    self.fence(one)?;
                }
            }
        }
        Ok(())
    }

    /// This controller leads now, and has heard from nobody yet. Of its own node it knows that it lives.
    pub(super) fn suspect_all(&mut self) -> Result<(), QuorumDiskError> {
        let brokers = self.driver.committed().settled().cluster().brokers().values();
        let others = brokers.filter(|broker| !broker.fenced && broker.id != self.id());
        let all = others.map(|broker| Suspect { broker: broker.id, epoch: broker.epoch }).collect();
        self.suspects_step(SuspectEvent::Elected(all))
    }

    /// The last connection over which a broker sent heartbeats has ended.
    pub(super) fn broker_lost(&mut self, id: BrokerId) -> Result<(), QuorumDiskError> {
        let known = self.driver.committed().settled().cluster().broker(id);
        match known.filter(|broker| !broker.fenced) {
            Some(broker) => {
                self.suspects_step(SuspectEvent::Lost(Suspect { broker: id, epoch: broker.epoch }))
            }
            None => Ok(()),
        }
    }

    /// Takes from requests to the controller what they tell of suspects.
    pub(super) fn clear_suspects(&mut self, request: &Request) -> Result<(), QuorumDiskError> {
        match request {
            Request::Heartbeat(heartbeat) => {
                let known = self.driver.committed().cluster().broker(heartbeat.broker);
                if known.is_some_and(|broker| broker.epoch == heartbeat.epoch) {
                    self.suspects_step(SuspectEvent::Heard(heartbeat.broker))?;
                }
                Ok(())
            }
            Request::RegisterBroker(registration) => {
                match self.suspects.replaced(self.driver.committed(), registration) {
                    Some(one) => {
                        tracing::info!(broker = %one.broker, "a broker is back as another process");
                        self.fence(one)
                    }
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn fence(&mut self, one: Suspect) -> Result<(), QuorumDiskError> {
        let request = Request::Suspect(one);
        self.driver_step(coordinator::Event::Request { reply: SUSPECT_FENCED, request })
    }

    /// Where a broker listens to other brokers, or to anybody.
    fn listener_of(&self, id: BrokerId) -> Option<(String, u16)> {
        let broker = self.driver.committed().cluster().broker(id)?;
        let endpoint = broker.endpoint(&self.prober.listener).or_else(|| broker.endpoints.first())?;
        Some((endpoint.host.to_string(), endpoint.port))
    }
}

impl QuorumHandle {
    /// The last connection over which a broker sent heartbeats has ended.
    pub(crate) fn broker_lost(&self, broker: BrokerId) {
        self.tell(Command::BrokerLost(broker));
    }

    /// A probe is done. Waits for room in the queue: the machine waits for each.
    async fn probed(&self, one: Suspect, found: Probe) {
        let mut command = Command::Probed(one, found);
        while let Err(std::sync::mpsc::TrySendError::Full(back)) = self.commands.try_send(command) {
            command = back;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
