//! What of certificates is in a pod: volumes, and the settings that name their files. Kubernetes changes such files while the
//! pod runs, and the broker takes them up: nothing here depends on what is in the Secrets.

use k8s_openapi::api::core::v1::{KeyToPath, SecretVolumeSource, Volume, VolumeMount};
use operator_api::{ListenerAuthentication, Role};

use super::{CONTROL_PLANE, REPLICATION};
use crate::{
    certificates::{ISSUERS, Which, own_entry},
    validated::{ValidatedCluster, ValidatedPool},
};

const OWN_PATH: &str = "/etc/klamm-certificates";
/// What everybody of a cluster trusts, in each public Secret, and the name of the file that nodes trust.
const BUNDLE: &str = "ca.crt";
/// The group of the broker may read, nobody else.
const MODE: i32 = 0o440;

/// The key and certificate of the pod named `pod`.
pub(super) fn keystore(pod: &str) -> String {
    format!("{OWN_PATH}/{pod}.pem")
}

fn bundle(which: Which) -> String {
    format!("{}/{BUNDLE}", path(which))
}

fn path(which: Which) -> String {
    format!("/etc/klamm-{}-ca", which.word())
}

/// What all nodes of a pool are told.
pub(super) fn properties(cluster: &ValidatedCluster, pool: &ValidatedPool) -> Vec<(String, String)> {
    let mut properties = vec![
        ("ssl.keystore.type".to_owned(), "PEM".to_owned()),
        ("ssl.truststore.type".to_owned(), "PEM".to_owned()),
        ("ssl.truststore.location".to_owned(), bundle(Which::Cluster)),
        // Hosts that are no longer wanted may be missing from the next certificate.
        ("ssl.allow.san.changes".to_owned(), "true".to_owned()),
    ];
    let asks = |name: &str| (format!("listener.name.{name}.ssl.client.auth"), "required".to_owned());
    properties.push(asks(CONTROL_PLANE.0));
    if pool.has(Role::Broker) {
        properties.push(asks(REPLICATION.0));
        for listener in cluster.listeners.iter().filter(|one| one.asks_for(ListenerAuthentication::TLS)) {
            properties.push(asks(&listener.name));
            let key = format!("listener.name.{}.ssl.truststore.location", listener.name);
            properties.push((key, bundle(Which::Clients)));
        }
        properties.extend(cluster.own_certificates.iter().map(|listener| {
            let key = format!("listener.name.{listener}.ssl.keystore.location");
            (key, format!("{OWN_PATH}/{}", own_entry(listener)))
        }));
    }
    properties
}

/// The volumes of a pod, and where they are.
pub(super) fn volumes(cluster: &ValidatedCluster, pool: &ValidatedPool) -> Vec<(Volume, VolumeMount)> {
    let trusted = Which::ALL.map(|which| {
        let name = format!("{}-ca", which.word());
        let entry = if cluster.certificates.of(which).is_apart { ISSUERS } else { BUNDLE };
        let only = vec![KeyToPath { key: entry.to_owned(), path: BUNDLE.to_owned(), mode: None }];
        volume(&name, cluster.names.authority_public(which), Some(only), path(which))
    });
    let own = volume("certificates", cluster.names.pool_certificates(&pool.name), None, OWN_PATH.to_owned());
    [own].into_iter().chain(trusted).collect()
}

fn volume(name: &str, secret: String, items: Option<Vec<KeyToPath>>, path: String) -> (Volume, VolumeMount) {
    let source = SecretVolumeSource {
        secret_name: Some(secret),
        items,
        default_mode: Some(MODE),
        ..SecretVolumeSource::default()
    };
    let volume = Volume { name: name.to_owned(), secret: Some(source), ..Volume::default() };
    let mount = VolumeMount {
        name: name.to_owned(),
        mount_path: path,
        read_only: Some(true),
        ..VolumeMount::default()
    };
    (volume, mount)
}
