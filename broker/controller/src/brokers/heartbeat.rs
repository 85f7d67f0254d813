//! Heartbeats: how a broker gets unfenced, stays so, and leaves.
//!
//! ```text
//!            caught up, wants no fence                wants to stop, leads something
//!  Fenced ───────────────────────────► Unfenced ────────────────────────────────────► leaving
//!    ▲  ◄──── wants fence, or silent ────┘ │                                              │
//!    └──────────── stop at once ◄──────────┴──── leads nothing ◄── others saw it leave ───┘
//! ```

use alloc::vec::Vec;

use broker_metadata::{Broker, Image, MetadataVersion};
use broker_protocol::records::metadata::{BrokerRegistrationChangeRecord, MetadataRecord};
use broker_types::{BrokerEpoch, BrokerId, DirectoryId, Mono, Offset};

use super::{StaleBroker, fence, registered, registration_change};
use crate::{
    Settings,
    leadership::{follow, leads_any},
    partition_change::Move,
    sessions::Sessions,
};

/// A broker says that it lives and what it wants.
#[derive(Clone, Debug, PartialEq)]
pub struct Heartbeat {
    /// Its node id.
    pub broker: BrokerId,
    /// The epoch of its registration.
    pub epoch: BrokerEpoch,
    /// How far it has replayed the metadata.
    pub metadata_offset: Option<Offset>,
    /// It wants to be or stay fenced.
    pub want_fence: bool,
    /// It wants to stop.
    pub want_shut_down: bool,
    /// Its directories that failed (KIP-858).
    pub offline_log_dirs: Vec<DirectoryId>,
    /// Its directories that take no new replicas (KIP-1066); `None` when it does not say.
    pub cordoned_log_dirs: Option<Vec<DirectoryId>>,
}

/// What the controller makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeartbeatReply {
    /// The broker has replayed its own registration.
    pub caught_up: bool,
    /// It is fenced.
    pub fenced: bool,
    /// It may stop now.
    pub shut_down: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Fenced,
    Unfenced,
    Leaving,
    Stop,
}

/// Answers a heartbeat.
pub(crate) fn heartbeat(
    image: &Image,
    settings: &Settings,
    sessions: &mut Sessions,
    now: Mono,
    request: &Heartbeat,
) -> Result<(Vec<MetadataRecord>, HeartbeatReply), StaleBroker> {
    let broker = registered(image, request.broker, request.epoch)?;
    sessions.touch(now, broker.id, broker.epoch, request.metadata_offset);
    let current = match (broker.fenced, broker.in_controlled_shutdown) {
        (true, _) => Standing::Fenced,
        (false, true) => Standing::Leaving,
        (false, false) => Standing::Unfenced,
    };
    let caught_up = request.metadata_offset >= Some(broker.registered_at);
    let next = next_standing(image, sessions, broker, request, current, caught_up);
    let mut records = transition(image, settings, broker, current, next);
    records.extend(directory_changes(image, settings, broker, request));
    if next == Standing::Stop {
        // This life is over: the next one need not wait until its session runs out.
        sessions.remove(broker.id);
    } else if next == Standing::Fenced {
        sessions.set_shutdown_offset(broker.id, None);
    } else if next == Standing::Leaving && sessions.shutdown_offset(broker.id).is_none() {
        // What moves its leaderships ends there; a new controller knows only that it ends no later than its log.
        sessions.set_shutdown_offset(broker.id, end_of(image, &records));
    }
    let fenced = matches!(next, Standing::Fenced | Standing::Stop);
    Ok((records, HeartbeatReply { caught_up, fenced, shut_down: next == Standing::Stop }))
}

/// The offset of the last of these records, which come next in the log.
fn end_of(image: &Image, records: &[MetadataRecord]) -> Option<Offset> {
    let added = i64::try_from(records.len()).unwrap_or(i64::MAX);
    match image.last_offset() {
        Some(last) => Some(last.plus(added)),
        None => (added > 0).then(|| Offset::ZERO.plus(added - 1)),
    }
}

fn next_standing(
    image: &Image,
    sessions: &Sessions,
    broker: &Broker,
    request: &Heartbeat,
    current: Standing,
    caught_up: bool,
) -> Standing {
    match current {
        Standing::Fenced if request.want_shut_down => Standing::Stop,
        Standing::Fenced if !request.want_fence && caught_up => Standing::Unfenced,
        Standing::Fenced => Standing::Fenced,
        Standing::Unfenced if request.want_fence && request.want_shut_down => Standing::Stop,
        Standing::Unfenced if request.want_fence => Standing::Fenced,
        Standing::Unfenced if !request.want_shut_down => Standing::Unfenced,
        Standing::Unfenced if leads_any(image, broker.id) => Standing::Leaving,
        Standing::Unfenced => Standing::Stop,
        Standing::Leaving if leads_any(image, broker.id) => Standing::Leaving,
        Standing::Leaving => {
            // A new controller takes what it has replayed so far for the offset that the others must reach.
            let offset = sessions.shutdown_offset(broker.id).or(image.last_offset());
            let seen = offset.is_none_or(|offset| sessions.all_active_reached(image, offset));
            if seen { Standing::Stop } else { Standing::Leaving }
        }
        Standing::Stop => Standing::Stop,
    }
}

fn transition(
    image: &Image,
    settings: &Settings,
    broker: &Broker,
    current: Standing,
    next: Standing,
) -> Vec<MetadataRecord> {
    match next {
        _ if next == current => Vec::new(),
        Standing::Stop if broker.fenced => Vec::new(),
        Standing::Fenced | Standing::Stop => fence(image, settings, broker),
        Standing::Unfenced => {
            let record = BrokerRegistrationChangeRecord { fenced: -1, ..registration_change(broker) };
            let mut records = alloc::vec![MetadataRecord::BrokerRegistrationChange(record)];
            records.extend(follow(image, settings, Move::Returns(broker.id)));
            records
        }
        Standing::Leaving => {
            let record =
                BrokerRegistrationChangeRecord { in_controlled_shutdown: 1, ..registration_change(broker) };
            let mut records = alloc::vec![MetadataRecord::BrokerRegistrationChange(record)];
            records.extend(follow(image, settings, Move::Leaves(broker.id)));
            records
        }
    }
}

/// Directories that failed take their partitions' leaderships with them; cordoned ones are only noted.
fn directory_changes(
    image: &Image,
    settings: &Settings,
    broker: &Broker,
    request: &Heartbeat,
) -> Vec<MetadataRecord> {
    let mut records = Vec::new();
    if image.metadata_version() >= MetadataVersion::DIRECTORIES {
        let (failed, online): (Vec<_>, Vec<_>) =
            broker.log_dirs.iter().copied().partition(|dir| request.offline_log_dirs.contains(dir));
        if !failed.is_empty() {
            records = crate::directories::failed(image, settings, broker.id, &failed);
            let log_dirs = online.iter().map(|dir| dir.uuid()).collect();
            let record = BrokerRegistrationChangeRecord { log_dirs, ..registration_change(broker) };
            records.push(MetadataRecord::BrokerRegistrationChange(record));
        }
    }
    if image.metadata_version() >= MetadataVersion::LATEST
        && let Some(cordoned) = &request.cordoned_log_dirs
        && broker.cordoned_log_dirs.as_deref() != Some(&**cordoned)
    {
        let cordoned_log_dirs = Some(cordoned.iter().map(|dir| dir.uuid()).collect());
        let record = BrokerRegistrationChangeRecord { cordoned_log_dirs, ..registration_change(broker) };
        records.push(MetadataRecord::BrokerRegistrationChange(record));
    }
    records
}
