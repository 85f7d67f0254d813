//! A cluster as one thing to ask.

mod options;
mod topics;

use std::{
    collections::{BTreeMap, HashMap},
    io,
    time::Duration,
};

use broker_protocol::{ApiKey, ErrorCode, Request};
use broker_types::{BrokerId, PartitionId};
use tokio::time::{Instant, sleep};

use crate::{
    admin::cluster::{Fenced, Node},
    connection::Connection,
    controller_answer::ControllerAnswer,
    error::{ClientError, ConnectError},
};

pub use self::options::{Contacts, Options};

/// The pause before the bootstrap addresses are tried again.
const CONTACT_PAUSE: Duration = Duration::from_millis(200);
/// The pause before it is asked again who the active controller is.
const LEAD_PAUSE: Duration = Duration::from_millis(50);

/// A client of one cluster. Not shared between tasks: open one each.
#[derive(Debug)]
pub struct Client {
    bootstrap: Vec<String>,
    options: Options,
    any: Option<Connection>,
    brokers: BTreeMap<BrokerId, String>,
    connections: HashMap<BrokerId, Connection>,
    leaders: HashMap<(String, PartitionId), BrokerId>,
}

impl Client {
    /// Connects to the first of the comma-separated `bootstrap` addresses that answers.
    ///
    /// # Errors
    /// When an address is not `host:port`, or none answers.
    pub async fn connect(bootstrap: &str, options: Options) -> Result<Self, ClientError> {
        let mut addresses = Vec::new();
        for address in bootstrap.split(',').map(str::trim).filter(|address| !address.is_empty()) {
            let port = address.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
            if !matches!(port, Some(Ok(_))) {
                return Err(ConnectError::Address(address.to_owned()).into());
            }
            addresses.push(address.to_owned());
        }
        let mut client = Self {
            bootstrap: addresses,
            options,
            any: None,
            brokers: BTreeMap::new(),
            connections: HashMap::new(),
            leaders: HashMap::new(),
        };
        client.first_contact().await?;
        Ok(client)
    }

    async fn first_contact(&mut self) -> Result<(), ClientError> {
        let give_up = Instant::now() + self.options.first_contact;
        loop {
            match self.any_connection().await {
                Ok(_) => return Ok(()),
                // Who is not believed, or does not believe, will not be the next time.
                Err(ClientError::Connect(ConnectError::Unreachable { last, .. }))
                    if last.kind() != io::ErrorKind::InvalidData && Instant::now() < give_up => {}
                Err(error) => return Err(error),
            }
            sleep(CONTACT_PAUSE).await;
        }
    }

    /// Asks any broker. A broken connection is opened anew for the next request, not for this one.
    ///
    /// # Errors
    /// When nobody can be reached, or the answer cannot be had.
    pub async fn any<R: Request>(&mut self, request: &R) -> Result<R::Response, ClientError> {
        let connection = self.any_connection().await?;
        let answer = connection.send(request).await;
        if matches!(answer, Err(ClientError::Io { .. })) {
            self.any = None;
        }
        answer
    }

    /// Asks the broker `id`, or the controller.
    ///
    /// # Errors
    /// When it is not in the metadata, cannot be reached, or does not answer.
    pub async fn broker<R: Request>(
        &mut self,
        id: BrokerId,
        request: &R,
    ) -> Result<R::Response, ClientError> {
        self.broker_up_to(id, request, i16::MAX).await
    }

    /// As [`Client::broker`], in no newer version than `version_max`: where a newer one says otherwise what the caller reads.
    ///
    /// # Errors
    /// As [`Client::broker`].
    pub(crate) async fn broker_up_to<R: Request>(
        &mut self,
        id: BrokerId,
        request: &R,
        version_max: i16,
    ) -> Result<R::Response, ClientError> {
        let connection = self.broker_connection(id).await?;
        let answer = match connection.version(R::KEY) {
            Some(version) if version > version_max => connection.send_version(request, version_max).await,
            _ => connection.send(request).await,
        };
        if matches!(answer, Err(ClientError::Io { .. })) {
            self.connections.remove(&id);
        }
        answer
    }

    /// As [`Client::broker`], with an answer that may take as long as `patience`.
    ///
    /// # Errors
    /// As [`Client::broker`].
    pub(crate) async fn broker_within<R: Request>(
        &mut self,
        id: BrokerId,
        request: &R,
        patience: Duration,
    ) -> Result<R::Response, ClientError> {
        let connection = self.broker_connection(id).await?;
        let answer = match connection.version(R::KEY) {
            Some(version) => connection.send_within(request, version, patience).await,
            // It says what is missing.
            None => connection.send(request).await,
        };
        if matches!(answer, Err(ClientError::Io { .. })) {
            self.connections.remove(&id);
        }
        answer
    }

