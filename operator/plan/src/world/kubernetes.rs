//! What Kubernetes does of StatefulSets: pods and their claims; and Kafka, as its nodes come and go with them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{MACHINE, World, replica};
use crate::{manifest::digest, observed::PodState};

impl World {
    pub(super) fn stateful_set_controller(&mut self) {
        let sets: Vec<Value> =
            self.observed.live.of_kind("StatefulSet").map(|(_, set)| set.clone()).collect();
        for mut set in sets {
            let revision = digest(&set["spec"]["template"].to_string());
            set["metadata"]["generation"] = json!(1);
            set["status"] = json!({"observedGeneration": 1, "updateRevision": revision});
            let start = set["spec"]["ordinals"]["start"].as_i64().unwrap_or_default();
            let object = set["metadata"]["name"].as_str().expect("a name").to_owned();
            let ordinals = start..start + set["spec"]["replicas"].as_i64().expect("a count");
            let is_beyond = |pod: &PodState| {
                let ordinal = pod.name.strip_prefix(&format!("{object}-")).and_then(|text| text.parse().ok());
                ordinal.is_some_and(|ordinal: i64| !ordinals.contains(&ordinal))
            };
            self.observed.pods.retain(|pod| !is_beyond(pod));
            for ordinal in ordinals {
                let name = format!("{object}-{ordinal}");
                self.make_claims(&set, &name);
                if self.observed.pods.iter().all(|pod| pod.name != name) {
                    let is_ready = self.pods_run;
                    let revision = Some(revision.clone());
                    self.pods_made += 1;
                    let uid = Some(format!("uid{}", self.pods_made));
                    self.observed.pods.push(PodState {
                        name,
                        is_ready,
                        revision,
                        uid,
                        ip: Some("10.1.2.3".to_owned()),
                        node: self.places.then(|| MACHINE.to_owned()),
                        ..PodState::default()
                    });
                }
            }
            self.observed.live.insert("StatefulSet", set);
        }
        self.nodes_join();
    }

    /// Kafka knows the nodes that run: brokers are alive, controllers have caught up; those that a cluster begins with
    /// vote, the first one leads.
    fn nodes_join(&mut self) {
        let Ok(state) = &mut self.kafka else { return };
        let bootstrap = self.observed.cluster.status.as_ref().and_then(|status| status.bootstrap.as_ref());
        let first: BTreeSet<i32> =
            bootstrap.iter().flat_map(|all| &all.controllers).map(|controller| controller.node_id).collect();
        let mut running = BTreeSet::new();
        for (_, set) in self.observed.live.of_kind("StatefulSet") {
            let name = set["metadata"]["name"].as_str().expect("a name");
            let labels = &set["spec"]["template"]["metadata"]["labels"];
            for pod in self.observed.pods.iter().filter(|pod| pod.is_ready) {
                let Some(ordinal) = pod.name.strip_prefix(&format!("{name}-")) else { continue };
                let id: i32 = ordinal.parse().expect("an ordinal");
                if labels["klamm.dev/broker-role"] == "true" {
                    running.insert(id);
                    state.registered.insert(id);
                    if let Some(began_with) = pod.uid.as_ref().and_then(|uid| self.began_with.get(uid)) {
                        state.advertised.insert(id, began_with.clone());
                    }
                    state.brokers.entry(id).or_insert_with(|| pod.zone.clone());
                }
                let quorum = &mut state.quorum;
                let is_known = quorum.voters.contains_key(&id) || quorum.observer(id).is_some();
                if labels["klamm.dev/controller-role"] == "true" && !is_known {
                    if first.contains(&id) && self.begun.insert(id) {
                        quorum.voters.insert(id, replica(id));
                        quorum.leader = quorum.leader.or(Some(id));
                    } else {
                        quorum.observers.push((id, replica(id)));
                    }
                }
            }
        }
        state.brokers.retain(|id, _| running.contains(id));
    }

    fn make_claims(&mut self, set: &Value, pod: &str) {
        for template in set["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten() {
            let name = format!("{}-{pod}", template["metadata"]["name"].as_str().expect("a name"));
            if self.observed.live.get("PersistentVolumeClaim", &name).is_none() {
                let mut claim = template.clone();
                claim["metadata"]["name"] = json!(name);
                claim["status"] = json!({"phase": "Bound"});
                self.observed.live.insert("PersistentVolumeClaim", claim);
            }
        }
    }
}
