//! Listeners that are reached from outside, on a real Kubernetes. No load balancer, Ingress controller or Gateway runs there:
//! the test gives Services their addresses itself, and looks at the objects.

use serde_json::{Value, json};
use tests_cluster::client::Client;
use tests_cluster::install::{image, operator};
use tests_cluster::kube::Kube;
use tests_cluster::load::Load;
use tests_cluster::namespace::Namespace;
use tests_cluster::watch::{condition, condition_is_true, is_current};

const CLUSTER: &str = "reached";
const POD: &str = "reached-n-0";
const TOPIC: &str = "t";

fn manifest(listeners: &[Value]) -> String {
    let storage = json!({"type": "persistent-claim", "size": "1Gi", "deleteClaim": true});
    let plain = json!({"name": "plain", "port": 9092, "type": "internal", "tls": false});
    let all: Vec<_> = [plain].iter().chain(listeners).cloned().collect();
    let pool = json!({
        "apiVersion": "klamm.dev/v1alpha1", "kind": "KafkaNodePool",
        "metadata": {"name": "n", "labels": {"klamm.dev/cluster": CLUSTER}},
        "spec": {"replicas": 1, "roles": ["controller", "broker"], "storage": storage}
    });
    let cluster = json!({
        "apiVersion": "klamm.dev/v1alpha1", "kind": "KafkaCluster", "metadata": {"name": CLUSTER},
        "spec": {"kafka": {"listeners": all}}
    });
    json!({"apiVersion": "v1", "kind": "List", "items": [pool, cluster]}).to_string()
}

fn listener(name: &str, port: u16, kind: &str, configuration: &Value) -> Value {
    json!({"name": name, "port": port, "type": kind, "tls": kind == "ingress", "configuration": configuration})
}

fn balance(kube: &Kube, at: &str, service: &str, ingress: &Value) {
    let status = json!({"status": {"loadBalancer": {"ingress": [ingress]}}}).to_string();
    let service = format!("service/{service}");
    kube.kubectl(&[
        "patch",
        &service,
        "--namespace",
        at,
        "--subresource=status",
        "--type=merge",
        "--patch",
        &status,
    ]);
}

fn uid(kube: &Kube, at: &str) -> Value {
    kube.get(at, &format!("pod/{POD}"))["metadata"]["uid"].clone()
}

fn told(kube: &Kube, at: &str) -> String {
    let pod = kube.get(at, &format!("pod/{POD}"));
    pod["metadata"]["annotations"]["klamm.dev/advertised-listeners"].as_str().unwrap_or_default().to_owned()
}

fn status<'a>(cluster: &'a Value, listener: &str) -> &'a Value {
    let all = cluster["status"]["listeners"].as_array().expect("listeners");
    all.iter().find(|one| one["name"] == listener).expect("a listener")
}

fn wait_for(kube: &Kube, at: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    kube.watch_one(at, "kafkaclusters", CLUSTER, 120, |change| {
        condition_is_true(&change.object, "Ready")
            && condition_is_true(&change.object, "Quiesced")
            && wanted(&change.object)
    })
}

fn pending(cluster: &Value) -> Option<String> {
    let conditions = cluster["status"]["conditions"].as_array()?;
    let found = conditions.iter().find(|one| one["reason"] == "ListenerPending")?;
    Some(found["message"].as_str()?.to_owned())
}

#[test]
fn a_load_balancer_is_waited_for_a_moment_and_holds_nobody_up() {
    let kube = operator();
    let namespace = Namespace::new(kube, "balanced");
    let at = namespace.name();
    let balanced = listener("ext", 9094, "loadbalancer", &json!({}));
    kube.apply(at, &manifest(&[balanced])).expect("a right manifest");
    // It is soon there: nobody restarts for it.
    let (bootstrap, broker) = ("reached-kafka-ext-bootstrap", "reached-n-ext-0");
    kube.watch_one(at, "services", broker, 60, |change| change.kind != "DELETED");
    balance(kube, at, broker, &json!({"ip": "192.0.2.10"}));
    balance(kube, at, bootstrap, &json!({"hostname": "lb.example.com"}));
    let cluster = wait_for(kube, at, |cluster| pending(cluster).is_none());
    let first = uid(kube, at);
    assert!(told(kube, at).ends_with(",EXT://192.0.2.10:9094"), "{}", told(kube, at));
    let ext = status(&cluster, "ext");
    assert_eq!(
        (&ext["bootstrapServers"], &ext["addresses"][0]["host"]),
        (&json!("lb.example.com:9094"), &json!("lb.example.com"))
    );
    let restarts = |kube: &Kube| {
        let events = kube.events(at, "KafkaCluster", CLUSTER);
        events.into_iter().filter(|event| event.starts_with("PodRestart: ")).collect::<Vec<_>>()
    };
    assert_eq!(restarts(kube), Vec::<String>::new());

    // It changes: the broker restarts once, and says the new one by itself.
    balance(kube, at, broker, &json!({"hostname": "lb0.example.com"}));
    kube.watch_one(at, "pods", POD, 120, |change| {
        change.object["metadata"]["uid"] != first && condition_is_true(&change.object, "Ready")
    });
    wait_for(kube, at, |_| true);
    assert!(told(kube, at).ends_with(",EXT://lb0.example.com:9094"), "{}", told(kube, at));
    assert_eq!(restarts(kube), ["PodRestart: pod reached-n-0 is restarted: its address for clients changed"]);
}

