//! `kafka-topics.sh --describe`.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use broker_client::{
    Client, ClientError,
    admin::configs::{ConfigEntry, ConfigResource, ConfigSource},
};
use broker_protocol::{
    Str,
    messages::{
        describe_topic_partitions_request::{Cursor, DescribeTopicPartitionsRequest, TopicRequest},
        describe_topic_partitions_response::{
            DescribeTopicPartitionsResponsePartition as Partition,
            DescribeTopicPartitionsResponseTopic as Topic,
        },
    },
};
use broker_types::{BrokerId, Uuid};

use super::super::options::Options;

/// The most partitions in one answer, where nobody says.
const PARTITIONS_MAX: i32 = 2000;
/// The flags that leave only some partitions over.
pub(super) const REPORTS: [&str; 4] = [
    "under-replicated-partitions",
    "unavailable-partitions",
    "under-min-isr-partitions",
    "at-min-isr-partitions",
];

pub(super) async fn run(client: &mut Client, options: &Options) -> Result<()> {
    let names = match options.value("topic-id") {
        Some(id) => by_id(client, id, options).await?,
        None => {
            let names = super::chosen(client, options).await?;
            super::exists(&names, options)?;
            names
        }
    };
    let limit = options.number("partition-size-limit-per-response")?.unwrap_or(PARTITIONS_MAX);
    let topics = describe(client, &names, limit).await?;
    let live: BTreeSet<_> = client.broker_ids().await?.into_iter().collect();
    for topic in &topics {
        let name = topic.name.as_ref().map(ToString::to_string).unwrap_or_default();
        let configs = client.describe_configs(&ConfigResource::Topic(name)).await?;
        print!("{}", shown(topic, &configs, &live, options));
    }
    Ok(())
}

async fn by_id(client: &mut Client, id: &str, options: &Options) -> Result<Vec<String>> {
    let id: Uuid = id.parse()?;
    let Some(topic) = client
        .describe_topics(None)
        .await?
        .into_iter()
        .find(|topic| topic.id.is_some_and(|found| found.uuid() == id))
    else {
        if options.has("if-exists") {
            return Ok(Vec::new());
        }
        bail!("TopicId '{id}' does not exist as expected");
    };
    Ok(vec![topic.name])
}

/// Describes topics page by page.
async fn describe(client: &mut Client, names: &[String], limit: i32) -> Result<Vec<Topic>> {
    let mut found: Vec<Topic> = Vec::new();
    let mut cursor = None;
    if names.is_empty() {
        return Ok(found);
    }
    loop {
        let from = cursor.as_ref().map(|cursor: &Cursor| cursor.topic_name.clone());
        let wanted = names.iter().map(|name| Str::from(name.as_str()));
        let wanted = wanted.filter(|name| from.as_ref().is_none_or(|from| name.as_str() >= from.as_str()));
        let request = DescribeTopicPartitionsRequest {
            topics: wanted.map(|name| TopicRequest { name }).collect(),
            response_partition_limit: limit,
            cursor: cursor.take(),
        };
        let response = client.any(&request).await?;
        for topic in response.topics {
            let said = topic.name.as_ref().map(|name| format!("topic '{name}'"));
            ClientError::check(topic.error_code, said.as_deref())?;
            match found.last_mut().filter(|last| last.name == topic.name) {
                Some(last) => last.partitions.extend(topic.partitions),
                None => found.push(topic),
            }
        }
        match response.next_cursor {
            Some(next) => {
                cursor = Some(Cursor { topic_name: next.topic_name, partition_index: next.partition_index })
            }
            None => return Ok(found),
        }
    }
}

/// A topic as Kafka's script prints it.
fn shown(topic: &Topic, configs: &[ConfigEntry], live: &BTreeSet<BrokerId>, options: &Options) -> String {
    let name = topic.name.as_ref().map(ToString::to_string).unwrap_or_default();
    let own: Vec<_> = configs.iter().filter(|entry| entry.source != ConfigSource::Default).collect();
    let is_report = options.count_of(&REPORTS) > 0;
    let with_overrides = options.has("topics-with-overrides");
    let mut text = String::new();
    if !is_report && (!with_overrides || !own.is_empty()) {
        let value =
            |entry: &&ConfigEntry| format!("{}={}", entry.name, entry.value.as_deref().unwrap_or("null"));
        let id = if topic.topic_id == Uuid::ZERO {
            String::new()
        } else {
            format!("\tTopicId: {}", topic.topic_id)
        };
        let factor = topic.partitions.first().map_or(0, |first| first.replica_nodes.len());
        let settings = own.iter().map(value).collect::<Vec<_>>().join(",");
        text += &format!(
            "Topic: {name}{id}\tPartitionCount: {}\tReplicationFactor: {factor}\tConfigs: {settings}\n",
            topic.partitions.len()
        );
    }
    if with_overrides {
        return text;
    }
    let min_isr = configs.iter().find(|entry| entry.name == "min.insync.replicas");
    let min_isr = min_isr.and_then(|entry| entry.value.as_deref()?.parse().ok()).unwrap_or(1);
    let mut partitions: Vec<_> = topic.partitions.iter().collect();
    partitions.sort_by_key(|partition| partition.partition_index);
    for partition in partitions {
        if !is_report || is_reported(partition, min_isr, live, options) {
            text += &line(&name, partition);
        }
    }
    text
}

