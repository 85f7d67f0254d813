//! Who a node is, and the metadata quorum.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use broker_types::BrokerId;

use crate::{HostPort, Values};

/// What a process is (`process.roles`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Roles {
    /// Holds partitions.
    Broker,
    /// Holds metadata.
    Controller,
    /// Both.
    Combined,
}

impl Roles {
    /// Whether it holds partitions.
    #[must_use]
    pub const fn is_broker(self) -> bool {
        matches!(self, Self::Broker | Self::Combined)
    }

    /// Whether it holds metadata.
    #[must_use]
    pub const fn is_controller(self) -> bool {
        matches!(self, Self::Controller | Self::Combined)
    }

    /// Kafka's text.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Controller => "controller",
            Self::Combined => "broker,controller",
        }
    }
}

/// A voter of a static quorum: `id@host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    /// Its node id.
    pub id: BrokerId,
    /// Where it listens; `None` for the placeholder `0.0.0.0:0`, which is not connected to.
    pub address: Option<HostPort>,
}

impl Voter {
    /// Reads a voter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (id, address) = text.split_once('@')?;
        let id = BrokerId::from_wire(id.trim().parse().ok()?)?;
        let address = if address == "0.0.0.0:0" { None } else { Some(HostPort::parse(address)?) };
        Some(Self { id, address })
    }
}

/// How the metadata quorum is found and formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// Static voters; empty where the quorum's own records name them (KIP-853).
    pub voters: Vec<Voter>,
    /// Where the quorum is found at first.
    pub bootstrap_servers: Vec<HostPort>,
    /// Without a leader for this long, a voter stands for election.
    pub election_timeout: Duration,
    /// Longest pause between lost elections.
    pub election_backoff_max: Duration,
    /// Without a good fetch for this long, a voter stands for election and a leader resigns.
    pub fetch_timeout: Duration,
    /// How long the leader gathers records.
    pub append_linger: Duration,
    /// When a request counts as failed.
    pub request_timeout: Duration,
    /// Pause before it is sent again.
    pub retry_backoff: Duration,
    /// Most bytes of the log in one fetch.
    pub fetch_bytes_max: usize,
    /// Most bytes of a snapshot in one fetch.
    pub fetch_snapshot_bytes_max: usize,
    /// Whether a controller adds itself to the voters.
    pub auto_join: bool,
    /// Time between two heartbeats of a broker.
    pub heartbeat_interval: Duration,
    /// Time without a heartbeat after which a broker is fenced.
    pub session_timeout: Duration,
    /// Time that a starting broker tries to register.
    pub initial_registration_timeout: Duration,
}

/// The metadata log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataLog {
    /// Its directory; the first of the log directories when not set.
    pub dir: Option<String>,
    /// Size of a segment.
    pub segment_bytes: u32,
    /// Age at which a segment rolls.
    pub segment_age: Duration,
    /// Bytes after which a snapshot is made.
    pub snapshot_bytes: u64,
    /// Time after which a snapshot is made; `None`: never by time.
    pub snapshot_interval: Option<Duration>,
    /// Size above which old segments and snapshots go; `None`: no limit.
    pub retention_bytes: Option<u64>,
    /// Age above which they go; `None`: no limit.
    pub retention_age: Option<Duration>,
    /// Idle time after which a no-op record is written; `None`: never.
    pub idle_interval: Option<Duration>,
    /// Largest batch.
    pub batch_bytes_max: usize,
}

pub(super) fn roles(values: &Values) -> Roles {
    let has = |role: &str| values.list("process.roles").iter().any(|item| item == role);
    match (has("broker"), has("controller")) {
        (true, true) => Roles::Combined,
        (false, true) => Roles::Controller,
        _ => Roles::Broker,
    }
}

pub(super) fn quorum(values: &Values) -> Quorum {
    let voters = values.list("controller.quorum.voters").iter().filter_map(|text| Voter::parse(text));
    let servers = values.list("controller.quorum.bootstrap.servers");
    Quorum {
        voters: voters.collect(),
        bootstrap_servers: servers.iter().filter_map(|text| HostPort::parse(text)).collect(),
        election_timeout: values.duration("controller.quorum.election.timeout.ms"),
        election_backoff_max: values.duration("controller.quorum.election.backoff.max.ms"),
        fetch_timeout: values.duration("controller.quorum.fetch.timeout.ms"),
        append_linger: values.duration("controller.quorum.append.linger.ms"),
        request_timeout: values.duration("controller.quorum.request.timeout.ms"),
        retry_backoff: values.duration("controller.quorum.retry.backoff.ms"),
        fetch_bytes_max: values.count("controller.quorum.fetch.max.bytes"),
        fetch_snapshot_bytes_max: values.count("controller.quorum.fetch.snapshot.max.bytes"),
        auto_join: values.is_on("controller.quorum.auto.join.enable"),
        heartbeat_interval: values.duration("broker.heartbeat.interval.ms"),
        session_timeout: values.duration("broker.session.timeout.ms"),
        initial_registration_timeout: values.duration("initial.broker.registration.timeout.ms"),
    }
}

pub(super) fn metadata_log(values: &Values) -> MetadataLog {
    let unless_zero = |name| values.time(name).filter(|time| !time.is_zero());
    let segment_bytes = match values.size("internal.metadata.log.segment.bytes") {
        Some(_) => values.count_u32("internal.metadata.log.segment.bytes"),
        None => values.count_u32("metadata.log.segment.bytes"),
    };
    MetadataLog {
        dir: values.text("metadata.log.dir").map(ToOwned::to_owned),
        segment_bytes,
        segment_age: values.duration("metadata.log.segment.ms"),
        snapshot_bytes: values.size("metadata.log.max.record.bytes.between.snapshots").unwrap_or(u64::MAX),
        snapshot_interval: unless_zero("metadata.log.max.snapshot.interval.ms"),
        retention_bytes: values.size("metadata.max.retention.bytes"),
        retention_age: values.time("metadata.max.retention.ms"),
        idle_interval: unless_zero("metadata.max.idle.interval.ms"),
        batch_bytes_max: values.count("internal.metadata.max.batch.size.in.bytes"),
    }
}
