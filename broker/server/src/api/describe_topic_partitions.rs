//! DescribeTopicPartitions: topics in pages (KIP-966).

use std::{collections::BTreeSet, sync::Arc};

use broker_metadata::Topic;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
        describe_topic_partitions_response::{
            Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
        },
    },
};
use broker_types::TopicName;

use crate::{
    authorizer::{NOT_ASKED, Operation, Resource},
    broker::Broker,
    context::RequestContext,
    view::{self, View},
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    broker.settle_suspects().await;
    let image = broker.image();
    let view = View::new(&image, context.listener.as_str());
    let (first_topic, first_partition) = match &request.cursor {
        Some(cursor) => (cursor.topic_name.as_str(), cursor.partition_index.max(0)),
        None => ("", 0),
    };
    let asks_for_all = request.topics.is_empty();
    let names: BTreeSet<Str> = if asks_for_all {
        image.topics().by_name().keys().map(|name| Str::from(name.as_str())).collect()
    } else {
        request.topics.iter().map(|topic| topic.name.clone()).collect()
    };
    let limit = request.response_partition_limit.clamp(1, broker.settings().describe_partitions_max);
    let operations = |name: &str| broker.authorizer().operations(context, Resource::Topic(name));
    let mut hidden = Vec::new();
    let mut page = Page {
        operations: &operations,
        view,
        left: usize::try_from(limit).unwrap_or(1),
        topics: Vec::new(),
        next: None,
    };
    for name in names.iter().filter(|name| name.as_str() >= first_topic) {
        let on = Resource::Topic(name);
        let is_allowed = if asks_for_all {
            broker.authorizer().sees(context, Operation::Describe, on)
        } else {
            broker.authorizer().allows(context, Operation::Describe, on)
        };
        let from = if name.as_str() == first_topic { first_partition } else { 0 };
        match image.topics().find(name) {
            _ if !is_allowed && asks_for_all => continue,
            _ if !is_allowed => hidden.push(refused(name, ErrorCode::TopicAuthorizationFailed, NOT_ASKED)),
            Some(topic) => page.add(topic, from),
            None if TopicName::checked(name).is_err() => page.refuse(name, ErrorCode::InvalidTopicException),
            None => page.refuse(name, ErrorCode::UnknownTopicOrPartition),
        }
        if page.next.is_some() {
            break;
        }
    }
    page.topics.append(&mut hidden);
    DescribeTopicPartitionsResponse { topics: page.topics, next_cursor: page.next, ..Default::default() }
}

struct Page<'a> {
    /// What the client may do on a topic.
    operations: &'a dyn Fn(&str) -> i32,
    view: View<'a>,
    left: usize,
    topics: Vec<DescribeTopicPartitionsResponseTopic>,
    next: Option<Cursor>,
}

impl Page<'_> {
    fn refuse(&mut self, name: &Str, error: ErrorCode) {
        self.topics.push(refused(name, error, (self.operations)(name)));
    }

    /// Adds the partitions of a topic from index `from` on; remembers where the page ended.
    fn add(&mut self, topic: &Topic, from: i32) {
        let name = Str::from(topic.name().as_str());
        let mut partitions = Vec::new();
        for (index, partition) in view::partitions(topic).filter(|(index, _)| index.get() >= from) {
            if self.left == 0 {
                self.next = Some(Cursor { topic_name: name.clone(), partition_index: index.get() });
                break;
            }
            self.left -= 1;
            let leadership = self.view.leadership(partition);
            partitions.push(DescribeTopicPartitionsResponsePartition {
                error_code: leadership.error.code(),
                partition_index: index.get(),
                leader_id: leadership.leader,
                leader_epoch: leadership.epoch,
                replica_nodes: view::raw(&partition.replicas),
                isr_nodes: view::raw(&partition.isr),
                eligible_leader_replicas: Some(view::raw(&partition.elr)),
                last_known_elr: Some(view::raw(&partition.last_known_elr)),
                offline_replicas: leadership.offline,
            });
        }
        if partitions.is_empty() && self.next.is_some() {
            return;
        }
        self.topics.push(DescribeTopicPartitionsResponseTopic {
            error_code: ErrorCode::None.code(),
            is_internal: view::is_internal(&name),
            topic_authorized_operations: (self.operations)(&name),
            name: Some(name),
            topic_id: topic.id().uuid(),
            partitions,
        });
    }
}

fn refused(name: &Str, error: ErrorCode, operations: i32) -> DescribeTopicPartitionsResponseTopic {
    DescribeTopicPartitionsResponseTopic {
        error_code: error.code(),
        name: Some(name.clone()),
        topic_authorized_operations: operations,
        ..Default::default()
    }
}
