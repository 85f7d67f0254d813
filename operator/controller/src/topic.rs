//! The controller of `KafkaTopic`.

mod reconcile;

use std::sync::Arc;

use operator_api::{Condition, KafkaCluster, KafkaTopic, TOPIC_FINALIZER};
use operator_plan::topics::{REPLICAS_CHANGE, Rules};
use prometheus::Histogram;

use crate::{
    bound::{Kind, Lookup, Outcome, Wakes},
    context::Context,
    error::ReconcileError,
    metrics::Metrics,
};

impl Kind for KafkaTopic {
    const FINALIZER: &'static str = TOPIC_FINALIZER;
    const ON_ITS_WAY: &'static str = REPLICAS_CHANGE;
    const GRANT: &'static str = "spec.topicNamespaces";

    fn granted(cluster: &KafkaCluster) -> &[String] {
        &cluster.spec.topic_namespaces
    }

    type Rules = Rules;

    fn rules(cluster: &KafkaCluster) -> Rules {
        let leaving = cluster.status.iter().flat_map(|status| &status.leaving).map(|leaving| leaving.node_id);
        Rules { settings: cluster.spec.topic_config_keys.clone(), leaving: leaving.collect() }
    }

    fn conditions(&self) -> &[Condition] {
        self.status.as_ref().map_or(&[], |status| &status.conditions)
    }

    fn wakes(context: &Context) -> &Arc<Wakes<Self>> {
        &context.topic_wakes
    }

    fn seconds(metrics: &Metrics) -> &Histogram {
        &metrics.topic_seconds
    }

    async fn reconcile(lookup: &Lookup, topic: &Self) -> Result<Outcome, ReconcileError> {
        reconcile::reconcile(lookup, topic).await
    }
}
