//! The quotas of a user: all of them, and no others.

use std::collections::BTreeMap;

use operator_api::KafkaUser;

/// What the resource says, by Kafka's keys.
pub(super) fn wanted(user: &KafkaUser) -> BTreeMap<String, f64> {
    let Some(quotas) = &user.spec.quotas else { return BTreeMap::new() };
    // A rate of more than 2^53 bytes a second is none.
    let bytes = |rate: Option<i64>| rate.map(|rate| rate as f64);
    let stated = [
        ("producer_byte_rate", bytes(quotas.producer_byte_rate)),
        ("consumer_byte_rate", bytes(quotas.consumer_byte_rate)),
        ("request_percentage", quotas.request_percentage.map(f64::from)),
        ("controller_mutation_rate", quotas.controller_mutation_rate),
    ];
    stated.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// From those that Kafka has to those that are wanted.
pub(super) fn change(
    wanted: &BTreeMap<String, f64>,
    found: &BTreeMap<String, f64>,
) -> BTreeMap<String, Option<f64>> {
    let set = wanted.iter().filter(|(key, value)| found.get(*key) != Some(*value));
    let gone = found.keys().filter(|key| !wanted.contains_key(*key));
    set.map(|(key, value)| (key.clone(), Some(*value))).chain(gone.map(|key| (key.clone(), None))).collect()
}
