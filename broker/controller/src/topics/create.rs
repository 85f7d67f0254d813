//! CreateTopics.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

use broker_metadata::{ConfigResource, Image, Partition};
use broker_protocol::{
    Str,
    records::metadata::{MetadataRecord, TopicRecord},
};
use broker_types::{BrokerId, InvalidTopicName, PartitionId, Random, TopicId, TopicName, Uuid};

use super::assignment::{AssignmentError, checked, new_partition};
use crate::{
    ConfigError, ConfigRules, MAX_RECORDS, Settings,
    configs::{set_records, validate_values},
    placement::{PlacementError, place},
};

/// The most partitions that one request may create.
const MAX_PARTITIONS: usize = 10_000;

/// The topic that holds the metadata itself.
const METADATA_TOPIC: &str = "__cluster_metadata";

/// Topics to create. Each succeeds or fails on its own.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTopics {
    /// The topics.
    pub topics: Vec<NewTopic>,
    /// Only say what would happen.
    pub validate_only: bool,
}

/// One topic to create.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTopic {
    /// Its name.
    pub name: Str,
    /// How many partitions; `None` for the default.
    pub partitions: Option<i32>,
    /// How many replicas of each; `None` for the default.
    pub replication_factor: Option<i16>,
    /// The brokers of each partition index, the leader first; empty to have them chosen.
    pub assignments: Vec<(i32, Vec<i32>)>,
    /// Configs to set.
    pub configs: Vec<(Str, Option<Str>)>,
}

/// What was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedTopic {
    /// The new id.
    pub id: TopicId,
    /// How many partitions.
    pub partitions: usize,
    /// How many replicas of each.
    pub replication_factor: usize,
    /// The configs that were set; the rest of the effective configuration is what the cluster has as defaults.
    pub configs: Vec<(Str, Str)>,
}

/// Why a topic was not created.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateTopicError {
    /// The request names it twice.
    #[error("Duplicate topic name.")]
    Duplicate,
    /// The name of the metadata log.
    #[error("Creation of internal topic __cluster_metadata is prohibited.")]
    MetadataTopic,
    /// The name breaks a rule.
    #[error("Topic name is invalid: {0}")]
    Name(#[from] InvalidTopicName),
    /// The name differs from another topic's only by `.` and `_`: their metrics would mix.
    #[error("Topic '{name}' collides with existing topic: {existing}")]
    Collides {
        /// The name.
        name: Str,
        /// The topic that has nearly the same.
        existing: TopicName,
    },
    /// The topic exists.
    #[error("Topic '{0}' already exists.")]
    Exists(Str),
    /// Configs without a value.
    #[error("Null value not supported for topic configs: {0}")]
    NullConfigs(String),
    /// A config does not fit.
    #[error(transparent)]
    Config(ConfigError),
    /// Both an assignment and a number of replicas.
    #[error("A manual partition assignment was specified, but replication factor was not set to -1.")]
    FactorAndAssignment,
    /// Both an assignment and a number of partitions.
    #[error("A manual partition assignment was specified, but numPartitions was not set to -1.")]
    PartitionsAndAssignment,
    /// Two assignments for one partition.
    #[error("Found multiple manual partition assignments for partition {0}")]
    AssignedTwice(i32),
    /// An assignment that does not fit.
    #[error(transparent)]
    Assignment(#[from] AssignmentError),
    /// No assigned broker could lead.
    #[error(
        "All brokers specified in the manual partition assignment for partition {0} are fenced or in controlled \
         shutdown."
    )]
    AssignedInactive(i32),
    /// Partition indexes with gaps.
    #[error("partitions should be a consecutive 0-based integer sequence")]
    NotConsecutive,
    /// Zero or fewer replicas.
    #[error("Replication factor must be larger than 0, or -1 to use the default value.")]
    ReplicationFactor,
    /// Zero or fewer partitions.
    #[error("Number of partitions was set to an invalid non-positive value.")]
    Partitions,
    /// Replicas cannot be placed.
    #[error("Unable to replicate the partition {factor} time(s): {error}")]
    Placement {
        /// The replication factor.
        factor: i16,
        /// Why.
        error: PlacementError,
    },
    /// Every broker that was chosen is fenced or leaving.
    #[error(
        "Unable to replicate the partition {0} time(s): All brokers are currently fenced or in controlled shutdown."
    )]
    AllInactive(i16),
    /// More partitions than one request may create (KIP-599).
    #[error("Excessively large number of partitions per request.")]
    TooManyPartitions,
    /// More records than one request may write.
    #[error("Unable to perform excessively large batch operation.")]
    TooManyRecords,
}

