//! Fields of Strimzi that Klamm's resources do not have, and why. Fields that the definitions gain are carried over
//! whatever stands here.

use crate::note::Effect::{self, Changed, Missing, Unneeded};

/// A field, its kind and path as one text (`[]` for any place of a list), what becomes of it, and why.
type Reason = (&'static str, Effect, &'static str);

const JVM: &str = "there is no JVM, and so no heap: memory is what resources say, or is derived";
const IMAGE: &str = "brokers run Klamm's own image: spec.version says which release";
const PROBES: &str = "the operator sets probes that fit the broker";
const JMX: &str = "there is no JMX: metrics are at /metrics on port 9644";
const EXPORTER: &str = "lag of groups is in /metrics and at /v1/groups on port 9644, without an exporter";
const LOGGING: &str =
    "log levels are changed as brokers run, by kafka-configs.sh --entity-type broker-loggers";
const CRUISE: &str = "there is no Cruise Control: new brokers get their share of partitions and leaving ones are emptied by the operator; \
     other moves are kafka-reassign-partitions.sh's";
const TOPICS: &str = "the operator itself looks after KafkaTopics, where it runs";
const USERS: &str = "the operator itself looks after KafkaUsers, where it runs";
const TEMPLATE: &str = "this part of the template has no counterpart yet";
const NO_SUCH_OBJECT: &str = "there is no such object in Klamm's clusters";
const POOLS: &str = "nodes are stated in KafkaNodePools";
const REBALANCE: &str =
    "KafkaRebalance arrives with a later release: kafka-reassign-partitions.sh moves partitions until then";
const TIERED: &str =
    "tiered storage arrives with a later release: every record stays on the brokers' own disks";
const ISSUER: &str = "certificates of nodes and users are issued by the operator: let cert-manager keep an authority in a Secret, and name \
     that as secretName beside generateCertificateAuthority: false";
const QUOTAS: &str = "quotas arrive with a later release: nobody is slowed down";

const REASONS: &[Reason] = &[
    ("Kafka spec.kafka.image", Unneeded, IMAGE),
    ("Kafka spec.kafka.brokerRackInitImage", Unneeded, IMAGE),
    ("Kafka spec.kafka.jvmOptions", Unneeded, JVM),
    ("Kafka spec.kafka.jmxOptions", Unneeded, JMX),
    ("Kafka spec.kafka.metricsConfig", Unneeded, JMX),
    ("Kafka spec.kafka.logging", Missing, LOGGING),
    ("Kafka spec.kafka.livenessProbe", Unneeded, PROBES),
    ("Kafka spec.kafka.readinessProbe", Unneeded, PROBES),
    ("Kafka spec.kafka.replicas", Changed, POOLS),
    ("Kafka spec.kafka.storage", Changed, POOLS),
    ("Kafka spec.kafka.resources", Changed, POOLS),
    ("Kafka spec.kafka.rack", Missing, "the zone of a node is always the label topology.kubernetes.io/zone"),
    ("Kafka spec.kafka.authorization.authorizerClass", Missing, "classes of Java cannot be loaded"),
    ("Kafka spec.kafka.authorization.supportsAdminApi", Unneeded, "ACLs can always be changed"),
    ("Kafka spec.kafka.tieredStorage", Missing, TIERED),
    ("Kafka spec.kafka.quotas", Missing, QUOTAS),
    ("Kafka spec.kafka.listeners[].authentication", Missing, "only its type is stated yet"),
    ("Kafka spec.kafka.template.statefulset", Unneeded, NO_SUCH_OBJECT),
    ("Kafka spec.kafka.template.podSet", Unneeded, NO_SUCH_OBJECT),
    ("Kafka spec.kafka.template.jmxSecret", Unneeded, JMX),
    ("Kafka spec.kafka.template.initContainer", Unneeded, "brokers start without an init container"),
    ("Kafka spec.kafka.template.clusterRoleBinding", Unneeded, NO_SUCH_OBJECT),
    ("Kafka spec.kafka.template.clusterCaCert", Missing, TEMPLATE),
    (
        "Kafka spec.zookeeper",
        Missing,
        "there is no ZooKeeper: controllers are nodes of KafkaNodePools, and what is in ZooKeeper is not taken over",
    ),
    ("Kafka spec.entityOperator.topicOperator", Unneeded, TOPICS),
    ("Kafka spec.entityOperator.userOperator", Unneeded, USERS),
    ("Kafka spec.entityOperator.template", Unneeded, NO_SUCH_OBJECT),
    ("Kafka spec.entityOperator.tlsSidecar", Unneeded, NO_SUCH_OBJECT),
    ("Kafka spec.topicOperator", Unneeded, TOPICS),
    ("Kafka spec.clusterCa.type", Missing, ISSUER),
    ("Kafka spec.clusterCa.certManager", Missing, ISSUER),
    ("Kafka spec.clientsCa.type", Missing, ISSUER),
    ("Kafka spec.clientsCa.certManager", Missing, ISSUER),
    ("Kafka spec.cruiseControl", Missing, CRUISE),
    ("Kafka spec.kafkaExporter", Unneeded, EXPORTER),
    ("Kafka spec.jmxTrans", Unneeded, JMX),
    ("KafkaNodePool spec.jvmOptions", Unneeded, JVM),
    ("KafkaNodePool spec.template.podSet", Unneeded, NO_SUCH_OBJECT),
    ("KafkaNodePool spec.template.initContainer", Unneeded, "brokers start without an init container"),
    ("KafkaNodePool spec.storage.id", Unneeded, "one volume needs no number"),
    ("KafkaNodePool spec.storage.kraftMetadata", Unneeded, "one volume holds everything"),
    ("KafkaRebalance spec", Missing, REBALANCE),
];

