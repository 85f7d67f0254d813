//! The pod of a node, restricted as far as Kubernetes knows: no root, no capability, no writable root, no API access.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::{
        Capabilities, ConfigMapKeySelector, ConfigMapVolumeSource, Container, ContainerPort,
        DownwardAPIVolumeFile, DownwardAPIVolumeSource, EmptyDirVolumeSource, EnvVar, EnvVarSource,
        HTTPGetAction, ObjectFieldSelector, PodSecurityContext, PodSpec, PodTemplateSpec, Probe,
        ResourceRequirements, SeccompProfile, SecurityContext, Volume, VolumeMount,
    },
    apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::ObjectMeta, util::intstr::IntOrString},
};
use operator_api::{
    ADVERTISED_ANNOTATION, BROKER_ROLE_LABEL, CONFIG_ANNOTATION, CONTROLLER_ROLE_LABEL, Role, ZONE_ANNOTATION,
};

use super::{
    ADMIN, CONTROL_PLANE, REPLICATION, certificates,
    config_map::{
        BOOTSTRAP_KEY, FILE, INITIAL_CONTROLLERS_KEY, PENDING_NODES_KEY, last_told_key, static_properties,
        upper,
    },
    placement,
};
use crate::{
    listeners::{self, Address},
    manifest::digest,
    validated::{Backing, ValidatedCluster, ValidatedPool, ValidatedVolume},
};

/// The container's name.
const CONTAINER: &str = "kafka";
/// The numeric user and group of the image.
const USER: i64 = 65532;
/// How long a clean stop may take when nobody says: leaders are handed over first.
const GRACE_SECONDS: i64 = 60;
const CONFIG_VOLUME: &str = "config";
const CONFIG_PATH: &str = "/etc/klamm";
const RACK_VOLUME: &str = "place";
const RACK_PATH: &str = "/etc/klamm-place";
const RACK_FILE: &str = "zone";
const ADVERTISED_FILE: &str = "advertised-listeners";

pub(super) fn pod_template(cluster: &ValidatedCluster, pool: &ValidatedPool) -> PodTemplateSpec {
    let template = &pool.pod;
    let mut labels = super::labels(cluster, Some(&pool.name), template.metadata.as_ref());
    for (role, label) in [(Role::Broker, BROKER_ROLE_LABEL), (Role::Controller, CONTROLLER_ROLE_LABEL)] {
        labels.insert(label.to_owned(), pool.has(role).to_string());
    }
    let mut annotations = template.metadata.as_ref().map(|all| all.annotations.clone()).unwrap_or_default();
    annotations.insert(CONFIG_ANNOTATION.to_owned(), digest(&static_properties(cluster, pool)));
    let config = Volume {
        name: CONFIG_VOLUME.to_owned(),
        config_map: Some(ConfigMapVolumeSource {
            name: cluster.names.pool(&pool.name),
            ..ConfigMapVolumeSource::default()
        }),
        ..Volume::default()
    };
    let certificates = certificates::volumes(cluster, pool).into_iter().map(|(volume, _)| volume);
    let ephemeral = pool.storage.volumes.iter().filter_map(empty_dir);
    let some = |list: &[_]| (!list.is_empty()).then(|| list.to_vec());
    PodTemplateSpec {
        metadata: Some(ObjectMeta {
            labels: Some(labels),
            annotations: Some(annotations),
            ..ObjectMeta::default()
        }),
        spec: Some(PodSpec {
            service_account_name: Some(cluster.names.shared()),
            automount_service_account_token: Some(false),
            enable_service_links: Some(false),
            termination_grace_period_seconds: Some(
                template.termination_grace_period_seconds.unwrap_or(GRACE_SECONDS),
            ),
            security_context: Some(pod_security()),
            containers: vec![container(cluster, pool)],
            volumes: Some(
                [config]
                    .into_iter()
                    .chain(certificates)
                    .chain(place_volume(cluster, pool))
                    .chain(ephemeral)
                    .collect(),
            ),
            affinity: template.affinity.clone().or_else(|| Some(placement::affinity(cluster, pool))),
            tolerations: (!template.tolerations.is_empty()).then(|| template.tolerations.clone()),
            topology_spread_constraints: Some(if template.topology_spread_constraints.is_empty() {
                placement::spread(cluster, pool)
            } else {
                template.topology_spread_constraints.clone()
            }),
            image_pull_secrets: some(&template.image_pull_secrets),
            priority_class_name: template.priority_class_name.clone(),
            scheduler_name: template.scheduler_name.clone(),
            ..PodSpec::default()
        }),
    }
}

