//! The quotas of addresses: how many connections a second may come from each (KIP-612).

use std::{
    net::{IpAddr, ToSocketAddrs as _},
    sync::Arc,
};

use broker_metadata::ClientQuotas;
use broker_node::connections::AddressRates;

use super::Connections;
use crate::tasks::{TaskKind, Tasks};

const RATE: &str = "connection_creation_rate";

/// These hold from now on; those of names as soon as they are looked up.
pub(crate) fn follow_quotas(tasks: &Tasks, connections: &Arc<Connections>, quotas: &ClientQuotas) {
    let mut rates = AddressRates::default();
    let mut names = Vec::new();
    for (entity, values) in quotas.by_entity().iter() {
        let [(kind, name)] = entity.parts() else { continue };
        let Some((_, rate)) = values.iter().find(|(key, _)| kind == "ip" && key == RATE) else { continue };
        // Whole and positive, as it was taken.
        let rate = format!("{rate:.0}").parse().unwrap_or(u32::MAX);
        match name.as_ref().map(|name| (name, name.parse::<IpAddr>())) {
            None => rates.default = Some(rate),
            Some((_, Ok(address))) => {
                rates.by_ip.insert(address.to_canonical(), rate);
            }
            Some((name, Err(_))) => names.push((name.to_string(), rate)),
        }
    }
    let set = connections.set_address_rates(rates.clone());
    if names.is_empty() {
        return;
    }
    let connections = Arc::clone(connections);
    tasks.spawn(TaskKind::Connection, async move {
        let look_up = move || {
            let addresses = |name: &str| (name, 0).to_socket_addrs().ok()?.next();
            let found =
                names.iter().filter_map(|(name, rate)| Some((addresses(name)?.ip().to_canonical(), *rate)));
            rates.by_ip.extend(found);
            rates
        };
        if let Ok(rates) = tokio::task::spawn_blocking(look_up).await {
            connections.complete_address_rates(set, rates);
        }
    });
}
