//! Many changes, one request for each kind of them.

use std::{collections::BTreeMap, time::Duration};

use broker_client::{Client, ClientError};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        alter_partition_reassignments_request::{
            AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
        },
        create_partitions_request::{CreatePartitionsRequest, CreatePartitionsTopic},
        create_topics_request::{CreatableTopic, CreatableTopicConfig, CreateTopicsRequest},
        delete_topics_request::{DeleteTopicState, DeleteTopicsRequest},
        incremental_alter_configs_request::{
            AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
        },
    },
};
use broker_types::Uuid;
use operator_plan::{standing::Failure, topics::TopicAction};

use super::{Refusal, TOPIC_RESOURCE, failure};

/// How long the cluster may take over a change, in milliseconds.
const TIMEOUT_MS: i32 = 10_000;
/// The codes of IncrementalAlterConfigs.
const SET: i8 = 0;
const UNSET: i8 = 1;

/// What a request came to.
struct Answers {
    /// When the cluster takes changes again, where it takes no more now.
    throttle: Duration,
    /// Code and words, by topic. Of several answers for one topic the first that is bad counts.
    by_topic: BTreeMap<String, (i16, Option<String>)>,
}

impl Answers {
    fn new(throttle_ms: i32, answers: impl Iterator<Item = (Option<Str>, i16, Option<Str>)>) -> Self {
        let mut by_topic: BTreeMap<String, (i16, Option<String>)> = BTreeMap::new();
        for (name, code, message) in answers {
            let Some(name) = name else { continue };
            let answer = (code, message.map(|message| message.to_string()));
            let known = by_topic.entry(name.to_string()).or_insert_with(|| answer.clone());
            if known.0 == 0 {
                *known = answer;
            }
        }
        Self { throttle: Duration::from_millis(u64::try_from(throttle_ms).unwrap_or_default()), by_topic }
    }

    fn of(&self, name: &str) -> Result<(), Refusal> {
        // What is not answered was not done.
        let unanswered = (ErrorCode::UnknownServerError.code(), None);
        let (code, message) = self.by_topic.get(name).unwrap_or(&unanswered);
        let is_put_off = ErrorCode::from_code(*code) == Some(ErrorCode::ThrottlingQuotaExceeded);
        ClientError::check(*code, message.as_deref()).map_err(|error| Refusal {
            failure: failure(error),
            retry_after: is_put_off.then(|| self.throttle.max(Duration::from_millis(1))),
        })
    }
}

/// The kinds of changes that there is a request for, in the order in which they are made.
const KINDS: [fn(&TopicAction) -> bool; 5] = [
    |action| matches!(action, TopicAction::Create { .. }),
    |action| matches!(action, TopicAction::GrowTo(_)),
    |action| matches!(action, TopicAction::AlterConfig { .. }),
    |action| matches!(action, TopicAction::Reassign(_)),
    |action| matches!(action, TopicAction::Delete),
];

type Wanted<'a> = [(&'a str, &'a TopicAction)];

/// Makes the changes; one answer for each.
pub(super) async fn all(client: &mut Client, changes: &Wanted<'_>) -> Vec<Result<(), Refusal>> {
    let mut results: Vec<Result<(), Refusal>> = vec![Ok(()); changes.len()];
    for is_of_kind in KINDS {
        let of_kind: Vec<_> = changes.iter().copied().filter(|(_, action)| is_of_kind(action)).collect();
        if of_kind.is_empty() {
            continue;
        }
        let answers = ask(client, &of_kind).await;
        for (result, (name, action)) in results.iter_mut().zip(changes) {
            if is_of_kind(action) {
                *result = match &answers {
                    Ok(answers) => answers.of(name),
                    Err(failure) => Err(Refusal { failure: failure.clone(), retry_after: None }),
                };
            }
        }
    }
    results
}

async fn ask(client: &mut Client, changes: &Wanted<'_>) -> Result<Answers, Failure> {
    let answers = match changes.first() {
        Some((_, TopicAction::Create { .. })) => create(client, changes).await,
        Some((_, TopicAction::GrowTo(_))) => grow(client, changes).await,
        Some((_, TopicAction::AlterConfig { .. })) => alter(client, changes).await,
        Some((_, TopicAction::Reassign(_))) => reassign(client, changes).await,
        Some((_, TopicAction::Delete)) => delete(client, changes).await,
        _ => Ok(Answers::new(0, std::iter::empty())),
    };
    answers.map_err(failure)
}

async fn create(client: &mut Client, changes: &Wanted<'_>) -> Result<Answers, ClientError> {
    let topics = changes.iter().filter_map(|(name, action)| {
        let TopicAction::Create { partitions, replicas, config: configs } = action else { return None };
        let config = |(name, value): (&String, &String)| CreatableTopicConfig {
            name: Str::from(name.as_str()),
            value: Some(Str::from(value.as_str())),
        };
        Some(CreatableTopic {
            name: Str::from(*name),
            num_partitions: partitions.unwrap_or(-1),
            replication_factor: replicas.map_or(-1, |count| i16::try_from(count).unwrap_or(i16::MAX)),
            assignments: Vec::new(),
            configs: configs.iter().map(config).collect(),
        })
    });
    let request =
        CreateTopicsRequest { topics: topics.collect(), timeout_ms: TIMEOUT_MS, validate_only: false };
    let response = client.any(&request).await?;
    let answers = response.topics.into_iter();
    let answers = answers.map(|topic| (Some(topic.name), topic.error_code, topic.error_message));
    Ok(Answers::new(response.throttle_time_ms, answers))
}

