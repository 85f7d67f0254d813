//! Names that objects are bound and steered by.

/// The API group, and the domain of labels and annotations.
pub const GROUP: &str = "klamm.dev";
/// The version of the group that is served.
pub const VERSION: &str = "v1alpha1";

/// Label: the `KafkaCluster` that a pool, a topic, a user or an object of ours belongs to.
pub const CLUSTER_LABEL: &str = "klamm.dev/cluster";
/// Label: the pool that an object of ours belongs to.
pub const POOL_LABEL: &str = "klamm.dev/pool";
/// Label: the node id of a claim. It outlives the StatefulSet, so an id is never given to another volume.
pub const NODE_ID_LABEL: &str = "klamm.dev/node-id";
/// Label: what a pod does, one label for each of its roles (`"true"`).
pub const BROKER_ROLE_LABEL: &str = "klamm.dev/broker-role";
/// Label: see [`BROKER_ROLE_LABEL`].
pub const CONTROLLER_ROLE_LABEL: &str = "klamm.dev/controller-role";

/// Label: the listener that a Service, an Ingress or a TLSRoute is of.
pub const LISTENER_LABEL: &str = "klamm.dev/listener";

/// Annotation: with `"true"` nothing is changed until it is taken away.
pub const PAUSE_ANNOTATION: &str = "klamm.dev/pause-reconciliation";
/// Annotation: with `"false"` a topic or user is left alone, and deleting the resource leaves it.
pub const MANAGED_ANNOTATION: &str = "klamm.dev/managed";
/// Annotation on a pool: where its block of node ids starts, as `"[5000]"` or `"[5000-5999]"`.
pub const NEXT_NODE_IDS_ANNOTATION: &str = "klamm.dev/next-node-ids";
/// Annotation on a pool: which ids go first when it shrinks, as `"[3]"` or `"[3, 5-7]"`. Only the highest can.
pub const REMOVE_NODE_IDS_ANNOTATION: &str = "klamm.dev/remove-node-ids";
/// Annotation on a pod: with `"true"` it is restarted at the next safe moment.
pub const MANUAL_ROLLING_UPDATE_ANNOTATION: &str = "klamm.dev/manual-rolling-update";
/// Annotation on what we apply: a digest of exactly that, so that fields taken out of it are noticed.
pub const APPLIED_ANNOTATION: &str = "klamm.dev/applied";
/// Annotation on StatefulSets and formatted claims: the id of the Kafka cluster whose data they hold.
pub const CLUSTER_ID_ANNOTATION: &str = "klamm.dev/cluster-id";
/// Annotation on a StatefulSet: the storage it was made with, as JSON.
pub const STORAGE_ANNOTATION: &str = "klamm.dev/storage";
/// Annotation on pods: the zone of the node that they run on, written when they have one; `-` when that is in none.
pub const ZONE_ANNOTATION: &str = "klamm.dev/zone";
/// Annotation on pods: what a broker tells clients of where it is reached, as `advertised.listeners`; written when that is
/// known.
pub const ADVERTISED_ANNOTATION: &str = "klamm.dev/advertised-listeners";
/// Annotation on pods: a digest of their configuration file.
pub const CONFIG_ANNOTATION: &str = "klamm.dev/config";

/// Label on Secrets: what they are for; see [`CERTIFICATES_COMPONENT`].
pub const COMPONENT_LABEL: &str = "klamm.dev/component";
/// Value of [`COMPONENT_LABEL`]: certificates, keys and authorities of a cluster.
pub const CERTIFICATES_COMPONENT: &str = "certificates";
/// Value of [`COMPONENT_LABEL`]: what one user of a cluster needs.
pub const USER_COMPONENT: &str = "user";
/// Annotation on a user's Secret: tells which password Kafka was given last, by a digest.
pub const PASSWORD_SET_ANNOTATION: &str = "klamm.dev/password-set";
/// Annotation on an authority's public Secret: with `"true"` its certificate is renewed with the same key.
pub const FORCE_RENEW_ANNOTATION: &str = "klamm.dev/force-renew";
/// Annotation on an authority's private Secret: with `"true"` its key is replaced.
pub const FORCE_REPLACE_ANNOTATION: &str = "klamm.dev/force-replace";
/// Annotation on an authority's private Secret: with `"true"` the keys that issued before its own are trusted no more.
pub const FORCE_FORGET_ANNOTATION: &str = "klamm.dev/force-forget";
/// Annotation on an authority's public Secret: since when it says what it says.
pub const TRUSTED_SINCE_ANNOTATION: &str = "klamm.dev/trusted-since";
/// Annotation on an authority's public Secret and on a user's: SHA-256 of its data, so that changes by hand are noticed.
pub const CONTENT_ANNOTATION: &str = "klamm.dev/content";

/// Finalizer on `KafkaTopic`: the topic is deleted before its resource is.
pub const TOPIC_FINALIZER: &str = "klamm.dev/topic";
/// Finalizer on `KafkaUser`: what Kafka has of the user is deleted before its resource is.
pub const USER_FINALIZER: &str = "klamm.dev/user";
