//! DeleteTopics.

use alloc::{collections::BTreeMap, vec::Vec};

use broker_metadata::Image;
use broker_protocol::{
    Str,
    records::metadata::{MetadataRecord, RemoveTopicRecord},
};
use broker_types::{TopicId, Uuid};

use crate::{MAX_RECORDS, Settings};

/// Topics to delete, each by name or id.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteTopics {
    /// The topics.
    pub topics: Vec<TopicRef>,
}

/// How a request points at a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicRef {
    /// By name.
    Name(Str),
    /// By id (KIP-516).
    Id(Uuid),
    /// By neither.
    Neither,
    /// By both.
    Both(Str, Uuid),
}

/// One deleted topic, or why not; with as much of name and id as is known and asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedTopic {
    /// The name.
    pub name: Option<Str>,
    /// The id; zero when not known.
    pub id: Uuid,
    /// The outcome.
    pub result: Result<(), DeleteTopicError>,
}

/// Why a topic was not deleted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeleteTopicError {
    /// Neither name nor id.
    #[error("Neither topic name nor id were specified.")]
    Neither,
    /// Both name and id.
    #[error("You may not specify both topic name and topic id.")]
    Both,
    /// A name twice.
    #[error("Duplicate topic name.")]
    DuplicateName,
    /// An id twice.
    #[error("Duplicate topic id.")]
    DuplicateId,
    /// A name and the id of the same topic.
    #[error("The provided topic name maps to an ID that was already supplied.")]
    NameOfGivenId,
    /// No topic has the name.
    #[error("This server does not host this topic-partition.")]
    UnknownName,
    /// No topic has the id.
    #[error("This server does not host this topic ID.")]
    UnknownId,
    /// Deletion is switched off (`delete.topic.enable`).
    #[error("Topic deletion is disabled.")]
    Disabled,
    /// More records than one request may write.
    #[error("Unable to perform excessively large batch operation.")]
    TooManyRecords,
}

/// Deletes topics. A topic's partitions and configs go with it when its record is replayed.
pub(crate) fn delete(
    image: &Image,
    settings: &Settings,
    request: &DeleteTopics,
) -> (Vec<MetadataRecord>, Vec<DeletedTopic>) {
    let mut results: Vec<_> = resolve(image, &request.topics);
    let found = results.iter_mut().filter(|topic| topic.result.is_ok());
    if !settings.delete_topics {
        found.for_each(|topic| topic.result = Err(DeleteTopicError::Disabled));
        return (Vec::new(), results);
    }
    let records: Vec<_> =
        found.map(|topic| MetadataRecord::RemoveTopic(RemoveTopicRecord { topic_id: topic.id })).collect();
    if records.len() > MAX_RECORDS {
        results.iter_mut().for_each(|topic| topic.result = Err(DeleteTopicError::TooManyRecords));
        return (Vec::new(), results);
    }
    (records, results)
}

/// What each reference points at. A topic that is given more than once is not deleted at all.
fn resolve(image: &Image, topics: &[TopicRef]) -> Vec<DeletedTopic> {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ids: BTreeMap<Uuid, usize> = BTreeMap::new();
    for topic in topics {
        match topic {
            TopicRef::Name(name) => *names.entry(name).or_default() += 1,
            TopicRef::Id(id) => *ids.entry(*id).or_default() += 1,
            TopicRef::Neither | TopicRef::Both(..) => {}
        }
    }
    let mut results = Vec::with_capacity(topics.len());
    for topic in topics {
        match topic {
            TopicRef::Neither => results.push(failed(None, Uuid::ZERO, DeleteTopicError::Neither)),
            TopicRef::Both(name, id) => results.push(failed(Some(name.clone()), *id, DeleteTopicError::Both)),
            TopicRef::Name(name) => match names.insert(name, 0) {
                Some(0) | None => {}
                Some(1) => results.push(by_name(image, name, &ids)),
                Some(_) => {
                    results.push(failed(Some(name.clone()), Uuid::ZERO, DeleteTopicError::DuplicateName))
                }
            },
            TopicRef::Id(id) => match ids.get(id) {
                Some(1) => results.push(by_id(image, *id)),
                // Said once, at its first mention.
                _ if results
                    .iter()
                    .any(|r| r.id == *id && r.result == Err(DeleteTopicError::DuplicateId)) => {}
                _ => results.push(failed(None, *id, DeleteTopicError::DuplicateId)),
            },
        }
    }
    let named_twice: Vec<TopicId> = results
        .iter()
        .filter(|topic| topic.result == Err(DeleteTopicError::NameOfGivenId))
        .map(|topic| TopicId::new(topic.id))
        .collect();
    results.retain(|topic| topic.result.is_err() || !named_twice.contains(&TopicId::new(topic.id)));
    results
}

fn by_name(image: &Image, name: &Str, ids: &BTreeMap<Uuid, usize>) -> DeletedTopic {
    let Some(topic) = image.topics().find(name) else {
        return failed(Some(name.clone()), Uuid::ZERO, DeleteTopicError::UnknownName);
    };
    let id = topic.id().uuid();
    if ids.contains_key(&id) {
        return failed(Some(name.clone()), id, DeleteTopicError::NameOfGivenId);
    }
    DeletedTopic { name: Some(name.clone()), id, result: Ok(()) }
}

fn by_id(image: &Image, id: Uuid) -> DeletedTopic {
    match TopicId::from_wire(id).and_then(|id| image.topics().get(id)) {
        Some(topic) => DeletedTopic { name: Some(Str::from(topic.name().as_str())), id, result: Ok(()) },
        None => failed(None, id, DeleteTopicError::UnknownId),
    }
}

fn failed(name: Option<Str>, id: Uuid, error: DeleteTopicError) -> DeletedTopic {
    DeletedTopic { name, id, result: Err(error) }
}
