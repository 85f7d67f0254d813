use operator_api::{BootstrapState, Condition, ConditionStatus};
use serde_json::{Value, json};

use super::*;
use crate::world::{World, brief, dual, pool};

fn claim(size: &str) -> Value {
    json!({"type": "persistent-claim", "size": size})
}

fn condition(status: &KafkaClusterStatus, kind: ConditionType) -> (ConditionStatus, String) {
    let condition = Condition::find(&status.conditions, kind).unwrap_or_else(|| panic!("no {kind:?}"));
    (condition.status, condition.reason.clone())
}

fn status(world: &World) -> &KafkaClusterStatus {
    world.observed.cluster.status.as_ref().expect("a status")
}

#[test]
fn nothing_is_made_before_the_cluster_is_known() {
    let mut world = World::new(json!({}), &[]);
    let plan = world.decide();
    assert_eq!((plan.actions.as_slice(), plan.look_again), ([].as_slice(), Some(Duration::ZERO)));
    assert_eq!(plan.status.cluster_id.as_deref(), Some("freshAAAAAAAAAAAAAAAAA"));
    assert_eq!(plan.status.version.as_deref(), Some("0.1.0"));
    world.carry_out(&plan);
    world.observed.fresh_cluster_id = "another".to_owned();
    assert_eq!(world.decide().status.cluster_id, plan.status.cluster_id);
}

#[test]
fn a_cluster_comes_up_and_quiets_down() {
    let mut world = World::new(json!({}), &[]);
    let plans = world.settle();
    assert_eq!(
        brief(&plans[1]),
        [
            "apply ServiceAccount c-kafka",
            "apply NetworkPolicy c-kafka",
            "apply Service c-kafka-brokers",
            "apply Service c-kafka-bootstrap",
            "apply PodDisruptionBudget c-kafka",
            "apply ConfigMap c-default",
            "apply StatefulSet c-default",
        ]
    );
    let settings = "set {\"min.insync.replicas\": \"1\"} unset []";
    assert_eq!(brief(&plans[2]), ["apply PersistentVolumeClaim data-c-default-0", settings]);
    assert_eq!(
        brief(&plans[3]),
        ["apply ConfigMap c-default", "apply PersistentVolumeClaim data-c-default-0"]
    );
    assert_eq!(plans.len(), 5);
    assert_eq!(condition(status(&world), ConditionType::Ready), (ConditionStatus::True, "Ready".to_owned()));
    assert_eq!(condition(status(&world), ConditionType::Quiesced).0, ConditionStatus::True);
    let listener = &status(&world).listeners[0];
    assert_eq!(listener.bootstrap_servers, "c-kafka-bootstrap.ns.svc.cluster.local:9092");
}

#[test]
fn the_bootstrap_mark_goes_for_good_when_the_node_was_ready_once() {
    let mut world = World::new(json!({}), &[]);
    world.pods_run = false;
    for _ in 0..4 {
        let plan = world.decide();
        world.carry_out(&plan);
    }
    assert_eq!(world.live("ConfigMap", "c-default")["data"]["bootstrap"], "standalone");
    assert_eq!(
        condition(status(&world), ConditionType::Ready),
        (ConditionStatus::False, "Creating".to_owned())
    );
    let template = world.live("StatefulSet", "c-default")["spec"]["template"].clone();
    world.observed.pods[0].is_ready = true;
    world.settle();
    assert_eq!(world.live("ConfigMap", "c-default")["data"].get("bootstrap"), None);
    assert_eq!(status(&world).bootstrap.as_ref().map(|mark| mark.state), Some(BootstrapState::Done));
    assert_eq!(
        world.live("StatefulSet", "c-default")["spec"]["template"],
        template,
        "nothing restarts for it"
    );
    world.observed.pods[0].is_ready = false;
    world.observed.live.remove("ConfigMap", "c-default");
    let plan = world.decide();
    world.carry_out(&plan);
    assert_eq!(world.live("ConfigMap", "c-default")["data"].get("bootstrap"), None);
}

