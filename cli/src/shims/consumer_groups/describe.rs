//! `--describe`: offsets, members or states.

mod members;
mod offsets;
mod states;

use anyhow::{Result, bail};
use broker_client::{
    Client,
    admin::groups::{Group, GroupState},
};

use super::{super::options::Options, groups, twice_wrapped, wrapped};
use crate::groups::lag;

/// What stands for what is not there.
const MISSING: &str = "-";

pub(super) async fn run(client: &mut Client, options: &Options) -> Result<()> {
    let ids = groups(client, options).await?;
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let mut described = Vec::new();
    for group in client.describe_consumer_groups(&ids).await.map_err(wrapped)?.into_values() {
        described.push(group.map_err(wrapped)?);
    }
    let is_verbose = options.has("verbose");
    if options.has("members") {
        for group in &described {
            // Without members the heads of the columns are all there is.
            is_shown(group, group.members.len())?;
            print!("{}", members::table(group, is_verbose));
        }
    } else if options.has("state") {
        for group in &described {
            if is_shown(group, 1)? {
                print!("{}", states::table(group, is_verbose));
            }
        }
    } else {
        let mut shown = Vec::new();
        for group in &described {
            shown.push((group, lag::progress(client, group).await.map_err(twice_wrapped)?));
        }
        for (group, rows) in shown {
            if is_shown(group, rows.len())? {
                print!("{}", offsets::table(group, &rows, is_verbose));
            }
        }
    }
    Ok(())
}

/// Says what is special about a group; whether there is more to show.
fn is_shown(group: &Group, rows: usize) -> Result<bool> {
    let id = &group.id;
    match group.state {
        GroupState::Dead => println!("\nError: Consumer group '{id}' does not exist."),
        GroupState::Empty => eprintln!("\nConsumer group '{id}' has no active members."),
        GroupState::PreparingRebalance
        | GroupState::CompletingRebalance
        | GroupState::Assigning
        | GroupState::Reconciling => eprintln!("\nWarning: Consumer group '{id}' is rebalancing."),
        GroupState::Stable => {}
        GroupState::NotReady | GroupState::Unknown => {
            bail!("Expected a valid consumer group state, but found '{}'.", group.state)
        }
    }
    Ok(group.state != GroupState::Dead && rows > 0)
}

/// The length of the longest, or `least`.
fn longest<'a>(least: usize, texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(str::len).max().unwrap_or_default().max(least)
}

fn or_missing<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| MISSING.to_owned(), |value| value.to_string())
}
