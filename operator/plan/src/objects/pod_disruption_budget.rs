//! The PodDisruptionBudget: an eviction takes one pod of a cluster at a time.

use k8s_openapi::{
    api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec},
    apimachinery::pkg::util::intstr::IntOrString,
};

use crate::{manifest::Manifest, validated::ValidatedCluster};

pub(crate) fn pod_disruption_budget(cluster: &ValidatedCluster) -> Manifest {
    let name = cluster.names.shared();
    let template = cluster.templates.pod_disruption_budget.metadata.as_ref();
    let budget = PodDisruptionBudget {
        metadata: super::owned(cluster, &name, None, template),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(super::selector(super::cluster_selector(cluster))),
            ..PodDisruptionBudgetSpec::default()
        }),
        ..PodDisruptionBudget::default()
    };
    Manifest::new("policy/v1", "PodDisruptionBudget", &name, &budget)
}