fn container(cluster: &ValidatedCluster, pool: &ValidatedPool) -> Container {
    let mut ports = vec![CONTROL_PLANE, REPLICATION];
    ports.extend(cluster.listeners.iter().map(|listener| (listener.name.as_str(), listener.port)));
    ports.push(ADMIN);
    let mounts = pool.storage.volumes.iter().map(|volume| VolumeMount {
        name: volume.name(),
        mount_path: volume.mount_path(),
        ..VolumeMount::default()
    });
    let config = VolumeMount {
        name: CONFIG_VOLUME.to_owned(),
        mount_path: CONFIG_PATH.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    };
    let certificates = certificates::volumes(cluster, pool).into_iter().map(|(_, mount)| mount);
    let rack = pool.has(Role::Broker).then(|| VolumeMount {
        name: RACK_VOLUME.to_owned(),
        mount_path: RACK_PATH.to_owned(),
        read_only: Some(true),
        ..VolumeMount::default()
    });
    let quantities = |all: &BTreeMap<String, Quantity>| (!all.is_empty()).then(|| all.clone());
    Container {
        name: CONTAINER.to_owned(),
        image: Some(cluster.image.clone()),
        image_pull_policy: Some("IfNotPresent".to_owned()),
        command: Some(vec!["/klamm".to_owned()]),
        args: Some(arguments(cluster, pool)),
        env: Some(environment(cluster, pool)),
        ports: Some(ports.into_iter().map(|(name, port)| container_port(name, port)).collect()),
        resources: Some(ResourceRequirements {
            requests: quantities(&pool.requests),
            limits: quantities(&pool.limits),
            ..ResourceRequirements::default()
        }),
        volume_mounts: Some([config].into_iter().chain(certificates).chain(rack).chain(mounts).collect()),
        readiness_probe: Some(probe("/readyz", 2, 3)),
        liveness_probe: Some(probe("/healthz", 10, 6)),
        security_context: Some(container_security()),
        termination_message_policy: Some("FallbackToLogsOnError".to_owned()),
        ..Container::default()
    }
}

/// What is told to each node by itself: Kubernetes fills in `$(…)` from the environment.
fn arguments(cluster: &ValidatedCluster, pool: &ValidatedPool) -> Vec<String> {
    let mut arguments = vec!["broker".to_owned(), format!("{CONFIG_PATH}/{FILE}")];
    for (key, value) in own_properties(cluster, pool, "$(POD_NAME)", "$(NODE_ID)") {
        arguments.push("--override".to_owned());
        arguments.push(format!("{key}={value}"));
    }
    arguments
}