/// Fields of which there are several, by the path before them.
const FAMILIES: &[(&str, &[&str], Effect, &str)] = &[
    (
        "Kafka spec.kafka.template",
        &[
            "externalBootstrapService",
            "externalBootstrapRoute",
            "externalBootstrapIngress",
            "perPodService",
            "perPodRoute",
            "perPodIngress",
            "kafkaContainer",
        ],
        Missing,
        TEMPLATE,
    ),
    (
        "KafkaNodePool spec.template",
        &["perPodService", "perPodRoute", "perPodIngress", "kafkaContainer"],
        Missing,
        TEMPLATE,
    ),
    (
        "* template.pod",
        &[
            "securityContext",
            "hostAliases",
            "enableServiceLinks",
            "tmpDirSizeLimit",
            "volumes",
            "hostUsers",
            "dnsPolicy",
            "dnsConfig",
        ],
        Missing,
        TEMPLATE,
    ),
    ("* bootstrapService", &["ipFamilyPolicy", "ipFamilies"], Missing, TEMPLATE),
    ("* brokersService", &["ipFamilyPolicy", "ipFamilies"], Missing, TEMPLATE),
    (
        "* podDisruptionBudget",
        &["maxUnavailable"],
        Unneeded,
        "an eviction takes one pod of a cluster at a time",
    ),
    (
        "* storage",
        &["volumeAttributesClass", "overrides"],
        Missing,
        "the storage class alone says what a volume is",
    ),
    (
        "* storage.volumes[]",
        &["volumeAttributesClass", "overrides"],
        Missing,
        "the storage class alone says what a volume is",
    ),
    ("* resources", &["claims"], Missing, "brokers claim no devices"),
];

/// What is known of the field at `path` of a resource of `kind`.
pub(crate) fn of(kind: &str, path: &str) -> Option<(Effect, &'static str)> {
    let field = format!("{kind} {}", anywhere(path));
    if let Some((_, effect, why)) = REASONS.iter().find(|(known, ..)| *known == field) {
        return Some((*effect, why));
    }
    let (before, name) = field.rsplit_once('.')?;
    let is_of = |family: &str| match family.strip_prefix("* ") {
        Some(end) => before.ends_with(&format!(".{end}")),
        None => before == family,
    };
    let family = FAMILIES.iter().find(|(family, names, ..)| is_of(family) && names.contains(&name))?;
    Some((family.2, family.3))
}

/// Whether something is known of fields below `path`.
pub(crate) fn are_below(kind: &str, path: &str) -> bool {
    let field = format!("{kind} {}", anywhere(path));
    let is_below = |known: &str| known.strip_prefix(&field).is_some_and(|rest| rest.starts_with(['.', '[']));
    REASONS.iter().any(|(known, ..)| is_below(known)) || FAMILIES.iter().any(|(known, ..)| *known == field)
}

/// The path with `[]` for every place of a list.
fn anywhere(path: &str) -> String {
    let mut parts = path.split('[');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((at, rest)) if at.chars().all(|c| c.is_ascii_digit()) => {
                text.push_str("[]");
                text.push_str(rest);
            }
            _ => {
                text.push('[');
                text.push_str(part);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_found_at_any_place_of_a_list() {
        let known = |kind, path| of(kind, path).map(|(effect, _)| effect);
        assert_eq!(known("Kafka", "spec.kafka.listeners[12].authentication"), Some(Missing));
        assert_eq!(known("KafkaNodePool", "spec.storage.overrides"), Some(Missing));
        assert_eq!(known("KafkaNodePool", "spec.template.pod.hostAliases"), Some(Missing));
        assert_eq!(known("KafkaNodePool", "spec.storage.volumes[3].overrides"), Some(Missing));
        assert_eq!(known("Kafka", "spec.kafka.jvmOptions"), Some(Unneeded));
        assert_eq!(known("KafkaTopic", "spec.jvmOptions"), None);
        assert_eq!(known("Kafka", "spec.kafka.config['spec.kafka.jvmOptions']"), None);
    }

    #[test]
    fn parts_with_reasons_of_their_own_are_known() {
        assert!(are_below("Kafka", "spec.entityOperator"));
        assert!(are_below("Kafka", "spec.kafka.template"));
        assert!(!are_below("Kafka", "spec.kafka.jvmOptions"));
    }
}
