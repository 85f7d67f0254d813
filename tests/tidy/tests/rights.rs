//! What the chart lets the operator do, all of it: this list grows only when somebody means it to.

use tests_tidy::repository;

/// Group, resources and verbs, as the templates say them.
const RIGHTS: &[(&str, &str, &str, &str)] = &[
    // Where its clusters, topics and users are.
    ("_helpers.tpl", "klamm.dev", "kafkaclusters, kafkanodepools", "get, list, watch"),
    ("_helpers.tpl", "klamm.dev", "kafkatopics, kafkausers", "get, list, watch, patch"),
    (
        "_helpers.tpl",
        "klamm.dev",
        "kafkaclusters/status, kafkanodepools/status, kafkatopics/status, kafkausers/status",
        "patch",
    ),
    ("_helpers.tpl", "\"\"", "configmaps", "get, list, watch, create, patch"),
    // Those of a listener go with it.
    ("_helpers.tpl", "\"\"", "services", "get, list, watch, create, patch, delete"),
    ("_helpers.tpl", "\"\"", "serviceaccounts", "get, list, create, patch"),
    // Certificates and keys; none is ever deleted.
    ("_helpers.tpl", "\"\"", "secrets", "get, list, watch, create, patch"),
    ("_helpers.tpl", "\"\"", "persistentvolumeclaims", "get, list, patch, delete"),
    ("_helpers.tpl", "\"\"", "pods", "list, watch, patch, delete"),
    ("_helpers.tpl", "apps", "statefulsets", "get, list, watch, create, patch, delete"),
    ("_helpers.tpl", "networking.k8s.io", "networkpolicies", "get, list, create, patch"),
    ("_helpers.tpl", "networking.k8s.io", "ingresses", "get, list, create, patch, delete"),
    ("_helpers.tpl", "gateway.networking.k8s.io", "tlsroutes", "get, list, create, patch, delete"),
    ("_helpers.tpl", "policy", "poddisruptionbudgets", "get, list, create, patch"),
    ("_helpers.tpl", "events.k8s.io", "events", "create, patch"),
    // Where it runs itself.
    ("lease.yaml", "coordination.k8s.io", "leases", "create"),
    ("lease.yaml", "coordination.k8s.io", "leases", "get, update"),
    // In the whole Kubernetes cluster.
    ("rbac.yaml", "storage.k8s.io", "storageclasses", "list"),
    ("rbac.yaml", "\"\"", "nodes", "get"),
];

/// The lines of one rule.
const RULE_LINES: usize = 4;

#[test]
fn the_operator_may_do_what_is_listed_and_no_more() {
    let templates = repository().join("charts/klamm/templates");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&templates).expect("templates").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(entry.path()).expect("text");
        let of = |line: &str, key: &str| {
            let line = line.trim().trim_start_matches("- ");
            let value = line.strip_prefix(key)?.trim().strip_prefix('[')?.strip_suffix(']')?;
            Some(value.to_owned())
        };
        let lines: Vec<_> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(group) = of(line, "apiGroups:") else { continue };
            let rule = lines.iter().skip(at).take(RULE_LINES);
            let next = |key: &str| rule.clone().find_map(|line| of(line, key));
            // What a policy of admission looks at gives nobody a right.
            let Some(verbs) = next("verbs:") else { continue };
            found.push((name.clone(), group, next("resources:").expect("a whole rule"), verbs));
        }
    }
    let mut expected: Vec<_> = RIGHTS
        .iter()
        .map(|(file, group, resources, verbs)| {
            ((*file).to_owned(), (*group).to_owned(), (*resources).to_owned(), (*verbs).to_owned())
        })
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    // Beside these there is no way to a right: no rule in another shape, no role of Kubernetes' own.
    let texts = tests_tidy::files_below(&templates, "").into_iter();
    let texts: String = texts.map(|path| std::fs::read_to_string(path).expect("text")).collect();
    assert_eq!(texts.matches("verbs:").count(), RIGHTS.len());
    assert!(!texts.contains("cluster-admin"));
}
