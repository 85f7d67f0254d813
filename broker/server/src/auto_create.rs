//! Topics that a broker has made: those that clients ask for and that are not there (`auto.create.topics.enable`), and
//! its own.
//!
//! Who asks for a topic that is not there hears so, and asks again, as with Kafka: its creation is not waited for. Clients
//! rely on it (segmentio/kafka-go looks at a topic to see that it was deleted).

use std::{collections::BTreeSet, sync::Arc};

use broker_controller::{CreateTopics, NewTopic, Request};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        CreateTopicsRequest,
        create_topics_request::{CreatableTopic, CreatableTopicConfig},
    },
};

use parking_lot::Mutex;

use crate::{
    broker::Broker,
    forward::{self, Route},
    internal_topics,
    tasks::TaskKind,
};

/// How long a topic that a client's question creates may take.
const AUTO_CREATE_TIMEOUT_MS: i32 = 5_000;
/// How many topics that clients asked for are created at once; who asks for more asks again.
const BEING_CREATED_MAX: usize = 10_000;

/// The topics that clients asked for and whose creation was begun: the controller is asked once for each.
#[derive(Debug, Default)]
pub(crate) struct BeingCreated(Mutex<BTreeSet<Str>>);

impl BeingCreated {
    /// Those of `names` that nobody has begun.
    fn begin(&self, names: Vec<Str>) -> Vec<Str> {
        let mut begun = self.0.lock();
        names
            .into_iter()
            .filter(|name| begun.len() < BEING_CREATED_MAX && begun.insert(name.clone()))
            .collect()
    }
}

/// Topics whose creation this has begun; dropped, it is over.
struct Begun {
    broker: Arc<Broker>,
    names: Vec<Str>,
}

impl Drop for Begun {
    fn drop(&mut self) {
        let mut begun = self.broker.being_created.0.lock();
        for name in &self.names {
            begun.remove(name);
        }
    }
}

/// A topic to be made.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) name: Str,
    /// `None`: the cluster's default.
    pub(crate) partitions: Option<i32>,
    /// `None`: the cluster's default.
    pub(crate) replication_factor: Option<i16>,
    pub(crate) configs: Vec<(Str, Str)>,
}

impl Wanted {
    fn with_defaults(name: Str) -> Self {
        Self { name, partitions: None, replication_factor: None, configs: Vec::new() }
    }

    fn on_the_wire(&self) -> CreatableTopic {
        let config = |(name, value): &(Str, Str)| CreatableTopicConfig {
            name: name.clone(),
            value: Some(value.clone()),
        };
        CreatableTopic {
            name: self.name.clone(),
            num_partitions: self.partitions.unwrap_or(-1),
            replication_factor: self.replication_factor.unwrap_or(-1),
            configs: self.configs.iter().map(config).collect(),
            ..CreatableTopic::default()
        }
    }

    fn into_new(self) -> NewTopic {
        NewTopic {
            name: self.name,
            partitions: self.partitions,
            replication_factor: self.replication_factor,
            assignments: Vec::new(),
            configs: self.configs.into_iter().map(|(name, value)| (name, Some(value))).collect(),
        }
    }
}

impl Broker {
    /// Begins to create topics with the cluster's defaults, because a client asked for them; waits for nothing.
    pub(crate) fn begin_creation(self: &Arc<Self>, names: Vec<Str>) {
        let names = self.being_created.begin(names);
        if names.is_empty() {
            return;
        }
        let begun = Begun { broker: Arc::clone(self), names };
        let draining = self.tasks().draining();
        self.tasks().spawn(TaskKind::Creation, async move {
            let create = begun.broker.create_with_defaults(begun.names.clone());
            tokio::select! {
                biased;
                () = draining.cancelled() => {}
                () = create => {}
            }
        });
    }

    /// Creates topics with the cluster's defaults, because a client asked for them; waits until they are there. One of
    /// the brokers' own gets its own settings.
    pub(crate) async fn create_with_defaults(&self, names: Vec<Str>) {
        let wanted =
            |name: Str| internal_topics::named(self, &name).unwrap_or_else(|| Wanted::with_defaults(name));
        self.create(names.into_iter().map(wanted).collect()).await;
    }

    /// Creates topics; waits until they are there. That one cannot be made is told in the log only.
    pub(crate) async fn create(&self, topics: Vec<Wanted>) {
        let wire = CreateTopicsRequest {
            topics: topics.iter().map(Wanted::on_the_wire).collect(),
            timeout_ms: AUTO_CREATE_TIMEOUT_MS,
            validate_only: false,
        };
        match forward::ask(self, &wire, |_| ErrorCode::None).await {
            Route::Answered(answer) => {
                for refused in answer.topics.iter().filter(|topic| topic.error_code != 0) {
                    tell(&refused.name, &refused.error_message.clone().unwrap_or_default());
                }
                return;
            }
            Route::Unanswered(code) => {
                return tracing::warn!(?code, "topics that clients asked for were not created");
            }
            Route::Here => {}
        }
        let create = Request::CreateTopics(CreateTopics {
            topics: topics.into_iter().map(Wanted::into_new).collect(),
            validate_only: false,
        });
        match self.quorum.ask(create, AUTO_CREATE_TIMEOUT_MS).await {
            Ok(broker_controller::Response::CreateTopics(results)) => {
                for (name, result) in results {
                    if let Err(error) = result {
                        tell(&name, &error.to_string());
                    }
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "topics that clients asked for were not created"),
        }
    }
}

fn tell(topic: &str, reason: &str) {
    tracing::info!(topic, reason, "a topic that was asked for was not created");
}
