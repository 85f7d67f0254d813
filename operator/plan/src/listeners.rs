//! Listeners that are reached from outside: what they state of each broker, and where they are reached.
//!
//! ```text
//! stated (spec), Services, machines, pods -> Addresses -> what pods are told, names in certificates, the status
//! ```
//! Brokers take what they tell clients when they start and never after (Kafka 4 has it so): what each of them is told is an
//! annotation of its pod, and one that says something else, by its own answer, is restarted in its turn.

mod addresses;
mod stated;
mod template;
#[cfg(test)]
mod tests;

pub(crate) use addresses::{Address, Addresses, REFUSED, is_host, is_same};
pub(crate) use stated::{Node, Stated};
pub(crate) use template::port;

use operator_api::{Listener, ListenerType};

/// The port of Ingresses and of Gateways: that of TLS.
pub(crate) const TLS_PORT: i32 = 443;

/// Whether brokers must be told, each by itself, where they are reached: what follows from their names they know.
#[must_use]
pub fn are_told(listeners: &[Listener]) -> bool {
    listeners.iter().any(is_told)
}

fn is_told(listener: &Listener) -> bool {
    let stated = Stated::of(listener);
    listener.kind != ListenerType::Internal || stated.has_advertised()
}

/// Whether it has Services of its own.
pub(crate) fn has_services(listener: &Listener) -> bool {
    listener.kind != ListenerType::Internal
}
