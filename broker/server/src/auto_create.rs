//! Topics that clients ask for and that are not there (`auto.create.topics.enable`).

use broker_controller::{CreateTopics, NewTopic, Request};
use broker_protocol::{
    ErrorCode, Str,
    messages::{CreateTopicsRequest, create_topics_request::CreatableTopic},
};

use crate::{
    broker::Broker,
    forward::{self, Route},
};

/// How long a topic that a client's question creates may take.
const AUTO_CREATE_TIMEOUT_MS: i32 = 5_000;

impl Broker {
    /// Creates topics with the cluster's defaults, because a client asked for them; waits until they are there.
    pub(crate) async fn create_with_defaults(&self, names: Vec<Str>) {
        let topic = |name: &Str| CreatableTopic {
            name: name.clone(),
            num_partitions: -1,
            replication_factor: -1,
            ..CreatableTopic::default()
        };
        let wire = CreateTopicsRequest {
            topics: names.iter().map(topic).collect(),
            timeout_ms: AUTO_CREATE_TIMEOUT_MS,
            validate_only: false,
        };
        match forward::ask(self, &wire, |_| ErrorCode::None).await {
            Route::Answered(_) => return,
            Route::Unanswered(code) => {
                return tracing::warn!(?code, "topics that clients asked for were not created");
            }
            Route::Here => {}
        }
        let topic = |name| NewTopic {
            name,
            partitions: None,
            replication_factor: None,
            assignments: Vec::new(),
            configs: Vec::new(),
        };
        let create = Request::CreateTopics(CreateTopics {
            topics: names.into_iter().map(topic).collect(),
            validate_only: false,
        });
        if let Err(error) = self.quorum.ask(create, AUTO_CREATE_TIMEOUT_MS).await {
            tracing::warn!(%error, "topics that clients asked for were not created");
        }
    }
}
