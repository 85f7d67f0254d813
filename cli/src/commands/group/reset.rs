//! `klamm group reset`.

use anyhow::{Context as _, Result, bail};
use broker_client::admin::groups::GroupState;
use broker_protocol::ErrorCode;
use broker_types::{Timestamp, TopicPartition};
use clap::Args;
use serde::Serialize;

use crate::{
    commands::Bootstrap,
    groups::{
        moment, partitions,
        reset::{ResetTo, plan},
    },
    output::{self, Format, Tabular},
};

#[derive(Args)]
#[command(group = clap::ArgGroup::new("target").required(true))]
pub(crate) struct Reset {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// The group's id
    group: String,
    /// Which topics, or partitions of them; all that it committed when none is named
    #[arg(value_name = "TOPIC[:ID,...]")]
    topics: Vec<String>,
    /// To the first record that is kept
    #[arg(long, group = "target")]
    to_earliest: bool,
    /// To the end
    #[arg(long, group = "target")]
    to_latest: bool,
    /// To what is committed, to the end where nothing is
    #[arg(long, group = "target")]
    to_current: bool,
    /// To an offset, or the nearest that the log has
    #[arg(long, group = "target", value_name = "OFFSET")]
    to_offset: Option<i64>,
    /// So many records on, or back
    #[arg(long, group = "target", value_name = "COUNT", allow_hyphen_values = true)]
    shift_by: Option<i64>,
    /// To the first record at or after a time: YYYY-MM-DDThh:mm:ss.sss, in UTC or with a zone
    #[arg(long, group = "target", value_name = "TIME")]
    to_datetime: Option<String>,
    /// To the first record of so long ago: PnDTnHnMnS
    #[arg(long, group = "target", value_name = "DURATION")]
    by_duration: Option<String>,
    /// Show only what would be
    #[arg(long)]
    dry_run: bool,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

impl Reset {
    pub(super) async fn run(self) -> Result<()> {
        let to = self.target()?;
        let mut client = self.bootstrap.client().await?;
        let group = self.group.as_str();
        let state = match client.describe_consumer_groups(&[group]).await?.remove(group) {
            Some(Ok(described)) => described.state,
            Some(Err(error)) if error.code() != Some(ErrorCode::GroupIdNotFound) => return Err(error.into()),
            _ => GroupState::Dead,
        };
        if !matches!(state, GroupState::Empty | GroupState::Dead) {
            bail!("group {group} is {state}: offsets can be set only while nobody is in the group");
        }
        let committed = client.list_group_offsets(group).await?;
        let wanted: Vec<TopicPartition> = match self.topics.is_empty() {
            true => committed.keys().cloned().collect(),
            false => partitions::resolved(&mut client, &self.topics).await?,
        };
        if wanted.is_empty() {
            bail!("group {group} has committed nothing: name the topics");
        }
        let plan = plan(&mut client, group, &wanted, &to).await?;
        if !self.dry_run {
            for (at, outcome) in client.alter_group_offsets(group, &plan.committed()).await? {
                outcome.with_context(|| at.to_string())?;
            }
        }
        let row = |(at, offset): (&TopicPartition, &broker_types::Offset)| Row {
            group: self.group.clone(),
            topic: at.topic.to_string(),
            partition: at.partition.get(),
            before: committed.get(at).map(|committed| committed.offset.get()),
            offset: offset.get(),
        };
        output::print(&plan.offsets.iter().map(row).collect::<Vec<_>>(), self.output)
    }

    fn target(&self) -> Result<ResetTo> {
        if self.to_earliest {
            return Ok(ResetTo::Earliest);
        }
        if self.to_latest {
            return Ok(ResetTo::Latest);
        }
        let numbers = (self.to_offset, self.shift_by);
        let times = (self.to_datetime.as_deref(), self.by_duration.as_deref());
        Ok(match (numbers, times) {
            ((Some(offset), _), _) => ResetTo::Offset(offset),
            ((_, Some(records)), _) => ResetTo::ShiftBy(records),
            (_, (Some(text), _)) => ResetTo::Time(moment::date_time(text)?),
            (_, (_, Some(text))) => ResetTo::Time(ago(text)?),
            _ => ResetTo::Current,
        })
    }
}

fn ago(text: &str) -> Result<Timestamp> {
    let millis = moment::duration_millis(text).with_context(|| format!("--by-duration {text}"))?;
    Ok(moment::before(moment::now(), millis))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    group: String,
    topic: String,
    partition: i32,
    before: Option<i64>,
    offset: i64,
}

impl Tabular for Row {
    fn head() -> &'static [&'static str] {
        &["GROUP", "TOPIC", "PARTITION", "BEFORE", "OFFSET"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let before = self.before.map_or_else(|| "-".to_owned(), |before| before.to_string());
        let (partition, offset) = (self.partition.to_string(), self.offset.to_string());
        vec![vec![self.group.clone(), self.topic.clone(), partition, before, offset]]
    }
}
