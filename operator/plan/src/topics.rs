//! What a `KafkaTopic` asks of its Kafka cluster.
//!
//! `plan` compares the resource with the topic as it is and gives the changes in order; the shell carries them out and
//! then asks `status` what to report. Nothing here knows Kubernetes' API: `klamm up` uses it without one.
//!
//! Invariants: a topic never loses partitions or records except by deletion of its resource with policy Delete; a
//! resource that is paused, unmanaged or in conflict with an older one changes nothing.

mod replicas;
mod settings;
mod status;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use operator_api::{DeletionPolicy, KafkaTopic, ReplicasChange, ReplicasChangeState, TOPIC_FINALIZER};

pub use crate::standing::{Failure, Standing};
use crate::{claims::Bound as _, conditions::Warning};
pub use status::{REPLICAS_CHANGE, status};

/// Topics that Kafka makes for itself: nobody else's to make, change or delete.
const INTERNAL: [&str; 4] =
    ["__cluster_metadata", "__consumer_offsets", "__share_group_state", "__transaction_state"];

/// The setting that tells how many copies must be left to write to.
const MIN_IN_SYNC: &str = "min.insync.replicas";

/// A topic as it is in Kafka.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedTopic {
    /// Its id, from brokers that tell it.
    pub id: Option<String>,
    /// Whether it belongs to Kafka itself.
    pub is_internal: bool,
    /// Its partitions, by index.
    pub partitions: Vec<ObservedPartition>,
    /// Values that are set on the topic itself.
    pub config: BTreeMap<String, String>,
    /// `min.insync.replicas` as it is in force.
    pub min_in_sync: Option<i32>,
    /// The brokers that serve, and their racks: where copies can be.
    pub brokers: Arc<BTreeMap<i32, Option<String>>>,
}

/// A partition as it is in Kafka.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedPartition {
    /// Who holds it, preferred leader first; where copies move, who will.
    pub replicas: Vec<i32>,
    /// Who is in sync.
    pub isr: Vec<i32>,
    /// Whether copies come or go.
    pub is_moving: bool,
}

/// What the cluster says about its topics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The settings that its KafkaTopics may have; `None`: all.
    pub settings: Option<BTreeSet<String>>,
    /// Brokers that are on their way out: they get no new copies.
    pub leaving: BTreeSet<i32>,
}

impl Rules {
    fn may_set(&self, key: &str) -> bool {
        self.settings.as_ref().is_none_or(|settings| settings.contains(key))
    }
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
    /// Has partitions held by others: their numbers and who holds each then, preferred leader first.
    Reassign(Vec<(i32, Vec<i32>)>),
    /// Deletes the topic with its records.
    Delete,
    /// Lets the resource go.
    RemoveFinalizer,
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
    /// The change of the number of copies that goes on, or waits.
    pub replicas_change: Option<ReplicasChange>,
}

impl TopicPlan {
    fn nothing(standing: Standing) -> Self {
        Self { actions: Vec::new(), standing, warnings: Vec::new(), replicas_change: None }
    }

    fn refused(reason: &'static str, message: impl Into<String>) -> Self {
        Self::nothing(Standing::Refused { reason, message: message.into() })
    }

