//! Listeners that are reached from outside: what is made for them, what brokers are told, and what restarts whom.

use k8s_openapi::jiff::SignedDuration;
use operator_api::{Condition, ConditionType};
use serde_json::{Value, json};

use super::cluster_tests::{nodes, status};
use crate::{
    certificates::OwnFacts,
    plan::{Plan, doubted},
    world::{World, brief},
};

fn listener(kind: &str, configuration: &Value) -> Value {
    let tls = kind == "ingress" || kind == "tlsroute";
    json!({"name": "ext", "port": 9094, "type": kind, "tls": tls, "configuration": configuration})
}

fn with(listeners: &[Value]) -> Value {
    let plain = json!({"name": "plain", "port": 9092, "type": "internal", "tls": false});
    let all: Vec<_> = [plain].iter().chain(listeners).cloned().collect();
    json!({"kafka": {"listeners": all}})
}

/// Two brokers, and one controller apart.
fn world(listeners: &[Value]) -> World {
    let pools = [("b", nodes(2, &["broker"])), ("k", nodes(1, &["controller"]))];
    World::new(with(listeners), &pools)
}

fn told(world: &World) -> Vec<String> {
    let ext = |text: &str| text.split(',').next_back().expect("an entry").to_owned();
    let told = ["c-b-0", "c-b-1"].map(|name| {
        let pod = world.observed.pods.iter().find(|pod| pod.name == name).expect("a pod");
        pod.advertised.as_deref().map(ext).unwrap_or_default()
    });
    told.into()
}

fn restarts(plans: &[Plan]) -> Vec<String> {
    plans.iter().flat_map(brief).filter(|action| action.starts_with("restart")).collect()
}

fn pending(world: &World) -> Option<String> {
    let conditions = status(world).conditions.iter();
    let mut warnings = conditions.filter(|one| one.kind == ConditionType::Warning);
    warnings.find(|one| one.reason == "ListenerPending").map(|one| one.message.clone())
}

fn bootstrap(world: &World) -> String {
    status(world).listeners[1].bootstrap_servers.clone()
}

#[test]
fn brokers_wait_for_a_load_balancer_and_then_begin_without_it() {
    let mut world = world(&[listener("loadbalancer", &json!({}))]);
    world.balances = false;
    world.settle_at_most(8);
    assert_eq!(told(&world), ["", ""], "they have some seconds");
    assert_eq!(bootstrap(&world), "");
    assert_eq!(
        pending(&world).expect("a warning"),
        "listener ext: Service c-b-ext-0 has no address yet (and 2 more); until then its brokers name themselves as inside \
         of Kubernetes"
    );
    world.pass(SignedDuration::from_secs(20));
    world.settle();
    let inside = |id: u32| format!("EXT://c-b-{id}.c-kafka-brokers.ns.svc.cluster.local:9094");
    assert_eq!(told(&world), [inside(0), inside(1)]);
    let ready = Condition::find(&status(&world).conditions, ConditionType::Ready).expect("a condition");
    assert_eq!(ready.reason, "Ready", "the other listeners serve");

    world.balance("c-b-ext-0", &json!({"hostname": "lb0.example.com", "ip": "192.0.2.7"}));
    let plans = world.settle();
    assert_eq!(restarts(&plans), ["restart c-b-0"], "who has an address is told, nobody else restarts");
    assert_eq!(told(&world), ["EXT://lb0.example.com:9094".to_owned(), inside(1)]);
    assert!(pending(&world).expect("a warning").contains("c-b-ext-1"));
    world.balance("c-b-ext-1", &json!({"ip": "192.0.2.8"}));
    world.balance("c-kafka-ext-bootstrap", &json!({"ip": "2001:db8::1"}));
    let plans = world.settle();
    assert_eq!(restarts(&plans), ["restart c-b-1"]);
    assert_eq!((pending(&world), bootstrap(&world).as_str()), (None, "[2001:db8::1]:9094"));
    let note = plans.iter().flat_map(|plan| &plan.events).find(|event| event.reason == "PodRestart");
    assert_eq!(note.expect("an event").note, "pod c-b-1 is restarted: its address for clients changed");
}

#[test]
fn an_address_that_is_there_in_time_restarts_nobody() {
    let mut world = world(&[listener("loadbalancer", &json!({}))]);
    world.balances = false;
    world.settle_at_most(3);
    for id in 0..2 {
        world.balance(&format!("c-b-ext-{id}"), &json!({"ip": format!("192.0.2.{id}")}));
    }
    world.balance("c-kafka-ext-bootstrap", &json!({"hostname": "lb"}));
    let plans = world.settle();
    assert_eq!(restarts(&plans), [""; 0]);
    assert_eq!(told(&world), ["EXT://192.0.2.0:9094", "EXT://192.0.2.1:9094"]);
    // What is known once stays while nothing else is known.
    world.balance("c-b-ext-0", &json!({}));
    world.settle();
    assert_eq!(told(&world)[0], "EXT://192.0.2.0:9094");
    assert!(pending(&world).expect("a warning").contains("c-b-ext-0"));
}

