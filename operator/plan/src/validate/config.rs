//! `spec.kafka.config`: Kafka's own settings, without those that are the operator's, and within what the cluster has.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Invalid;
use crate::{conditions::Warning, values::to_text};

/// Settings that the operator decides, by their beginning.
const OURS: [&str; 25] = [
    "advertised.",
    "authorizer.",
    "broker.",
    "controller",
    "delegation.",
    "early.start.listeners",
    "host.name",
    "initial.broker.registration",
    "inter.broker.listener",
    "inter.broker.protocol",
    "klamm.",
    "listener.",
    "listeners",
    "log.dir",
    "metadata.log.dir",
    "node.id",
    "password.",
    "port",
    "process.roles",
    "sasl.",
    "security.",
    "ssl.",
    "super.user",
    "unstable.",
    "zookeeper.",
];

/// Settings with those beginnings that are users' nevertheless.
const THEIRS: [&str; 7] = [
    "broker.heartbeat.interval.ms",
    "broker.session.timeout.ms",
    "controller.quorum.election",
    "controller.quorum.fetch.timeout.ms",
    "klamm.group.",
    "ssl.cipher.suites",
    "ssl.enabled.protocols",
];

/// How soon nodes that fall silent are missed, in milliseconds, where there are several: docs/operator.md says why.
const SILENCE: [(&str, &str); 3] = [
    ("broker.heartbeat.interval.ms", "500"),
    ("broker.session.timeout.ms", "3000"),
    ("controller.quorum.fetch.timeout.ms", "1000"),
];

/// Numbers of copies: what is wanted when nobody says, and what can be with fewer brokers.
const COPIES: [(&str, i64); 4] = [
    ("default.replication.factor", 3),
    ("offsets.topic.replication.factor", 3),
    ("share.coordinator.state.topic.replication.factor", 3),
    ("transaction.state.log.replication.factor", 3),
];
const IN_SYNC: [(&str, i64); 3] = [
    ("min.insync.replicas", 2),
    ("share.coordinator.state.topic.min.isr", 2),
    ("transaction.state.log.min.isr", 2),
];

/// The settings of `stated` that are the user's, and safe ones where the user says nothing.
pub(super) fn read(
    stated: &BTreeMap<String, Value>,
    brokers: i64,
    has_others: bool,
    warnings: &mut Vec<Warning>,
) -> Result<BTreeMap<String, String>, Invalid> {
    let mut properties = BTreeMap::from([("auto.create.topics.enable".to_owned(), "false".to_owned())]);
    if has_others {
        properties.extend(SILENCE.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
    let mut ignored = Vec::new();
    for (key, value) in stated {
        let field = || format!("spec.kafka.config['{key}']");
        let Some(text) = to_text(value).map_err(|error| Invalid::new(field(), error.to_string()))? else {
            continue;
        };
        if text.contains(['\n', '\r']) || key.contains(['\n', '\r', '=', ' ', ':']) {
            return Err(Invalid::new(field(), "must be one line"));
        }
        if is_decided(key) { ignored.push(key.as_str()) } else { drop(properties.insert(key.clone(), text)) }
    }
    if !ignored.is_empty() {
        let message = format!(
            "the operator decides these itself; remove them from spec.kafka.config: {}",
            ignored.join(", ")
        );
        warnings.push(Warning::new("IgnoredConfig", message));
    }
    cap(&mut properties, &COPIES, brokers, warnings)?;
    // With as many in-sync copies required as there are brokers, losing one would stop all writes.
    cap(&mut properties, &IN_SYNC, (brokers - 1).max(1), warnings)?;
    Ok(properties)
}

/// Whether the operator decides the setting `key` itself: it is ignored in `spec.kafka.config`.
#[must_use]
pub fn is_decided(key: &str) -> bool {
    OURS.iter().any(|prefix| key.starts_with(prefix)) && !THEIRS.iter().any(|prefix| key.starts_with(prefix))
}

fn cap(
    properties: &mut BTreeMap<String, String>,
    settings: &[(&str, i64)],
    most: i64,
    warnings: &mut Vec<Warning>,
) -> Result<(), Invalid> {
    for (key, otherwise) in settings {
        let value = match properties.get(*key) {
            None => (*otherwise).min(most),
            Some(text) => {
                let stated: i64 = text.trim().parse().map_err(|_| {
                    Invalid::new(
                        format!("spec.kafka.config['{key}']"),
                        format!("'{text}' is not a whole number"),
                    )
                })?;
                if stated > most {
                    let message =
                        format!("{key} is {stated} and the cluster has brokers for {most}; {most} is used");
                    warnings.push(Warning::new("CappedReplication", message));
                }
                stated.min(most)
            }
        };
        properties.insert((*key).to_owned(), value.to_string());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stated(value: Value) -> BTreeMap<String, Value> {
        serde_json::from_value(value).expect("a map")
    }

    #[test]
    fn copies_are_capped_by_the_brokers_there_are() {
        let cases = [(1, "1", "1"), (2, "2", "1"), (3, "3", "2"), (5, "3", "2")];
        for (brokers, copies, in_sync) in cases {
            let properties = read(&BTreeMap::new(), brokers, brokers > 1, &mut Vec::new()).expect("settings");
            assert_eq!(properties["default.replication.factor"], copies, "{brokers}");
            assert_eq!(properties["min.insync.replicas"], in_sync, "{brokers}");
        }
    }

    #[test]
    fn a_value_that_cannot_be_is_capped_with_a_warning() {
        let mut warnings = Vec::new();
        let properties =
            read(&stated(json!({"offsets.topic.replication.factor": 3})), 1, false, &mut warnings)
                .expect("settings");
        assert_eq!(properties["offsets.topic.replication.factor"], "1");
        assert_eq!(warnings[0].reason, "CappedReplication");
    }

    #[test]
    fn what_the_operator_decides_is_ignored_with_a_warning() {
        let mut warnings = Vec::new();
        let config = json!({"listeners": "x", "log.dirs": "/tmp", "log.retention.hours": 5, "controller.quorum.fetch.timeout.ms": 1});
        let properties = read(&stated(config), 1, false, &mut warnings).expect("settings");
        assert_eq!(properties["log.retention.hours"], "5");
        assert!(properties.contains_key("controller.quorum.fetch.timeout.ms"));
        assert!(!properties.contains_key("listeners"));
        assert!(warnings[0].message.ends_with(": listeners, log.dirs"));
    }

    #[test]
    fn a_setting_cannot_smuggle_another_one_in() {
        for config in [
            json!({"a": "1\nnode.id=7"}),
            json!({"a\nnode.id": 1}),
            json!({"a": {"b": 1}}),
            json!({"node.id =x": 1}),
        ] {
            assert!(read(&stated(config.clone()), 1, false, &mut Vec::new()).is_err(), "{config}");
        }
    }
}
