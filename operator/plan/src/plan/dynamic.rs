//! Settings that all brokers take without a restart: they are given to the cluster as its dynamic defaults, and only the
//! rest of the file restarts pods.

use std::collections::BTreeMap;

use super::Action;
use crate::{kafka::Ask, objects::is_dynamic, observed::Observed, validated::ValidatedCluster};

/// What is done about them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Step {
    /// What must be known first.
    pub(super) ask: Ask,
    /// The change.
    pub(super) action: Option<Action>,
    /// The settings that are ours.
    pub(super) ours: Vec<String>,
    /// Why it is not known what holds.
    pub(super) unknown: Option<String>,
}

/// Compares what is wanted with what holds. `has_brokers`: somebody can be asked.
pub(super) fn next(cluster: &ValidatedCluster, observed: &Observed, has_brokers: bool) -> Step {
    let before = observed.cluster.status.as_ref().map(|status| status.dynamic_config.clone());
    let before = before.unwrap_or_default();
    if !has_brokers {
        return Step { ours: before, ..Step::default() };
    }
    if observed.kafka.asked < Ask::Settings {
        return Step { ask: Ask::Settings, ours: before, ..Step::default() };
    }
    let state = match &observed.kafka.told {
        Ok(state) => state,
        Err(why) => return Step { ours: before, unknown: Some(why.clone()), ..Step::default() },
    };
    let wanted: BTreeMap<String, String> =
        cluster.properties.clone().into_iter().filter(|(key, _)| is_dynamic(key)).collect();
    let set: BTreeMap<_, _> =
        wanted.iter().filter(|(key, value)| state.settings.get(*key) != Some(*value)).collect();
    let gone = before.iter().filter(|key| !wanted.contains_key(*key) && state.settings.contains_key(*key));
    let unset: Vec<_> = gone.cloned().collect();
    let has_change = !set.is_empty() || !unset.is_empty();
    let set = set.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    Step {
        ask: Ask::Nothing,
        action: has_change.then_some(Action::AlterSettings { set, unset }),
        ours: wanted.into_keys().collect(),
        unknown: None,
    }
}

#[cfg(test)]
mod tests;