/// What is a node's own: its id, its addresses, its directories.
pub(crate) fn own_properties(
    cluster: &ValidatedCluster,
    pool: &ValidatedPool,
    pod: &str,
    node_id: &str,
) -> [(&'static str, String); 5] {
    // A directory of its own on each volume: the root of a file system holds things that are not ours.
    let directories: Vec<_> = pool
        .storage
        .volumes
        .iter()
        .map(|volume| format!("{}/kafka-log{node_id}", volume.mount_path()))
        .collect();
    let metadata = directories.first().cloned().unwrap_or_default();
    [
        ("node.id", node_id.to_owned()),
        ("advertised.listeners", advertised(cluster, pool, pod, |_| None)),
        ("log.dirs", directories.join(",")),
        ("metadata.log.dir", metadata),
        ("ssl.keystore.location", certificates::keystore(pod)),
    ]
}

/// What a node says of where it is reached: by its own name, unless a listener `is_at` another address.
pub(crate) fn advertised(
    cluster: &ValidatedCluster,
    pool: &ValidatedPool,
    pod: &str,
    is_at: impl Fn(&str) -> Option<Address>,
) -> String {
    let host = cluster.names.pod_host(pod);
    let own = |(name, port): (&str, i32)| format!("{}://{host}:{port}", upper(name));
    let mut all = Vec::new();
    if pool.has(Role::Controller) {
        all.push(own(CONTROL_PLANE));
    }
    if pool.has(Role::Broker) {
        all.push(own(REPLICATION));
        all.extend(cluster.listeners.iter().map(|listener| {
            let inside = || Address::new(cluster.pod_host_on(listener, pod), listener.port);
            format!("{}://{}", upper(&listener.name), is_at(&listener.name).unwrap_or_else(inside))
        }));
    }
    all.join(",")
}

fn environment(cluster: &ValidatedCluster, pool: &ValidatedPool) -> Vec<EnvVar> {
    let field = |name: &str, path: &str| EnvVar {
        name: name.to_owned(),
        value_from: Some(EnvVarSource {
            field_ref: Some(ObjectFieldSelector { field_path: path.to_owned(), api_version: None }),
            ..EnvVarSource::default()
        }),
        ..EnvVar::default()
    };
    let value =
        |name: &str, value: String| EnvVar { name: name.to_owned(), value: Some(value), ..EnvVar::default() };
    let mark = |name: &str, key: &str| {
        let key_ref = ConfigMapKeySelector {
            name: cluster.names.pool(&pool.name),
            key: key.to_owned(),
            optional: Some(true),
        };
        let source = EnvVarSource { config_map_key_ref: Some(key_ref), ..EnvVarSource::default() };
        EnvVar { name: name.to_owned(), value_from: Some(source), ..EnvVar::default() }
    };
    let mut environment = vec![
        field("POD_NAME", "metadata.name"),
        field("NODE_ID", "metadata.labels['apps.kubernetes.io/pod-index']"),
        value("KLAMM_CLUSTER_ID", cluster.identity.cluster_id.clone()),
    ];
    if pool.has(Role::Controller) {
        environment.push(mark("KLAMM_BOOTSTRAP", BOOTSTRAP_KEY));
        environment.push(mark("KLAMM_BOOTSTRAP_NODES", PENDING_NODES_KEY));
        environment.push(mark("KLAMM_INITIAL_CONTROLLERS", INITIAL_CONTROLLERS_KEY));
    }
    if pool.has(Role::Broker) {
        environment.push(value("KLAMM_RACK_FILE", format!("{RACK_PATH}/{RACK_FILE}")));
        if listeners::are_told(&cluster.listeners) {
            environment.push(value("KLAMM_ADVERTISED_FILE", format!("{RACK_PATH}/{ADVERTISED_FILE}")));
            let last = format!("{CONFIG_PATH}/{}", last_told_key("$(NODE_ID)"));
            environment.push(value("KLAMM_ADVERTISED_LAST_FILE", last));
        }
    }
    environment
}

/// What the operator writes to annotations when the pod has a place: its zone, and where clients reach it.
fn place_volume(cluster: &ValidatedCluster, pool: &ValidatedPool) -> Option<Volume> {
    let file = |path: &str, annotation: &str| DownwardAPIVolumeFile {
        path: path.to_owned(),
        field_ref: Some(ObjectFieldSelector {
            field_path: format!("metadata.annotations['{annotation}']"),
            api_version: None,
        }),
        ..DownwardAPIVolumeFile::default()
    };
    let mut files = vec![file(RACK_FILE, ZONE_ANNOTATION)];
    files.extend(
        listeners::are_told(&cluster.listeners).then(|| file(ADVERTISED_FILE, ADVERTISED_ANNOTATION)),
    );
    let source = DownwardAPIVolumeSource { items: Some(files), default_mode: None };
    pool.has(Role::Broker).then(|| Volume {
        name: RACK_VOLUME.to_owned(),
        downward_api: Some(source),
        ..Volume::default()
    })
}

fn empty_dir(volume: &ValidatedVolume) -> Option<Volume> {
    let Backing::Ephemeral { size_limit } = &volume.backing else { return None };
    let source = EmptyDirVolumeSource { size_limit: size_limit.clone().map(Quantity), medium: None };
    Some(Volume { name: volume.name(), empty_dir: Some(source), ..Volume::default() })
}

fn container_port(name: &str, port: i32) -> ContainerPort {
    ContainerPort {
        name: Some(super::port_name(name)),
        container_port: port,
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    }
}

fn probe(path: &str, period_seconds: i32, failure_threshold: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(path.to_owned()),
            port: IntOrString::Int(ADMIN.1),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(period_seconds),
        timeout_seconds: Some(2),
        failure_threshold: Some(failure_threshold),
        ..Probe::default()
    }
}

fn pod_security() -> PodSecurityContext {
    PodSecurityContext {
        run_as_non_root: Some(true),
        run_as_user: Some(USER),
        run_as_group: Some(USER),
        fs_group: Some(USER),
        fs_group_change_policy: Some("OnRootMismatch".to_owned()),
        seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), localhost_profile: None }),
        ..PodSecurityContext::default()
    }
}

fn container_security() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        read_only_root_filesystem: Some(true),
        capabilities: Some(Capabilities { drop: Some(vec!["ALL".to_owned()]), add: None }),
        ..SecurityContext::default()
    }
}
