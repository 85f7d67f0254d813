//! `spec.kafka.listeners[].configuration`: what goes with which type, and what must be there.
//!
//! Invariant: what is taken has an effect.

mod fields;
mod shapes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use operator_api::{Listener, ListenerConfiguration, ListenerType};

use super::Invalid;
use crate::{
    conditions::Warning,
    listeners::{Node, Stated, has_services, port},
    names::Names,
};

/// The longest name of an object, and of a Service.
const NAME_MAX: usize = 63;

/// What is checked of listeners together with the brokers that they lead to.
pub(super) struct Check<'a> {
    pub(super) names: &'a Names,
    pub(super) nodes: &'a [Node],
}

impl Check<'_> {
    /// Checks all listeners.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub(super) fn all(&self, listeners: &[Listener], warnings: &mut Vec<Warning>) -> Result<(), Invalid> {
        let mut hosts = BTreeMap::new();
        let mut ports = BTreeMap::new();
        for (at, listener) in listeners.iter().enumerate() {
            let path = format!("spec.kafka.listeners[{at}]");
            if listener.kind == ListenerType::Ingress && !listener.tls {
                let reason = "an Ingress passes TLS on and nothing else: true is needed";
                return Err(Invalid::new(format!("{path}.tls"), reason));
            }
            self.names_fit(listener, &path)?;
            let path = format!("{path}.configuration");
            if let Some(configuration) = &listener.configuration {
                fields::check(listener, configuration, &path)?;
                shapes::check(configuration, &path)?;
                self.brokers(listener, configuration, &path, warnings)?;
                node_ports(configuration, &path, &mut ports)?;
            }
            self.hosts(listener, &path, &mut hosts)?;
        }
        Ok(())
    }

    fn names_fit(&self, listener: &Listener, path: &str) -> Result<(), Invalid> {
        let names = self.names;
        let brokers =
            self.nodes.iter().map(|node| names.listener_broker(&node.pool, &listener.name, node.id));
        let mut all = brokers.chain([names.listener_bootstrap(&listener.name)]);
        match all.find(|name| has_services(listener) && name.len() > NAME_MAX) {
            Some(name) => {
                let reason = format!("'{name}' names a Service and is longer than {NAME_MAX}");
                Err(Invalid::new(format!("{path}.name"), reason))
            }
            None => Ok(()),
        }
    }

    /// What is said of single brokers, and formulas for all of them.
    fn brokers(
        &self,
        listener: &Listener,
        configuration: &ListenerConfiguration,
        path: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Invalid> {
        let mut seen = BTreeSet::new();
        for (at, broker) in configuration.brokers.iter().enumerate() {
            if !seen.insert(broker.broker) {
                let field = format!("{path}.brokers[{at}].broker");
                return Err(Invalid::new(field, format!("{} is there twice", broker.broker)));
            }
        }
        let strangers: Vec<_> = seen
            .iter()
            .filter(|id| self.nodes.iter().all(|node| node.id != **id))
            .map(ToString::to_string)
            .collect();
        if !strangers.is_empty() {
            let message = format!(
                "{path}.brokers: listener {} has settings of brokers that there are not: {}",
                listener.name,
                strangers.join(", ")
            );
            warnings.push(Warning::new("ListenerBrokers", message));
        }
        if let Some(template) = &configuration.advertised_port_template {
            let mut given = self.nodes.iter().map(|node| port(template, node.id));
            if let Some(Err(error)) = given.find(Result::is_err) {
                return Err(Invalid::new(format!("{path}.advertisedPortTemplate"), error.to_string()));
            }
        }
        Ok(())
    }

    /// Ingresses and Gateways tell brokers apart by their hosts: each has one of its own.
    fn hosts(
        &self,
        listener: &Listener,
        path: &str,
        taken: &mut BTreeMap<String, String>,
    ) -> Result<(), Invalid> {
        if !matches!(listener.kind, ListenerType::Ingress | ListenerType::TlsRoute) {
            return Ok(());
        }
        let stated = Stated::of(listener);
        if listener.kind == ListenerType::TlsRoute && stated.get(|all| all.parent_refs.first()).is_none() {
            return Err(Invalid::new(
                format!("{path}.parentRefs"),
                "a tlsroute needs the Gateway that it is of",
            ));
        }
        let bootstrap = (format!("{path}.bootstrap.host"), stated.bootstrap_host());
        let brokers = self.nodes.iter().map(|node| {
            let of_template = stated.of_broker(node, |one| one.objects.host.as_ref()).is_none()
                && stated.get(|all| all.host_template.as_ref()).is_some();
            let field = if of_template { "hostTemplate" } else { "brokers" };
            (format!("{path}.{field}"), stated.host(node))
        });
        for (at, (field, host)) in [bootstrap].into_iter().chain(brokers).enumerate() {
            let Some(host) = host else {
                let whose = match at.checked_sub(1).and_then(|at| self.nodes.get(at)) {
                    Some(node) => format!("broker {} needs a host, here or by hostTemplate", node.id),
                    None => "is needed".to_owned(),
                };
                return Err(Invalid::new(field, whose));
            };
            shapes::host(&host, &field)?;
            if let Some(other) = taken.insert(host.clone(), field.clone()) {
                return Err(Invalid::new(field, format!("'{host}' is taken by {other}")));
            }
        }
        Ok(())
    }
}

fn node_ports(
    configuration: &ListenerConfiguration,
    path: &str,
    taken: &mut BTreeMap<i32, String>,
) -> Result<(), Invalid> {
    let bootstrap = configuration.bootstrap.as_ref().and_then(|stated| stated.objects.node_port);
    let bootstrap = bootstrap.map(|port| (format!("{path}.bootstrap.nodePort"), port));
    let brokers = configuration.brokers.iter().enumerate();
    let brokers = brokers.filter_map(|(at, stated)| {
        Some((format!("{path}.brokers[{at}].nodePort"), stated.objects.node_port?))
    });
    for (field, port) in bootstrap.into_iter().chain(brokers) {
        if let Some(other) = taken.insert(port, field.clone()) {
            return Err(Invalid::new(field, format!("{port} is taken by {other}")));
        }
    }
    Ok(())
}
