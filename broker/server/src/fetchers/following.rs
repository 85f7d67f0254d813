//! The task that follows one leader broker: drives the machine with one connection.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use broker_client::{ClientError, Connection, Security};
use broker_node::fetcher::{Action, Event, Fetcher, Key, LogBounds, Request, Settings};
use broker_protocol::messages::FetchResponse;
use broker_types::{BrokerId, LeaderEpoch};
use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::{
    Change, Inbox,
    wire::{self, Caller},
    write::{self, Job, Work},
};
use crate::{broker::Broker, links::address_of, partition::Partition};

/// A fetch under way; it gives the connection back where it can be used again.
type UnderWay = Pin<Box<dyn Future<Output = Result<(Connection, FetchResponse), ClientError>> + Send>>;
/// Asking for the bounds of logs.
type Asking = Pin<Box<dyn Future<Output = Vec<Event>> + Send>>;

/// The follower of one leader broker.
pub(super) struct Following {
    broker: Arc<Broker>,
    leader: BrokerId,
    inbox: Arc<Inbox>,
    fetcher: Fetcher,
    partitions: BTreeMap<Key, Arc<Partition>>,
    connection: Option<Connection>,
    under_way: Option<UnderWay>,
    asking: Option<Asking>,
    to_ask: Vec<(Key, LeaderEpoch)>,
    /// The records of the answer that is being written, in its order.
    records: Vec<Bytes>,
    /// The leader could not be reached last time: said once.
    is_cut_off: bool,
}

/// What the task waits for.
enum Heard {
    Inbox,
    Answer(Box<Result<(Connection, FetchResponse), ClientError>>),
    Bounds(Vec<Event>),
    Time,
    Draining,
}

impl Following {
    pub(super) fn new(broker: Arc<Broker>, leader: BrokerId, inbox: Arc<Inbox>) -> Self {
        let fetcher = Fetcher::new(settings(&broker));
        Self {
            broker,
            leader,
            inbox,
            fetcher,
            partitions: BTreeMap::new(),
            connection: None,
            under_way: None,
            asking: None,
            to_ask: Vec::new(),
            records: Vec::new(),
            is_cut_off: false,
        }
    }

    /// Follows until nothing is left to follow, or the broker drains.
    pub(super) async fn run(mut self, draining: CancellationToken) {
        loop {
            let events = match self.hear(&draining).await {
                Heard::Draining => return,
                Heard::Inbox => self.read_inbox().await,
                Heard::Answer(answer) => vec![self.answered(*answer)],
                Heard::Bounds(events) => events,
                Heard::Time => vec![Event::Tick],
            };
            self.take(events).await;
            // A leader that hangs is not waited for.
            if self.fetcher.is_empty() && self.broker.partitions().fetchers().may_end(self.leader) {
                return;
            }
        }
    }

