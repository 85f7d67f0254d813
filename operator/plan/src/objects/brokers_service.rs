//! The headless Service that gives each pod its name. It publishes pods that are not ready too: brokers and
//! controllers must find each other before any of them is.

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};

use super::{ADMIN, CONTROL_PLANE, REPLICATION};
use crate::{manifest::Manifest, validated::ValidatedCluster};

pub(crate) fn brokers_service(cluster: &ValidatedCluster) -> Manifest {
    let name = cluster.names.brokers_service();
    let own = [CONTROL_PLANE, REPLICATION, ADMIN];
    let users = cluster.listeners.iter().map(|listener| (listener.name.as_str(), listener.port));
    let service = Service {
        metadata: super::owned(cluster, &name, None, cluster.templates.brokers_service.metadata.as_ref()),
        spec: Some(ServiceSpec {
            type_: Some("ClusterIP".to_owned()),
            cluster_ip: Some("None".to_owned()),
            publish_not_ready_addresses: Some(true),
            selector: Some(super::cluster_selector(cluster)),
            ports: Some(own.into_iter().chain(users).map(|(name, port)| service_port(name, port)).collect()),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    };
    Manifest::new("v1", "Service", &name, &service)
}

pub(super) fn service_port(name: &str, port: i32) -> ServicePort {
    ServicePort {
        name: Some(super::port_name(name)),
        port,
        protocol: Some("TCP".to_owned()),
        ..ServicePort::default()
    }
}
