//! The settings of a topic: which are wanted, which of them may be, and what is to change.

use std::collections::BTreeMap;

use broker_config::validate_topic;
use operator_api::KafkaTopic;

use super::{ObservedTopic, Rules, TopicAction, TopicPlan};
use crate::{
    conditions::Warning,
    values::{is_same, to_text},
};

/// Settings that reassignments put on topics while they are throttled: what is not stated is none of ours.
const OF_REASSIGNMENTS: [&str; 2] =
    ["follower.replication.throttled.replicas", "leader.replication.throttled.replicas"];

/// What is wanted, and warnings about what may not be. One that Kafka would not take refuses all, by its name.
pub(super) fn wanted(
    topic: &KafkaTopic,
    rules: &Rules,
) -> Result<(BTreeMap<String, String>, Option<Warning>), TopicPlan> {
    let (mut config, mut wrong, mut held_back) = (BTreeMap::new(), Vec::new(), Vec::new());
    for (key, value) in &topic.spec.config {
        let text = match to_text(value) {
            Ok(Some(text)) => text,
            Ok(None) => continue,
            Err(error) => {
                wrong.push(format!("spec.config['{key}']: {error}"));
                continue;
            }
        };
        if !rules.may_set(key) {
            held_back.push(key.as_str());
        } else if let Err(error) = validate_topic(key, &text) {
            wrong.push(format!("spec.config['{key}']: {error}"));
        } else {
            config.insert(key.clone(), text);
        }
    }
    if !wrong.is_empty() {
        return Err(TopicPlan::refused("InvalidConfig", wrong.join("; ")));
    }
    let warning = (!held_back.is_empty()).then(|| {
        let message = format!(
            "the cluster does not list these in spec.topicConfigKeys, and they stay as they are: {}",
            held_back.join(", ")
        );
        Warning::new("ConfigNotAllowed", message)
    });
    Ok((config, warning))
}

/// The change from what is set to what is wanted.
pub(super) fn change(
    config: &BTreeMap<String, String>,
    observed: &ObservedTopic,
    rules: &Rules,
) -> Option<TopicAction> {
    let is_as_wanted = |(key, value): &(&String, &String)| {
        observed.config.get(*key).is_some_and(|found| is_same(found, value))
    };
    let set: BTreeMap<_, _> = config
        .iter()
        .filter(|entry| !is_as_wanted(entry))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let is_ours = |key: &String| rules.may_set(key) && !OF_REASSIGNMENTS.contains(&key.as_str());
    let unset: Vec<_> =
        observed.config.keys().filter(|key| !config.contains_key(*key) && is_ours(key)).cloned().collect();
    (!set.is_empty() || !unset.is_empty()).then_some(TopicAction::AlterConfig { set, unset })
}
