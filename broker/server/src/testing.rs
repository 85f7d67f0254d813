//! A broker without sockets, for tests of what it answers.

use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc};

use broker_protocol::{ApiKey, Str};
use broker_records::{BatchBuilder, NewRecord};
use broker_types::{ClusterId, Offset, PartitionId};
use tempfile::TempDir;

use crate::{
    Bootstrapping, Loggers, Start,
    broker::Broker,
    clock::Clock,
    context::{Principal, RequestContext},
    listener::ListenerName,
    partition::{Partition, Sent},
    quorum::NodeNews,
    start::make,
};

/// A broker whose quorum runs; it ends, and its files go, with this.
pub(crate) struct TestBroker {
    pub(crate) broker: Arc<Broker>,
    _folder: TempDir,
}

impl TestBroker {
    /// Unfenced, with these topics of one partition.
    pub(crate) async fn with_topics(topics: &[&str]) -> Self {
        Self::of_node(1, topics).await
    }

    /// As [`TestBroker::with_topics`], with this node id.
    pub(crate) async fn of_node(id: i32, topics: &[&str]) -> Self {
        Self::with_directories(id, &["data"], topics).await
    }

    /// As [`TestBroker::of_node`], with log directories of these names.
    pub(crate) async fn with_directories(id: i32, names: &[&str], topics: &[&str]) -> Self {
        Self::with_properties(id, names, &[], topics).await
    }

    /// As [`TestBroker::with_directories`], with these properties.
    pub(crate) async fn with_properties(
        id: i32,
        names: &[&str],
        more: &[(&str, &str)],
        topics: &[&str],
    ) -> Self {
        let id = id.to_string();
        let folder = tempfile::tempdir().unwrap();
        let data: Vec<_> = names.iter().map(|name| folder.path().join(name).display().to_string()).collect();
        let data = data.join(",");
        let properties = [
            ("process.roles", "broker,controller"),
            ("node.id", &id),
            ("controller.quorum.bootstrap.servers", "127.0.0.1:1"),
            ("listeners", "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0"),
            ("controller.listener.names", "CONTROLLER"),
            ("klamm.admin.listener", "none"),
            ("log.dirs", &data),
            // The metadata stands still while nobody changes it.
            ("metadata.max.idle.interval.ms", "0"),
        ];
        let properties: BTreeMap<_, _> = properties
            .iter()
            .chain(more)
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let start = Start {
            properties,
            cluster_id: Some(ClusterId::new("4L6g3nShT-eMCtK--X86sw")),
            bootstrapping: Bootstrapping::Standalone,
            loggers: Loggers::new(|_| {}),
        };
        let mut made = make(start, Clock::start()).await.unwrap();
        made.heard.wait_for(|news| *news == Some(NodeNews::Ready)).await.unwrap();
        made.broker.authorizer().loaded();
        let own = Self { broker: made.broker, _folder: folder };
        own.broker.create_with_defaults(topics.iter().map(|name| Str::from(*name)).collect()).await;
        own
    }

    pub(crate) fn partition(&self, topic: &str) -> Arc<Partition> {
        self.broker.partitions().topic(topic).unwrap().partition(PartitionId::new(0)).unwrap()
    }

    /// Appends one record as a producer's.
    pub(crate) fn append(&self, topic: &str, value: &[u8]) {
        let mut batch = BatchBuilder::new(Offset::ZERO);
        batch.append(&NewRecord { value: Some(value), ..NewRecord::default() }).unwrap();
        let sent = Sent { bytes: &batch.build(), zstd_allowed: true, commit_by: None, guard: None };
        let partition = self.partition(topic);
        let produced = partition.produce(sent, self.broker.clock().now(), &self.broker.codecs).unwrap();
        partition.tell(produced.news);
    }
}

impl Drop for TestBroker {
    fn drop(&mut self) {
        self.broker.quorum().stop();
    }
}

/// A request of this API from a client on loopback.
pub(crate) fn context(api_key: ApiKey, api_version: i16) -> RequestContext {
    RequestContext {
        listener: Arc::new(ListenerName::new("PLAINTEXT")),
        role: broker_protocol::Listener::Broker,
        address: (Ipv4Addr::LOCALHOST, 40_000).into(),
        is_forwarded: false,
        principal: Principal::anonymous(),
        client_id: None,
        api_key,
        api_version,
        request_bytes: 0,
        work: None,
    }
}
