//! The cluster and its nodes: who is there, who leads, and a broker that will not come back.

use broker_protocol::messages::{DescribeClusterRequest, UnregisterBrokerRequest};
use broker_types::BrokerId;

use crate::{
    client::{Client, Contacts},
    error::ClientError,
};

/// The wire's number of brokers as endpoints (KIP-919).
const BROKERS: i8 = 1;
/// The wire's number of controllers as endpoints.
const CONTROLLERS: i8 = 2;

/// What the nodes say of their cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterView {
    /// Its id.
    pub id: String,
    /// Whom to ask for changes: the active controller when controllers are asked, some broker when brokers are.
    pub controller: Option<BrokerId>,
    /// The nodes of the asked kind, by id.
    pub nodes: Vec<Node>,
}

/// Where a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: BrokerId,
    /// Its host, as clients are told it.
    pub host: String,
    /// Its port.
    pub port: i32,
    /// Its rack, when it has one.
    pub rack: Option<String>,
    /// Whether the controller keeps it from leading.
    pub is_fenced: bool,
}

/// Whether brokers that are fenced are among the nodes (KIP-1073).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fenced {
    /// They are left out.
    Excluded,
    /// They are there, and say so.
    Included,
}

impl Client {
    /// The cluster as the brokers, or the controllers, that this client speaks to know it.
    ///
    /// # Errors
    /// When nobody answers, or fenced brokers are asked of somebody who cannot tell them.
    pub async fn describe_cluster(&mut self, fenced: Fenced) -> Result<ClusterView, ClientError> {
        let request = DescribeClusterRequest {
            endpoint_type: match self.contacts() {
                Contacts::Brokers => BROKERS,
                Contacts::Controllers => CONTROLLERS,
            },
            include_fenced_brokers: fenced == Fenced::Included,
            ..DescribeClusterRequest::default()
        };
        let response = self.any(&request).await?;
        ClientError::check(response.error_code, response.error_message.as_deref())?;
        let mut nodes: Vec<_> = response
            .brokers
            .iter()
            .map(|node| Node {
                id: BrokerId::new(node.broker_id),
                host: node.host.to_string(),
                port: node.port,
                rack: node.rack.as_ref().map(ToString::to_string),
                is_fenced: node.is_fenced,
            })
            .collect();
        nodes.sort_by_key(|node| node.id);
        self.remember(&nodes);
        let controller = BrokerId::from_wire(response.controller_id);
        Ok(ClusterView { id: response.cluster_id.to_string(), controller, nodes })
    }

    /// Takes a broker that is gone for good out of the cluster (KIP-631).
    ///
    /// # Errors
    /// `BROKER_ID_NOT_REGISTERED`, or whatever else the cluster answers.
    pub async fn unregister_broker(&mut self, id: BrokerId) -> Result<(), ClientError> {
        let response = self.controller(&UnregisterBrokerRequest { broker_id: id.get() }).await?;
        ClientError::check(response.error_code, response.error_message.as_deref())
    }
}
