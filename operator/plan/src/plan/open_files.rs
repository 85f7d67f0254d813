//! The open files that the system grants to the nodes. A manifest cannot ask for more: it is a setting of the machines.

use crate::{conditions::Warning, observed::Observed};

/// What a node should have: each segment is up to four files, each connection one.
const ADVISED: i64 = 100_000;

/// The fewest that a node was granted; while no node tells, what was known before.
pub(super) fn fewest(observed: &Observed) -> Option<i64> {
    let told = observed.pods.iter().filter_map(|pod| pod.open_files).min();
    told.or_else(|| observed.cluster.status.as_ref()?.open_files_min)
}

/// Warns of too few.
pub(super) fn check(observed: &Observed, warnings: &mut Vec<Warning>) {
    let Some(granted) = fewest(observed).filter(|granted| *granted < ADVISED) else { return };
    let message = format!(
        "a node may have {granted} files open and {ADVISED} are advised: raise LimitNOFILE of the container runtime"
    );
    warnings.push(Warning::new("OpenFiles", message));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::world::World;

    #[test]
    fn the_fewest_are_shown_and_stay_known_while_a_pod_restarts() {
        let mut world = World::new(json!({"storage": {"type": "ephemeral"}}), &[]);
        world.settle();
        assert_eq!(world.decide().status.open_files_min, None);
        world.observed.pods[0].open_files = Some(20_000);
        let plan = world.decide();
        assert_eq!(plan.status.open_files_min, Some(20_000));
        let mut warnings = Vec::new();
        check(&world.observed, &mut warnings);
        assert_eq!(warnings.iter().map(|warning| warning.reason).collect::<Vec<_>>(), ["OpenFiles"]);
        world.carry_out(&plan);
        world.observed.pods[0].open_files = None;
        assert_eq!(world.decide().status, plan.status, "nothing flaps");
        world.observed.pods[0].open_files = Some(1_000_000);
        let plan = world.decide();
        assert_eq!(plan.status.open_files_min, Some(1_000_000));
        warnings.clear();
        check(&world.observed, &mut warnings);
        assert_eq!(warnings, []);
    }
}
