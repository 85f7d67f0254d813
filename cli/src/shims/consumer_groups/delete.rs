//! `--delete` and `--delete-offsets`.

use std::collections::BTreeMap;

use anyhow::Result;
use broker_client::{Client, ClientError};
use broker_protocol::ErrorCode;
use broker_types::TopicPartition;

use super::{
    super::{exceptions, options::Options},
    Failure, groups as wanted, wrapped,
};
use crate::groups::partitions;

pub(super) async fn groups(client: &mut Client, options: &Options) -> Result<()> {
    let ids = wanted(client, options).await?;
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let (mut deleted, mut failed) = (Vec::new(), Vec::new());
    for (id, outcome) in client.delete_groups(&ids).await.map_err(wrapped)? {
        match outcome {
            Ok(()) => deleted.push(format!("'{id}'")),
            Err(error) => failed.push((id, exceptions::thrown_by(error))),
        }
    }
    let deleted = deleted.join(", ");
    if failed.is_empty() {
        println!("Deletion of requested consumer groups ({deleted}) was successful.");
        return Ok(());
    }
    println!("\nError: Deletion of some consumer groups failed:");
    for (id, error) in failed {
        println!("* Group '{id}' could not be deleted due to: {error}");
    }
    if !deleted.is_empty() {
        println!("\nThese consumer groups were deleted successfully: {deleted}");
    }
    Ok(())
}

pub(super) async fn offsets(client: &mut Client, options: &Options) -> Result<()> {
    let group = options.value("group").unwrap_or_default();
    let (mut found, mut rows) = (Vec::new(), BTreeMap::new());
    for argument in options.values("topic") {
        if partitions::names_partitions(argument) {
            found.extend(partitions::named(argument).map_err(|error| Failure(error.to_string()))?);
            continue;
        }
        match partitions::of_topic(client, argument).await {
            Ok(all) => found.extend(all),
            Err(error) => drop(rows.insert(row_of(argument, None), exceptions::thrown_by(error))),
        }
    }
    found.sort();
    found.dedup();
    let outcomes = match client.delete_group_offsets(group, &found).await {
        Ok(outcomes) => outcomes,
        Err(error) => {
            // What is wrong with the group is wrong with each partition.
            let ClientError::Broker { code, message } = error else { return Err(wrapped(error)) };
            let same = || Err(ClientError::Broker { code, message: message.clone() });
            found.iter().map(|at| (at.clone(), same())).collect()
        }
    };
    let first_error = outcomes.values().find_map(|outcome| outcome.as_ref().err()?.code());
    match first_error {
        None => println!("Request succeeded for deleting offsets from group {group}."),
        Some(code) => println!("\nError: {}", headline(code)),
    }
    for (at, outcome) in outcomes {
        let status = outcome.err().map_or_else(String::new, exceptions::thrown_by);
        rows.insert(row_of(at.topic.as_str(), Some(&at)), status);
    }
    print!("{}", table(&rows));
    Ok(())
}

fn headline(code: ErrorCode) -> String {
    match code {
        ErrorCode::InvalidGroupId
        | ErrorCode::GroupIdNotFound
        | ErrorCode::GroupAuthorizationFailed
        | ErrorCode::NonEmptyGroup => code.message().to_owned(),
        ErrorCode::GroupSubscribedToTopic
        | ErrorCode::TopicAuthorizationFailed
        | ErrorCode::UnknownTopicOrPartition => {
            "Encountered some partition-level error, see the follow-up details.".to_owned()
        }
        other => format!("Encountered some unknown error: {}", other.name()),
    }
}

/// A row's place, its topic and its partition: rows are sorted as texts.
type Row = (String, String, String);

fn row_of(topic: &str, at: Option<&TopicPartition>) -> Row {
    let (sorted, shown) = match at {
        Some(at) => (at.partition.to_string(), at.partition.to_string()),
        None => ("-1".to_owned(), "-".to_owned()),
    };
    (format!("{topic}{sorted}"), topic.to_owned(), shown)
}

/// The outcome for each partition; an empty one is a success.
fn table(rows: &BTreeMap<Row, String>) -> String {
    let width = rows.keys().map(|(_, topic, _)| topic.len()).max().unwrap_or_default().max(15);
    let line = |topic: &str, partition: &str, status: &str| {
        format!("\n{topic:<width$} {partition:<10} {status:<15}")
    };
    let mut text = line("TOPIC", "PARTITION", "STATUS");
    for ((_, topic, partition), error) in rows {
        let status = if error.is_empty() { "Successful".to_owned() } else { format!("Error: {error}") };
        text += &line(topic, partition, &status);
    }
    text + "\n"
}
