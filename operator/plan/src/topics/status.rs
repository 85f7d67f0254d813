//! What is reported of a topic after its plan was carried out, or was not.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use operator_api::{KafkaTopic, KafkaTopicStatus};

use super::{Failure, ObservedTopic, Standing, TopicPlan};
use crate::conditions::{Wanted, merge};

/// The reason of a topic that is on its way to another number of copies.
pub const REPLICAS_CHANGE: &str = "ReplicasChange";

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
    let mut wanted = vec![standing.condition(failure, REPLICAS_CHANGE)];
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
