//! `klamm group describe`.

use anyhow::Result;
use broker_client::admin::groups::{Group, GroupMember};
use broker_types::TopicPartition;
use clap::Args;
use serde::Serialize;

use super::described;
use crate::{
    commands::Bootstrap,
    groups::lag::{self, Progress},
    output::{self, Format, Tabular},
};

#[derive(Args)]
pub(crate) struct Describe {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// Which groups; all when none is named
    groups: Vec<String>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

impl Describe {
    pub(super) async fn run(self) -> Result<()> {
        let mut client = self.bootstrap.client().await?;
        let mut shown = Vec::new();
        for group in described(&mut client, &self.groups).await? {
            let mut progress = lag::progress(&mut client, &group).await?;
            lag::add_starts(&mut client, &mut progress).await?;
            shown.push(Described::of(&group, &progress));
        }
        output::print(&shown, self.output)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    group: String,
    #[serde(rename = "type")]
    group_type: &'static str,
    state: &'static str,
    coordinator: i32,
    assignor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch: Option<i32>,
    /// How many records are left to read in all.
    lag: i64,
    members: Vec<Member>,
    partitions: Vec<Partition>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_id: Option<String>,
    client_id: String,
    host: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch: Option<i32>,
    assignment: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Partition {
    topic: String,
    partition: i32,
    offset: Option<i64>,
    end: Option<i64>,
    lag: Option<i64>,
    /// How many records may be deleted before the group misses any.
    lead: Option<i64>,
    member: Option<String>,
}

impl Described {
    fn of(group: &Group, progress: &[Progress]) -> Self {
        Self {
            group: group.id.clone(),
            group_type: group.group_type.name(),
            state: group.state.name(),
            coordinator: group.coordinator.0.get(),
            assignor: group.assignor.clone(),
            epoch: group.epochs.map(|(epoch, _)| epoch),
            lag: progress.iter().filter_map(Progress::lag).map(|lag| lag.max(0)).sum(),
            members: group.members.iter().map(Member::of).collect(),
            partitions: progress.iter().map(Partition::of).collect(),
        }
    }
}

impl Member {
    fn of(member: &GroupMember) -> Self {
        Self {
            id: member.id.clone(),
            instance_id: member.instance_id.clone(),
            client_id: member.client_id.clone(),
            host: member.host.clone(),
            epoch: member.epoch,
            assignment: member.assignment.iter().map(TopicPartition::to_string).collect(),
        }
    }
}

impl Partition {
    fn of(progress: &Progress) -> Self {
        Self {
            topic: progress.at.topic.to_string(),
            partition: progress.at.partition.get(),
            offset: progress.committed.as_ref().map(|committed| committed.offset.get()),
            end: progress.end.map(broker_types::Offset::get),
            lag: progress.lag(),
            lead: progress.lead(),
            member: progress.member.as_ref().map(|member| member.id.clone()),
        }
    }
}

impl Tabular for Described {
    fn head() -> &'static [&'static str] {
        &["GROUP", "STATE", "TOPIC", "PARTITION", "OFFSET", "END", "LAG", "LEAD", "MEMBER"]
    }

    /// A row for each partition, and one for each member that has none; at least one.
    fn rows(&self) -> Vec<Vec<String>> {
        let shown = |number: Option<i64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        let row = |partition: &Partition| {
            let member = partition.member.clone().unwrap_or_else(|| "-".to_owned());
            let numbers = [partition.offset, partition.end, partition.lag, partition.lead].map(shown);
            let at = [partition.topic.clone(), partition.partition.to_string()];
            self.row(at, numbers, member)
        };
        let nothing = || (["-", "-"].map(str::to_owned), ["-", "-", "-", "-"].map(str::to_owned));
        let idle = self.members.iter().filter(|member| member.assignment.is_empty()).map(|member| {
            let (at, numbers) = nothing();
            self.row(at, numbers, member.id.clone())
        });
        let mut rows: Vec<_> = self.partitions.iter().map(row).chain(idle).collect();
        if rows.is_empty() {
            let (at, numbers) = nothing();
            rows.push(self.row(at, numbers, "-".to_owned()));
        }
        rows
    }
}

impl Described {
    fn row(
        &self,
        [topic, partition]: [String; 2],
        [offset, end, lag, lead]: [String; 4],
        member: String,
    ) -> Vec<String> {
        vec![self.group.clone(), self.state.to_owned(), topic, partition, offset, end, lag, lead, member]
    }
}
