//! What groups must know of topics: that they are gone, or are others than they were.
//!
//! The metadata's thread notes it, a task tells every shard. Invariant: what is noted and not told yet is one entry for
//! each topic, so never more than there were changes of metadata in between.

use std::{collections::BTreeSet, sync::Arc};

use broker_group::{DeletedTopic, Request};
use broker_metadata::{Delta, Image, Topic, TopicDelta};
use broker_types::{PartitionId, TopicName};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::broker::Broker;

/// News of topics.
#[derive(Debug, Default)]
pub(crate) struct TopicNews {
    noted: Mutex<Noted>,
    is_new: Notify,
}

#[derive(Debug, Default)]
struct Noted {
    deleted: Vec<DeletedTopic>,
    changed: BTreeSet<TopicName>,
}

impl TopicNews {
    /// Notes what groups must know of the change from `before` to `after`.
    pub(crate) fn note(&self, before: &Image, after: &Image, delta: &Delta) {
        let mut noted = self.noted.lock();
        for (id, change) in delta.topics() {
            match change {
                TopicDelta::Deleted(topic) => {
                    noted.deleted.push(DeletedTopic { topic: topic.name().clone(), id: *id });
                    noted.changed.insert(topic.name().clone());
                }
                TopicDelta::Created => noted.changed.extend(after.topics().get(*id).map(name)),
                TopicDelta::Changed(partitions) => {
                    let is_other = |index: &PartitionId| {
                        let replicas = |image: &Image| {
                            image.topics().partition(*id, *index).map(|partition| partition.replicas.clone())
                        };
                        replicas(before) != replicas(after)
                    };
                    if partitions.iter().any(is_other) {
                        noted.changed.extend(after.topics().get(*id).map(name));
                    }
                }
            }
        }
        if !noted.changed.is_empty() {
            self.is_new.notify_one();
        }
    }

    fn take(&self) -> Noted {
        std::mem::take(&mut self.noted.lock())
    }
}

fn name(topic: &Topic) -> TopicName {
    topic.name().clone()
}

/// Tells the shards until the broker drains.
pub(crate) async fn run(broker: Arc<Broker>, draining: CancellationToken) {
    loop {
        tokio::select! {
            biased;
            () = draining.cancelled() => return,
            () = broker.topic_news.is_new.notified() => {}
        }
        let Noted { deleted, changed } = broker.topic_news.take();
        let changed: Vec<_> = changed.into_iter().collect();
        for index in broker.groups.led() {
            if !deleted.is_empty() {
                broker.groups.tell(index, Request::TopicsDeleted(deleted.clone())).await;
            }
            broker.groups.tell(index, Request::TopicsChanged(changed.clone())).await;
        }
    }
}
