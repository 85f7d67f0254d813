//! `--generate`: an assignment is proposed.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use broker_client::admin::cluster::Fenced;
use broker_types::{BrokerId, PartitionId, Random, TopicName, TopicPartition};

use super::{
    super::json,
    Session,
    current::{self, Assignment},
    placement::Racks,
    plan::{duplicates, written},
};
use crate::commands::storage::random_uuid;

pub(super) async fn run(session: &mut Session<'_>) -> Result<()> {
    let text = session.file("topics-to-move-json-file")?;
    let Session { client, options } = session;
    let brokers = brokers(options.required("broker-list")?)?;
    let topics = topics(&text)?;
    let present = current::of_topics(client, topics.iter().map(String::as_str)).await?;
    let nodes = client.describe_cluster(Fenced::Excluded).await?.nodes;
    let nodes: Vec<_> = nodes.into_iter().filter(|node| brokers.contains(&node.id)).collect();
    let is_aware = !options.has("disable-rack-aware");
    let without = nodes.iter().filter(|node| node.rack.is_none()).count();
    if is_aware && without != 0 && without != nodes.len() {
        bail!(
            "Not all brokers have rack information. Add --disable-rack-aware in command line to make replica \
             assignment without rack information."
        );
    }
    let mut racks: BTreeMap<Option<String>, Vec<BrokerId>> = BTreeMap::new();
    for node in nodes {
        racks.entry(node.rack.filter(|_| is_aware)).or_default().push(node.id);
    }
    let [high, low] = [0, 8].map(|at| {
        let bytes = random_uuid().map(|id| *id.as_bytes()).unwrap_or_default();
        u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap_or_default())
    });
    let mut random = Random::new(high ^ low);
    let proposed = propose(&present, racks.into_values().collect(), &mut random)?;
    let dirs = current::directories(client, &present).await?;
    println!("Current partition replica assignment\n{}\n", written(&present, &dirs)?);
    println!("Proposed partition reassignment configuration\n{}", written(&proposed, &BTreeMap::new())?);
    Ok(())
}

/// New replicas for all partitions, as many as the first of each topic has.
fn propose(present: &Assignment, racks: Vec<Vec<BrokerId>>, random: &mut Random) -> Result<Assignment> {
    let mut topics: BTreeMap<&TopicName, Vec<&Vec<BrokerId>>> = BTreeMap::new();
    for (at, replicas) in present {
        topics.entry(&at.topic).or_default().push(replicas);
    }
    let mut proposed = Assignment::new();
    for (topic, partitions) in topics {
        let factor = partitions.first().map_or(0, |first| first.len());
        let placed = Racks::new(racks.clone(), random).place(partitions.len(), factor)?;
        let numbered = (0..).map(PartitionId::new).zip(placed);
        proposed.extend(numbered.map(|(id, replicas)| (TopicPartition::new(topic.clone(), id), replicas)));
    }
    Ok(proposed)
}

fn brokers(list: &str) -> Result<BTreeSet<BrokerId>> {
    let mut ids = Vec::new();
    for text in list.split(',') {
        let Ok(id) = text.parse() else { bail!("For input string: \"{text}\"") };
        ids.push(BrokerId::new(id));
    }
    let twice: Vec<_> = duplicates(ids.iter().copied()).iter().map(ToString::to_string).collect();
    match twice.is_empty() {
        true => Ok(ids.into_iter().collect()),
        false => bail!("Broker list contains duplicate entries: [{}]", twice.join(", ")),
    }
}

fn topics(text: &str) -> Result<Vec<String>> {
    let Ok(value) = json::parse(text) else { bail!("The input string is not a valid JSON") };
    let fields = json::object(value.as_ref())?;
    json::check_version(fields)?;
    let mut topics = Vec::new();
    if let Some(list) = fields.get("topics") {
        for item in json::array(list)? {
            topics.push(json::string(json::field(json::object(Some(item))?, "topic")?)?.to_owned());
        }
    }
    let twice: Vec<_> = duplicates(topics.iter().map(String::as_str)).into_iter().collect();
    match twice.is_empty() {
        true => Ok(topics),
        false => bail!("List of topics to reassign contains duplicate entries: [{}]", twice.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_and_topics_are_named_once() {
        let said = |list: &str| brokers(list).map(|ids| ids.len()).map_err(|error| error.to_string());
        assert_eq!(said("1,2"), Ok(2));
        assert_eq!(said("1,x"), Err("For input string: \"x\"".to_owned()));
        assert_eq!(said("1,2,2"), Err("Broker list contains duplicate entries: [2]".to_owned()));
        let said = |text: &str| topics(text).map_err(|error| error.to_string());
        assert_eq!(said(r#"{"topics":[{"topic":"a"}]}"#), Ok(vec!["a".to_owned()]));
        assert_eq!(said("{}"), Ok(Vec::new()));
        assert_eq!(said("x"), Err("The input string is not a valid JSON".to_owned()));
        assert_eq!(
            said(r#"{"topics":[{"topic":"a"},{"topic":"a"}]}"#),
            Err("List of topics to reassign contains duplicate entries: [a]".to_owned())
        );
    }

    #[test]
    fn a_proposal_keeps_the_number_of_replicas_of_each_topic() {
        let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId::new).collect::<Vec<_>>();
        let at = |topic, partition| TopicPartition::new(TopicName::new(topic), PartitionId::new(partition));
        let present =
            [(at("a", 0), ids(&[1, 2])), (at("a", 1), ids(&[2, 1])), (at("b", 0), ids(&[1]))].into();
        let proposed = propose(&present, vec![ids(&[3, 4])], &mut Random::new(1)).unwrap();
        assert_eq!(proposed.keys().collect::<Vec<_>>(), present.keys().collect::<Vec<_>>());
        assert!(proposed.values().flatten().all(|id| id.get() > 2));
        assert_eq!(proposed[&at("b", 0)].len(), 1);
    }
}
