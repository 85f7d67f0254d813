use operator_api::{Condition, ConditionStatus, ConditionType};
use serde_json::json;

use super::*;

fn topic(yaml: &str) -> KafkaTopic {
    let text = format!("apiVersion: klamm.dev/v1alpha1\nkind: KafkaTopic\n{yaml}");
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A topic that has our finalizer already.
fn settled(spec: &str) -> KafkaTopic {
    topic(&format!("metadata: {{name: t, generation: 1, finalizers: [klamm.dev/topic]}}\nspec: {spec}"))
}

fn observed(partitions: i32, config: &[(&str, &str)]) -> ObservedTopic {
    let config = config.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    ObservedTopic { id: Some("AAAAAAAAAAAAAAAAAAAAAQ".to_owned()), partitions, replicas: 1, config }
}

fn settings(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn refused(plan: &TopicPlan) -> (&'static str, &str) {
    match &plan.standing {
        Standing::Refused { reason, message } => (reason, message),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_new_topic_is_created_behind_its_finalizer() {
    let topic =
        topic("metadata: {name: t}\nspec: {partitions: 3, replicas: 1, config: {retention.ms: 1000}}");
    let create = TopicAction::Create {
        partitions: Some(3),
        replicas: Some(1),
        config: settings(&[("retention.ms", "1000")]),
    };
    assert_eq!(plan(&topic, None, None).actions, [TopicAction::AddFinalizer, create]);
}

#[test]
fn a_topic_that_is_as_wanted_is_left_alone() {
    let topic = settled("{partitions: 3, replicas: 1, config: {cleanup.policy: [compact, delete]}}");
    let plan = plan(&topic, Some(&observed(3, &[("cleanup.policy", "compact,delete")])), None);
    assert_eq!((plan.actions, plan.standing), (vec![], Standing::Managed));
}

#[test]
fn a_topic_without_counts_is_adopted_as_it_is() {
    assert_eq!(plan(&settled("{}"), Some(&observed(7, &[])), None).actions, []);
}

#[test]
fn partitions_grow() {
    let plan = plan(&settled("{partitions: 5}"), Some(&observed(3, &[])), None);
    assert_eq!(plan.actions, [TopicAction::GrowTo(5)]);
}

#[test]
fn partitions_never_go_and_the_rest_is_done() {
    let plan = plan(&settled("{partitions: 2, config: {retention.ms: 5}}"), Some(&observed(3, &[])), None);
    assert_eq!(
        refused(&plan),
        ("NotSupported", "spec.partitions is 2 and the topic has 3: a topic cannot lose partitions")
    );
    let set = settings(&[("retention.ms", "5")]);
    assert_eq!(plan.actions, [TopicAction::AlterConfig { set, unset: vec![] }]);
}

#[test]
fn another_number_of_copies_is_refused() {
    let plan = plan(&settled("{replicas: 3}"), Some(&observed(3, &[])), None);
    assert_eq!(refused(&plan).0, "NotSupported");
    assert_eq!(plan.actions, []);
}

#[test]
fn drift_of_the_configuration_is_reverted() {
    let topic = settled("{config: {retention.ms: 5, segment.bytes: 100}}");
    let found = observed(1, &[("retention.ms", "6"), ("segment.bytes", "100"), ("flush.ms", "1")]);
    let alter = TopicAction::AlterConfig {
        set: settings(&[("retention.ms", "5")]),
        unset: vec!["flush.ms".to_owned()],
    };
    assert_eq!(plan(&topic, Some(&found), None).actions, [alter]);
}

#[test]
fn a_setting_that_is_a_map_is_refused_by_name() {
    let plan = plan(&settled("{config: {retention.ms: {a: 1}}}"), None, None);
    assert_eq!(refused(&plan).0, "InvalidConfig");
    assert!(refused(&plan).1.starts_with("spec.config['retention.ms']"));
    assert_eq!(plan.actions, []);
}

#[test]
fn names_that_kafka_does_not_take_are_refused() {
    for name in ["..", "a b", "ä"] {
        let plan = plan(&settled(&format!("{{topicName: '{name}'}}")), None, None);
        assert_eq!((refused(&plan).0, plan.actions.len()), ("InvalidTopicName", 0), "{name}");
    }
}

#[test]
fn a_topic_is_not_renamed() {
    let mut topic = settled("{topicName: b}");
    topic.status = serde_json::from_value(json!({"topicName": "a"})).expect("a status");
    assert_eq!(refused(&plan(&topic, None, None)).0, "NotSupported");
}

#[test]
fn the_older_resource_of_a_topic_decides() {
    let plan = plan(&settled("{partitions: 9}"), Some(&observed(3, &[])), Some("ns/older"));
    assert_eq!(refused(&plan), ("ResourceConflict", "topic 't' is managed by the KafkaTopic ns/older"));
    assert_eq!(plan.actions, []);
}

#[test]
fn paused_and_unmanaged_topics_are_left_alone() {
    let paused =
        topic("metadata: {name: t, annotations: {klamm.dev/pause-reconciliation: 'true'}}\nspec: {}");
    assert_eq!(plan(&paused, None, None), TopicPlan::nothing(Standing::Paused));
    let unmanaged =
        topic("metadata: {name: t, annotations: {klamm.dev/managed: 'false'}}\nspec: {partitions: 9}");
    assert_eq!(plan(&unmanaged, Some(&observed(1, &[])), None), TopicPlan::nothing(Standing::Unmanaged));
}

fn deleted(rest: &str, spec: &str) -> KafkaTopic {
    topic(&format!(
        "metadata: {{name: t, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [klamm.dev/topic]{rest}}}\nspec: {spec}"
    ))
}

#[test]
fn deletion_follows_the_policy() {
    let found = observed(3, &[]);
    let (delete, remove) = (TopicAction::Delete, TopicAction::RemoveFinalizer);
    let cases = [
        ("deleted", deleted("", "{}"), Some(&found), None, vec![delete.clone(), remove.clone()]),
        ("gone already", deleted("", "{}"), None, None, vec![remove.clone()]),
        ("retained", deleted("", "{deletionPolicy: Retain}"), Some(&found), None, vec![remove.clone()]),
        (
            "not managed",
            deleted(", annotations: {klamm.dev/managed: 'false'}", "{}"),
            Some(&found),
            None,
            vec![remove.clone()],
        ),
        ("the older one decides", deleted("", "{}"), Some(&found), Some("ns/older"), vec![remove]),
        (
            "paused",
            deleted(", annotations: {klamm.dev/pause-reconciliation: 'true'}", "{}"),
            Some(&found),
            None,
            vec![],
        ),
    ];
    for (case, topic, found, rival, expected) in cases {
        assert_eq!(plan(&topic, found, rival).actions, expected, "{case}");
    }
}

#[test]
fn kafka_is_asked_only_where_the_answer_matters() {
    let cases = [
        ("managed", settled("{}"), None, true),
        ("to be deleted", deleted("", "{}"), None, true),
        ("retained", deleted("", "{deletionPolicy: Retain}"), None, false),
        ("paused", deleted(", annotations: {klamm.dev/pause-reconciliation: 'true'}", "{}"), None, false),
        ("not managed", deleted(", annotations: {klamm.dev/managed: 'false'}", "{}"), None, false),
        ("the older one decides", settled("{}"), Some("ns/older"), false),
    ];
    for (case, topic, rival, expected) in cases {
        assert_eq!(concerns_kafka(&topic, rival), expected, "{case}");
        let found = observed(3, &[("a", "b")]);
        let is_same = plan(&topic, None, rival) == plan(&topic, Some(&found), rival);
        assert_eq!(is_same, !expected, "{case}: the plan without an answer is the plan");
    }
}

#[test]
fn a_topic_that_somebody_made_anew_is_not_deleted_with_the_resource_of_the_first() {
    let mut topic = deleted("", "{}");
    topic.status = serde_json::from_value(json!({"topicId": "another"})).expect("a status");
    assert_eq!(plan(&topic, Some(&observed(3, &[])), None).actions, [TopicAction::RemoveFinalizer]);
}

#[test]
fn retained_topics_need_no_finalizer() {
    let plan = plan(&settled("{deletionPolicy: Retain}"), Some(&observed(3, &[])), None);
    assert_eq!(plan.actions, [TopicAction::RemoveFinalizer]);
}

fn now() -> k8s_openapi::apimachinery::pkg::apis::meta::v1::Time {
    serde_json::from_value(json!("2026-01-01T00:00:00Z")).expect("a time")
}

#[test]
fn the_status_tells_id_and_readiness() {
    let topic = settled("{}");
    let found = observed(3, &[]);
    let plan = plan(&topic, Some(&found), None);
    let status = status(&topic, Some(&plan), Some(&found), None, &now());
    assert_eq!((status.topic_name.as_deref(), status.topic_id), (Some("t"), found.id));
    let ready = Condition::find(&status.conditions, ConditionType::Ready).expect("a condition");
    assert_eq!((ready.status, ready.observed_generation), (ConditionStatus::True, Some(1)));
}

#[test]
fn what_is_known_stays_known_while_nobody_can_be_asked() {
    let mut topic = settled("{}");
    topic.status = serde_json::from_value(json!({"topicId": "x", "topicName": "t"})).expect("a status");
    let failure = Failure { reason: "Unreachable".to_owned(), message: "no broker answers".to_owned() };
    let status = status(&topic, None, None, Some(&failure), &now());
    assert_eq!(status.topic_id.as_deref(), Some("x"));
    assert_eq!(status.conditions[0].reason, "Unreachable");
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn carried_out(observed: Option<ObservedTopic>, actions: &[TopicAction]) -> Option<ObservedTopic> {
        let mut topic = observed;
        for action in actions {
            match action {
                TopicAction::Create { partitions, replicas, config } => {
                    topic = Some(ObservedTopic {
                        id: Some("new".to_owned()),
                        partitions: partitions.unwrap_or(1),
                        replicas: replicas.unwrap_or(1),
                        config: config.clone(),
                    });
                }
                TopicAction::GrowTo(count) => topic.as_mut().expect("a topic").partitions = *count,
                TopicAction::AlterConfig { set, unset } => {
                    let config = &mut topic.as_mut().expect("a topic").config;
                    config.extend(set.clone());
                    unset.iter().for_each(|key| drop(config.remove(key)));
                }
                TopicAction::Delete => topic = None,
                TopicAction::AddFinalizer | TopicAction::RemoveFinalizer => {}
            }
        }
        topic
    }

    fn config() -> impl Strategy<Value = BTreeMap<String, String>> {
        proptest::collection::btree_map("[a-d]", "[1-3]", 0..4)
    }

    proptest! {
        #[test]
        fn a_plan_that_was_carried_out_leaves_nothing_to_do(
            partitions in proptest::option::of(1..5),
            wanted in config(),
            found in proptest::option::of((1..5, config())),
        ) {
            let mut topic = settled("{}");
            topic.spec.partitions = partitions;
            topic.spec.config = wanted.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
            let found = found.map(|(partitions, config)| ObservedTopic { partitions, config, ..observed(1, &[]) });
            let first = plan(&topic, found.as_ref(), None);
            let after = carried_out(found.clone(), &first.actions);
            let second = plan(&topic, after.as_ref(), None);
            prop_assert_eq!(&second.actions, &vec![]);
            prop_assert_eq!(second.standing, first.standing);
            let before = found.map_or(0, |topic| topic.partitions);
            prop_assert!(after.expect("a topic").partitions >= before);
        }
    }
}
