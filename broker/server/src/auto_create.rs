//! Topics that a broker has made: those that clients ask for and that are not there (`auto.create.topics.enable`), and
//! its own.

use broker_controller::{CreateTopics, NewTopic, Request};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        CreateTopicsRequest,
        create_topics_request::{CreatableTopic, CreatableTopicConfig},
    },
};

use crate::{
    broker::Broker,
    forward::{self, Route},
    internal_topics,
};

/// How long a topic that a client's question creates may take.
const AUTO_CREATE_TIMEOUT_MS: i32 = 5_000;

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
