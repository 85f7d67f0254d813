//! The ServiceAccount of the brokers. They have no access to Kubernetes' API: no token is mounted.

use k8s_openapi::api::core::v1::ServiceAccount;

use crate::{manifest::Manifest, validated::ValidatedCluster};

pub(crate) fn service_account(cluster: &ValidatedCluster) -> Manifest {
    let name = cluster.names.shared();
    let template = cluster.templates.service_account.metadata.as_ref();
    let account = ServiceAccount {
        metadata: super::owned(cluster, &name, None, template),
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    };
    Manifest::new("v1", "ServiceAccount", &name, &account)
}
