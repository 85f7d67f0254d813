//! Where the pods of a pool want to be when the user does not say: spread over zones, on nodes of their own. Both are
//! wishes: a cluster on one laptop runs all the same.

use k8s_openapi::api::core::v1::{
    Affinity, PodAffinityTerm, PodAntiAffinity, TopologySpreadConstraint, WeightedPodAffinityTerm,
};
use operator_api::{BROKER_ROLE_LABEL, CONTROLLER_ROLE_LABEL, Role};

use crate::validated::{ValidatedCluster, ValidatedPool};

const ZONE: &str = "topology.kubernetes.io/zone";
const NODE: &str = "kubernetes.io/hostname";

/// Not on the node of another one with the same role.
pub(super) fn affinity(cluster: &ValidatedCluster, pool: &ValidatedPool) -> Affinity {
    let roles = [(Role::Controller, CONTROLLER_ROLE_LABEL), (Role::Broker, BROKER_ROLE_LABEL)];
    let apart = roles.into_iter().filter(|(role, _)| pool.has(*role)).map(|(_, label)| {
        let mut labels = super::cluster_selector(cluster);
        labels.insert(label.to_owned(), "true".to_owned());
        WeightedPodAffinityTerm {
            weight: 100,
            pod_affinity_term: PodAffinityTerm {
                label_selector: Some(super::selector(labels)),
                topology_key: NODE.to_owned(),
                ..PodAffinityTerm::default()
            },
        }
    });
    Affinity {
        pod_anti_affinity: Some(PodAntiAffinity {
            preferred_during_scheduling_ignored_during_execution: Some(apart.collect()),
            ..PodAntiAffinity::default()
        }),
        ..Affinity::default()
    }
}

/// Evenly over the zones.
pub(super) fn spread(cluster: &ValidatedCluster, pool: &ValidatedPool) -> Vec<TopologySpreadConstraint> {
    vec![TopologySpreadConstraint {
        max_skew: 1,
        topology_key: ZONE.to_owned(),
        when_unsatisfiable: "ScheduleAnyway".to_owned(),
        label_selector: Some(super::selector(super::pool_selector(cluster, &pool.name))),
        ..TopologySpreadConstraint::default()
    }]
}