/// One result per name, in the order of the request.
pub(crate) type Created = Vec<(Str, Result<CreatedTopic, CreateTopicError>)>;

/// Creates topics.
pub(crate) fn create(
    image: &Image,
    settings: &Settings,
    rules: &dyn ConfigRules,
    random: &mut Random,
    request: &CreateTopics,
) -> (Vec<MetadataRecord>, Created) {
    let (once, twice) = by_occurrence(&request.topics);
    let refuse = |error: &CreateTopicError| {
        let all = request.topics.iter().map(|topic| &topic.name).collect::<BTreeSet<_>>();
        (Vec::new(), all.into_iter().map(|name| (name.clone(), Err(error.clone()))).collect())
    };
    if total_partitions(settings, &once) > MAX_PARTITIONS {
        return refuse(&CreateTopicError::TooManyPartitions);
    }
    let mut records = Vec::new();
    let mut results: Created = Vec::new();
    for topic in once {
        let result = create_one(image, settings, rules, random, topic).map(|(created, new)| {
            records.extend(new);
            created
        });
        if records.len() > MAX_RECORDS {
            return refuse(&CreateTopicError::TooManyRecords);
        }
        results.push((topic.name.clone(), result));
    }
    results.extend(twice.into_iter().map(|name| (name, Err(CreateTopicError::Duplicate))));
    if request.validate_only {
        records.clear();
    }
    (records, results)
}

/// The topics that are named once, in order, and the names that come more often.
fn by_occurrence(topics: &[NewTopic]) -> (Vec<&NewTopic>, Vec<Str>) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for topic in topics {
        *counts.entry(&topic.name).or_default() += 1;
    }
    let once = topics.iter().filter(|topic| counts.get(&*topic.name) == Some(&1)).collect();
    let twice = counts.iter().filter(|(_, count)| **count > 1).map(|(name, _)| Str::from(*name)).collect();
    (once, twice)
}

fn total_partitions(settings: &Settings, topics: &[&NewTopic]) -> usize {
    let count = |topic: &&NewTopic| {
        if topic.assignments.is_empty() {
            usize::try_from(topic.partitions.unwrap_or(settings.partitions)).unwrap_or(0)
        } else {
            topic.assignments.len()
        }
    };
    topics.iter().map(count).fold(0, usize::saturating_add)
}

fn create_one(
    image: &Image,
    settings: &Settings,
    rules: &dyn ConfigRules,
    random: &mut Random,
    topic: &NewTopic,
) -> Result<(CreatedTopic, Vec<MetadataRecord>), CreateTopicError> {
    check_name(image, &topic.name)?;
    let configs = checked_configs(rules, topic)?;
    let partitions = if topic.assignments.is_empty() {
        placed(image, settings, random, topic)?
    } else {
        assigned(image, topic)?
    };
    let id = new_topic_id(image, random);
    let created = CreatedTopic {
        id,
        partitions: partitions.len(),
        replication_factor: partitions.first().map_or(0, |partition| partition.replicas.len()),
        configs: configs.clone(),
    };
    let record = TopicRecord { name: topic.name.clone(), topic_id: id.uuid() };
    let mut records = alloc::vec![MetadataRecord::Topic(record)];
    // Configs come before the partitions, so that a broker that opens a partition knows how.
    records.extend(set_records(&ConfigResource::topic(&topic.name), &configs));
    let version = image.metadata_version();
    records.extend((0..).zip(&partitions).map(|(index, partition)| {
        MetadataRecord::Partition(partition.to_record(id, PartitionId::new(index), version))
    }));
    Ok((created, records))
}

