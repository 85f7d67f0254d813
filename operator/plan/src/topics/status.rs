//! What is reported of a topic after its plan was carried out, or was not.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use operator_api::{ConditionType, KafkaTopic, KafkaTopicStatus};

use super::{ObservedTopic, Standing, TopicPlan};
use crate::conditions::{Wanted, merge};

/// The reason of a topic that is on its way to another number of copies.
pub const REPLICAS_CHANGE: &str = "ReplicasChange";

/// Why the cluster could not be asked, or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// A word in CamelCase: Kafka's error, or what is missing.
    pub reason: String,
    /// A sentence.
    pub message: String,
}

/// The status of `topic`. `after` is the topic as it is once the plan was carried out; `failure` is what kept it from
/// being so. The id and name that were known stay known while nobody can be asked.
#[must_use]
pub fn status(
    topic: &KafkaTopic,
    plan: Option<&TopicPlan>,
    after: Option<&ObservedTopic>,
    failure: Option<&Failure>,
    now: &Time,
) -> KafkaTopicStatus {
    let before = topic.status.clone().unwrap_or_default();
    let standing = plan.map_or(&Standing::Managed, |plan| &plan.standing);
    let mut wanted = Vec::new();
    match (standing, failure) {
        (Standing::Paused, _) => wanted.push(Wanted::yes(ConditionType::ReconciliationPaused, "Paused", "")),
        (Standing::Unmanaged, _) => wanted.push(Wanted::yes(ConditionType::Unmanaged, "Unmanaged", "")),
        (_, Some(failure)) => {
            wanted.push(Wanted::no(ConditionType::Ready, &failure.reason, failure.message.clone()));
        }
        (Standing::Refused { reason, message }, None) => {
            wanted.push(Wanted::no(ConditionType::Ready, reason, message.clone()));
        }
        (Standing::Changing { message }, None) => {
            wanted.push(Wanted::no(ConditionType::Ready, REPLICAS_CHANGE, message.clone()));
        }
        (Standing::Going, None) => wanted.push(Wanted::no(ConditionType::Ready, "Deleting", "")),
        (Standing::Managed, None) => wanted.push(Wanted::yes(ConditionType::Ready, "Ready", "")),
    }
    wanted.extend(plan.into_iter().flat_map(|plan| &plan.warnings).map(Wanted::warning));
    let generation = topic.metadata.generation;
    let is_its = before.topic_name.as_deref().is_none_or(|name| name == topic.topic_name());
    let is_ours = match standing {
        Standing::Managed | Standing::Changing { .. } => true,
        Standing::Refused { reason, .. } => ["NotSupported", "InvalidReplicationFactor"].contains(reason),
        Standing::Paused | Standing::Unmanaged | Standing::Going => false,
    };
    let found = after.filter(|_| is_its && is_ours);
    let replicas_change = match (plan, failure) {
        (Some(plan), None) => plan.replicas_change.clone(),
        _ => before.replicas_change,
    };
    KafkaTopicStatus {
        conditions: merge(&before.conditions, &wanted, generation, now),
        observed_generation: generation,
        topic_name: before.topic_name.or_else(|| found.map(|_| topic.topic_name().to_owned())),
        topic_id: found.and_then(|found| found.id.clone()).or(before.topic_id),
        replicas_change,
    }
}