    async fn hear(&mut self, draining: &CancellationToken) -> Heard {
        let deadline = self.fetcher.next_deadline().map(|at| self.broker.clock().instant_of(at));
        let is_time = async {
            match deadline {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = draining.cancelled() => Heard::Draining,
            () = self.inbox.changed.notified() => Heard::Inbox,
            answer = or_never(&mut self.under_way) => {
                self.under_way = None;
                Heard::Answer(Box::new(answer))
            }
            events = or_never(&mut self.asking) => {
                self.asking = None;
                Heard::Bounds(events)
            }
            () = is_time => Heard::Time,
        }
    }

    async fn read_inbox(&mut self) -> Vec<Event> {
        let changes = self.inbox.take();
        let followed = changes.values().filter_map(|change| match change {
            Change::Followed(partition) => Some(Arc::clone(partition)),
            Change::Left => None,
        });
        // The first fetch counts what it wrote when it led, too.
        write::sync(&self.broker, followed.collect()).await;
        let mut events = Vec::with_capacity(changes.len() + 1);
        for (key, change) in changes {
            match change {
                // Otherwise it follows no more, and the inbox will say so.
                Change::Followed(partition) => {
                    if let Some((epoch, log)) = partition.following() {
                        let is_throttled = partition.is_throttled_as_follower();
                        self.partitions.insert(key, partition);
                        events.push(Event::Followed { partition: key, epoch, log });
                        events.push(Event::Throttled { partition: key, is_throttled });
                    }
                }
                Change::Left => {
                    self.partitions.remove(&key);
                    events.push(Event::Left { partition: key });
                }
            }
        }
        // Perhaps the quota is another one.
        events.push(Event::Tick);
        events
    }

    /// Tells the machine how the quota is, where that concerns it.
    fn tell_of_quota(&mut self) {
        if self.fetcher.has_throttled() {
            let now = self.broker.clock().now();
            let exceeded_until = self.broker.throttles().follower.exceeded_until(now.mono);
            self.fetcher.step(now, Event::Quota { exceeded_until }, &mut Vec::new());
        }
    }

    fn answered(&mut self, answer: Result<(Connection, FetchResponse), ClientError>) -> Event {
        match answer {
            Ok((connection, response)) => {
                if std::mem::take(&mut self.is_cut_off) {
                    tracing::info!(leader = %self.leader, "the leader is reached again");
                }
                self.connection = Some(connection);
                let (answer, records) = wire::answer(response);
                self.records = records;
                Event::Answered(answer)
            }
            Err(error) => {
                if !std::mem::replace(&mut self.is_cut_off, true) {
                    tracing::warn!(leader = %self.leader, %error, "nothing can be fetched from the leader");
                    self.broker.suspects.note(self.leader);
                }
                Event::Failed
            }
        }
    }

    /// Gives the machine events, and does what it wants until it waits.
    async fn take(&mut self, mut events: Vec<Event>) {
        let mut actions = Vec::new();
        while !events.is_empty() {
            self.tell_of_quota();
            for event in events.drain(..) {
                self.fetcher.step(self.broker.clock().now(), event, &mut actions);
            }
            let jobs = actions.drain(..).filter_map(|action| self.perform(action)).collect();
            events = write::all(&self.broker, jobs).await;
        }
        self.records.clear();
        self.ask();
    }

    /// Begins what is not a change of a log; that is given back.
    fn perform(&mut self, action: Action) -> Option<Job> {
        let (key, epoch, work) = match action {
            Action::SendFetch(request) => {
                self.under_way = Some(Box::pin(exchange(
                    self.connection.take(),
                    self.way(),
                    caller(&self.broker),
                    request,
                )));
                return None;
            }
            Action::Abandon => {
                self.under_way = None;
                return None;
            }
            Action::AskBounds { partition, epoch } => {
                self.to_ask.push((partition, epoch));
                return None;
            }
            Action::Write { partition, epoch, index, told } => {
                let records = self.records.get(index).cloned().unwrap_or_default();
                (partition, epoch, Work::Append { records, told })
            }
            Action::SetHighWatermark { partition, epoch, told } => {
                (partition, epoch, Work::Append { records: Bytes::new(), told })
            }
            Action::Truncate { partition, epoch, theirs } => (partition, epoch, Work::Truncate(theirs)),
            Action::TruncateAt { partition, epoch, to } => (partition, epoch, Work::Cut(to)),
            Action::Restart { partition, epoch, at } => (partition, epoch, Work::Restart(at)),
        };
        let partition = Arc::clone(self.partitions.get(&key)?);
        if let Work::Append { records, .. } = &work
            && partition.is_throttled_as_follower()
            && !records.is_empty()
        {
            self.broker.throttles().follower.record(self.broker.clock().mono(), records.len());
        }
        Some(Job { key, partition, epoch, work })
    }

    /// Asks for the bounds that the machine wants to know, on a connection of its own: it is rare, and fetches go on.
    fn ask(&mut self) {
        if self.asking.is_some() || self.to_ask.is_empty() {
            return;
        }
        let wanted = std::mem::take(&mut self.to_ask).into_iter();
        let wanted = wanted.map(|(key, epoch)| (key, epoch, self.partitions.get(&key).cloned())).collect();
        self.asking = Some(Box::pin(ask_bounds(self.way(), self.broker.id(), wanted)));
    }

    fn way(&self) -> Way {
        Way {
            address: address_of(&self.broker, self.leader),
            name: self.name(),
            patience: self.patience(),
            security: self.broker.security().brokers.clone(),
        }
    }

    /// What the leader's log calls this fetcher.
    fn name(&self) -> String {
        format!("broker-{}-fetcher-0", self.broker.id())
    }

    fn patience(&self) -> Duration {
        self.broker.settings().config.replication.socket_timeout
    }
}

async fn or_never<F: Future + Unpin>(future: &mut Option<F>) -> F::Output {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}

fn settings(broker: &Broker) -> Settings {
    let config = &broker.settings().config.replication;
    let bytes = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Settings {
        partition_bytes_max: bytes(config.fetch_partition_bytes_max),
        response_bytes_max: bytes(config.fetch_response_bytes_max),
        bytes_min: bytes(config.fetch_bytes_min),
        wait_max: config.fetch_wait_max,
        backoff: config.fetch_backoff,
    }
}

fn caller(broker: &Broker) -> Caller {
    let settings = settings(broker);
    let raw = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    Caller {
        me: broker.id(),
        epoch: broker.broker_epoch(),
        wait_max_ms: i32::try_from(settings.wait_max.as_millis()).unwrap_or(i32::MAX),
        bytes_min: raw(settings.bytes_min),
        response_bytes_max: raw(settings.response_bytes_max),
        partition_bytes_max: raw(settings.partition_bytes_max),
    }
}

/// Where a leader is, and how it is spoken to.
struct Way {
    address: Option<String>,
    name: String,
    patience: Duration,
    security: Security,
}

async fn connect(way: &Way) -> Result<Connection, ClientError> {
    match &way.address {
        Some(address) => Connection::open(address, &way.name, way.patience, &way.security).await,
        None => Err(ClientError::Codec {
            api: broker_protocol::ApiKey::Fetch,
            reason: "the leader is not registered with the listener of brokers".to_owned(),
        }),
    }
}

async fn exchange(
    connection: Option<Connection>,
    way: Way,
    caller: Caller,
    request: Request,
) -> Result<(Connection, FetchResponse), ClientError> {
    let mut connection = match connection {
        Some(connection) => connection,
        None => connect(&way).await?,
    };
    let response = wire::fetch(&mut connection, caller, &request).await?;
    Ok((connection, response))
}

async fn ask_bounds(
    way: Way,
    me: BrokerId,
    wanted: Vec<(Key, LeaderEpoch, Option<Arc<Partition>>)>,
) -> Vec<Event> {
    let mut connection = connect(&way).await.ok();
    let mut events = Vec::with_capacity(wanted.len());
    for (key, epoch, partition) in wanted {
        let bounds: Option<LogBounds> = match (&mut connection, partition) {
            (Some(connection), Some(partition)) => wire::bounds(connection, me, &partition, epoch).await,
            _ => None,
        };
        events.push(Event::Bounds { partition: key, epoch, bounds });
    }
    events
}
