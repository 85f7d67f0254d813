//! What a cluster says about its users.

use std::collections::BTreeSet;

use operator_api::KafkaCluster;

use crate::{
    certificates::{Which, Window},
    validate,
};

/// What the cluster says about its users.
#[derive(Clone, Debug, PartialEq)]
pub struct UserRules {
    /// Its name.
    pub cluster: String,
    /// Whether it looks at ACLs.
    pub authorizes: bool,
    /// The types of authentication of its listeners.
    pub asks_for: BTreeSet<String>,
    /// How long certificates of users hold where they do not say, in days.
    pub validity_days: i64,
    /// How many days before its end a certificate is replaced.
    pub renewal_days: i64,
    /// When certificates that near their end may be replaced; at any time when there are none.
    pub windows: Vec<Window>,
}

impl UserRules {
    /// What `cluster` says. What does not make sense is told in its own status, and is as if it were not stated here.
    #[must_use]
    pub fn of(cluster: &KafkaCluster) -> Self {
        let spec = &cluster.spec;
        let stated = spec.clients_ca.clone().unwrap_or_default();
        let (validity_days, renewal_days) = validate::days(Which::Clients, &stated)
            .or_else(|_| validate::days(Which::Clients, &Default::default()))
            .unwrap_or_default();
        let kinds = spec.kafka.listeners.iter().filter_map(|listener| listener.authentication.as_ref());
        let windows = spec.maintenance_time_windows.iter().filter_map(|text| Window::parse(text).ok());
        Self {
            cluster: cluster.metadata.name.clone().unwrap_or_default(),
            authorizes: spec.kafka.authorization.is_some(),
            asks_for: kinds.map(|authentication| authentication.kind.clone()).collect(),
            validity_days,
            renewal_days,
            windows: windows.collect(),
        }
    }
}
