//! Which topics are subscribed to, and what they are.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use broker_protocol::messages::metadata_response::MetadataResponse;
use broker_types::{TopicName, Uuid};

use crate::{Client, ClientError};

/// What a consumer wants.
pub enum Subscription {
    /// These topics; they may still have to be made.
    Topics(BTreeSet<TopicName>),
    /// Every topic whose name fits.
    Matching(Box<dyn Fn(&str) -> bool + Send>),
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topics(topics) => f.debug_tuple("Topics").field(topics).finish(),
            Self::Matching(_) => f.write_str("Matching"),
        }
    }
}

/// The topics of a subscription.
#[derive(Debug)]
pub(super) struct Topics {
    subscription: Subscription,
    counts: BTreeMap<TopicName, i32>,
    ids: BTreeMap<TopicName, Uuid>,
}

impl Topics {
    pub(super) fn of(subscription: Subscription) -> Self {
        Self { subscription, counts: BTreeMap::new(), ids: BTreeMap::new() }
    }

    /// What is subscribed to, with how many partitions each topic has; one that is not there has none.
    pub(super) fn counts(&self) -> &BTreeMap<TopicName, i32> {
        &self.counts
    }

    /// The topic's id; zero from brokers that have none.
    pub(super) fn id(&self, topic: &TopicName) -> Uuid {
        self.ids.get(topic).copied().unwrap_or(Uuid::ZERO)
    }

    /// Learns everything anew; whether all that is named is there.
    pub(super) async fn refresh(&mut self, client: &mut Client) -> Result<bool, ClientError> {
        let named: Option<Vec<_>> = match &self.subscription {
            Subscription::Topics(topics) => Some(topics.iter().map(TopicName::as_str).collect()),
            Subscription::Matching(_) => None,
        };
        let response = client.metadata(named.as_deref()).await?;
        let found = self.take(&response);
        self.counts = match &self.subscription {
            Subscription::Topics(topics) => topics
                .iter()
                .map(|topic| (topic.clone(), found.get(topic).copied().unwrap_or_default()))
                .collect(),
            Subscription::Matching(fits) => {
                let internal: BTreeSet<_> = response
                    .topics
                    .iter()
                    .filter(|topic| topic.is_internal)
                    .filter_map(|topic| topic.name.as_deref())
                    .collect();
                let is_wanted = |name: &TopicName| fits(name.as_str()) && !internal.contains(name.as_str());
                found.into_iter().filter(|(name, _)| is_wanted(name)).collect()
            }
        };
        let missing: Vec<_> =
            self.counts.iter().filter(|(_, count)| **count == 0).map(|(topic, _)| topic.clone()).collect();
        for topic in &missing {
            // A cluster that makes topics when they are asked for makes it now.
            client.find_or_create_topic(topic.as_str()).await?;
        }
        Ok(missing.is_empty())
    }

    /// How many partitions topics have, also those that only other members want.
    pub(super) async fn look_up(
        &mut self,
        client: &mut Client,
        topics: &BTreeSet<TopicName>,
    ) -> Result<BTreeMap<TopicName, i32>, ClientError> {
        let names: Vec<_> = topics.iter().map(TopicName::as_str).collect();
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        let response = client.metadata(Some(&names)).await?;
        Ok(self.take(&response))
    }

    /// Remembers the ids; gives how many partitions there are.
    fn take(&mut self, response: &MetadataResponse) -> BTreeMap<TopicName, i32> {
        let mut counts = BTreeMap::new();
        for topic in response.topics.iter().filter(|topic| topic.error_code == 0) {
            let Some(name) = topic.name.as_deref().map(TopicName::new) else { continue };
            self.ids.insert(name.clone(), topic.topic_id);
            counts.insert(name, i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX));
        }
        counts
    }
}