fn is_reported(partition: &Partition, min_isr: usize, live: &BTreeSet<BrokerId>, options: &Options) -> bool {
    let has_leader = partition.leader_id >= 0;
    let is_led = has_leader && live.contains(&BrokerId::new(partition.leader_id));
    let (in_sync, copies) = (partition.isr_nodes.len(), partition.replica_nodes.len());
    options.has("under-replicated-partitions") && in_sync < copies
        || options.has("unavailable-partitions") && !is_led
        || options.has("under-min-isr-partitions") && (!has_leader || in_sync < min_isr)
        || options.has("at-min-isr-partitions") && in_sync == min_isr
}

fn line(topic: &str, partition: &Partition) -> String {
    let ids = |ids: &[i32]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let leader = if partition.leader_id < 0 { "none".to_owned() } else { partition.leader_id.to_string() };
    let known = |list: &Option<Vec<i32>>| list.as_deref().map_or_else(|| "N/A".to_owned(), ids);
    format!(
        "\tTopic: {topic}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}\tElr: {}\tLastKnownElr: {}\n",
        partition.partition_index,
        ids(&partition.replica_nodes),
        ids(&partition.isr_nodes),
        known(&partition.eligible_leader_replicas),
        known(&partition.last_known_elr)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic() -> Topic {
        let partition = |partition_index, leader_id, isr: &[i32]| Partition {
            partition_index,
            leader_id,
            replica_nodes: vec![1, 2],
            isr_nodes: isr.to_vec(),
            eligible_leader_replicas: Some(Vec::new()),
            ..Partition::default()
        };
        Topic {
            name: Some(Str::from("orders")),
            partitions: vec![partition(1, -1, &[2]), partition(0, 1, &[1, 2])],
            ..Topic::default()
        }
    }

    fn entry(name: &str, value: &str, source: ConfigSource) -> ConfigEntry {
        ConfigEntry {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            source,
            is_read_only: false,
            is_sensitive: false,
            synonyms: Vec::new(),
        }
    }

    fn described(flags: &str) -> String {
        let words: Vec<_> = flags.split(' ').map(str::to_owned).collect();
        let options = Options::parse(&super::super::SPEC, &words).unwrap();
        let configs = [
            entry("retention.ms", "5", ConfigSource::DynamicTopic),
            entry("min.insync.replicas", "2", ConfigSource::Default),
        ];
        shown(&topic(), &configs, &BTreeSet::from([BrokerId::new(1)]), &options)
    }

    #[test]
    fn a_topic_is_shown_with_its_own_settings_and_partitions_in_order() {
        assert_eq!(
            described("--describe"),
            "Topic: orders\tPartitionCount: 2\tReplicationFactor: 2\tConfigs: retention.ms=5\n\
             \tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2\tIsr: 1,2\tElr: \tLastKnownElr: N/A\n\
             \tTopic: orders\tPartition: 1\tLeader: none\tReplicas: 1,2\tIsr: 2\tElr: \tLastKnownElr: N/A\n"
        );
        assert_eq!(described("--topics-with-overrides").lines().count(), 1);
    }

    #[test]
    fn reports_show_only_what_they_are_about() {
        let partition = |flag: &str| {
            let text = described(flag);
            text.lines()
                .map(|line| line.split("Partition: ").nth(1).unwrap()[..1].to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(partition("--under-replicated-partitions"), ["1"]);
        assert_eq!(partition("--unavailable-partitions"), ["1"]);
        assert_eq!(partition("--under-min-isr-partitions"), ["1"]);
        assert_eq!(partition("--at-min-isr-partitions"), ["0"]);
    }
}
