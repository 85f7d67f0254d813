//! What a `KafkaTopic` asks of its Kafka cluster.
//!
//! `plan` compares the resource with the topic as it is and gives the changes in order; the shell carries them out and
//! then asks `status` what to report. Nothing here knows Kubernetes' API: `klamm up` uses it without one.
//!
//! Invariants: a topic never loses partitions or records except by deletion of its resource with policy Delete; a
//! resource that is paused, unmanaged or in conflict with an older one changes nothing.

mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use operator_api::{DeletionPolicy, KafkaTopic, MANAGED_ANNOTATION, PAUSE_ANNOTATION, TOPIC_FINALIZER};

use crate::{
    conditions::Warning,
    values::{is_same, to_text},
};
pub use status::{Failure, status};

/// A topic as it is in Kafka.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedTopic {
    /// Its id, from brokers that tell it.
    pub id: Option<String>,
    /// How many partitions it has.
    pub partitions: i32,
    /// How many copies its first partition has.
    pub replicas: i32,
    /// Values that are set on the topic itself.
    pub config: BTreeMap<String, String>,
}

/// One change. Those on Kafka come before those on the resource that depend on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicAction {
    /// Puts our finalizer on the resource, before anything that deletion would have to undo.
    AddFinalizer,
    /// Creates the topic.
    Create {
        /// `None`: the cluster's default.
        partitions: Option<i32>,
        /// `None`: the cluster's default.
        replicas: Option<i32>,
        /// Where it differs from the cluster's.
        config: BTreeMap<String, String>,
    },
    /// Grows the topic to so many partitions.
    GrowTo(i32),
    /// Sets and unsets values, all or none.
    AlterConfig {
        /// To set.
        set: BTreeMap<String, String>,
        /// To set back to the cluster's.
        unset: Vec<String>,
    },
    /// Deletes the topic with its records.
    Delete,
    /// Lets the resource go.
    RemoveFinalizer,
}

/// How the resource stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The topic is, or after the actions will be, what the resource says.
    Managed,
    /// Part of it cannot be; the rest is.
    Refused {
        /// A word in CamelCase.
        reason: &'static str,
        /// What cannot be and why.
        message: String,
    },
    /// The pause annotation is set.
    Paused,
    /// It is marked as not managed.
    Unmanaged,
    /// It is going.
    Going,
}

/// What to do for one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicPlan {
    /// The changes, in order.
    pub actions: Vec<TopicAction>,
    /// How the resource stands.
    pub standing: Standing,
    /// What is doubtful.
    pub warnings: Vec<Warning>,
}

impl TopicPlan {
    fn nothing(standing: Standing) -> Self {
        Self { actions: Vec::new(), standing, warnings: Vec::new() }
    }

    fn refused(reason: &'static str, message: impl Into<String>) -> Self {
        Self::nothing(Standing::Refused { reason, message: message.into() })
    }

    /// Whether Kafka itself is to be changed.
    #[must_use]
    pub fn changes_kafka(&self) -> bool {
        self.actions
            .iter()
            .any(|action| !matches!(action, TopicAction::AddFinalizer | TopicAction::RemoveFinalizer))
    }
}

/// What `topic` asks for, given the topic as it is (`None`: there is none). `rival` names an older resource of the same
/// topic, if there is one: it alone decides.
#[must_use]
pub fn plan(topic: &KafkaTopic, observed: Option<&ObservedTopic>, rival: Option<&str>) -> TopicPlan {
    if annotation(topic, PAUSE_ANNOTATION) == Some("true") {
        return TopicPlan::nothing(Standing::Paused);
    }
    let is_managed = annotation(topic, MANAGED_ANNOTATION) != Some("false");
    if topic.metadata.deletion_timestamp.is_some() {
        return going(topic, observed, is_managed && rival.is_none());
    }
    if !is_managed {
        return TopicPlan::nothing(Standing::Unmanaged);
    }
    if let Some(rival) = rival {
        let name = topic.topic_name();
        return TopicPlan::refused(
            "ResourceConflict",
            format!("topic '{name}' is managed by the KafkaTopic {rival}"),
        );
    }
    if let Err(refused) = check_name(topic) {
        return refused;
    }
    let config = match wanted_config(topic) {
        Ok(config) => config,
        Err(refused) => return refused,
    };
    let mut plan = TopicPlan::nothing(Standing::Managed);
    finalizer(topic, &mut plan);
    match observed {
        None => plan.actions.push(TopicAction::Create {
            partitions: topic.spec.partitions,
            replicas: topic.spec.replicas,
            config,
        }),
        Some(observed) => change(topic, observed, &config, &mut plan),
    }
    plan
}

/// Whether the plan for `topic` depends on the topic as it is; where not, nobody needs to be asked.
#[must_use]
pub fn concerns_kafka(topic: &KafkaTopic, rival: Option<&str>) -> bool {
    let is_paused = annotation(topic, PAUSE_ANNOTATION) == Some("true");
    let is_managed = annotation(topic, MANAGED_ANNOTATION) != Some("false");
    let is_kept = topic.metadata.deletion_timestamp.is_some()
        && (!has_finalizer(topic) || policy(topic) == DeletionPolicy::Retain);
    !is_paused && is_managed && rival.is_none() && !is_kept
}