#[test]
fn a_single_ephemeral_node_may_begin_anew_each_time() {
    let mut world = World::new(json!({"storage": {"type": "ephemeral", "sizeLimit": "1Gi"}}), &[]);
    world.settle();
    assert_eq!(world.live("ConfigMap", "c-default")["data"]["bootstrap"], "standalone");
    assert_eq!(world.live("StatefulSet", "c-default")["spec"].get("volumeClaimTemplates"), None);
}

#[test]
fn the_pod_is_restricted_and_knows_its_node_from_its_name() {
    let mut world =
        World::new(json!({"kafka": {"config": {"num.partitions": 6}}}), &[("p", dual(claim("5Gi")))]);
    world.settle();
    let set = world.live("StatefulSet", "c-p");
    let spec = &set["spec"];
    assert_eq!(spec["updateStrategy"]["type"], "OnDelete");
    assert_eq!(spec["podManagementPolicy"], "Parallel");
    assert_eq!(spec["ordinals"]["start"], 0);
    assert_eq!(spec["serviceName"], "c-kafka-brokers");
    let pod = &spec["template"]["spec"];
    assert_eq!(pod["automountServiceAccountToken"], false);
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    let container = &pod["containers"][0];
    assert_eq!(container["image"], "klamm:dev");
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    assert_eq!(container["securityContext"]["allowPrivilegeEscalation"], false);
    assert_eq!(container["securityContext"]["capabilities"]["drop"], json!(["ALL"]));
    assert_eq!(container["readinessProbe"]["httpGet"], json!({"path": "/readyz", "port": 9644}));
    let ports = container["ports"].as_array().expect("ports");
    assert!(ports.iter().all(|port| port["name"].as_str().is_some_and(|name| name.len() <= 15)), "{ports:?}");
    assert_eq!(container["livenessProbe"]["httpGet"], json!({"path": "/healthz", "port": 9644}));
    let host = "$(POD_NAME).c-kafka-brokers.ns.svc.cluster.local";
    let advertised = format!(
        "advertised.listeners=CONTROLPLANE://{host}:9090,REPLICATION://{host}:9091,PLAIN://{host}:9092"
    );
    assert_eq!(
        container["args"],
        json!([
            "broker",
            "/etc/klamm/server.properties",
            "--override",
            "node.id=$(NODE_ID)",
            "--override",
            advertised,
            "--override",
            "log.dirs=/var/lib/kafka/data/kafka-log$(NODE_ID)",
            "--override",
            "metadata.log.dir=/var/lib/kafka/data/kafka-log$(NODE_ID)",
            "--override",
            "ssl.keystore.location=/etc/klamm-certificates/$(POD_NAME).pem"
        ])
    );
    let properties = world.live("ConfigMap", "c-p")["data"]["server.properties"].as_str().expect("a file");
    for line in [
        "process.roles=broker,controller",
        "listeners=CONTROLPLANE://0.0.0.0:9090,REPLICATION://0.0.0.0:9091,PLAIN://0.0.0.0:9092",
        "controller.quorum.bootstrap.servers=c-p-0.c-kafka-brokers.ns.svc.cluster.local:9090",
        "klamm.admin.listener=0.0.0.0:9644",
        "default.replication.factor=1",
        "num.partitions=6",
    ] {
        assert!(properties.lines().any(|found| found == line), "{line} in\n{properties}");
    }
}

#[test]
fn several_volumes_are_several_log_directories() {
    let volume = |id: i32| json!({"id": id, "type": "persistent-claim", "size": "1Gi"});
    let mut second = volume(2);
    second["kraftMetadata"] = json!("shared");
    let storage = json!({"type": "jbod", "volumes": [volume(0), second]});
    let mut world = World::new(json!({}), &[("p", dual(storage))]);
    world.settle();
    let args =
        world.live("StatefulSet", "c-p")["spec"]["template"]["spec"]["containers"][0]["args"].to_string();
    assert!(args.contains(
        "log.dirs=/var/lib/kafka/data-2/kafka-log$(NODE_ID),/var/lib/kafka/data-0/kafka-log$(NODE_ID)"
    ));
    assert!(args.contains("metadata.log.dir=/var/lib/kafka/data-2/kafka-log$(NODE_ID)"));
    assert!(world.observed.live.get("PersistentVolumeClaim", "data-2-c-p-0").is_some());
}

