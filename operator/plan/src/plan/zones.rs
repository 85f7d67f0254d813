//! Brokers are told the zone that they run in, once they have a place: it is their rack.

use operator_api::Role;

use super::Action;
use crate::{observed::Observed, validated::ValidatedCluster};

/// What the annotation says of a pod whose node is in no zone, or may not be looked at.
pub const NO_ZONE: &str = "-";

/// The pods that have a place and do not know its zone.
pub(super) fn untold(cluster: &ValidatedCluster, observed: &Observed) -> Vec<Action> {
    let brokers = cluster.pools.iter().filter(|pool| pool.has(Role::Broker));
    let names = brokers.flat_map(|pool| pool.node_ids.iter().map(|id| cluster.names.pod(&pool.name, *id)));
    let untold = names.filter_map(|name| {
        let pod = observed.pods.iter().find(|pod| pod.name == name && !pod.is_going)?;
        let zone = pod.zone_of_node.clone().filter(|zone| pod.zone.as_ref() != Some(zone))?;
        Some(Action::TellZone { pod: name, zone })
    });
    untold.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::world::{World, brief};

    #[test]
    fn a_broker_is_told_its_zone_once_when_it_has_a_place() {
        let mut world = World::new(json!({"storage": {"type": "ephemeral"}}), &[]);
        world.settle();
        world.observed.pods[0].zone_of_node = Some("a".to_owned());
        let plan = world.decide();
        assert_eq!(brief(&plan), ["zone a c-default-0"]);
        world.carry_out(&plan);
        assert_eq!(brief(&world.decide()), [""; 0]);
    }
}