    /// Says that part of it cannot be. Of several parts the first gives the reason, and all are told.
    fn refuse(&mut self, reason: &'static str, why: String) {
        self.standing.refuse(reason, why);
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
pub fn plan(
    topic: &KafkaTopic,
    observed: Option<&ObservedTopic>,
    rival: Option<&str>,
    rules: &Rules,
) -> TopicPlan {
    let is_left_alone = topic.is_paused() || !topic.is_managed() || rival.is_some();
    if topic.is_going() {
        return going(topic, observed, !is_left_alone);
    }
    if topic.is_paused() {
        return TopicPlan::nothing(Standing::Paused);
    }
    if !topic.is_managed() {
        return TopicPlan::nothing(Standing::Unmanaged);
    }
    if let Some(rival) = rival {
        let name = topic.topic_name();
        return TopicPlan::refused(
            "ResourceConflict",
            format!("topic '{name}' is managed by the KafkaTopic {rival}"),
        );
    }
    if let Err(refused) = check_name(topic, observed) {
        return refused;
    }
    let (config, warning) = match settings::wanted(topic, rules) {
        Ok(wanted) => wanted,
        Err(refused) => return refused,
    };
    let mut plan = TopicPlan::nothing(Standing::Managed);
    plan.warnings.extend(warning);
    finalizer(topic, &mut plan);
    match observed {
        None => plan.actions.push(TopicAction::Create {
            partitions: topic.spec.partitions,
            replicas: topic.spec.replicas,
            config,
        }),
        Some(observed) => change(topic, observed, &config, rules, &mut plan),
    }
    plan
}

/// Whether the plan for `topic` depends on the topic as it is; where not, nobody needs to be asked.
#[must_use]
pub fn concerns_kafka(topic: &KafkaTopic, rival: Option<&str>) -> bool {
    let is_kept =
        topic.is_going() && (!topic.has_finalizer(TOPIC_FINALIZER) || !goes_with_its_resource(topic));
    !topic.is_paused() && topic.is_managed() && rival.is_none() && !is_kept
}

/// Whether deleting the resource deletes the topic.
fn goes_with_its_resource(topic: &KafkaTopic) -> bool {
    topic.spec.deletion_policy.unwrap_or_default() == DeletionPolicy::Delete
        && !topic.spec.deletion_protection
        && !INTERNAL.contains(&topic.topic_name())
}

/// The finalizer is there exactly when deletion has something to do.
fn finalizer(topic: &KafkaTopic, plan: &mut TopicPlan) {
    match (goes_with_its_resource(topic), topic.has_finalizer(TOPIC_FINALIZER)) {
        (true, false) => plan.actions.push(TopicAction::AddFinalizer),
        (false, true) => plan.actions.push(TopicAction::RemoveFinalizer),
        (true, true) | (false, false) => {}
    }
}

fn going(topic: &KafkaTopic, observed: Option<&ObservedTopic>, is_ours: bool) -> TopicPlan {
    let mut plan = TopicPlan::nothing(Standing::Going);
    if !topic.has_finalizer(TOPIC_FINALIZER) {
        return plan;
    }
    let is_same_topic = match (known_id(topic), observed.and_then(|observed| observed.id.as_deref())) {
        // A topic of the same name that somebody else made since is not the one this resource stands for.
        (Some(known), Some(found)) => known == found,
        _ => true,
    };
    let is_users = observed.is_some_and(|observed| !observed.is_internal);
    if is_ours && goes_with_its_resource(topic) && is_users && is_same_topic {
        plan.actions.push(TopicAction::Delete);
    }
    plan.actions.push(TopicAction::RemoveFinalizer);
    plan
}

fn known_id(topic: &KafkaTopic) -> Option<&str> {
    topic.status.as_ref()?.topic_id.as_deref()
}

fn check_name(topic: &KafkaTopic, observed: Option<&ObservedTopic>) -> Result<(), TopicPlan> {
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
    if INTERNAL.contains(&name) || observed.is_some_and(|observed| observed.is_internal) {
        let message = format!("'{name}' is Kafka's own: it is neither made nor changed nor deleted here");
        return Err(TopicPlan::refused("InternalTopic", message));
    }
    Ok(())
}

fn change(
    topic: &KafkaTopic,
    observed: &ObservedTopic,
    config: &BTreeMap<String, String>,
    rules: &Rules,
    plan: &mut TopicPlan,
) {
    let count = i32::try_from(observed.partitions.len()).unwrap_or(i32::MAX);
    match topic.spec.partitions {
        Some(wanted) if wanted > count => plan.actions.push(TopicAction::GrowTo(wanted)),
        Some(wanted) if wanted < count => plan.refuse(
            "NotSupported",
            format!("spec.partitions is {wanted} and the topic has {count}: a topic cannot lose partitions"),
        ),
        _ => {}
    }
    plan.actions.extend(settings::change(config, observed, rules));
    if let Some(wanted) = topic.spec.replicas {
        let stated = config.get(MIN_IN_SYNC).and_then(|text| text.trim().parse().ok());
        let min_in_sync = stated.or(observed.min_in_sync).unwrap_or(1);
        let found = replicas::change(topic.topic_name(), wanted, observed, min_in_sync, &rules.leaving);
        copies(topic, wanted, found, plan);
    }
    let before = known_id(topic);
    if let (Some(before), Some(found)) = (before, observed.id.as_deref())
        && before != found
    {
        let message = format!("the topic was made anew by somebody else: its id was {before} and is {found}");
        plan.warnings.push(Warning::new("TopicRecreated", message));
    }
}

/// What is done and said of another number of copies.
fn copies(topic: &KafkaTopic, wanted: i32, change: replicas::Change, plan: &mut TopicPlan) {
    let tell = |state, message: String| {
        Some(ReplicasChange { target_replicas: wanted, state, message: Some(message) })
    };
    let is_ours = topic.status.as_ref().is_some_and(|status| status.replicas_change.is_some());
    let left = match change {
        replicas::Change::None => return,
        // Others move copies without changing their number.
        replicas::Change::Settling(_) if !is_ours => return,
        replicas::Change::Refused(why) => {
            plan.replicas_change = tell(ReplicasChangeState::Pending, why.clone());
            return plan.refuse("InvalidReplicationFactor", why);
        }
        replicas::Change::Settling(left) | replicas::Change::Ongoing(left) => left,
        replicas::Change::Begin(moves, left) => {
            plan.actions.push(TopicAction::Reassign(moves));
            left
        }
    };
    let message = format!("{left} partitions are on their way to {wanted} copies");
    plan.replicas_change = tell(ReplicasChangeState::Ongoing, message.clone());
    if plan.standing == Standing::Managed {
        plan.standing = Standing::Changing { message };
    }
}
