//! A cluster as one thing to ask.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    time::Duration,
};

use broker_protocol::{
    ApiKey, ErrorCode, Request, Str,
    messages::{
        metadata_request::{MetadataRequest, MetadataRequestTopic},
        metadata_response::MetadataResponse,
    },
};
use broker_types::{BrokerId, PartitionId};
use tokio::time::{Instant, sleep};

use crate::{
    admin::cluster::{Fenced, Node},
    connection::Connection,
    error::{ClientError, ConnectError},
    security::Security,
};

/// The pause before the bootstrap addresses are tried again.
const CONTACT_PAUSE: Duration = Duration::from_millis(200);

/// How a client behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Sent with every request.
    pub client_id: String,
    /// The longest wait for a connection or one answer.
    pub patience: Duration,
    /// How long the bootstrap addresses are tried until one answers; each is tried once at least. In Kubernetes a
    /// service leads to a pod only some time after the pod is ready, so tools that people run do not take the first no.
    pub first_contact: Duration,
    /// Whose addresses the bootstrap addresses are.
    pub contacts: Contacts,
    /// How connections are protected.
    pub security: Security,
}

/// Whom a client speaks to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contacts {
    /// Brokers, which pass on what only the active controller can do.
    #[default]
    Brokers,
    /// Controllers (KIP-919): what only the active one can do is asked of it directly. They know no topics.
    Controllers,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            client_id: "klamm".to_owned(),
            patience: Duration::from_secs(30),
            first_contact: Duration::ZERO,
            contacts: Contacts::Brokers,
            security: Security::plaintext(),
        }
    }
}

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

    /// Asks who can change the cluster's metadata: any broker, which passes it on, or the active controller.
    ///
    /// # Errors
    /// As [`Client::any`]; `NOT_CONTROLLER` when the controllers have no leader.
    pub async fn controller<R: Request>(&mut self, request: &R) -> Result<R::Response, ClientError> {
        if self.options.contacts == Contacts::Brokers {
            return self.any(request).await;
        }
        let active = self.describe_cluster(Fenced::Excluded).await?.controller;
        let active = active.ok_or(ClientError::Broker { code: ErrorCode::NotController, message: None })?;
        self.broker(active, request).await
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

    /// The metadata of `topics` (`None`: all), which is also remembered. Creates nothing.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn metadata(&mut self, topics: Option<&[&str]>) -> Result<MetadataResponse, ClientError> {
        self.metadata_with(topics, false).await
    }

    /// Looks a topic up as a producer does: a cluster that creates topics when they are asked for creates it. Whether
    /// it is there already.
    ///
    /// # Errors
    /// When nobody answers, or the topic cannot be.
    pub async fn find_or_create_topic(&mut self, topic: &str) -> Result<bool, ClientError> {
        let response = self.metadata_with(Some(&[topic]), true).await?;
        let code = response.topics.first().map_or(0, |topic| topic.error_code);
        let on_its_way = [ErrorCode::UnknownTopicOrPartition, ErrorCode::LeaderNotAvailable];
        if on_its_way.iter().any(|expected| expected.code() == code) {
            return Ok(false);
        }
        ClientError::check(code, Some(&format!("topic '{topic}'")))?;
        Ok(true)
    }

    async fn metadata_with(
        &mut self,
        topics: Option<&[&str]>,
        allow_auto_topic_creation: bool,
    ) -> Result<MetadataResponse, ClientError> {
        let request = MetadataRequest {
            topics: topics.map(|names| {
                names
                    .iter()
                    .map(|name| MetadataRequestTopic { name: Some(Str::from(*name)), ..Default::default() })
                    .collect()
            }),
            allow_auto_topic_creation,
            ..MetadataRequest::default()
        };
        let response = self.any(&request).await?;
        self.brokers = response
            .brokers
            .iter()
            .map(|broker| (BrokerId::new(broker.node_id), format!("{}:{}", broker.host, broker.port)))
            .collect();
        for topic in &response.topics {
            let Some(name) = &topic.name else { continue };
            for partition in &topic.partitions {
                let key = (name.to_string(), PartitionId::new(partition.partition_index));
                match BrokerId::from_wire(partition.leader_id) {
                    Some(leader) => self.leaders.insert(key, leader),
                    None => self.leaders.remove(&key),
                };
            }
        }
        Ok(response)
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

    /// The leader of a partition; looks again when it is not known.
    ///
    /// # Errors
    /// `LEADER_NOT_AVAILABLE` or the topic's own error when there is none.
    pub async fn leader(&mut self, topic: &str, partition: PartitionId) -> Result<BrokerId, ClientError> {
        let key = (topic.to_owned(), partition);
        if let Some(leader) = self.leaders.get(&key) {
            return Ok(*leader);
        }
        let response = self.metadata(Some(&[topic])).await?;
        if let Some(topic) = response.topics.first() {
            ClientError::check(topic.error_code, None)?;
        }
        self.leaders
            .get(&key)
            .copied()
            .ok_or(ClientError::Broker { code: ErrorCode::LeaderNotAvailable, message: None })
    }

    /// Forgets what is known of leaders, after an error that says it is stale.
    pub fn forget_leaders(&mut self) {
        self.leaders.clear();
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
mod tests {
    use tokio::{
        io::{self, AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpSocket},
    };

    use super::*;

    fn options(first_contact: Duration) -> Options {
        Options { first_contact, ..Options::default() }
    }

    #[tokio::test]
    async fn an_address_that_refuses_is_tried_again_for_as_long_as_it_is_told() {
        // Bound and not listening: whoever connects is refused.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap().to_string();
        let refused = Client::connect(&address, options(Duration::ZERO)).await;
        assert!(
            matches!(refused, Err(ClientError::Connect(ConnectError::Unreachable { .. }))),
            "{refused:?}"
        );

        let mut connecting = std::pin::pin!(Client::connect(&address, options(Duration::from_secs(60))));
        tokio::select! {
            biased;
            ended = &mut connecting => panic!("{ended:?}"),
            () = sleep(CONTACT_PAUSE / 4) => {}
        }
        let listener = socket.listen(1).unwrap();
        tokio::select! {
            ended = &mut connecting => panic!("{ended:?}"),
            accepted = listener.accept() => assert!(accepted.is_ok()),
        }
    }

    /// A broker that takes no mechanism that this client has.
    async fn refuse_a_login(listener: TcpListener) -> io::Result<()> {
        let (mut stream, _) = listener.accept().await?;
        for answer in [
            // To ApiVersions 3: no error, SaslHandshake from 0 to 1, not throttled.
            &b"\0\0\0\x13\0\0\0\x01\0\0\x02\0\x11\0\0\0\x01\0\0\0\0\0\0"[..],
            // To SaslHandshake 1: UNSUPPORTED_SASL_MECHANISM, one mechanism.
            b"\0\0\0\x11\0\0\0\x02\0\x21\0\0\0\x01\0\x05PLAIN",
        ] {
            let length = stream.read_u32().await?;
            io::copy(&mut (&mut stream).take(length.into()), &mut io::sink()).await?;
            stream.write_all(answer).await?;
        }
        Ok(())
    }

    #[tokio::test]
    async fn who_is_not_let_in_is_told_so_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let properties = [
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanism", "SCRAM-SHA-512"),
            (
                "sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=a password=b;",
            ),
        ];
        let properties = properties.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let security = Security::from_properties(&properties).unwrap();
        let options = Options { security, ..options(Duration::from_secs(60)) };
        // Nobody listens at the second address: it is not asked.
        let bootstrap = format!("{address},127.0.0.1:1");
        let (refused, answered) =
            tokio::join!(Client::connect(&bootstrap, options), refuse_a_login(listener));
        answered.unwrap();
        let told = "UNSUPPORTED_SASL_MECHANISM: Client SASL mechanism 'SCRAM-SHA-512' not enabled in the server, enabled mechanisms are [PLAIN]";
        assert_eq!(refused.unwrap_err().to_string(), told);
    }
}
