//! `klamm group`: list, describe, reset, delete, delete offsets.

mod describe;
mod reset;

use anyhow::{Context as _, Result, bail};
use broker_client::{
    Client,
    admin::groups::{Group as DescribedGroup, GroupListing},
};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    commands::{Bootstrap, block_on},
    groups::partitions,
    output::{self, Format, Tabular},
};

/// What to do with groups of consumers.
#[derive(Subcommand)]
pub(crate) enum Group {
    /// List the groups
    List(List),
    /// Describe groups: what each member has, what is committed, how far it lags behind
    Describe(describe::Describe),
    /// Set where a group without members goes on
    Reset(reset::Reset),
    /// Delete groups and what they committed
    Delete(Delete),
    /// Delete what a group committed of topics that it does not read any more
    OffsetDelete(OffsetDelete),
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

#[derive(Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// Which groups
    #[arg(required = true)]
    groups: Vec<String>,
}

#[derive(Args)]
pub(crate) struct OffsetDelete {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// The group's id
    group: String,
    /// Which topics, or partitions of them
    #[arg(required = true, value_name = "TOPIC[:ID,...]")]
    topics: Vec<String>,
}

impl Group {
    pub(crate) fn run(self) -> Result<()> {
        block_on(async {
            match self {
                Self::List(list) => list.run().await,
                Self::Describe(describe) => describe.run().await,
                Self::Reset(reset) => reset.run().await,
                Self::Delete(delete) => delete.run().await,
                Self::OffsetDelete(delete) => delete.run().await,
            }
        })
    }
}

impl List {
    async fn run(self) -> Result<()> {
        let groups = self.bootstrap.client().await?.list_consumer_groups(&[], &[]).await?;
        output::print(&groups.iter().map(Row::of).collect::<Vec<_>>(), self.output)
    }
}

impl Delete {
    async fn run(self) -> Result<()> {
        let mut client = self.bootstrap.client().await?;
        let ids: Vec<_> = self.groups.iter().map(String::as_str).collect();
        let mut failed = Vec::new();
        for (id, outcome) in client.delete_groups(&ids).await? {
            match outcome {
                Ok(()) => println!("deleted group {id}"),
                Err(error) => failed.push(format!("group {id}: {error}")),
            }
        }
        said(&failed)
    }
}

impl OffsetDelete {
    async fn run(self) -> Result<()> {
        let mut client = self.bootstrap.client().await?;
        let wanted = partitions::resolved(&mut client, &self.topics).await?;
        let outcomes = client.delete_group_offsets(&self.group, &wanted).await;
        let mut failed = Vec::new();
        for (at, outcome) in outcomes.with_context(|| format!("group {}", self.group))? {
            match outcome {
                Ok(()) => println!("deleted the offset of group {} in {at}", self.group),
                Err(error) => failed.push(format!("{at}: {error}")),
            }
        }
        said(&failed)
    }
}

/// All that failed, as one error.
fn said(failed: &[String]) -> Result<()> {
    match failed {
        [] => Ok(()),
        failed => bail!("{}", failed.join("; ")),
    }
}

/// The groups of these ids; all when none is named.
async fn described(client: &mut Client, ids: &[String]) -> Result<Vec<DescribedGroup>> {
    let mut ids = ids.to_vec();
    if ids.is_empty() {
        ids.extend(client.list_consumer_groups(&[], &[]).await?.into_iter().map(|group| group.id));
    }
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let mut groups = Vec::with_capacity(ids.len());
    for (id, group) in client.describe_consumer_groups(&ids).await? {
        groups.push(group.with_context(|| format!("group {id}"))?);
    }
    Ok(groups)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    group: String,
    #[serde(rename = "type")]
    group_type: &'static str,
    state: &'static str,
    protocol_type: String,
}

impl Row {
    fn of(group: &GroupListing) -> Self {
        Self {
            group: group.id.clone(),
            group_type: group.group_type.name(),
            state: group.state.name(),
            protocol_type: group.protocol_type.clone(),
        }
    }
}

impl Tabular for Row {
    fn head() -> &'static [&'static str] {
        &["GROUP", "TYPE", "STATE"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        vec![vec![self.group.clone(), self.group_type.to_owned(), self.state.to_owned()]]
    }
}