    /// Asks who can change the cluster's metadata: any broker, which passes it on, or the active controller. That one is
    /// looked for again while controllers answer that it is another, or that there is none, for as long as one answer may
    /// take.
    ///
    /// # Errors
    /// As [`Client::any`]; `NOT_CONTROLLER` when the controllers have no leader.
    pub async fn controller<R: Request>(&mut self, request: &R) -> Result<R::Response, ClientError>
    where
        R::Response: ControllerAnswer,
    {
        if self.options.contacts == Contacts::Brokers {
            return self.any(request).await;
        }
        let give_up = Instant::now() + self.options.patience;
        loop {
            let active = self.describe_cluster(Fenced::Excluded).await?.controller;
            let is_over = Instant::now() >= give_up;
            match active {
                Some(active) => {
                    let answer = self.broker(active, request).await?;
                    if is_over || !answer.is_of_no_controller() {
                        return Ok(answer);
                    }
                }
                None if is_over => {
                    return Err(ClientError::Broker { code: ErrorCode::NotController, message: None });
                }
                None => {}
            }
            sleep(LEAD_PAUSE).await;
        }
    }

    /// Whom it speaks to.
    #[must_use]
    pub fn contacts(&self) -> Contacts {
        self.options.contacts
    }

    /// The newest version of `api` that both this client and the bootstrap broker speak.
    ///
    /// # Errors
    /// When nobody can be reached.
    pub async fn version(&mut self, api: ApiKey) -> Result<Option<i16>, ClientError> {
        Ok(self.any_connection().await?.version(api))
    }

    /// The brokers of the last metadata, or of a first look.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn broker_ids(&mut self) -> Result<Vec<BrokerId>, ClientError> {
        if self.brokers.is_empty() {
            self.look_for_nodes().await?;
        }
        Ok(self.brokers.keys().copied().collect())
    }

    async fn look_for_nodes(&mut self) -> Result<(), ClientError> {
        match self.options.contacts {
            Contacts::Brokers => self.metadata(Some(&[])).await.map(drop),
            Contacts::Controllers => self.describe_cluster(Fenced::Excluded).await.map(drop),
        }
    }

    /// The longest wait for one answer, and for what has to be asked again until it is there.
    pub(crate) fn patience(&self) -> Duration {
        self.options.patience
    }

    /// Remembers where one more node is. A connection to where it was before is given up.
    pub(crate) fn remember_one(&mut self, node: &Node) {
        let address = format!("{}:{}", node.host, node.port);
        let before = self.brokers.insert(node.id, address.clone());
        if before.is_some_and(|before| before != address) {
            self.connections.remove(&node.id);
        }
    }

    /// Where the broker `id` is, when it is known.
    pub(crate) fn address(&self, id: BrokerId) -> Option<&str> {
        self.brokers.get(&id).map(String::as_str)
    }

    /// Remembers where the nodes are.
    pub(crate) fn remember(&mut self, nodes: &[Node]) {
        self.brokers = nodes.iter().map(|node| (node.id, format!("{}:{}", node.host, node.port))).collect();
    }

    async fn any_connection(&mut self) -> Result<&mut Connection, ClientError> {
        self.any = self.any.take().filter(Connection::is_usable);
        if self.any.is_none() {
            self.any = self.first_that_answers().await?;
        }
        self.any.as_mut().ok_or_else(|| ConnectError::Address(self.bootstrap.join(",")).into())
    }

    /// A connection to the first bootstrap address that answers; `None` where there are no addresses. Who answers that this
    /// client is not let in ends the search: the others know the same users.
    async fn first_that_answers(&self) -> Result<Option<Connection>, ClientError> {
        let mut last = None;
        for address in &self.bootstrap {
            match connect(address, &self.options).await {
                Ok(connection) => return Ok(Some(connection)),
                Err(ClientError::Io { source, .. }) => last = Some(source),
                Err(error) => return Err(error),
            }
        }
        let Some(last) = last else { return Ok(None) };
        Err(ConnectError::Unreachable { addresses: self.bootstrap.join(","), last }.into())
    }

    async fn broker_connection(&mut self, id: BrokerId) -> Result<&mut Connection, ClientError> {
        if self.connections.get(&id).is_some_and(|connection| !connection.is_usable()) {
            self.connections.remove(&id);
        }
        if !self.connections.contains_key(&id) {
            if !self.brokers.contains_key(&id) {
                self.look_for_nodes().await?;
            }
            let Some(address) = self.brokers.get(&id) else {
                return Err(ClientError::Broker { code: ErrorCode::BrokerNotAvailable, message: None });
            };
            let connection = connect(address, &self.options).await?;
            self.connections.insert(id, connection);
        }
        self.connections
            .get_mut(&id)
            .ok_or(ClientError::Broker { code: ErrorCode::BrokerNotAvailable, message: None })
    }
}

async fn connect(address: &str, options: &Options) -> Result<Connection, ClientError> {
    Connection::open(address, &options.client_id, options.patience, &options.security).await
}

#[cfg(test)]
mod tests;
