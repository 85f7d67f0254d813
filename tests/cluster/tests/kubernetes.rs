//! The test Kubernetes is a Kubernetes: what the other tests rely on, tried without anything of ours in it.

use tests_cluster::client::pod;
use tests_cluster::kube::{Kube, Refused};
use tests_cluster::namespace::Namespace;
use tests_cluster::watch::condition_is_true;

const TOOLS: &str = "klamm-test-busybox:1";

/// Two pods that write to volumes of the default class as a plain user, and serve a port under stable names.
const STATEFUL: &str = r#"
apiVersion: v1
kind: Service
metadata: {name: store}
spec: {clusterIP: None, selector: {app: store}, ports: [{port: 7000}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  serviceName: store
  replicas: 2
  podManagementPolicy: Parallel
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      terminationGracePeriodSeconds: 0
      securityContext: {runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: main
        image: klamm-test-busybox:1
        args: [sh, -c, "echo began >> /data/log && echo wrote; while true; do cat /data/log | busybox nc -l -p 7000; done"]
        securityContext: {readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
        readinessProbe: {exec: {command: [busybox, test, -s, /data/log]}, periodSeconds: 1}
        volumeMounts: [{name: data, mountPath: /data}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"#;

fn ready_pods(stateful_set: &serde_json::Value) -> u64 {
    stateful_set["status"]["readyReplicas"].as_u64().unwrap_or(0)
}

#[test]
fn a_stateful_set_keeps_its_volumes_and_names() {
    let kube = Kube::up();
    let namespace = Namespace::new(kube, "stateful");
    let at = namespace.name();
    kube.apply(at, STATEFUL).expect("admitted under restricted");
    kube.watch_one(at, "statefulsets", "store", 60, |change| ready_pods(&change.object) == 2);
    assert_eq!(kube.kubectl(&["logs", "store-0", "-n", at]).trim(), "wrote");

    let first = kube.get(at, "pod/store-0")["metadata"]["uid"].clone();
    kube.kubectl(&["delete", "pod", "store-0", "-n", at]);
    kube.watch_one(at, "pods", "store-0", 60, |change| {
        change.object["metadata"]["uid"] != first && condition_is_true(&change.object, "Ready")
    });
    let log = kube.kubectl(&["exec", "store-0", "-n", at, "--", "busybox", "cat", "/data/log"]);
    assert_eq!(log, "began\nbegan\n", "the second pod writes to the first one's volume");
}

#[test]
fn names_are_resolved_in_pods_and_beside_the_cluster() {
    let kube = Kube::up();
    let namespace = Namespace::new(kube, "names");
    let at = namespace.name();
    let mut asking = pod("asking", TOOLS, &["nslookup", "kubernetes.default.svc.cluster.local"]);
    asking["spec"]["containers"][0]["command"] = serde_json::json!(["/bin/busybox"]);
    kube.apply(at, &asking.to_string()).expect("admitted under restricted");
    kube.watch_one(at, "pods", "asking", 30, |change| change.object["status"]["phase"] == "Succeeded");
    assert!(kube.kubectl(&["logs", "asking", "-n", at]).contains("10.96.0.1"));
    assert!(
        kube.must(&["exec", "busybox", "nslookup", "kubernetes.default.svc.cluster.local"])
            .contains("10.96.0.1")
    );
}

#[test]
fn pod_security_refuses_a_careless_pod_in_a_restricted_namespace() {
    let kube = Kube::up();
    let namespace = Namespace::new(kube, "careless");
    let mut careless = pod("careless", TOOLS, &["true"]);
    careless["spec"]["securityContext"]["runAsNonRoot"] = serde_json::json!(false);
    let Err(Refused(why)) = kube.apply(namespace.name(), &careless.to_string()) else {
        panic!("it was admitted")
    };
    assert!(why.contains("violates PodSecurity \"restricted:latest\""), "{why}");
    assert!(why.contains("runAsNonRoot"), "{why}");
}

#[test]
fn the_audit_log_tells_who_changed_what() {
    let kube = Kube::up();
    let namespace = Namespace::new(kube, "audit");
    let at = namespace.name();
    let mark = kube.audit_mark();
    kube.kubectl(&["create", "configmap", "seen", "-n", at]);
    kube.kubectl(&["get", "configmap", "seen", "-n", at]);
    let by_admin = kube.mutations_since(mark, "admin");
    let told: Vec<_> = by_admin.iter().map(|m| (m.verb.as_str(), m.resource.as_str(), m.code)).collect();
    assert_eq!(told, [("create", "configmaps", 201)]);
    assert_eq!(by_admin[0].object, format!("{at}/seen"));
}
