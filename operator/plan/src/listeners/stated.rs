//! What a listener states of a broker: by itself, or for all of them by a template.

use std::collections::BTreeMap;

use operator_api::{Listener, ListenerBroker, ListenerConfiguration, MetadataTemplate};

use super::template;
use crate::names::Names;

/// A broker, as templates name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) id: i32,
    pub(crate) pool: String,
    pub(crate) pod: String,
}

impl Node {
    pub(crate) fn new(names: &Names, pool: &str, id: i32) -> Self {
        Self { id, pool: pool.to_owned(), pod: names.pod(pool, id) }
    }
}

/// A listener, and how to ask it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stated<'a> {
    configuration: Option<&'a ListenerConfiguration>,
}

impl<'a> Stated<'a> {
    pub(crate) fn of(listener: &'a Listener) -> Self {
        Self { configuration: listener.configuration.as_ref() }
    }

    /// What it states, if it states anything.
    pub(crate) fn get<T>(self, field: impl FnOnce(&'a ListenerConfiguration) -> Option<T>) -> Option<T> {
        self.configuration.and_then(field)
    }

    fn broker(self, node: &Node) -> Option<&'a ListenerBroker> {
        self.get(|stated| stated.brokers.iter().find(|one| one.broker == node.id))
    }

    /// What it states of this broker.
    pub(crate) fn of_broker<T>(
        self,
        node: &Node,
        field: impl FnOnce(&'a ListenerBroker) -> Option<T>,
    ) -> Option<T> {
        self.broker(node).and_then(field)
    }

    /// The host by which an Ingress or a Gateway knows this broker.
    pub(crate) fn host(self, node: &Node) -> Option<String> {
        let own = self.of_broker(node, |one| one.objects.host.clone());
        own.or_else(|| self.get(|all| Some(template::render(all.host_template.as_ref()?, node))))
    }

    /// The host that this broker tells clients.
    pub(crate) fn advertised_host(self, node: &Node) -> Option<String> {
        let own = self.of_broker(node, |one| one.advertised_host.clone());
        own.or_else(|| self.get(|all| Some(template::render(all.advertised_host_template.as_ref()?, node))))
    }

    /// The port that this broker tells clients. Validation has seen that a template gives one.
    pub(crate) fn advertised_port(self, node: &Node) -> Option<i32> {
        let own = self.of_broker(node, |one| one.advertised_port);
        own.or_else(|| self.get(|all| template::port(all.advertised_port_template.as_ref()?, node.id).ok()))
    }

    /// Whether it states what brokers tell clients.
    pub(crate) fn has_advertised(self) -> bool {
        let has = |all: &ListenerConfiguration| {
            let mut brokers = all.brokers.iter();
            all.advertised_host_template.is_some()
                || all.advertised_port_template.is_some()
                || brokers.any(|one| one.advertised_host.is_some() || one.advertised_port.is_some())
        };
        self.configuration.is_some_and(has)
    }

    /// Whether names inside of Kubernetes end with its domain.
    pub(crate) fn has_domain(self) -> bool {
        self.get(|stated| stated.use_service_dns_domain).unwrap_or(true)
    }

    /// Whether there is a Service for the first connection.
    pub(crate) fn has_bootstrap(self) -> bool {
        self.get(|stated| stated.create_bootstrap_service).unwrap_or(true)
    }

    /// The host of the first connection, of Ingresses and Gateways.
    pub(crate) fn bootstrap_host(self) -> Option<String> {
        self.get(|stated| stated.bootstrap.as_ref()?.objects.host.clone())
    }

    /// Labels and annotations of what is made for the first connection.
    pub(crate) fn bootstrap_metadata(self) -> MetadataTemplate {
        let stated = self.get(|stated| Some(&stated.bootstrap.as_ref()?.objects));
        stated.map_or_else(MetadataTemplate::default, |stated| MetadataTemplate {
            labels: stated.labels.clone(),
            annotations: stated.annotations.clone(),
        })
    }

    /// Labels and annotations of what is made for this broker: its own, or of the template.
    pub(crate) fn broker_metadata(self, node: &Node) -> MetadataTemplate {
        let Some(all) = self.configuration else { return MetadataTemplate::default() };
        let rendered = |own: Option<&BTreeMap<String, String>>, template: &BTreeMap<String, String>| match own
            .filter(|own| !own.is_empty())
        {
            Some(own) => own.clone(),
            None => {
                let entries = template.iter();
                entries.map(|(key, value)| (key.clone(), template::render(value, node))).collect()
            }
        };
        let own = self.broker(node).map(|own| &own.objects);
        MetadataTemplate {
            labels: rendered(own.map(|own| &own.labels), &all.per_broker_labels_template),
            annotations: rendered(own.map(|own| &own.annotations), &all.per_broker_annotations_template),
        }
    }
}