#[test]
fn what_never_comes_and_what_is_refused_holds_up_nobody() {
    let kube = operator();
    let namespace = Namespace::new(kube, "refused");
    let at = namespace.name();
    let balanced = listener("ext", 9094, "loadbalancer", &json!({}));
    let never = listener(
        "never",
        9095,
        "loadbalancer",
        &json!({"createBootstrapService": false, "class": "none.example.com/x"}),
    );
    kube.apply(at, &manifest(&[balanced, never])).expect("a right manifest");
    let cluster = kube.watch_one(at, "kafkaclusters", CLUSTER, 180, |change| {
        condition_is_true(&change.object, "Ready")
            && condition(&change.object, "Ready")
                .is_some_and(|ready| ready["observedGeneration"] == change.object["metadata"]["generation"])
            && pending(&change.object).is_some()
    });
    let message = pending(&cluster).expect("a warning");
    assert!(message.starts_with("listener "), "{message}");
    assert_eq!(status(&cluster, "never")["bootstrapServers"], "");
    let expected = format!(",NEVER://{POD}.reached-kafka-brokers.{at}.svc.cluster.local:9095");
    assert!(told(kube, at).ends_with(&expected), "{}", told(kube, at));
    let client = Client::new(kube, at, CLUSTER, image(kube));
    client.must(&["topic", "create", TOPIC]);
    assert_eq!(client.produce(TOPIC, 10, 10).records, 10, "the other listeners serve");

    // Another type is taken by the Services that are there; a port that Kubernetes refuses holds up nothing else.
    let inside = listener("ext", 9094, "cluster-ip", &json!({}));
    let refused = listener("never", 9095, "nodeport", &json!({"bootstrap": {"nodePort": 80}}));
    kube.apply(at, &manifest(&[inside, refused])).expect("a right manifest");
    let cluster = kube.watch_one(at, "kafkaclusters", CLUSTER, 180, |change| {
        let all = change.object["status"]["conditions"].as_array();
        is_current(&change.object, "Ready")
            && all.is_some_and(|all| all.iter().any(|one| one["reason"] == "ListenerRefused"))
    });
    let host = format!("reached-kafka-ext-bootstrap.{at}.svc.cluster.local:9094");
    assert_eq!(status(&cluster, "ext")["bootstrapServers"], host);
    assert_eq!(kube.get(at, "service/reached-n-ext-0")["spec"]["type"], "ClusterIP");
    assert_eq!(kube.get(at, "service/reached-n-never-0")["spec"]["type"], "NodePort");
}

/// A certificate of its own with its key, as a user would make one.
fn own_certificate(kube: &Kube, at: &str, host: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (key, certificate, name) = (path("tls.key"), path("tls.crt"), format!("subjectAltName=DNS:{host}"));
    let args =
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=own", "-addext", &name];
    let made = std::process::Command::new("openssl")
        .args(args)
        .args(["-keyout", &key, "-out", &certificate])
        .output();
    assert!(made.expect("openssl starts").status.success());
    let text = |path: &str| std::fs::read_to_string(path).expect("a file");
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "own", "labels": {"klamm.dev/cluster": CLUSTER}},
        "stringData": {"tls.crt": text(&certificate), "tls.key": text(&key)}
    });
    kube.apply(at, &secret.to_string()).expect("a right manifest");
}

/// What vouches for a listener, as the status says it.
fn vouches(cluster: &Value, listener: &str) -> String {
    status(cluster, listener)["certificates"][0].as_str().unwrap_or_default().to_owned()
}

/// Whether a listener shows this certificate to who connects.
fn shows(kube: &Kube, address: &str, certificate: &str) -> bool {
    let shown =
        format!("openssl s_client -connect {address} </dev/null 2>/dev/null | openssl x509 2>/dev/null");
    let shown = kube.command(&["exec", "sh", "-c", &shown]).output().expect("openssl starts");
    String::from_utf8_lossy(&shown.stdout).trim() == certificate.trim()
}

