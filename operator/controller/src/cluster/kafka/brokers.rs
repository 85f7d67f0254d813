//! Brokers that come and go: who is registered, who gets new copies, who is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use broker_client::{
    Client, ClientError,
    admin::configs::{ConfigChange, ConfigResource},
};
use broker_protocol::{
    ErrorCode,
    messages::{DescribeClusterRequest, UnregisterBrokerRequest},
};
use broker_types::BrokerId;
use operator_api::KafkaCluster;

use super::connect;
use crate::{context::Context, error::ReconcileError};

/// The broker's directories that get no new copies (KIP-1066).
const CORDONED: &str = "cordoned.log.dirs";
/// Where clients are told that a broker is.
const ADVERTISED: &str = "advertised.listeners";
/// All of them.
const ALL: &str = "*";

/// All brokers that the cluster knows, those that are fenced among them (KIP-1073).
pub(super) async fn registered(client: &mut Client) -> Result<BTreeSet<i32>, ClientError> {
    let request =
        DescribeClusterRequest { include_fenced_brokers: true, ..DescribeClusterRequest::default() };
    let response = client.any(&request).await?;
    ClientError::check(response.error_code, response.error_message.as_deref())?;
    Ok(response.brokers.iter().map(|broker| broker.broker_id).collect())
}

/// What brokers tell clients of where they are reached; each is asked itself, and one that does not answer is left out.
pub(super) async fn advertised(client: &mut Client) -> Result<BTreeMap<i32, String>, ClientError> {
    let brokers: Vec<_> = client.metadata(None).await?.brokers.iter().map(|broker| broker.node_id).collect();
    let mut told = BTreeMap::new();
    for id in brokers {
        match client.describe_configs(&ConfigResource::Broker(BrokerId::new(id))).await {
            Ok(entries) => {
                let value = entries.into_iter().find(|entry| entry.name == ADVERTISED);
                told.extend(value.and_then(|entry| Some((id, entry.value?))));
            }
            Err(error) => tracing::debug!(id, %error, "does not say where it is reached"),
        }
    }
    Ok(told)
}

/// Lets a broker get no new copies, or get them again.
pub(in crate::cluster) async fn cordon(
    context: &Context,
    cluster: &KafkaCluster,
    broker: i32,
    is_cordoned: bool,
) -> Result<(), ReconcileError> {
    let key = CORDONED.to_owned();
    let change = if is_cordoned { ConfigChange::Set(key, ALL.to_owned()) } else { ConfigChange::Delete(key) };
    let resource = ConfigResource::Broker(BrokerId::new(broker));
    let altered = async { connect(context, cluster).await?.alter_configs(&resource, &[change]).await };
    altered.await.map_err(ReconcileError::kafka("changing whether a broker gets new copies"))
}

/// Has a broker that is gone forgotten.
pub(in crate::cluster) async fn unregister(
    context: &Context,
    cluster: &KafkaCluster,
    broker: i32,
) -> Result<(), ReconcileError> {
    let unregistered = async {
        let request = UnregisterBrokerRequest { broker_id: broker };
        let response = connect(context, cluster).await?.any(&request).await?;
        match ClientError::check(response.error_code, response.error_message.as_deref()) {
            Err(error) if error.code() == Some(ErrorCode::BrokerIdNotRegistered) => Ok(()),
            result => result,
        }
    };
    unregistered.await.map_err(ReconcileError::kafka("unregistering a broker"))
}
