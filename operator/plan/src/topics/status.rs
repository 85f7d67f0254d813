//! What is reported of a topic after its plan was carried out, or was not.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use operator_api::{ConditionType, KafkaTopic, KafkaTopicStatus};

use super::{ObservedTopic, Standing, TopicPlan};
use crate::conditions::{Wanted, merge};

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
        (Standing::Going, None) => wanted.push(Wanted::no(ConditionType::Ready, "Deleting", "")),
        (Standing::Managed, None) => wanted.push(Wanted::yes(ConditionType::Ready, "Ready", "")),
    }
    wanted.extend(plan.into_iter().flat_map(|plan| &plan.warnings).map(Wanted::warning));
    let generation = topic.metadata.generation;
    let is_ours = matches!(standing, Standing::Managed | Standing::Refused { reason: "NotSupported", .. });
    let found = after.filter(|_| is_ours);
    KafkaTopicStatus {
        conditions: merge(&before.conditions, &wanted, generation, now),
        observed_generation: generation,
        topic_name: before.topic_name.or_else(|| found.map(|_| topic.topic_name().to_owned())),
        topic_id: found.and_then(|found| found.id.clone()).or(before.topic_id),
    }
}
