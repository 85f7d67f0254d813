//! Asks the brokers of a cluster what a decision needs to know, and has them do what only they can.

mod brokers;
mod moves;
mod partitions;
mod quorum;

use std::{collections::BTreeMap, time::Duration};

use broker_client::{
    Client, ClientError, Options,
    admin::configs::{ConfigChange, ConfigResource, ConfigSource},
};
use broker_protocol::{Str, messages::metadata_response::MetadataResponse};
use kube::ResourceExt as _;
use operator_api::KafkaCluster;
use operator_plan::{
    kafka::{Ask, Kafka, KafkaState},
    listeners::are_told,
    names::{Names, OPERATOR_PORT},
};

use crate::{context::Context, error::ReconcileError};
pub(super) use brokers::{cordon, unregister};
pub(super) use moves::{cancel, reassign};
pub(super) use quorum::{add_voter, remove_voter};

/// The longest wait for a connection or one answer: while it waits, the cluster is not looked after.
const PATIENCE: Duration = Duration::from_secs(4);

/// Asks for `asked`.
pub(super) async fn ask(context: &Context, cluster: &KafkaCluster, asked: Ask) -> Kafka {
    let told = async {
        let mut client = connect(context, cluster).await?;
        let mut state = KafkaState { settings: settings(&mut client).await?, ..KafkaState::default() };
        if are_told(&cluster.spec.kafka.listeners) {
            state.advertised = brokers::advertised(&mut client).await?;
        }
        if asked >= Ask::Quorum {
            state.quorum = quorum::describe(&mut client).await?;
        }
        if asked >= Ask::Partitions {
            let metadata = client.metadata(None).await?;
            state.brokers = alive(&metadata);
            state.registered = brokers::registered(&mut client).await?;
            state.partitions = partitions::all(&mut client, &metadata).await?;
        }
        Ok::<_, ClientError>(state)
    };
    Kafka { asked, told: told.await.map_err(|error| error.to_string()) }
}

async fn connect(context: &Context, cluster: &KafkaCluster) -> Result<Client, ClientError> {
    let namespace = cluster.namespace().unwrap_or_default();
    let names = Names::new(&cluster.name_any(), &namespace, &context.settings.cluster_domain);
    let security = context.securities.of(&namespace, &cluster.name_any()).unwrap_or_default();
    let options = Options {
        client_id: "klamm-operator".to_owned(),
        patience: PATIENCE,
        security,
        ..Options::default()
    };
    Client::connect(&format!("{}:{OPERATOR_PORT}", names.bootstrap_host()), options).await
}

async fn settings(client: &mut Client) -> Result<BTreeMap<String, String>, ClientError> {
    let entries = client.describe_configs(&ConfigResource::BrokerDefault).await?;
    let dynamic = entries.into_iter().filter(|entry| entry.source == ConfigSource::DynamicDefaultBroker);
    Ok(dynamic.filter_map(|entry| Some((entry.name, entry.value?))).collect())
}

/// The brokers that are alive, and their racks.
fn alive(metadata: &MetadataResponse) -> BTreeMap<i32, Option<String>> {
    let rack = |rack: &Option<Str>| rack.as_ref().map(ToString::to_string);
    metadata.brokers.iter().map(|broker| (broker.node_id, rack(&broker.rack))).collect()
}

/// Changes settings of all brokers.
pub(super) async fn alter_settings(
    context: &Context,
    cluster: &KafkaCluster,
    set: &BTreeMap<String, String>,
    unset: &[String],
) -> Result<(), ReconcileError> {
    let set = set.iter().map(|(key, value)| ConfigChange::Set(key.clone(), value.clone()));
    let changes: Vec<_> = set.chain(unset.iter().map(|key| ConfigChange::Delete(key.clone()))).collect();
    let altered = async {
        connect(context, cluster).await?.alter_configs(&ConfigResource::BrokerDefault, &changes).await
    };
    altered.await.map_err(ReconcileError::kafka("changing settings of all brokers"))
}
