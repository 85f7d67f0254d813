//! The file that says where replicas are to be.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use anyhow::{Result, bail};
use broker_types::{BrokerId, PartitionId, TopicName, TopicPartition};
use serde::Serialize;
use serde_json::Value;

use super::super::json;

/// The directory that a broker chooses by itself.
pub(super) const ANY: &str = "any";

/// A replica of a partition; by broker first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Replica {
    pub(super) broker: BrokerId,
    pub(super) at: TopicPartition,
}

impl fmt::Display for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.at, self.broker)
    }
}

/// Where replicas are to be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// As the file lists them, twice what it lists twice.
    pub(super) partitions: Vec<(TopicPartition, Vec<BrokerId>)>,
    /// The directories of replicas for which one is named.
    pub(super) directories: BTreeMap<Replica, String>,
}

/// Brokers with commas between.
pub(super) fn joined<'a>(ids: impl IntoIterator<Item = &'a BrokerId>) -> String {
    ids.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

impl Plan {
    pub(super) fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            bail!("The input string shouldn't be empty");
        }
        let value = json::parse(text)?;
        let fields = json::object(value.as_ref())?;
        json::check_version(fields)?;
        let mut plan = Self::default();
        let Some(list) = fields.get("partitions") else { return Ok(plan) };
        for item in json::array(list)? {
            plan.add(item)?;
        }
        Ok(plan)
    }

    fn add(&mut self, item: &Value) -> Result<()> {
        let fields = json::object(Some(item))?;
        let topic = TopicName::new(json::string(json::field(fields, "topic")?)?);
        let partition = PartitionId::new(json::integer(json::field(fields, "partition")?)?);
        let at = TopicPartition::new(topic, partition);
        let replica = |value: &Value| json::integer(value).map(BrokerId::new);
        let replicas: Vec<_> =
            json::array(json::field(fields, "replicas")?)?.iter().map(replica).collect::<Result<_>>()?;
        if let Some(list) = fields.get("log_dirs") {
            let dirs: Vec<_> = json::array(list)?.iter().map(json::string).collect::<Result<_>>()?;
            if dirs.len() != replicas.len() {
                let ids: Vec<_> = replicas.iter().map(ToString::to_string).collect();
                bail!(
                    "Size of replicas list [{}] is different from size of log dirs list [{}] for partition {at}",
                    ids.join(", "),
                    dirs.join(", ")
                );
            }
            let named = replicas.iter().zip(dirs).filter(|(_, dir)| *dir != ANY);
            let named = named.map(|(id, dir)| (Replica { broker: *id, at: at.clone() }, dir.to_owned()));
            self.directories.extend(named);
        }
        self.partitions.push((at, replicas));
        Ok(())
    }

    /// The partitions and their replicas, when they can be executed.
    pub(super) fn executable(&self) -> Result<BTreeMap<TopicPartition, Vec<BrokerId>>> {
        if self.partitions.is_empty() {
            bail!("Partition reassignment list cannot be empty");
        }
        if self.partitions.iter().any(|(_, replicas)| replicas.is_empty()) {
            bail!("Partition replica list cannot be empty");
        }
        let twice = duplicates(self.partitions.iter().map(|(at, _)| at));
        if !twice.is_empty() {
            let twice: Vec<_> = twice.iter().map(ToString::to_string).collect();
            bail!("Partition reassignment contains duplicate topic partitions: {}", twice.join(","));
        }
        let with_duplicates = self.partitions.iter().filter_map(|(at, replicas)| {
            let twice = duplicates(replicas);
            (!twice.is_empty()).then(|| format!("{at} contains multiple entries for {}", joined(twice)))
        });
        let wrong: Vec<_> = with_duplicates.collect();
        if !wrong.is_empty() {
            bail!("Partition replica lists may not contain duplicate entries: {}", wrong.join(". "));
        }
        Ok(self.partitions.iter().cloned().collect())
    }
}

/// What is there more than once.
pub(super) fn duplicates<T: Copy + Ord>(all: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut seen = BTreeSet::new();
    all.into_iter().filter(|one| !seen.insert(*one)).collect()
}

#[derive(Serialize)]
struct Written<'a> {
    version: u8,
    partitions: Vec<WrittenPartition<'a>>,
}

#[derive(Serialize)]
struct WrittenPartition<'a> {
    topic: &'a str,
    partition: i32,
    replicas: Vec<i32>,
    log_dirs: Vec<&'a str>,
}

/// A file that says where replicas are to be.
pub(super) fn written<'a>(
    partitions: &'a BTreeMap<TopicPartition, Vec<BrokerId>>,
    directories: &'a BTreeMap<Replica, String>,
) -> Result<String> {
    let partition = |(at, replicas): (&'a TopicPartition, &'a Vec<BrokerId>)| {
        let dir = |broker: &BrokerId| {
            let replica = Replica { broker: *broker, at: at.clone() };
            directories.get(&replica).map_or(ANY, String::as_str)
        };
        WrittenPartition {
            topic: at.topic.as_str(),
            partition: at.partition.get(),
            replicas: replicas.iter().map(|id| id.get()).collect(),
            log_dirs: replicas.iter().map(dir).collect(),
        }
    };
    let partitions = partitions.iter().map(partition).collect();
    Ok(serde_json::to_string(&Written { version: 1, partitions })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        match Plan::parse(text).and_then(|plan| plan.executable()) {
            Ok(all) => all.keys().map(ToString::to_string).collect::<Vec<_>>().join(","),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_plan_goes_to_text_and_back() {
        let text = r#"{"version":1,"partitions":[{"topic":"a","partition":0,"replicas":[2,3],"log_dirs":["/d","any"]}]}"#;
        let plan = Plan::parse(text).unwrap();
        assert_eq!(written(&plan.executable().unwrap(), &plan.directories).unwrap(), text);
        let named: Vec<_> = plan.directories.iter().map(|(at, dir)| format!("{at} {dir}")).collect();
        assert_eq!(named, ["a-0-2 /d"]);
        assert_eq!(Plan::parse("{}").unwrap(), Plan::default());
    }

    #[test]
    fn what_cannot_be_executed_is_refused_in_kafkas_words() {
        let of = |partitions: &str| said(&format!("{{\"partitions\":[{partitions}]}}"));
        assert_eq!(of(""), "Partition reassignment list cannot be empty");
        assert_eq!(
            of(r#"{"topic":"a","partition":0,"replicas":[]}"#),
            "Partition replica list cannot be empty"
        );
        let one = r#"{"topic":"a","partition":0,"replicas":[1]}"#;
        assert_eq!(
            of(&format!("{one},{one}")),
            "Partition reassignment contains duplicate topic partitions: a-0"
        );
        assert_eq!(
            of(
                r#"{"topic":"a","partition":0,"replicas":[1,1,2]},{"topic":"a","partition":1,"replicas":[2,2]}"#
            ),
            "Partition replica lists may not contain duplicate entries: a-0 contains multiple entries for 1. a-1 \
             contains multiple entries for 2"
        );
        assert_eq!(
            of(r#"{"topic":"a","partition":0,"replicas":[1,2],"log_dirs":["any"]}"#),
            "Size of replicas list [1, 2] is different from size of log dirs list [any] for partition a-0"
        );
        assert_eq!(said(""), "The input string shouldn't be empty");
        assert_eq!(said(r#"{"version":2}"#), "Not supported version field value 2");
    }
}