#[test]
fn a_changed_setting_restarts_the_pod_after_it_was_applied() {
    let mut world = World::new(json!({}), &[]);
    world.settle();
    world.set_spec(json!({"kafka": {"config": {"num.partitions": 6}}}));
    let plans = world.settle();
    assert_eq!(brief(&plans[0]), ["apply ConfigMap c-default", "apply StatefulSet c-default"]);
    assert_eq!(
        condition(&plans[0].status, ConditionType::Ready),
        (ConditionStatus::False, "Applying".to_owned())
    );
    assert_eq!((brief(&plans[1]), plans[1].look_again), (Vec::new(), Some(Duration::ZERO)), "it is chosen");
    assert_eq!(brief(&plans[2]), ["restart c-default-0"]);
    assert_eq!(condition(&plans[2].status, ConditionType::Ready).1, "Restarting");
    let note =
        plans[2].events.iter().find(|event| event.reason == "PodRestart").map(|event| event.note.as_str());
    assert_eq!(note, Some("pod c-default-0 is restarted: its settings changed"));
    assert_eq!(condition(status(&world), ConditionType::Ready).0, ConditionStatus::True);
    assert_eq!(status(&world).observed_generation, Some(2));
}

#[test]
fn nothing_is_restarted_while_a_pod_is_going_or_a_change_is_unseen() {
    let mut world = World::new(json!({}), &[]);
    world.settle();
    world.observed.pods[0].restart_asked = true;
    let plan = world.decide();
    world.carry_out(&plan);
    assert_eq!(brief(&world.decide()), ["restart c-default-0"]);
    world.observed.pods[0].is_going = true;
    assert_eq!(brief(&world.decide()), [""; 0]);
    world.observed.pods[0].is_going = false;
    let mut set = world.live("StatefulSet", "c-default").clone();
    set["metadata"]["generation"] = json!(2);
    world.observed.live.insert("StatefulSet", set);
    assert_eq!(brief(&world.decide()), [""; 0]);
}

#[test]
fn a_pod_that_is_stuck_says_why() {
    let mut world = World::new(json!({}), &[]);
    world.settle();
    world.observed.pods[0].is_ready = false;
    world.observed.pods[0].problem = Some("cannot be scheduled: no room".to_owned());
    let plan = world.decide();
    let ready = Condition::find(&plan.status.conditions, ConditionType::Ready).expect("a condition");
    assert_eq!(
        (ready.reason.as_str(), ready.message.as_str()),
        ("PodStuck", "pod c-default-0: cannot be scheduled: no room")
    );
    assert_eq!(plan.events[0].kind, EventKind::Warning);
    assert!(plan.look_again.is_some());
    world.carry_out(&plan);
    assert_eq!(world.decide().events, [], "it is told once");
}

#[test]
fn drift_is_reverted() {
    let mut world = World::new(json!({}), &[]);
    world.settle();
    let mut service = world.live("Service", "c-kafka-bootstrap").clone();
    service["spec"]["selector"] = json!({"app": "mine"});
    world.observed.live.insert("Service", service);
    world.observed.live.remove("ServiceAccount", "c-kafka");
    assert_eq!(brief(&world.decide()), ["apply ServiceAccount c-kafka", "apply Service c-kafka-bootstrap"]);
}

