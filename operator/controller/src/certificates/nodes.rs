//! Asks nodes what they have loaded of certificates.

use futures::{StreamExt as _, stream};
use operator_plan::{
    certificates::{InUse, NodesTold},
    objects::ADMIN_PORT,
    observed::PodState,
};

use crate::cluster::metrics_of;

/// Pods that are asked at a time.
const CONCURRENCY: usize = 16;
/// The broker's metric.
const METRIC: &str = "klamm_tls_material{";

/// What every pod that has an address says.
pub(crate) async fn ask(pods: &[PodState]) -> NodesTold {
    let asked = pods.iter().filter_map(|pod| Some((pod.name.clone(), pod.ip.clone()?)));
    let asked = asked.map(|(name, ip)| async move {
        let text = metrics_of(&ip, ADMIN_PORT).await;
        (name, text.map(|text| in_use(&text)))
    });
    stream::iter(asked.collect::<Vec<_>>()).buffer_unordered(CONCURRENCY).collect().await
}

/// What the metrics of a node say.
fn in_use(text: &str) -> Vec<InUse> {
    text.lines().filter_map(|line| line.strip_prefix(METRIC)).filter_map(row).collect()
}

/// `keystore="…",listener="…",truststore="…"} 1`
fn row(line: &str) -> Option<InUse> {
    let (labels, _) = line.split_once('}')?;
    let label = |name: &str| {
        let mut all = labels.split(',').filter_map(|label| label.split_once('='));
        all.find(|(found, _)| *found == name).map(|(_, value)| value.trim_matches('"').to_owned())
    };
    Some(InUse {
        listener: label("listener")?,
        keystore: label("keystore")?,
        truststore: label("truststore")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_use_is_found_among_the_metrics() {
        let text = "# TYPE klamm_tls_material gauge\n\
                    klamm_tls_material{keystore=\"a1\",listener=\"REPLICATION\",truststore=\"b2\"} 1\n\
                    klamm_tls_material{keystore=\"a1\",listener=\"SECURE\",truststore=\"\"} 1\nother 1\n";
        let row = |listener: &str, truststore: &str| InUse {
            listener: listener.to_owned(),
            keystore: "a1".to_owned(),
            truststore: truststore.to_owned(),
        };
        assert_eq!(in_use(text), [row("REPLICATION", "b2"), row("SECURE", "")]);
        assert_eq!(in_use("nothing"), []);
    }
}