async fn grow(client: &mut Client, changes: &Wanted<'_>) -> Result<Answers, ClientError> {
    let topics = changes.iter().filter_map(|(name, action)| match action {
        TopicAction::GrowTo(count) => {
            Some(CreatePartitionsTopic { name: Str::from(*name), count: *count, assignments: None })
        }
        _ => None,
    });
    let request =
        CreatePartitionsRequest { topics: topics.collect(), timeout_ms: TIMEOUT_MS, validate_only: false };
    let response = client.any(&request).await?;
    let answers = response.results.into_iter();
    let answers = answers.map(|topic| (Some(topic.name), topic.error_code, topic.error_message));
    Ok(Answers::new(response.throttle_time_ms, answers))
}

async fn alter(client: &mut Client, changes: &Wanted<'_>) -> Result<Answers, ClientError> {
    let step = |name: &str, config_operation, value: Option<&String>| AlterableConfig {
        name: Str::from(name),
        config_operation,
        value: value.map(|value| Str::from(value.as_str())),
    };
    let resources = changes.iter().filter_map(|(name, action)| {
        let TopicAction::AlterConfig { set, unset } = action else { return None };
        let set = set.iter().map(|(key, value)| step(key, SET, Some(value)));
        let unset = unset.iter().map(|key| step(key, UNSET, None));
        Some(AlterConfigsResource {
            resource_type: TOPIC_RESOURCE,
            resource_name: Str::from(*name),
            configs: set.chain(unset).collect(),
        })
    });
    let request = IncrementalAlterConfigsRequest { resources: resources.collect(), validate_only: false };
    let response = client.any(&request).await?;
    let answers = response.responses.into_iter();
    let answers = answers.map(|topic| (Some(topic.resource_name), topic.error_code, topic.error_message));
    Ok(Answers::new(response.throttle_time_ms, answers))
}

async fn reassign(client: &mut Client, changes: &Wanted<'_>) -> Result<Answers, ClientError> {
    let topics = changes.iter().filter_map(|(name, action)| {
        let TopicAction::Reassign(moves) = action else { return None };
        let partition = |(index, replicas): &(i32, Vec<i32>)| ReassignablePartition {
            partition_index: *index,
            replicas: Some(replicas.clone()),
        };
        Some(ReassignableTopic { name: Str::from(*name), partitions: moves.iter().map(partition).collect() })
    });
    let request = AlterPartitionReassignmentsRequest {
        timeout_ms: TIMEOUT_MS,
        allow_replication_factor_change: true,
        topics: topics.collect(),
    };
    let response = client.any(&request).await?;
    ClientError::check(response.error_code, response.error_message.as_deref())?;
    let answers = response.responses.into_iter().flat_map(|topic| {
        let name = topic.name;
        topic
            .partitions
            .into_iter()
            .map(move |partition| (Some(name.clone()), partition.error_code, partition.error_message))
    });
    Ok(Answers::new(response.throttle_time_ms, answers))
}

async fn delete(client: &mut Client, changes: &Wanted<'_>) -> Result<Answers, ClientError> {
    let names: Vec<_> = changes.iter().map(|(name, _)| Str::from(*name)).collect();
    let topic = |name: &Str| DeleteTopicState { name: Some(name.clone()), topic_id: Uuid::ZERO };
    let request = DeleteTopicsRequest {
        topics: names.iter().map(topic).collect(),
        topic_names: names,
        timeout_ms: TIMEOUT_MS,
    };
    let response = client.any(&request).await?;
    // One that is gone already is deleted.
    let is_gone = |code: i16| ErrorCode::from_code(code) == Some(ErrorCode::UnknownTopicOrPartition);
    let answers = response.responses.into_iter().map(|topic| {
        let code = if is_gone(topic.error_code) { 0 } else { topic.error_code };
        (topic.name, code, topic.error_message)
    });
    Ok(Answers::new(response.throttle_time_ms, answers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_topic_has_its_answer() {
        let name = |name: &str| Some(Str::from(name));
        let put_off = ErrorCode::ThrottlingQuotaExceeded.code();
        let refused = ErrorCode::InvalidReplicationFactor.code();
        let answers = [
            (name("good"), 0, None),
            (name("bad"), 0, None),
            (name("bad"), refused, name("too many")),
            (name("bad"), 0, None),
            (name("later"), put_off, None),
        ];
        let answers = Answers::new(250, answers.into_iter());
        assert_eq!(answers.of("good"), Ok(()));
        let bad = answers.of("bad").expect_err("a partition was refused");
        assert_eq!((bad.failure.reason.as_str(), bad.retry_after), ("InvalidReplicationFactor", None));
        assert!(bad.failure.message.ends_with("too many"));
        let later = answers.of("later").expect_err("it is put off");
        assert_eq!(later.retry_after, Some(Duration::from_millis(250)));
        assert_eq!(answers.of("unanswered").expect_err("nobody knows").failure.reason, "UnknownServerError");
    }
}
