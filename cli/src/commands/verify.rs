//! `klamm verify`: whether all replicas of partitions hold the same, as `kafka-replica-verification.sh` looks.

mod partition;
mod pieces;

use anyhow::{Result, bail};
use broker_client::admin::configs::ConfigResource;
use clap::Args;

use self::partition::{Checked, check};
use crate::{
    commands::{Bootstrap, block_on},
    output::{self, Format, Tabular},
    shims::include_list::IncludeList,
};

/// Compare the replicas of partitions
#[derive(Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// Which topics: regular expressions for whole names, comma-separated
    #[arg(long, value_name = "REGEX", default_value = ".*")]
    topics_include: String,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

impl Verify {
    pub(crate) fn run(self) -> Result<()> {
        block_on(async {
            let include = IncludeList::parse(&self.topics_include)?;
            let mut client = self.bootstrap.client().await?;
            let topics = client.describe_topics(None).await?;
            let mut checked = Vec::new();
            for topic in topics.iter().filter(|topic| include.has(&topic.name)) {
                let configs = client.describe_configs(&ConfigResource::Topic(topic.name.clone())).await?;
                let policy = configs.iter().find(|entry| entry.name == "cleanup.policy");
                let is_compacted = policy
                    .and_then(|entry| entry.value.as_deref())
                    .is_some_and(|policy| policy.contains("compact"));
                for partition in &topic.partitions {
                    checked.push(check(&mut client, topic, partition, is_compacted).await?);
                }
            }
            self.tell(&checked)
        })
    }

    /// Prints what was found; an error when something is wrong.
    fn tell(&self, checked: &[Checked]) -> Result<()> {
        match self.output {
            Format::Table => {
                let told: Vec<_> = checked.iter().filter(|checked| checked.is_worth_telling()).collect();
                if !told.is_empty() {
                    output::print(&told, Format::Table)?;
                }
                println!("{}", summary(checked));
            }
            other => output::print(checked, other)?,
        }
        let wrong = checked.iter().filter(|checked| !checked.problems.is_empty()).count();
        if wrong > 0 {
            let all = checked.len();
            bail!(
                "{wrong} of {all} partitions are not the same on all their replicas, or could not be compared"
            );
        }
        Ok(())
    }
}

/// The largest lag, as Kafka's script tells it.
fn summary(checked: &[Checked]) -> String {
    let count = checked.len();
    match checked.iter().max_by_key(|checked| checked.lag_max) {
        None => "no partition was compared".to_owned(),
        Some(worst) => format!(
            "max lag is {} for partition {}-{} at offset {} among {count} partitions",
            worst.lag_max, worst.topic, worst.partition, worst.compared_to
        ),
    }
}

impl Tabular for &Checked {
    fn head() -> &'static [&'static str] {
        &["TOPIC", "PARTITION", "REPLICAS", "COMPARED", "LAG", "PROBLEMS"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let replicas: Vec<_> = self.replicas.iter().map(ToString::to_string).collect();
        vec![vec![
            self.topic.clone(),
            self.partition.to_string(),
            replicas.join(","),
            format!("{}..{}", self.compared_from, self.compared_to),
            self.lag_max.to_string(),
            self.problems.join("; "),
        ]]
    }
}

impl Tabular for Checked {
    fn head() -> &'static [&'static str] {
        <&Self as Tabular>::head()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        (&self).rows()
    }
}
