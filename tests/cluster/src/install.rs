//! The operator, installed as a user would: by its chart.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::kube::{Kube, repository};

/// Where the operator runs.
pub const OPERATOR_NAMESPACE: &str = "klamm-system";

/// The name of the Helm release.
pub const RELEASE: &str = "klamm";

/// The image of this checkout, loaded into the cluster once in a test program. `KLAMM_IMAGE` names a ready archive.
pub fn image(kube: &Kube) -> &'static str {
    static LOADED: OnceLock<()> = OnceLock::new();
    LOADED.get_or_init(|| {
        let archive = std::env::var_os("KLAMM_IMAGE").map_or_else(build_image, PathBuf::from);
        kube.must(&["load", archive.to_str().expect("a path of plain letters")]);
    });
    "klamm:dev"
}

fn build_image() -> PathBuf {
    let output =
        Command::new(repository().join("tests/cluster/image")).output().expect("the tool image starts");
    assert!(output.status.success(), "image: {}", String::from_utf8_lossy(&output.stderr));
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}

/// The cluster with the operator of this checkout in it, ready to be given manifests.
pub fn operator() -> &'static Kube {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    let kube = Kube::up();
    INSTALLED.get_or_init(|| {
        image(kube);
        let chart = repository().join("charts/klamm");
        kube.must(&[
            "helm",
            "upgrade",
            "--install",
            RELEASE,
            chart.to_str().expect("a path of plain letters"),
            "--namespace",
            OPERATOR_NAMESPACE,
            "--create-namespace",
            "--set",
            &values(),
            "--wait",
            "--timeout",
            "60s",
        ]);
        // The same tag may name a newer image than the one a pod of an earlier run has.
        kube.kubectl(&["rollout", "restart", "deployment", "--namespace", OPERATOR_NAMESPACE]);
        kube.kubectl(&[
            "rollout",
            "status",
            "deployment",
            "--namespace",
            OPERATOR_NAMESPACE,
            "--timeout=60s",
        ]);
    });
    kube
}

/// The values of the chart. In tests the operator looks at everything often: what it would write without need shows the
/// sooner; what it costs is told of it as users have it.
fn values() -> String {
    let resync = if std::env::var_os("KLAMM_SCALE").is_some() { "" } else { ",resyncSeconds=10" };
    format!("image.repository=klamm,image.tag=dev{resync}")
}

/// The user that the operator is to the API server, as the audit log names it.
pub fn operator_user(kube: &Kube) -> String {
    let deployments = kube.get(OPERATOR_NAMESPACE, "deployments");
    let account = deployments["items"][0]["spec"]["template"]["spec"]["serviceAccountName"]
        .as_str()
        .expect("the operator has a service account of its own")
        .to_owned();
    format!("system:serviceaccount:{OPERATOR_NAMESPACE}:{account}")
}
