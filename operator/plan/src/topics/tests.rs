use operator_api::{Condition, ConditionStatus, ConditionType};
use serde_json::json;

use super::*;

fn plan(topic: &KafkaTopic, observed: Option<&ObservedTopic>, rival: Option<&str>) -> TopicPlan {
    super::plan(topic, observed, rival, &Rules::default())
}

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
    ObservedTopic {
        id: Some("AAAAAAAAAAAAAAAAAAAAAQ".to_owned()),
        partitions: partitions_of(partitions, &[0]),
        config,
        brokers: Arc::new((0..3).map(|id| (id, None)).collect()),
        ..ObservedTopic::default()
    }
}

fn partitions_of(count: i32, replicas: &[i32]) -> Vec<ObservedPartition> {
    let one = ObservedPartition { replicas: replicas.to_vec(), isr: replicas.to_vec(), is_moving: false };
    vec![one; usize::try_from(count).expect("a count")]
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
fn another_number_of_copies_is_a_reassignment_that_is_told_until_it_is_over() {
    let mut topic = settled("{replicas: 3}");
    let mut found = observed(1, &[]);
    let first = plan(&topic, Some(&found), None);
    let [TopicAction::Reassign(moves)] = &first.actions[..] else { panic!("{:?}", first.actions) };
    assert_eq!((moves[0].0, moves[0].1.len()), (0, 3));
    assert!(matches!(first.standing, Standing::Changing { .. }));
    let change = first.replicas_change.clone().expect("it is told");
    assert_eq!((change.target_replicas, change.state), (3, ReplicasChangeState::Ongoing));

    (found.partitions[0].replicas, found.partitions[0].is_moving) = (moves[0].1.clone(), true);
    assert_eq!(plan(&topic, Some(&found), None).replicas_change, None, "somebody else moves the copies");
    topic.status = Some(status(&topic, Some(&first), Some(&found), None, &now()));
    let second = plan(&topic, Some(&found), None);
    assert_eq!((second.actions.len(), second.replicas_change), (0, Some(change)));

    found.partitions[0].is_moving = false;
    let third = plan(&topic, Some(&found), None);
    assert_eq!(third, TopicPlan::nothing(Standing::Managed));
    assert_eq!(status(&topic, Some(&third), Some(&found), None, &now()).replicas_change, None);
}

#[test]
fn a_number_of_copies_that_cannot_be_waits_with_its_reason_and_the_rest_is_done() {
    let plan = plan(&settled("{partitions: 2, replicas: 4}"), Some(&observed(3, &[])), None);
    let why = "spec.replicas is 4, and 3 brokers are there to hold copies";
    let (reason, message) = refused(&plan);
    assert_eq!(reason, "NotSupported");
    assert!(
        message.starts_with("spec.partitions is 2") && message.ends_with(why),
        "both are told: {message}"
    );
    let change = plan.replicas_change.as_ref().expect("it is told");
    assert_eq!((change.state, change.message.as_deref()), (ReplicasChangeState::Pending, Some(why)));
}

#[test]
fn copies_are_not_fewer_than_must_be_in_sync() {
    let mut found = observed(1, &[]);
    found.partitions = partitions_of(1, &[0, 1, 2]);
    found.min_in_sync = Some(2);
    assert_eq!(refused(&plan(&settled("{replicas: 1}"), Some(&found), None)).0, "InvalidReplicationFactor");
    let stated = settled("{replicas: 1, config: {min.insync.replicas: 1}}");
    let plan = plan(&stated, Some(&found), None);
    assert!(
        matches!(plan.actions[..], [TopicAction::AlterConfig { .. }, TopicAction::Reassign(_)]),
        "{plan:?}"
    );
}

#[test]
fn drift_of_the_configuration_is_reverted() {
    let topic = settled("{config: {retention.ms: 5, segment.bytes: 1048576}}");
    let found = observed(1, &[("retention.ms", "6"), ("segment.bytes", "1048576"), ("flush.ms", "1")]);
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
fn settings_that_kafka_does_not_know_or_take_are_refused_by_name() {
    let wrong = settled("{partitions: 9, config: {retention.mss: 1, cleanup.policy: burn, flush.ms: 5}}");
    for found in [None, Some(observed(3, &[]))] {
        let plan = plan(&wrong, found.as_ref(), None);
        let (reason, message) = refused(&plan);
        assert_eq!((reason, plan.actions.len()), ("InvalidConfig", 0));
        let unknown = "spec.config['retention.mss']: Unknown topic config name: retention.mss";
        assert!(
            message.contains(unknown) && message.contains("spec.config['cleanup.policy']: "),
            "{message}"
        );
        assert!(!message.contains("flush.ms"), "{message}");
    }
}

#[test]
fn settings_that_the_cluster_does_not_list_stay_as_they_are() {
    let listed = ["retention.ms", "flush.ms"].map(str::to_owned);
    let rules = Rules { settings: Some(listed.into()), ..Rules::default() };
    let topic = settled("{config: {retention.ms: 5, segment.bytes: 1048576}}");
    let found = observed(1, &[("flush.ms", "1"), ("max.message.bytes", "7")]);
    let plan = super::plan(&topic, Some(&found), None, &rules);
    let alter = TopicAction::AlterConfig {
        set: settings(&[("retention.ms", "5")]),
        unset: vec!["flush.ms".to_owned()],
    };
    assert_eq!((&plan.actions[..], &plan.standing), (&[alter][..], &Standing::Managed));
    assert_eq!(plan.warnings[0].reason, "ConfigNotAllowed");
    assert!(plan.warnings[0].message.ends_with(": segment.bytes"));
}

#[test]
fn what_a_throttled_reassignment_sets_is_not_drift() {
    let found = observed(1, &[("leader.replication.throttled.replicas", "0:1")]);
    assert_eq!(plan(&settled("{}"), Some(&found), None).actions, []);
}

#[test]
fn kafkas_own_topics_are_neither_made_nor_changed_nor_deleted() {
    let named = "{topicName: __consumer_offsets, partitions: 90}";
    for found in [None, Some(observed(50, &[]))] {
        let plan = plan(&settled(named), found.as_ref(), None);
        assert_eq!((refused(&plan).0, plan.actions.len()), ("InternalTopic", 0));
        assert_eq!(
            super::plan(&deleted("", named), found.as_ref(), None, &Rules::default()).actions,
            [TopicAction::RemoveFinalizer]
        );
    }
    let internal = ObservedTopic { is_internal: true, ..observed(1, &[]) };
    assert_eq!(refused(&plan(&settled("{partitions: 9}"), Some(&internal), None)).0, "InternalTopic");
    assert_eq!(plan(&deleted("", "{}"), Some(&internal), None).actions, [TopicAction::RemoveFinalizer]);
}

#[test]
fn names_that_kafka_does_not_take_are_refused() {
    for name in ["..", "a b", "ä"] {
        let plan = plan(&settled(&format!("{{topicName: '{name}'}}")), None, None);
        assert_eq!((refused(&plan).0, plan.actions.len()), ("InvalidTopicName", 0), "{name}");
    }
}

#[test]
fn the_id_of_another_topic_is_not_taken_for_ones_own() {
    let mut topic = settled("{topicName: b}");
    topic.status = serde_json::from_value(json!({"topicName": "a", "topicId": "of a"})).expect("a status");
    let found = observed(1, &[]);
    let plan = plan(&topic, Some(&found), None);
    let status = status(&topic, Some(&plan), Some(&found), None, &now());
    assert_eq!((status.topic_name.as_deref(), status.topic_id.as_deref()), (Some("a"), Some("of a")));
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
        ("the older one decides", deleted("", "{}"), Some(&found), Some("ns/older"), vec![remove.clone()]),
        (
            "paused: nothing is done to the topic, and the resource is not kept back",
            deleted(", annotations: {klamm.dev/pause-reconciliation: 'true'}", "{}"),
            Some(&found),
            None,
            vec![remove.clone()],
        ),
        ("protected", deleted("", "{deletionProtection: true}"), Some(&found), None, vec![remove.clone()]),
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
        ("protected", deleted("", "{deletionProtection: true}"), None, false),
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

    fn ids(count: i32) -> Vec<i32> {
        (0..count).collect()
    }

    fn carried_out(found: Option<ObservedTopic>, actions: &[TopicAction]) -> Option<ObservedTopic> {
        let mut topic = found;
        for action in actions {
            match action {
                TopicAction::Create { partitions, replicas, config } => {
                    topic = Some(ObservedTopic {
                        id: Some("new".to_owned()),
                        partitions: partitions_of(partitions.unwrap_or(1), &ids(replicas.unwrap_or(1))),
                        config: config.clone(),
                        ..observed(1, &[])
                    });
                }
                TopicAction::GrowTo(count) => {
                    let partitions = &mut topic.as_mut().expect("a topic").partitions;
                    let more = *count - i32::try_from(partitions.len()).expect("a count");
                    let replicas = partitions[0].replicas.clone();
                    partitions.extend(partitions_of(more, &replicas));
                }
                TopicAction::Reassign(moves) => {
                    let partitions = &mut topic.as_mut().expect("a topic").partitions;
                    for (index, replicas) in moves {
                        partitions[usize::try_from(*index).expect("an index")].replicas = replicas.clone();
                    }
                }
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
        proptest::collection::btree_map("flush\\.ms|retention\\.ms|segment\\.ms", "[1-3]", 0..3)
    }

    proptest! {
        #[test]
        fn a_plan_that_was_carried_out_leaves_nothing_to_do(
            partitions in proptest::option::of(1..5),
            wanted in config(),
            replicas in proptest::option::of(1..4),
            found in proptest::option::of((1..5, 1..4, config())),
        ) {
            let mut topic = settled("{}");
            topic.spec.partitions = partitions;
            topic.spec.config = wanted.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
            topic.spec.replicas = replicas;
            let found = found.map(|(partitions, replicas, config)| {
                ObservedTopic { partitions: partitions_of(partitions, &ids(replicas)), config, ..observed(1, &[]) }
            });
            let first = plan(&topic, found.as_ref(), None);
            let after = carried_out(found.clone(), &first.actions);
            // A topic that grows gets partitions with the copies that it has; the next look makes them as many as wanted.
            let second = plan(&topic, after.as_ref(), None);
            let is_grown = first.actions.iter().any(|action| matches!(action, TopicAction::GrowTo(_)));
            prop_assert!(second.actions.is_empty() || is_grown, "{second:?}");
            let after = carried_out(after, &second.actions);
            let third = plan(&topic, after.as_ref(), None);
            prop_assert_eq!(&third.actions, &vec![]);
            let is_refused = |plan: &TopicPlan| matches!(plan.standing, Standing::Refused { .. });
            prop_assert_eq!(is_refused(&third), is_refused(&first));
            let before = found.map_or(0, |topic| topic.partitions.len());
            prop_assert!(after.expect("a topic").partitions.len() >= before);
        }
    }
}