#[test]
fn a_broker_on_node_ports_is_where_its_machine_is() {
    let stated = json!({"preferredNodePortAddressType": "Hostname", "bootstrap": {"nodePort": 31000}});
    let mut world = world(&[listener("nodeport", &stated)]);
    world.places = false;
    world.settle_at_most(3);
    let addresses = [("InternalIP", "10.0.0.7"), ("ExternalIP", "192.0.2.7"), ("Hostname", "m7")];
    world.place("c-b-0", "m7", &addresses);
    world.place("c-b-1", "m8", &addresses[..2]);
    world.settle();
    let port = |service: &str| world.live("Service", service)["spec"]["ports"][0]["nodePort"].clone();
    assert_eq!(port("c-kafka-ext-bootstrap"), 31000);
    let (first, second) = (port("c-b-ext-0"), port("c-b-ext-1"));
    assert_eq!(told(&world), [format!("EXT://m7:{first}"), format!("EXT://192.0.2.7:{second}")]);
    assert_eq!(bootstrap(&world), "192.0.2.7:31000,m7:31000");
    // It comes back on another machine.
    world.observed.pods.retain(|pod| pod.name != "c-b-0");
    let plan = world.decide();
    world.carry_out(&plan);
    world.place("c-b-0", "m9", &[("InternalIP", "10.0.0.9")]);
    assert_eq!(restarts(&world.settle()), [""; 0], "it is told before it begins");
    assert_eq!(told(&world)[0], format!("EXT://10.0.0.9:{first}"));
}

#[test]
fn what_is_stated_of_brokers_beats_what_is_found() {
    let stated = json!({
        "advertisedHostTemplate": "b{nodeId}.example.com", "advertisedPortTemplate": "9000 + {nodeId}",
        "brokers": [{"broker": 1, "advertisedHost": "one", "advertisedPort": 7}]
    });
    for kind in ["internal", "cluster-ip", "nodeport", "loadbalancer"] {
        let mut world = world(&[listener(kind, &stated)]);
        world.balances = false;
        world.settle_at_most(12);
        assert_eq!(told(&world), ["EXT://b0.example.com:9000", "EXT://one:7"], "{kind}");
    }
    let mut world = world(&[listener("cluster-ip", &json!({"useServiceDnsDomain": false}))]);
    world.settle();
    assert_eq!(told(&world), ["EXT://c-b-ext-0.ns.svc:9094", "EXT://c-b-ext-1.ns.svc:9094"]);
    assert_eq!(bootstrap(&world), "c-kafka-ext-bootstrap.ns.svc:9094");
}

#[test]
fn a_cluster_without_such_listeners_tells_its_brokers_nothing() {
    let mut world =
        world(&[listener("internal", &json!({"useServiceDnsDomain": false, "maxConnections": 5}))]);
    world.settle();
    assert_eq!(told(&world), ["", ""]);
    let template = world.live("StatefulSet", "c-b")["spec"]["template"].to_string();
    assert!(
        !template.contains("KLAMM_ADVERTISED_FILE") && !template.contains("klamm.dev/advertised-listeners")
    );
    assert!(template.contains("EXT://$(POD_NAME).c-kafka-brokers.ns.svc:9094"), "{template}");
}

#[test]
fn what_is_of_a_listener_goes_with_it_and_with_its_brokers() {
    let hosts = json!({"bootstrap": {"host": "k.example.com"}, "hostTemplate": "k{nodeId}.example.com"});
    let mut world = world(&[listener("ingress", &hosts)]);
    world.settle();
    let count = |world: &World, kind: &str| world.observed.live.of_kind(kind).count();
    assert_eq!((count(&world, "Service"), count(&world, "Ingress")), (2 + 3, 3));
    assert_eq!(bootstrap(&world), "k.example.com:443");
    world.set_spec(with(&[listener("cluster-ip", &json!({}))]));
    let plans = world.settle();
    let deleted: Vec<_> =
        plans.iter().flat_map(brief).filter(|action| action.starts_with("delete")).collect();
    assert_eq!(
        deleted,
        ["delete Ingress c-b-ext-0", "delete Ingress c-b-ext-1", "delete Ingress c-kafka-ext-bootstrap"]
    );
    world.set_spec(with(&[]));
    world.settle();
    assert_eq!((count(&world, "Service"), count(&world, "Ingress")), (2, 0));
    // A Service of somebody else's that carries the cluster's label is left alone.
    let mut other = world.live("Service", "c-kafka-bootstrap").clone();
    other["metadata"]["name"] = json!("other");
    world.observed.live.insert("Service", other);
    assert_eq!(brief(&world.decide()), [""; 0]);
}