#[test]
fn a_claim_grows_and_its_set_is_made_anew_around_the_pod() {
    let mut world = World::new(json!({"storage": claim("5Gi")}), &[]);
    world.class(json!({
        "metadata": {"name": "s", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "p", "allowVolumeExpansion": true, "parameters": {"csi.storage.k8s.io/fstype": "xfs"}
    }));
    world.settle();
    world.set_spec(json!({"storage": claim("8Gi")}));
    let plans = world.settle();
    assert_eq!(brief(&plans[0]), ["apply PersistentVolumeClaim data-c-default-0", "orphan c-default"]);
    assert_eq!(brief(&plans[1]), ["apply StatefulSet c-default"]);
    assert_eq!(plans.len(), 3, "no pod restarts");
    let claim = world.live("PersistentVolumeClaim", "data-c-default-0");
    assert_eq!(claim["spec"]["resources"]["requests"]["storage"], "8Gi");
    assert_eq!(status(&world).conditions.len(), 2, "no warnings: {:?}", status(&world).conditions);
}

#[test]
fn a_claim_that_cannot_grow_stays_and_says_so() {
    let mut world = World::new(json!({"storage": claim("5Gi")}), &[]);
    world.class(json!({
        "metadata": {"name": "s", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}, "provisioner": "p"
    }));
    world.settle();
    world.set_spec(json!({"storage": claim("8Gi")}));
    world.settle();
    let claim = world.live("PersistentVolumeClaim", "data-c-default-0");
    assert_eq!(claim["spec"]["resources"]["requests"]["storage"], "5Gi");
    let warnings: Vec<_> =
        status(&world).conditions.iter().map(|condition| condition.reason.as_str()).collect();
    assert_eq!(warnings, ["Ready", "NothingToDo", "KafkaStorage", "StorageClass"]);
}

#[test]
fn a_claim_that_somebody_made_larger_stays_so() {
    let mut world = World::new(json!({"storage": claim("5Gi")}), &[]);
    world.settle();
    let mut claim = world.live("PersistentVolumeClaim", "data-c-default-0").clone();
    claim["spec"]["resources"]["requests"]["storage"] = json!("9Gi");
    world.observed.live.insert("PersistentVolumeClaim", claim);
    world.settle();
    let claim = world.live("PersistentVolumeClaim", "data-c-default-0");
    assert_eq!(claim["spec"]["resources"]["requests"]["storage"], "9Gi");
}

#[test]
fn a_claim_goes_with_the_cluster_only_when_asked() {
    for (delete, owners) in [(true, 1), (false, 0)] {
        let storage = json!({"type": "persistent-claim", "size": "1Gi", "deleteClaim": delete});
        let mut world = World::new(json!({ "storage": storage }), &[]);
        world.settle();
        let claim = world.live("PersistentVolumeClaim", "data-c-default-0");
        assert_eq!(claim["metadata"]["ownerReferences"].as_array().map_or(0, Vec::len), owners);
    }
}

#[test]
fn a_wrong_change_leaves_what_runs_alone() {
    let mut world = World::new(json!({}), &[("a", dual(claim("1Gi")))]);
    world.settle();
    let before = world.observed.live.clone();
    world.observed.pools[0] =
        pool("a", &json!({"replicas": 11, "roles": ["controller", "broker"], "storage": claim("1Gi")}));
    let plan = world.decide();
    assert_eq!(brief(&plan), [""; 0]);
    world.carry_out(&plan);
    assert_eq!(world.observed.live, before);
    let ready = Condition::find(&status(&world).conditions, ConditionType::Ready).expect("a condition");
    assert_eq!((ready.status, ready.reason.as_str()), (ConditionStatus::False, "InvalidResource"));
    assert!(ready.message.contains("at most 9"), "{}", ready.message);
    assert!(status(&world).cluster_id.is_some(), "what is known stays known");
    assert_eq!(world.decide().events, []);
}

#[test]
fn a_paused_cluster_is_left_alone() {
    let mut world = World::new(json!({}), &[]);
    world.observed.cluster.metadata.annotations =
        Some([(PAUSE_ANNOTATION.to_owned(), "true".to_owned())].into());
    let plan = world.decide();
    assert_eq!(plan.actions, []);
    assert_eq!(condition(&plan.status, ConditionType::ReconciliationPaused).0, ConditionStatus::True);
}

#[test]
fn users_add_to_objects_without_taking_ours_away() {
    let template = json!({"metadata": {"labels": {"team": "a", "klamm.dev/cluster": "stolen"}, "annotations": {"n": "1"}}});
    let spec = json!({"kafka": {"template": {"bootstrapService": template, "pod": template}}});
    let mut world = World::new(spec, &[]);
    world.settle();
    let set = world.live("StatefulSet", "c-default");
    for metadata in
        [&world.live("Service", "c-kafka-bootstrap")["metadata"], &set["spec"]["template"]["metadata"]]
    {
        assert_eq!(
            (&metadata["labels"]["team"], &metadata["labels"]["klamm.dev/cluster"]),
            (&json!("a"), &json!("c"))
        );
        assert_eq!(metadata["annotations"]["n"], "1");
    }
}

#[test]
fn the_size_is_recommended_in_the_status() {
    let messages = json!({"perDay": 100_000_000, "size": "1KB"});
    let sizing =
        json!({"messages": messages, "replicationFactor": 2, "retention": "14d", "compressionRatio": 0.75});
    let mut world = World::new(json!({ "sizing": sizing }), &[]);
    world.settle();
    let sizing = status(&world).sizing.as_ref().expect("a size");
    assert_eq!(sizing.steps[2], "classic: disk compressed: 3.08 TB x 0.75 = 2.31 TB");
    assert_eq!(
        (sizing.recommended_replicas, sizing.binding.as_str(), sizing.satisfied),
        (3, "copies", false)
    );
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn storage() -> impl Strategy<Value = Value> {
        let volume = (0..4, 1..9).prop_map(
            |(id, size)| json!({"id": id, "type": "persistent-claim", "size": format!("{size}Gi")}),
        );
        prop_oneof![
            (1..9).prop_map(|size| claim(&format!("{size}Gi"))),
            Just(json!({"type": "ephemeral"})),
            proptest::collection::vec(volume, 1..4)
                .prop_map(|volumes| json!({"type": "jbod", "volumes": volumes})),
        ]
    }

    fn spec() -> impl Strategy<Value = Value> {
        let kind = "(internal|cluster-ip|nodeport|loadbalancer)";
        let stated = proptest::option::of((1..9, proptest::option::of("[a-c]")).prop_map(|(most, host)| {
            let host = host.map(|host| format!("{host}-{{nodeId}}"));
            json!({"maxConnections": most, "advertisedHostTemplate": host})
        }));
        let listener = (9092..9096, "[a-c]", kind, proptest::bool::ANY, stated).prop_map(
            |(port, name, kind, tls, stated)| {
                json!({"name": name, "port": port, "type": kind, "tls": tls, "configuration": stated})
            },
        );
        (
            proptest::collection::vec(listener, 1..3),
            proptest::collection::btree_map("(num.partitions|log.retention.ms|node.id|min.insync.replicas)", 1..4, 0..3),
            storage(),
            proptest::option::of(1..500),
        )
            .prop_map(|(listeners, config, storage, peak)| {
                let sizing = peak.map(|peak| json!({"ingress": {"peak": format!("{peak}MB/s")}}));
                json!({"kafka": {"listeners": listeners, "config": config}, "storage": storage, "sizing": sizing})
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// From any state that a cluster came into, any change is carried out in a few plans, and then nothing is left
        /// to do: no object differs, no status changes, no event is told again.
        #[test]
        fn every_plan_that_was_carried_out_leaves_nothing_to_do(first in spec(), second in spec()) {
            let mut world = World::new(first, &[]);
            let has_first = world.decide().look_again.is_some();
            if has_first {
                world.settle();
            }
            world.set_spec(second);
            world.settle();
            let last = world.decide();
            prop_assert_eq!(brief(&last), Vec::<String>::new());
            prop_assert_eq!(Some(&last.status), world.observed.cluster.status.as_ref());
            prop_assert_eq!(last.events, Vec::new());
        }

        /// At most one pod is taken down by one plan, and never together with a change to its StatefulSet.
        #[test]
        fn a_plan_disrupts_at_most_once(first in spec(), second in spec()) {
            let mut world = World::new(first, &[]);
            if world.decide().look_again.is_some() {
                world.settle();
            }
            world.set_spec(second);
            for plan in world.settle() {
                let restarts = plan.actions.iter().filter(|action| matches!(action, Action::DeletePod { .. })).count();
                let changes = brief(&plan).iter().filter(|action| action.contains("StatefulSet") || action.contains("orphan")).count();
                prop_assert!(restarts + changes <= 1, "{:?}", brief(&plan));
            }
        }
    }
}
