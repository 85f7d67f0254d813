//! Dependencies between our crates point one way, and pure crates stay pure (design, section 2).

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use tests_tidy::repository;

/// What each crate may depend on directly, of ours. A crate that is missing here fails the test.
const ALLOWED: &[(&str, &[&str])] = &[
    ("broker-types", &[]),
    ("broker-compression", &["broker-records"]),
    ("broker-records", &["broker-types"]),
    ("broker-schema", &[]),
    ("broker-protocol", &["broker-types"]),
    ("broker-config", &["broker-types"]),
    ("broker-log", &["broker-types", "broker-records"]),
    ("broker-tls", &[]),
    ("broker-oauth", &["broker-types", "broker-tls"]),
    (
        "broker-client",
        &[
            "broker-types",
            "broker-records",
            "broker-compression",
            "broker-protocol",
            "broker-sasl",
            "broker-tls",
            "broker-oauth",
        ],
    ),
    ("broker-raft", &["broker-types", "broker-records", "broker-protocol"]),
    ("broker-authorizer", &["broker-protocol"]),
    ("broker-sasl", &["broker-types", "broker-protocol"]),
    ("broker-metadata", &["broker-types", "broker-protocol", "broker-authorizer", "broker-sasl"]),
    ("broker-replication", &["broker-types", "broker-records"]),
    ("broker-coordinator", &["broker-types", "broker-protocol"]),
    (
        "broker-controller",
        &[
            "broker-types",
            "broker-protocol",
            "broker-config",
            "broker-authorizer",
            "broker-sasl",
            "broker-metadata",
            "broker-coordinator",
        ],
    ),
    ("broker-group", &["broker-types", "broker-protocol", "broker-coordinator"]),
    ("broker-txn", &["broker-types", "broker-protocol", "broker-coordinator"]),
    ("broker-node", &["broker-types", "broker-protocol", "broker-metadata", "broker-config"]),
    ("operator-api", &[]),
    ("operator-pki", &[]),
    ("operator-plan", &["operator-api", "broker-authorizer", "broker-config"]),
    ("operator-convert", &["operator-api", "operator-plan"]),
    (
        "operator-controller",
        &[
            "operator-api",
            "operator-pki",
            "operator-plan",
            "broker-authorizer",
            "broker-client",
            "broker-protocol",
            "broker-sasl",
            "broker-types",
        ],
    ),
];

/// The shells may depend on everything of their own part that is built into the program.
const SHELLS: &[(&str, &[&str])] = &[
    ("broker-server", &["broker-"]),
    ("klamm", &["broker-", "operator-"]),
    ("tests-", &["broker-", "operator-", "tests-"]),
];
/// Never part of the program.
const TOOLS: &[&str] = &["broker-schema"];

fn metadata() -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(repository())
        .output()
        .expect("cargo runs");
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

#[test]
fn dependencies_point_one_way() {
    let allowed: BTreeMap<_, BTreeSet<_>> =
        ALLOWED.iter().map(|(name, deps)| (*name, deps.iter().copied().collect())).collect();
    let metadata = metadata();
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let shell = SHELLS.iter().find(|(shell, _)| name.starts_with(shell));
        let may = |on: &str| match (allowed.get(name), shell) {
            (Some(may), _) => may.contains(on),
            (None, Some((shell, parts))) => {
                parts.iter().any(|part| on.starts_with(part)) && (*shell == "tests-" || !TOOLS.contains(&on))
            }
            (None, None) => false,
        };
        if !allowed.contains_key(name) && shell.is_none() {
            wrong.push(format!("{name} is not in the list of allowed directions"));
        }
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let is_ours = dependency["path"].is_string();
            let is_test_only = dependency["kind"].as_str() == Some("dev");
            let on = dependency["name"].as_str().expect("a name");
            if is_ours && !is_test_only && !may(on) {
                wrong.push(format!("{name} must not depend on {on}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The README's `cargo run` runs the program, and CI runs the README's test command.
#[test]
fn the_readmes_two_commands_are_what_they_seem() {
    let metadata = metadata();
    let klamm =
        metadata["packages"].as_array().expect("packages").iter().find(|package| package["name"] == "klamm");
    let klamm = klamm.expect("there is klamm");
    assert_eq!(metadata["workspace_default_members"], serde_json::json!([klamm["id"]]));
    let programs =
        klamm["targets"].as_array().expect("targets").iter().filter(|target| target["kind"][0] == "bin");
    assert_eq!(programs.count(), 1);
    let ci = std::fs::read_to_string(repository().join(".ci/run")).expect("CI has its command");
    assert!(ci.lines().any(|line| line.starts_with("tests/run ")), "{ci}");
}