#[test]
fn clients_reach_brokers_by_ports_of_machines() {
    let kube = operator();
    let namespace = Namespace::new(kube, "machines");
    let at = namespace.name();
    let hosts = json!({"bootstrap": {"host": "k.example.com"}, "hostTemplate": "k{nodeId}.example.com"});
    let listeners = [
        listener("ports", 9094, "nodeport", &json!({"maxConnections": 50})),
        listener("inside", 9095, "cluster-ip", &json!({})),
        listener("web", 9096, "ingress", &hosts),
    ];
    kube.apply(at, &manifest(&listeners)).expect("a right manifest");
    let cluster = wait_for(kube, at, |cluster| pending(cluster).is_none());
    let first = uid(kube, at);
    let bootstrap = status(&cluster, "ports")["bootstrapServers"].as_str().expect("text").to_owned();
    let node = kube.get(at, &format!("pod/{POD}"))["spec"]["nodeName"].as_str().expect("a node").to_owned();
    let node = kube.get(at, &format!("node/{node}"));
    let address = node["status"]["addresses"].as_array().expect("addresses").iter();
    let address =
        address.clone().find(|one| one["type"] == "InternalIP").expect("an address")["address"].clone();
    assert!(bootstrap.starts_with(&format!("{}:3", address.as_str().expect("text"))), "{bootstrap}");
    Client::new(kube, at, CLUSTER, image(kube)).must(&["topic", "create", TOPIC, "--partitions", "2"]);
    // From beside of Kubernetes, where pods have no names.
    let mut load = Load::start(kube, env!("CARGO_BIN_EXE_load"), &bootstrap, TOPIC, 2);
    load.more(200);

    for (name, expected) in [
        ("inside", format!("reached-kafka-inside-bootstrap.{at}.svc.cluster.local:9095")),
        ("web", "k.example.com:443".to_owned()),
    ] {
        assert_eq!(status(&cluster, name)["bootstrapServers"], expected);
    }
    let ingress = kube.get(at, "ingress/reached-n-web-0");
    assert_eq!(ingress["spec"]["rules"][0]["host"], "k0.example.com");
    assert_eq!(ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/ssl-passthrough"], "true");
    let service = kube.get(at, "service/reached-n-inside-0");
    assert_eq!(service["spec"]["selector"]["statefulset.kubernetes.io/pod-name"], POD);
    let inside = format!(",INSIDE://reached-n-inside-0.{at}.svc.cluster.local:9095,WEB://k0.example.com:443");
    assert!(told(kube, at).ends_with(&inside), "{}", told(kube, at));

    // A limit changes as the broker runs.
    let limits = json!({"spec": {"kafka": {"listeners": [
        {"name": "plain", "port": 9092, "type": "internal", "tls": false},
        listener("ports", 9094, "nodeport", &json!({"maxConnections": 60})), listeners[1], listeners[2]
    ]}}});
    let object = format!("kafkacluster/{CLUSTER}");
    kube.kubectl(&["patch", &object, "--namespace", at, "--type=merge", "--patch", &limits.to_string()]);
    kube.watch_one(at, "kafkaclusters", CLUSTER, 60, |change| {
        condition(&change.object, "Quiesced").is_some_and(|quiesced| {
            quiesced["status"] == "True"
                && quiesced["observedGeneration"] == change.object["metadata"]["generation"]
        })
    });
    load.end_without_loss();
    assert_eq!(uid(kube, at), first, "nothing restarted since it began");

    // What is of a listener goes with it.
    kube.apply(at, &manifest(&listeners[..1])).expect("a right manifest");
    kube.kubectl(&["wait", "ingress/reached-n-web-0", "--namespace", at, "--for=delete", "--timeout=60s"]);
    kube.kubectl(&["wait", "service/reached-n-inside-0", "--namespace", at, "--for=delete", "--timeout=60s"]);
    wait_for(kube, at, |_| true);
}

#[test]
fn a_certificate_of_ones_own_is_shown_and_its_successor_without_a_restart() {
    let kube = operator();
    let namespace = Namespace::new(kube, "own");
    let at = namespace.name();
    own_certificate(kube, at, "k.example.com");
    let source = json!({"secretName": "own", "certificate": "tls.crt", "key": "tls.key"});
    let mut secure = listener("web", 9096, "internal", &json!({"brokerCertChainAndKey": source}));
    secure["tls"] = json!(true);
    kube.apply(at, &manifest(&[secure])).expect("a right manifest");
    let cluster = wait_for(kube, at, |_| true);
    let first = uid(kube, at);
    let web = format!("{POD}.reached-kafka-brokers.{at}.svc.cluster.local:9096");
    let certificate = vouches(&cluster, "web");
    assert!(shows(kube, &web, &certificate), "{certificate}");
    own_certificate(kube, at, "k.example.com");
    let cluster = kube.watch_one(at, "kafkaclusters", CLUSTER, 60, |change| {
        condition_is_true(&change.object, "Quiesced") && vouches(&change.object, "web") != certificate
    });
    let certificate = vouches(&cluster, "web");
    // Kubernetes brings it to the pod's files within about a minute; each handshake takes a moment.
    assert!((0..2_000).any(|_| shows(kube, &web, &certificate)), "the new certificate is not shown");
    assert_eq!(uid(kube, at), first, "nothing restarted");
}
