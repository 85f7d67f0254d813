//! Carries plans out, as the operator's shell does.

use serde_json::json;

use super::{World, certificates};
use crate::{
    kafka::{PartitionState, Replica},
    plan::{Action, Plan, VoterKey},
};

impl World {
    pub(crate) fn carry_out(&mut self, plan: &Plan) {
        self.observed.cluster.status = Some(plan.status.clone());
        for (name, status) in &plan.pools {
            let pool = self.observed.pools.iter_mut().find(|pool| pool.metadata.name.as_ref() == Some(name));
            pool.expect("a pool").status = Some(status.clone());
        }
        for action in &plan.actions {
            match action {
                Action::Apply(manifest) => {
                    let mut live = manifest.body.clone();
                    live["defaulted"] = json!({"by": "kubernetes"});
                    self.tend(manifest, &mut live);
                    if manifest.kind == "PersistentVolumeClaim" {
                        live["status"] = json!({"phase": "Bound"});
                    }
                    self.observed.live.insert(manifest.kind, live);
                }
                Action::Certify(action) => {
                    let now = self.observed.now.0;
                    certificates::certify(&mut self.observed.certificates, action, now);
                }
                Action::TellZone { pod, zone } => {
                    let told = self.observed.pods.iter_mut().find(|found| found.name == *pod);
                    told.expect("a pod").zone = Some(zone.clone());
                }
                Action::TellAddresses { pod, advertised } => {
                    let told = self.observed.pods.iter_mut().find(|found| found.name == *pod);
                    let told = told.expect("a pod");
                    told.advertised = Some(advertised.clone());
                    let uid = told.uid.clone().expect("a uid");
                    self.began_with.entry(uid).or_insert_with(|| advertised.clone());
                }
                Action::Delete { kind, name, .. } => self.observed.live.remove(kind, name),
                Action::DeleteOrphaning { name } => self.observed.live.remove("StatefulSet", name),
                Action::DeletePod { name, uid } => {
                    self.observed.pods.retain(|pod| pod.name != *name || pod.uid != *uid);
                }
                Action::DeleteClaim { name, .. } => self.observed.live.remove("PersistentVolumeClaim", name),
                of_kafka => self.carry_out_in_kafka(of_kafka),
            }
        }
        self.stateful_set_controller();
    }

    fn carry_out_in_kafka(&mut self, action: &Action) {
        match action {
            Action::AlterSettings { set, unset } => {
                let settings = &mut self.well().settings;
                settings.extend(set.clone());
                settings.retain(|key, _| !unset.contains(key));
            }
            Action::Reassign { moves } => {
                for moved in moves {
                    let mut all = self.well().partitions.iter_mut();
                    let is_it =
                        |one: &&mut PartitionState| one.topic == moved.topic && one.index == moved.index;
                    let partition = all.find(is_it).expect("a partition");
                    partition.replicas.clone_from(&moved.replicas);
                    partition.isr.clone_from(&moved.replicas);
                }
            }
            Action::CancelMoves { partitions } => {
                for partition in &mut self.well().partitions {
                    if partitions.contains(&(partition.topic.clone(), partition.index)) {
                        let adding = std::mem::take(&mut partition.adding);
                        partition.replicas.retain(|id| !adding.contains(id));
                        partition.removing.clear();
                    }
                }
            }
            Action::Cordon { broker, is_cordoned } => {
                if *is_cordoned {
                    self.cordoned.insert(*broker)
                } else {
                    self.cordoned.remove(broker)
                };
            }
            Action::Unregister { broker } => {
                self.well().registered.remove(broker);
            }
            Action::AddVoter { voter: VoterKey { id, directory, .. }, .. } => {
                let quorum = &mut self.well().quorum;
                let is_it =
                    |(observer, replica): &(i32, Replica)| observer == id && replica.directory == *directory;
                let at = quorum.observers.iter().position(is_it).expect("an observer");
                let (_, replica) = quorum.observers.swap_remove(at);
                assert!(quorum.voters.insert(*id, replica).is_none(), "{id} votes already");
            }
            Action::RemoveVoter { voter: VoterKey { id, directory, .. } } => {
                let quorum = &mut self.well().quorum;
                let voter = quorum.voters.remove(id).expect("a voter");
                assert_eq!(voter.directory, *directory);
                quorum.observers.push((*id, voter));
                quorum.leader =
                    quorum.leader.filter(|leader| leader != id).or(quorum.voters.keys().next().copied());
            }
            of_kubernetes => unreachable!("{of_kubernetes:?}"),
        }
    }
}