fn check_name(image: &Image, name: &Str) -> Result<(), CreateTopicError> {
    if &**name == METADATA_TOPIC {
        return Err(CreateTopicError::MetadataTopic);
    }
    if image.topics().find(name).is_some() {
        return Err(CreateTopicError::Exists(name.clone()));
    }
    TopicName::checked(name)?;
    match colliding(image, name) {
        Some(existing) => Err(CreateTopicError::Collides { name: name.clone(), existing }),
        None => Ok(()),
    }
}

/// The topic whose name differs only by `.` and `_`. Such names agree up to the first of the two.
fn colliding(image: &Image, name: &str) -> Option<TopicName> {
    let special = |byte: u8| byte == b'.' || byte == b'_';
    let prefix = name.split(['.', '_']).next().filter(|prefix| prefix.len() < name.len())?;
    let alike = |other: &str| {
        let same = |(a, b): (u8, u8)| a == b || (special(a) && special(b));
        other.len() == name.len() && other.bytes().zip(name.bytes()).all(same)
    };
    let names = image
        .topics()
        .by_name()
        .range::<str, _>((core::ops::Bound::Included(prefix), core::ops::Bound::Unbounded));
    let candidates = names.map(|(other, _)| other).take_while(|other| other.as_str().starts_with(prefix));
    candidates.into_iter().find(|other| alike(other.as_str())).cloned()
}

fn checked_configs(rules: &dyn ConfigRules, topic: &NewTopic) -> Result<Vec<(Str, Str)>, CreateTopicError> {
    let nulls: Vec<&str> =
        topic.configs.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| &**name).collect();
    if !nulls.is_empty() {
        return Err(CreateTopicError::NullConfigs(nulls.join(",")));
    }
    // The last of several values of one key counts.
    let values: BTreeMap<Str, Str> =
        topic.configs.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
    let values: Vec<_> = values.into_iter().collect();
    validate_values(rules, &ConfigResource::topic(&topic.name), &values, &values)
        .map_err(CreateTopicError::Config)?;
    Ok(values)
}

fn assigned(image: &Image, topic: &NewTopic) -> Result<Vec<Partition>, CreateTopicError> {
    if topic.replication_factor.is_some() {
        return Err(CreateTopicError::FactorAndAssignment);
    }
    if topic.partitions.is_some() {
        return Err(CreateTopicError::PartitionsAndAssignment);
    }
    let mut by_index: BTreeMap<i32, Partition> = BTreeMap::new();
    let mut factor = None;
    for (index, brokers) in &topic.assignments {
        if by_index.contains_key(index) {
            return Err(CreateTopicError::AssignedTwice(*index));
        }
        let replicas: Vec<BrokerId> = checked(image, brokers, factor)?;
        factor = Some(replicas.len());
        let partition = new_partition(image, replicas).ok_or(CreateTopicError::AssignedInactive(*index))?;
        by_index.insert(*index, partition);
    }
    if !(0..).zip(by_index.keys()).all(|(expected, index)| expected == *index) {
        return Err(CreateTopicError::NotConsecutive);
    }
    Ok(by_index.into_values().collect())
}

fn placed(
    image: &Image,
    settings: &Settings,
    random: &mut Random,
    topic: &NewTopic,
) -> Result<Vec<Partition>, CreateTopicError> {
    if topic.replication_factor.is_some_and(|factor| factor <= 0) {
        return Err(CreateTopicError::ReplicationFactor);
    }
    if topic.partitions.is_some_and(|partitions| partitions <= 0) {
        return Err(CreateTopicError::Partitions);
    }
    let factor = topic.replication_factor.unwrap_or(settings.replication_factor);
    let partitions = topic.partitions.unwrap_or(settings.partitions);
    let count = usize::try_from(partitions).map_err(|_| CreateTopicError::Partitions)?;
    let placement =
        place(image, random, count, factor).map_err(|error| CreateTopicError::Placement { factor, error })?;
    let partition = |replicas| new_partition(image, replicas).ok_or(CreateTopicError::AllInactive(factor));
    placement.into_iter().map(partition).collect()
}

fn new_topic_id(image: &Image, random: &mut Random) -> TopicId {
    loop {
        let id = Uuid::from_random(random.bytes()).map(TopicId::new);
        if let Some(id) = id.filter(|id| image.topics().get(*id).is_none()) {
            return id;
        }
    }
}
