//! Services as Kubernetes makes them, and whoever gives load balancers an address.

use serde_json::{Value, json};

use super::World;
use crate::manifest::Manifest;

impl World {
    /// What Kubernetes adds to an object that is applied: when it was made, its ports on machines, and what others said of
    /// it before.
    pub(super) fn tend(&mut self, manifest: &Manifest, live: &mut Value) {
        let before = self.observed.live.get(manifest.kind, &manifest.name);
        let now = serde_json::to_value(&self.observed.now).expect("a time");
        live["metadata"]["creationTimestamp"] =
            before.map_or(now, |before| before["metadata"]["creationTimestamp"].clone());
        if manifest.kind != "Service" {
            return;
        }
        if let Some(status) = before.and_then(|before| before.get("status")) {
            live["status"] = status.clone();
        }
        if self.balances && live["spec"]["type"] == "LoadBalancer" {
            live["status"] = balanced(&json!({"ip": "192.0.2.1"}));
        }
        if live["spec"]["type"] == "NodePort" && live["spec"]["ports"][0]["nodePort"].is_null() {
            self.ports_given += 1;
            live["spec"]["ports"][0]["nodePort"] = json!(32000 + self.ports_given);
        }
    }

    /// A load balancer is there.
    pub(crate) fn balance(&mut self, service: &str, ingress: &Value) {
        let mut live = self.live("Service", service).clone();
        live["status"] = balanced(ingress);
        self.observed.live.insert("Service", live);
    }

    /// Pods get a place on a machine each.
    pub(crate) fn place(&mut self, pod: &str, machine: &str, addresses: &[(&str, &str)]) {
        let found = self.observed.pods.iter_mut().find(|found| found.name == pod).expect("a pod");
        found.node = Some(machine.to_owned());
        let known = addresses.iter().map(|(kind, address)| {
            (serde_json::from_value(json!(kind)).expect("a kind"), (*address).to_owned())
        });
        self.observed.machines.insert(machine.to_owned(), known.collect());
    }
}

fn balanced(ingress: &Value) -> Value {
    json!({"loadBalancer": {"ingress": [ingress]}})
}