fn annotation<'a>(topic: &'a KafkaTopic, name: &str) -> Option<&'a str> {
    topic.metadata.annotations.as_ref()?.get(name).map(String::as_str)
}

fn has_finalizer(topic: &KafkaTopic) -> bool {
    topic.metadata.finalizers.iter().flatten().any(|finalizer| finalizer == TOPIC_FINALIZER)
}

fn policy(topic: &KafkaTopic) -> DeletionPolicy {
    topic.spec.deletion_policy.unwrap_or_default()
}

/// The finalizer is there exactly when deletion has something to do.
fn finalizer(topic: &KafkaTopic, plan: &mut TopicPlan) {
    match (policy(topic), has_finalizer(topic)) {
        (DeletionPolicy::Delete, false) => plan.actions.push(TopicAction::AddFinalizer),
        (DeletionPolicy::Retain, true) => plan.actions.push(TopicAction::RemoveFinalizer),
        (DeletionPolicy::Delete, true) | (DeletionPolicy::Retain, false) => {}
    }
}

fn going(topic: &KafkaTopic, observed: Option<&ObservedTopic>, is_ours: bool) -> TopicPlan {
    let mut plan = TopicPlan::nothing(Standing::Going);
    if !has_finalizer(topic) {
        return plan;
    }
    let is_same_topic = match (known_id(topic), observed.and_then(|observed| observed.id.as_deref())) {
        // A topic of the same name that somebody else made since is not the one this resource stands for.
        (Some(known), Some(found)) => known == found,
        _ => true,
    };
    if is_ours && policy(topic) == DeletionPolicy::Delete && observed.is_some() && is_same_topic {
        plan.actions.push(TopicAction::Delete);
    }
    plan.actions.push(TopicAction::RemoveFinalizer);
    plan
}

fn known_id(topic: &KafkaTopic) -> Option<&str> {
    topic.status.as_ref()?.topic_id.as_deref()
}

fn check_name(topic: &KafkaTopic) -> Result<(), TopicPlan> {
    let name = topic.topic_name();
    if let Some(before) = topic.status.as_ref().and_then(|status| status.topic_name.as_deref())
        && before != name
    {
        let message =
            format!("the topic is '{before}': a topic cannot be renamed to '{name}'. Make a new KafkaTopic");
        return Err(TopicPlan::refused("NotSupported", message));
    }
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name.len() > 249 || name == "." || name == ".." || !name.chars().all(is_legal) {
        let message =
            format!("'{name}' is no name of a topic: at most 249 of a-z, A-Z, 0-9, '.', '_' and '-'");
        return Err(TopicPlan::refused("InvalidTopicName", message));
    }
    Ok(())
}

fn wanted_config(topic: &KafkaTopic) -> Result<BTreeMap<String, String>, TopicPlan> {
    let mut config = BTreeMap::new();
    for (key, value) in &topic.spec.config {
        match to_text(value) {
            Ok(Some(text)) => drop(config.insert(key.clone(), text)),
            Ok(None) => {}
            Err(error) => {
                return Err(TopicPlan::refused("InvalidConfig", format!("spec.config['{key}']: {error}")));
            }
        }
    }
    Ok(config)
}

fn change(
    topic: &KafkaTopic,
    observed: &ObservedTopic,
    config: &BTreeMap<String, String>,
    plan: &mut TopicPlan,
) {
    match topic.spec.partitions {
        Some(wanted) if wanted > observed.partitions => plan.actions.push(TopicAction::GrowTo(wanted)),
        Some(wanted) if wanted < observed.partitions => {
            plan.standing = Standing::Refused {
                reason: "NotSupported",
                message: format!(
                    "spec.partitions is {wanted} and the topic has {}: a topic cannot lose partitions",
                    observed.partitions
                ),
            };
        }
        _ => {}
    }
    if let Some(wanted) = topic.spec.replicas.filter(|wanted| *wanted != observed.replicas) {
        plan.standing = Standing::Refused {
            reason: "NotSupported",
            message: format!(
                "spec.replicas is {wanted} and the topic has {}: changing it arrives with a later release",
                observed.replicas
            ),
        };
    }
    let is_as_wanted = |(key, value): &(&String, &String)| {
        observed.config.get(*key).is_some_and(|found| is_same(found, value))
    };
    let set: BTreeMap<_, _> = config
        .iter()
        .filter(|entry| !is_as_wanted(entry))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let unset: Vec<_> = observed.config.keys().filter(|key| !config.contains_key(*key)).cloned().collect();
    if !set.is_empty() || !unset.is_empty() {
        plan.actions.push(TopicAction::AlterConfig { set, unset });
    }
    let before = known_id(topic);
    if let (Some(before), Some(found)) = (before, observed.id.as_deref())
        && before != found
    {
        let message = format!("the topic was made anew by somebody else: its id was {before} and is {found}");
        plan.warnings.push(Warning::new("TopicRecreated", message));
    }
}
