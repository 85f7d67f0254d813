//! The two kinds of cluster that faults are tried on, and whom a fault strikes.

use anyhow::{Context, Result};
use tests_compat::{Cluster, Kind, Roles, Spec};

use crate::load::TOPIC;

/// How controllers and brokers are spread over processes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shape {
    /// Three nodes that are both.
    Combined,
    /// Three controllers (1 to 3) and three brokers (4 to 6).
    Separate,
}

/// Whom a fault strikes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Victim {
    /// The broker that leads partition 0.
    Leader,
    /// A broker that follows it.
    Follower,
    /// The controller that leads the quorum.
    Controller,
    /// Every node at once.
    All,
}

impl Victim {
    pub(crate) const EACH: [Self; 4] = [Self::Leader, Self::Follower, Self::Controller, Self::All];

    /// The ids of the nodes that it names now.
    pub(crate) fn nodes(self, cluster: &Cluster) -> Result<Vec<usize>> {
        let of_partition = |is_leader: bool| -> Result<Vec<usize>> {
            let view = cluster.partitions(TOPIC)?.into_iter().next().context("a partition")?;
            let leader = view.leader.context("nobody leads")?;
            let id = view.replicas.into_iter().find(|id| (*id == leader) == is_leader);
            Ok(vec![usize::try_from(id.context("a replica")?)?])
        };
        match self {
            Self::Leader => of_partition(true),
            Self::Follower => of_partition(false),
            Self::Controller => Ok(vec![cluster.leader()?]),
            Self::All => Ok((1..=cluster.nodes().len()).collect()),
        }
    }
}

/// A node that finds a dead one quickly, so that a test is short.
pub(crate) fn quick(spec: Spec) -> Spec {
    spec.set("broker.session.timeout.ms", "3000")
        .set("broker.heartbeat.interval.ms", "500")
        .set("controller.quorum.fetch.timeout.ms", "1000")
        .set("controller.quorum.election.timeout.ms", "500")
        .set("replica.lag.time.max.ms", "3000")
}

impl Shape {
    pub(crate) fn start(self) -> Result<Cluster> {
        let spec = quick(Spec::new(Kind::under_test()?));
        Cluster::start_specs(match self {
            Self::Combined => vec![spec; 3],
            Self::Separate => {
                let of = |roles| vec![spec.clone().roles(roles); 3];
                [of(Roles::Controller), of(Roles::Broker)].concat()
            }
        })
    }
}
