//! A member of a classic group.

use alloc::vec::Vec;
use core::time::Duration;

use broker_protocol::Str;
use broker_types::ReplyId;
use bytes::Bytes;

use crate::{Client, InstanceId, JoinGroup, MemberId, Protocol, timers::Deadline};

/// A member, and what it waits for.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) id: MemberId,
    pub(crate) instance: Option<InstanceId>,
    pub(crate) client: Client,
    pub(crate) session_timeout: Duration,
    pub(crate) rebalance_timeout: Duration,
    /// The best first. Slices of the request that brought them.
    pub(crate) protocols: Vec<Protocol>,
    /// A slice of the leader's request.
    pub(crate) assignment: Bytes,
    /// Waits for the end of the join phase. Set by the group, which counts them.
    pub(super) join: Option<ReplyId>,
    /// Waits for the leader's assignment.
    pub(crate) sync: Option<ReplyId>,
    /// Nobody knows yet whether it heard its id: a silent one is removed even while it waits.
    pub(crate) is_new: bool,
    pub(crate) session: Deadline,
}

impl Member {
    /// A member that joins for the first time.
    pub(crate) fn new(id: MemberId, request: JoinGroup) -> Self {
        let times = (request.session_timeout, request.rebalance_timeout);
        Self {
            instance: request.instance.map(|instance| instance.detached()),
            ..Self::of(id, detached(&request.client), times, request.protocols)
        }
    }

    /// A member with its session and rebalance timeouts that waits for nothing.
    pub(crate) fn of(
        id: MemberId,
        client: Client,
        (session_timeout, rebalance_timeout): (Duration, Duration),
        protocols: Vec<Protocol>,
    ) -> Self {
        Self {
            id,
            instance: None,
            client,
            session_timeout,
            rebalance_timeout,
            protocols,
            assignment: Bytes::new(),
            join: None,
            sync: None,
            is_new: true,
            session: Deadline::default(),
        }
    }

    /// The reply that waits for the end of the join phase.
    pub(crate) const fn joins(&self) -> Option<ReplyId> {
        self.join
    }

    pub(crate) const fn is_joining(&self) -> bool {
        self.join.is_some()
    }

    /// Waiting is a sign of life: the coordinator itself keeps the member from saying more.
    pub(crate) const fn is_heard(&self) -> bool {
        !self.is_new && (self.join.is_some() || self.sync.is_some())
    }

    /// Its metadata in a protocol; empty when it does not know it.
    pub(crate) fn metadata(&self, protocol: Option<&Str>) -> Bytes {
        let mut known = self.protocols.iter();
        let found = known.find(|known| Some(&known.name) == protocol);
        found.map(|known| known.metadata.clone()).unwrap_or_default()
    }
}

fn detached(client: &Client) -> Client {
    Client { id: client.id.detached(), host: client.host.detached() }
}