#[test]
fn without_the_gateway_api_a_listener_waits_and_the_rest_goes_on() {
    let stated = json!({
        "parentRefs": [{"name": "gw"}], "hostTemplate": "k{nodeId}.example.com", "bootstrap": {"host": "k.example.com"}
    });
    let mut world = world(&[listener("tlsroute", &stated)]);
    world.observed.unavailable.insert("TLSRoute".to_owned(), "Kubernetes knows none".to_owned());
    world.settle();
    assert!(
        pending(&world)
            .expect("a warning")
            .starts_with("listener ext: there can be no TLSRoute: Kubernetes knows none")
    );
    let ready = Condition::find(&status(&world).conditions, ConditionType::Ready).expect("a condition");
    assert_eq!(ready.reason, "Ready");
    world.observed.unavailable.clear();
    let plans = world.settle();
    assert_eq!(restarts(&plans), [""; 0]);
    assert_eq!(world.observed.live.of_kind("TLSRoute").count(), 3);
    assert_eq!(pending(&world), None);
}

#[test]
fn what_kubernetes_refuses_is_a_warning_that_keeps_its_time() {
    let mut world = world(&[listener("nodeport", &json!({}))]);
    world.shows_certificates = true;
    world.settle();
    let refusals = ["Service c-b-ext-0: the port is taken".to_owned()];
    let told = doubted(&world.observed, world.decide(), &refusals);
    let found = |plan: &Plan| {
        let mut all = plan.status.conditions.iter();
        all.find(|one| one.reason == "ListenerRefused").cloned().expect("a warning")
    };
    assert_eq!(found(&told).message, refusals[0]);
    assert_eq!(
        told.events.iter().map(|event| event.reason.as_str()).collect::<Vec<_>>(),
        ["ListenerRefused"]
    );
    world.observed.cluster.status = Some(told.status.clone());
    world.pass(SignedDuration::from_secs(60));
    let again = doubted(&world.observed, world.decide(), &refusals);
    assert_eq!(found(&again), found(&told));
    assert_eq!(again.status, told.status, "nothing is written for it");
    assert_eq!(again.events, []);
}

#[test]
fn a_broker_does_not_wait_for_a_service_that_is_refused() {
    let mut world = world(&[listener("nodeport", &json!({}))]);
    for _ in 0..10 {
        let plan = doubted(&world.observed, world.decide(), &["the port is taken".to_owned()]);
        world.carry_out(&plan);
        world.observed.live.remove("Service", "c-b-ext-0");
    }
    let port = &world.live("Service", "c-b-ext-1")["spec"]["ports"][0]["nodePort"];
    let inside = "EXT://c-b-0.c-kafka-brokers.ns.svc.cluster.local:9094".to_owned();
    assert_eq!(told(&world), [inside, format!("EXT://10.0.0.1:{port}")]);
}

#[test]
fn a_broker_that_nobody_tells_goes_by_what_it_was_told_last() {
    let mut world = world(&[listener("nodeport", &json!({}))]);
    world.settle();
    let last = |world: &World, id: i32| {
        world.live("ConfigMap", "c-b")["data"][format!("advertised-listeners-{id}")].clone()
    };
    let pod = |world: &World, name: &str| {
        let mut pods = world.observed.pods.iter();
        pods.find(|pod| pod.name == name)
            .and_then(|pod| pod.advertised.clone())
            .map_or(Value::Null, Value::from)
    };
    assert!(last(&world, 0).as_str().expect("text").contains(",EXT://10.0.0.1:"));
    assert_eq!((last(&world, 0), last(&world, 1)), (pod(&world, "c-b-0"), pod(&world, "c-b-1")));
    let template = world.live("StatefulSet", "c-b")["spec"]["template"].to_string();
    assert!(template.contains("/etc/klamm/advertised-listeners-$(NODE_ID)"), "{template}");
    let before = last(&world, 0);
    world.places = false;
    world.observed.pods.retain(|pod| pod.name != "c-b-0");
    world.settle_at_most(3);
    assert_eq!(last(&world, 0), before, "it stays while the pod has no place");
    world.place("c-b-0", "m9", &[("InternalIP", "10.0.0.9")]);
    world.settle();
    assert_eq!(last(&world, 0), pod(&world, "c-b-0"));
    assert_ne!(last(&world, 0), before);
    assert!(world.live("ConfigMap", "c-k")["data"].get("advertised-listeners-1000").is_none());
}

