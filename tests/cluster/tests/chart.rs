//! The chart as its users see it before it is installed: lint, and what each way of installing it would make.

use tests_cluster::kube::{Kube, repository};

fn chart() -> String {
    repository().join("charts/klamm").to_str().expect("a path of plain letters").to_owned()
}

/// The objects that the chart makes with these values, as kind and name, sorted.
fn objects(kube: &Kube, values: &[&str]) -> Vec<String> {
    let text = rendered(kube, values);
    let mut objects: Vec<_> = text
        .split("\n---")
        .filter_map(|document| {
            let line = |start: &str| document.lines().find_map(|line| line.strip_prefix(start));
            Some(format!("{} {}", line("kind: ")?, line("  name: ")?))
        })
        .collect();
    objects.sort();
    objects
}

fn rendered(kube: &Kube, values: &[&str]) -> String {
    let chart = chart();
    let mut args =
        vec!["helm", "template", "klamm", &chart, "--namespace", "klamm-system", "--kube-version", "1.34.4"];
    values.iter().for_each(|value| args.extend(["--set", value]));
    kube.must(&args)
}

#[test]
fn the_chart_is_without_reproach() {
    let kube = Kube::up();
    let said = kube.must(&["helm", "lint", "--strict", &chart()]);
    assert!(said.contains("0 chart(s) failed"), "{said}");
}

#[test]
fn one_operator_looks_after_all_namespaces() {
    let expected = [
        "ClusterRole klamm-system-klamm-operator",
        "ClusterRoleBinding klamm-system-klamm-operator",
        "Deployment klamm-operator",
        "Role klamm-operator-lease",
        "RoleBinding klamm-operator-lease",
        "ServiceAccount klamm-operator",
        "ValidatingAdmissionPolicy klamm-system-klamm-operator-topics",
        "ValidatingAdmissionPolicyBinding klamm-system-klamm-operator-topics",
    ];
    assert_eq!(objects(Kube::up(), &["replicas=2"]), expected);
}

#[test]
fn rights_are_in_the_named_namespaces_only() {
    let kube = Kube::up();
    let objects = objects(kube, &["watchNamespaces={a,b}"]);
    assert_eq!(objects.iter().filter(|object| *object == "Role klamm-operator").count(), 2, "{objects:?}");
    let text = rendered(kube, &["watchNamespaces={a,b}"]);
    let cluster_role = text.split("\n---").find(|document| document.contains("kind: ClusterRole\n"));
    assert!(cluster_role.is_some_and(|role| !role.contains("statefulsets")), "no rights everywhere");
    assert!(text.contains("--watch-namespace=a") && text.contains("--watch-namespace=b"), "{text}");
}

#[test]
fn values_that_make_no_sense_are_refused() {
    let chart = chart();
    let args = ["helm", "template", "klamm", &chart, "--kube-version", "1.34.4", "--set", "replicas=-1"];
    let output = Kube::up().command(&args).output().expect("helm starts");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("replicas"));
}
