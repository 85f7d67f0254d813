//! A pool that is to have fewer brokers: those that hold copies of partitions stay until they hold none.

use std::ops::Range;

use operator_api::{KafkaNodePoolSpec, Role};
use serde_json::Value;

use crate::{conditions::Warning, kafka::Ask, observed::Observed};

/// The ids at the end of the pool in StatefulSet `object` that are not wanted and stay nevertheless.
pub(super) fn kept(
    observed: &Observed,
    object: &str,
    stated: &KafkaNodePoolSpec,
    start: i32,
    warnings: &mut Vec<Warning>,
) -> Range<i32> {
    let live = observed.live.get("StatefulSet", object);
    let replicas = live.and_then(|live| live.pointer("/spec/replicas")).and_then(Value::as_i64);
    let replicas = replicas.and_then(|replicas| i32::try_from(replicas).ok()).unwrap_or_default();
    let none = start..start;
    if replicas <= stated.replicas || !stated.roles.contains(&Role::Broker) {
        return none;
    }
    let unwanted = start.saturating_add(stated.replicas)..start.saturating_add(replicas);
    if observed.kafka.asked < Ask::Partitions {
        return unwanted;
    }
    let why = match &observed.kafka.told {
        Err(why) => format!("whether they hold partitions is not known: {why}"),
        Ok(state) => {
            let held = unwanted.clone().map(|id| (id, state.copies(id))).filter(|(_, copies)| *copies > 0);
            let held: Vec<_> =
                held.map(|(id, copies)| format!("broker {id} holds copies of {copies} partitions")).collect();
            if held.is_empty() {
                return none;
            }
            format!("{}: move them to other brokers first (kafka-reassign-partitions.sh)", held.join(", "))
        }
    };
    let message = format!("{object} keeps {replicas} nodes and not {}: {why}", stated.replicas);
    warnings.push(Warning::new("ScaleDownRefused", message));
    unwanted
}