#[test]
fn limits_of_a_listener_change_without_a_restart() {
    let limited = |most: i32| {
        with(&[listener("internal", &json!({"maxConnections": most, "maxConnectionCreationRate": 9}))])
    };
    let mut world = world(&[]);
    world.set_spec(limited(5));
    world.settle();
    let settings = |world: &mut World| world.well().settings["listener.name.ext.max.connections"].clone();
    assert_eq!(settings(&mut world), "5");
    world.set_spec(limited(6));
    let plans = world.settle();
    assert_eq!((restarts(&plans).len(), settings(&mut world).as_str()), (0, "6"));
}

fn hosts(world: &World, pod: &str) -> Vec<String> {
    let issued = &world.observed.certificates.issued["c-b-certs"].leaves[pod];
    let names = issued.as_ref().expect("a certificate").certificate.names.iter();
    names.filter(|name| !name.contains("kafka-b")).cloned().collect()
}

#[test]
fn certificates_have_the_names_that_clients_know_without_a_restart() {
    let secure = |stated: Value| {
        let mut listener = listener("loadbalancer", &stated);
        listener["tls"] = json!(true);
        with(&[listener])
    };
    let mut world = world(&[]);
    world.balances = false;
    world.shows_certificates = true;
    world.set_spec(secure(json!({})));
    world.settle_at_most(10);
    assert_eq!(hosts(&world, "c-b-0.pem"), [""; 0]);
    world.balance("c-b-ext-0", &json!({"ip": "192.0.2.7"}));
    world.balance("c-kafka-ext-bootstrap", &json!({"hostname": "lb.example.com"}));
    world.pass(SignedDuration::from_secs(30));
    world.settle();
    assert_eq!(hosts(&world, "c-b-0.pem"), ["192.0.2.7", "lb.example.com"]);
    assert_eq!(hosts(&world, "c-b-1.pem"), ["lb.example.com"]);
    let stated = json!({"bootstrap": {"alternativeNames": ["*.example.com"]}});
    world.set_spec(secure(stated));
    assert_eq!(restarts(&world.settle()), [""; 0]);
    assert_eq!(hosts(&world, "c-b-1.pem"), ["*.example.com", "lb.example.com"]);
    let controllers = &world.observed.certificates.issued["c-k-certs"].leaves["c-k-1000.pem"];
    let names = &controllers.as_ref().expect("a certificate").certificate.names;
    assert!(!names.contains("lb.example.com"), "controllers have no clients there");
}

fn own(digest: &str) -> Result<OwnFacts, String> {
    Ok(OwnFacts { chain: format!("chain {digest}"), digest: digest.to_owned() })
}

#[test]
fn a_certificate_of_ones_own_is_taken_over_and_taken_up() {
    let source = json!({"secretName": "s", "certificate": "tls.crt", "key": "tls.key"});
    let mut secure = listener("internal", &json!({"brokerCertChainAndKey": source}));
    secure["tls"] = json!(true);
    let mut world = world(&[secure]);
    let give = |world: &mut World, given: Result<OwnFacts, String>| {
        world.observed.certificates.own.insert("ext".to_owned(), given);
    };
    let warned = |world: &World| {
        let mut all = status(world).conditions.iter();
        all.find(|one| one.reason == "ListenerCertificate").map(|one| one.message.clone())
    };
    let line = "listener.name.ext.ssl.keystore.location=/etc/klamm-certificates/listener-ext.pem";
    let has_line = |world: &World, map: &str| {
        let file = world.live("ConfigMap", map)["data"]["server.properties"].as_str().expect("a file");
        file.lines().any(|found| found == line)
    };
    world.shows_certificates = true;
    give(&mut world, Err("it is missing".to_owned()));
    world.settle();
    assert_eq!(
        warned(&world).expect("a warning"),
        "spec.kafka.listeners[1].configuration.brokerCertChainAndKey: Secret s: it is missing; listener ext shows the \
         brokers' own certificates"
    );
    assert!(!has_line(&world, "c-b"));
    give(&mut world, own("d1"));
    world.settle();
    assert_eq!(warned(&world), None);
    assert!(has_line(&world, "c-b") && !has_line(&world, "c-k"));
    assert_eq!(status(&world).listeners[1].certificates, ["chain d1"]);
    let taken = |world: &World| {
        let leaves = &world.observed.certificates.issued["c-b-certs"].leaves;
        leaves["listener-ext.pem"].as_ref().expect("a certificate").digest.clone()
    };
    assert_eq!(taken(&world), "d1");

    give(&mut world, own("d2"));
    assert_eq!(restarts(&world.settle()), [""; 0], "a change restarts nobody");
    assert_eq!(taken(&world), "d2");
    give(&mut world, Err("it has no entry tls.key".to_owned()));
    assert_eq!(restarts(&world.settle()), [""; 0]);
    assert!(has_line(&world, "c-b"), "what was taken over stays");
    assert!(warned(&world).expect("a warning").ends_with("shows the one that was taken over before"));
    assert_eq!(status(&world).listeners[1].certificates, ["chain d2"]);
}
