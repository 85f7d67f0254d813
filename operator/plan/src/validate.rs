//! Whether what was read makes sense: a cluster that can be planned, or the field that is wrong and why.
//!
//! Invariant: an invalid cluster changes nothing that runs.

mod access;
mod broker;
mod certificates;
mod config;
mod identity;
mod listeners;
mod node_ids;
mod own_certificates;
mod pools;
mod resources;
mod roles;
mod shrink;
mod storage;
#[cfg(test)]
mod tests;
mod version;

pub(crate) use certificates::{are_given, days};
pub use config::is_decided;
pub(crate) use node_ids::label;
pub(crate) use version::{KAFKA_VERSION, METADATA_VERSION};

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use operator_api::{GROUP, Listener, ListenerAuthentication, Role, SizingMode, VERSION};

use crate::{
    conditions::Warning,
    listeners::Node,
    names::Names,
    observed::{Observed, Settings},
    size::{load::Load, model},
    validated::{SharedTemplates, ValidatedCluster},
};

/// What is wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Invalid {
    /// Which field, of which object where it is not the KafkaCluster.
    pub field: String,
    /// Why it cannot be so, and what can.
    pub reason: String,
}

impl Invalid {
    pub(crate) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

/// Ports that are not users'.
const ADMIN_PORT: i32 = 9644;
const LISTENER_PORTS: std::ops::RangeInclusive<i32> = 9092..=65535;
/// Label values that a StatefulSet's controller makes of its name must fit into 63.
const POOL_NAME_MAX: usize = 52;

/// Checks everything that a plan rests on.
///
/// # Errors
/// The first field that is wrong.
pub fn validate(observed: &Observed, settings: &Settings) -> Result<ValidatedCluster, Invalid> {
    let metadata = &observed.cluster.metadata;
    let spec = &observed.cluster.spec;
    let name = metadata.name.clone().unwrap_or_default();
    let names =
        Names::new(&name, metadata.namespace.as_deref().unwrap_or_default(), &settings.cluster_domain);
    let mut warnings = Vec::new();
    version::check_kafka(&spec.kafka, &mut warnings)?;
    names_and_ports(&spec.kafka.listeners)?;
    let sizing = sizing(observed)?;
    let pools = pools::read(observed, &names, sizing.as_ref().map(|(load, _)| load), &mut warnings)?;
    let nodes: Vec<_> = pools
        .iter()
        .filter(|pool| pool.has(Role::Broker))
        .flat_map(|pool| pool.node_ids.iter().map(|id| Node::new(&names, &pool.name, *id)))
        .collect();
    listeners::Check { names: &names, nodes: &nodes }.all(&spec.kafka.listeners, &mut warnings)?;
    let nodes: usize = pools.iter().map(|pool| pool.node_ids.len()).sum();
    let brokers = pools.iter().filter(|pool| pool.has(Role::Broker));
    let brokers = brokers.map(|pool| i64::try_from(pool.node_ids.len()).unwrap_or(i64::MAX)).sum();
    let mut properties = config::read(&spec.kafka.config, brokers, nodes > 1, &mut warnings)?;
    properties.extend(connections(&spec.kafka.listeners));
    let sizing = sizing.map(|(_, report)| report);
    if let Some(report) = sizing.as_ref().filter(|report| report.brokers > brokers) {
        let message = format!(
            "the stated load asks for {} brokers ({} decides) and there are {brokers}",
            report.brokers, report.binding
        );
        warnings.push(Warning::new("UnderProvisioned", message));
    }
    let (version, image) = version::release(observed, settings);
    let template = spec.kafka.template.clone().unwrap_or_default();
    let mut cluster = ValidatedCluster {
        identity: identity::find(observed, &pools)?,
        names,
        owner: OwnerReference {
            api_version: format!("{GROUP}/{VERSION}"),
            kind: "KafkaCluster".to_owned(),
            name,
            uid: metadata.uid.clone().unwrap_or_default(),
            controller: Some(true),
            block_owner_deletion: Some(false),
        },
        version,
        image,
        listeners: spec.kafka.listeners.clone(),
        authorization: access::read(spec.kafka.authorization.as_ref())?,
        properties,
        pools,
        certificates: certificates::read(observed)?,
        own_certificates: BTreeSet::new(),
        templates: SharedTemplates {
            bootstrap_service: template.bootstrap_service.unwrap_or_default(),
            brokers_service: template.brokers_service.unwrap_or_default(),
            pod_disruption_budget: template.pod_disruption_budget.unwrap_or_default(),
            service_account: template.service_account.unwrap_or_default(),
        },
        sizing,
        warnings,
    };
    cluster.own_certificates = own_certificates::usable(&cluster, observed);
    own_certificates::check(&mut cluster, observed);
    certificates::check(&mut cluster, observed);
    let doubts = broker::check(&cluster)?;
    cluster.warnings.extend(doubts);
    Ok(cluster)
}

/// The limits of connections that listeners state: brokers take them as they run.
fn connections(listeners: &[Listener]) -> Vec<(String, String)> {
    let mut properties = Vec::new();
    for listener in listeners {
        let Some(stated) = &listener.configuration else { continue };
        let limits = [
            ("max.connections", stated.max_connections),
            ("max.connection.creation.rate", stated.max_connection_creation_rate),
        ];
        properties.extend(limits.into_iter().filter_map(|(key, limit)| {
            Some((format!("listener.name.{}.{key}", listener.name), limit?.to_string()))
        }));
    }
    properties
}

fn names_and_ports(listeners: &[Listener]) -> Result<(), Invalid> {
    for (at, listener) in listeners.iter().enumerate() {
        let field = |name: &str| format!("spec.kafka.listeners[{at}].{name}");
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if listener.name.is_empty() || listener.name.len() > 11 || !listener.name.chars().all(is_plain) {
            return Err(Invalid::new(field("name"), "at most 11 of a-z and 0-9"));
        }
        if ["controlplane", "replication"].contains(&listener.name.as_str()) {
            return Err(Invalid::new(field("name"), "this name is taken"));
        }
        if !LISTENER_PORTS.contains(&listener.port) || listener.port == ADMIN_PORT {
            return Err(Invalid::new(field("port"), format!("from 9092 on, and not {ADMIN_PORT}")));
        }
        authentication(listener, &field)?;
        let before = listeners.get(..at).unwrap_or_default();
        if before.iter().any(|other| other.name == listener.name || other.port == listener.port) {
            return Err(Invalid::new(field("name"), "names and ports must differ"));
        }
    }
    if listeners.is_empty() {
        return Err(Invalid::new("spec.kafka.listeners", "at least one is needed"));
    }
    Ok(())
}

/// Refuses what is not built: a listener that lets everybody in is no answer to one that should not.
fn authentication(listener: &Listener, field: &impl Fn(&str) -> String) -> Result<(), Invalid> {
    let Some(authentication) = &listener.authentication else { return Ok(()) };
    match authentication.kind.as_str() {
        ListenerAuthentication::TLS if listener.tls => Ok(()),
        ListenerAuthentication::SCRAM_SHA_512 => Ok(()),
        ListenerAuthentication::TLS => {
            Err(Invalid::new(field("authentication.type"), "certificates need tls: true"))
        }
        other => {
            let reason = format!("'{other}' is not built: tls and scram-sha-512 are");
            Err(Invalid::new(field("authentication.type"), reason))
        }
    }
}

fn sizing(observed: &Observed) -> Result<Option<(Load, model::Report)>, Invalid> {
    let Some(sizing) =
        observed.cluster.spec.sizing.as_ref().filter(|sizing| sizing.mode != Some(SizingMode::Off))
    else {
        return Ok(None);
    };
    let load = Load::read(sizing).map_err(|error| Invalid::new(error.field, error.reason))?;
    Ok(Some((load, model::report(&load))))
}
