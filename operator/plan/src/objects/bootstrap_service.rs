//! The Service that clients start from: any broker that is ready.

use k8s_openapi::api::core::v1::{Service, ServiceSpec};
use operator_api::BROKER_ROLE_LABEL;

use super::{REPLICATION, brokers_service::service_port};
use crate::{listeners::has_services, manifest::Manifest, validated::ValidatedCluster};

pub(crate) fn bootstrap_service(cluster: &ValidatedCluster) -> Manifest {
    let name = cluster.names.bootstrap_service();
    let mut selector = super::cluster_selector(cluster);
    selector.insert(BROKER_ROLE_LABEL.to_owned(), "true".to_owned());
    // Others have Services of their own.
    let internal = cluster.listeners.iter().filter(|listener| !has_services(listener));
    let users = internal.map(|listener| (listener.name.as_str(), listener.port));
    let service = Service {
        metadata: super::owned(cluster, &name, None, cluster.templates.bootstrap_service.metadata.as_ref()),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            selector: Some(selector),
            ports: Some(
                [REPLICATION].into_iter().chain(users).map(|(name, port)| service_port(name, port)).collect(),
            ),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    };
    Manifest::new("v1", "Service", &name, &service)
}
