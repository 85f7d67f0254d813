//! `--reset-offsets`.

use std::collections::BTreeMap;

use anyhow::{Context as _, Error, Result, anyhow, bail};
use broker_client::{Client, ClientError, admin::groups::GroupState};
use broker_protocol::ErrorCode;
use broker_types::{Offset, TopicPartition};

use super::{
    super::{options::Options, words},
    Failure, groups, number, twice_wrapped,
};
use crate::groups::{
    csv::{self, CsvError},
    moment,
    partitions::{self, PartitionError},
    reset::{Plan, ResetError, ResetTo, plan},
};

/// What is committed, by group.
type Offsets = BTreeMap<String, BTreeMap<TopicPartition, Offset>>;

pub(super) async fn run(client: &mut Client, options: &Options) -> Result<()> {
    let ids = groups(client, options).await?;
    let described = client
        .describe_consumer_groups(&ids.iter().map(String::as_str).collect::<Vec<_>>())
        .await
        .map_err(twice_wrapped)?;
    let mut done = Offsets::new();
    for (id, group) in described {
        let state = match group {
            Ok(group) => group.state,
            Err(error) if error.code() == Some(ErrorCode::GroupIdNotFound) => GroupState::Dead,
            Err(error) => return Err(twice_wrapped(error)),
        };
        let offsets = if matches!(state, GroupState::Empty | GroupState::Dead) {
            reset(client, options, &id).await?
        } else {
            println!(
                "\nError: Assignments can only be reset if the group '{id}' is inactive, but the current state is {state}."
            );
            BTreeMap::new()
        };
        done.insert(id, offsets);
    }
    if options.has("export") {
        println!("{}", csv::write(&done, options.values("group").len() != 1));
    } else {
        print!("{}", table(&done));
    }
    Ok(())
}

async fn reset(
    client: &mut Client,
    options: &Options,
    group: &str,
) -> Result<BTreeMap<TopicPartition, Offset>> {
    let wanted = wanted(client, options, group).await?;
    // Partitions are looked at before what is to be done with them.
    partitions::check(client, &wanted).await.map_err(not_partitions)?;
    let Some(to) = target(options, group)? else { return Ok(BTreeMap::new()) };
    let plan = plan(client, group, &wanted, &to).await.map_err(failed)?;
    tell(&plan);
    if options.has("execute") {
        for outcome in
            client.alter_group_offsets(group, &plan.committed()).await.map_err(plain)?.into_values()
        {
            outcome.map_err(plain)?;
        }
    }
    Ok(plan.offsets)
}

async fn wanted(client: &mut Client, options: &Options, group: &str) -> Result<Vec<TopicPartition>> {
    if options.has("all-topics") {
        let committed = client.list_group_offsets(group).await.map_err(twice_wrapped)?;
        return Ok(committed.into_keys().collect());
    }
    if options.has("topic") {
        let resolved = partitions::resolved(client, options.values("topic")).await;
        return resolved.map_err(not_partitions);
    }
    if options.has("from-file") {
        return Ok(Vec::new());
    }
    Err(Failure("One of the reset scopes should be defined: --all-topics, --topic.".to_owned()).into())
}

/// Where to; `None` when a file says nothing of the group.
fn target(options: &Options, group: &str) -> Result<Option<ResetTo>> {
    let to = if let Some(offset) = number(options, "to-offset")? {
        ResetTo::Offset(offset)
    } else if options.has("to-earliest") {
        ResetTo::Earliest
    } else if options.has("to-latest") {
        ResetTo::Latest
    } else if let Some(records) = number(options, "shift-by")? {
        ResetTo::ShiftBy(records)
    } else if let Some(text) = options.value("to-datetime") {
        let time = moment::date_time(text).map_err(|error| anyhow!("java.text.ParseException: {error}"))?;
        ResetTo::Time(time)
    } else if let Some(text) = options.value("by-duration") {
        ResetTo::Time(moment::before(moment::now(), moment::duration_millis(text)?))
    } else if let Some(path) = options.value("from-file") {
        let Some(offsets) = plan_of_file(path, options, group)? else {
            println!("\nError: No reset plan for group {group} found");
            return Ok(None);
        };
        ResetTo::Each(offsets)
    } else if options.has("to-current") {
        ResetTo::Current
    } else {
        return Err(Failure(
            "Option '[reset-offsets]' requires one of the following scenarios: [[by-duration], [to-latest], \
             [to-current], [to-earliest], [to-offset], [shift-by], [from-file], [to-datetime]]"
                .to_owned(),
        )
        .into());
    };
    Ok(Some(to))
}

fn plan_of_file(path: &str, options: &Options, group: &str) -> Result<Option<BTreeMap<TopicPartition, i64>>> {
    let Ok(text) = std::fs::read_to_string(path) else {
        bail!("java.io.IOException: Unable to read file {path}");
    };
    let only = match options.values("group") {
        [only] => Some(only.as_str()),
        _ => None,
    };
    match csv::read(&text, only) {
        Ok(mut plans) => Ok(plans.remove(group)),
        Err(error @ CsvError::Negative) => Err(Failure(error.to_string()).into()),
        Err(error) => Err(error).with_context(|| path.to_owned()),
    }
}

/// Says what was not as it was asked for.
fn tell(plan: &Plan) {
    for at in &plan.without_time {
        println!(
            "\nWarn: Partition {} from topic {} is empty. Falling back to latest known offset.",
            at.partition, at.topic
        );
    }
    for (at, asked) in &plan.out_of_log {
        let Some(taken) = plan.offsets.get(at) else { continue };
        let (than, end) = if *asked > taken.get() { ("higher", "latest") } else { ("lower", "earliest") };
        eprintln!(
            "WARN kafka-consumer-groups: New offset ({asked}) is {than} than {end} offset for topic partition {at}. Value will be set to {taken}"
        );
    }
}

fn failed(error: ResetError) -> Error {
    match error {
        ResetError::NothingCommitted(_) => Failure(error.to_string()).into(),
        ResetError::Partition(error) => not_partitions(error),
        ResetError::Client(error) => twice_wrapped(error),
    }
}

/// What is wrong with a name is wrong with the command line.
fn not_partitions(error: PartitionError) -> Error {
    match error {
        PartitionError::NoNumber { .. } | PartitionError::NoTopic(_) => Failure(error.to_string()).into(),
        PartitionError::Missing(_) | PartitionError::NotLed(_) => Error::msg(error.to_string()),
        PartitionError::Client(error) => plain(error),
    }
}

/// The cluster's words, and nothing more.
fn plain(error: ClientError) -> Error {
    Error::msg(words(&error.into()))
}

fn table(all: &Offsets) -> String {
    if all.is_empty() {
        return "\n".to_owned();
    }
    let group_width = all.keys().map(String::len).max().unwrap_or_default().max(15);
    let topics = all.values().flat_map(|offsets| offsets.keys().map(|at| at.topic.as_str().len()));
    let topic_width = topics.max().unwrap_or_default().max(15);
    let line = |group: &str, topic: &str, partition: &str, offset: &str| {
        format!("\n{group:<group_width$} {topic:<topic_width$} {partition:<10} {offset}")
    };
    let mut text = line("GROUP", "TOPIC", "PARTITION", "NEW-OFFSET");
    for (group, offsets) in all {
        for (at, offset) in offsets {
            text += &line(group, at.topic.as_str(), &at.partition.to_string(), &offset.to_string());
        }
    }
    text + "\n"
}
