//! `klamm quota`: list, set, delete the quotas of users, clients and addresses.

use anyhow::{Result, bail};
use broker_client::admin::quotas::{EntityQuotas, QuotaMatch};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    commands::{Bootstrap, block_on},
    output::{self, Format, Tabular},
};

/// What to do with quotas.
#[derive(Subcommand)]
pub(crate) enum Quota {
    /// List the quotas, all or those of an entity
    List(List),
    /// Set quotas of an entity
    Set(Set),
    /// Delete quotas of an entity: those named, or all
    Delete(Delete),
}

/// Whom quotas limit.
#[derive(Args)]
struct Entity {
    /// This user
    #[arg(long, conflicts_with = "ip")]
    user: Option<String>,
    /// Each user that has no quota of its own
    #[arg(long, conflicts_with_all = ["user", "ip"])]
    user_default: bool,
    /// This client id, of the user where one is named
    #[arg(long, conflicts_with = "ip")]
    client_id: Option<String>,
    /// Each client id that has no quota of its own
    #[arg(long, conflicts_with_all = ["client_id", "ip"])]
    client_id_default: bool,
    /// Connections from this address
    #[arg(long)]
    ip: Option<String>,
    /// Connections from each address that has no quota of its own
    #[arg(long, conflicts_with_all = ["user", "user_default", "client_id", "client_id_default", "ip"])]
    ip_default: bool,
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    bootstrap: Bootstrap,
    #[command(flatten)]
    entity: Entity,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

#[derive(Args)]
pub(crate) struct Set {
    #[command(flatten)]
    bootstrap: Bootstrap,
    #[command(flatten)]
    entity: Entity,
    /// producer_byte_rate, consumer_byte_rate (bytes a second), request_percentage, controller_mutation_rate
    /// (partitions a second); of addresses connection_creation_rate
    #[arg(required = true, value_name = "QUOTA=VALUE")]
    quotas: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    bootstrap: Bootstrap,
    #[command(flatten)]
    entity: Entity,
    /// Which quotas; all of the entity when none is named
    quotas: Vec<String>,
}

impl Quota {
    pub(crate) fn run(self) -> Result<()> {
        block_on(async {
            match self {
                Self::List(list) => list.run().await,
                Self::Set(set) => set.run().await,
                Self::Delete(delete) => delete.run().await,
            }
        })
    }
}

impl Entity {
    /// Types with names.
    fn parts(&self) -> Vec<(String, Option<String>)> {
        let all = [
            ("user", &self.user, self.user_default),
            ("client-id", &self.client_id, self.client_id_default),
            ("ip", &self.ip, self.ip_default),
        ];
        let is_named = |(_, name, is_default): &(&str, &Option<String>, bool)| name.is_some() || *is_default;
        all.into_iter().filter(is_named).map(|(kind, name, _)| (kind.to_owned(), name.clone())).collect()
    }

    fn matching(&self) -> Vec<(String, QuotaMatch)> {
        let wanted = |name: Option<String>| name.map_or(QuotaMatch::Default, QuotaMatch::Named);
        self.parts().into_iter().map(|(kind, name)| (kind, wanted(name))).collect()
    }

    fn named(&self) -> Result<Vec<(String, Option<String>)>> {
        let parts = self.parts();
        if parts.is_empty() {
            bail!("say whose: --user, --client-id, --ip or one of their defaults");
        }
        Ok(parts)
    }
}

/// One quota, as it is listed.
#[derive(Serialize)]
struct Line {
    user: Option<String>,
    client_id: Option<String>,
    ip: Option<String>,
    quota: String,
    value: f64,
}

/// How a default is shown.
const DEFAULT: &str = "<default>";

impl Tabular for Line {
    fn head() -> &'static [&'static str] {
        &["USER", "CLIENT-ID", "IP", "QUOTA", "VALUE"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let text = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".to_owned());
        let value = self.value.to_string();
        vec![vec![text(&self.user), text(&self.client_id), text(&self.ip), self.quota.clone(), value]]
    }
}

fn lines(quotas: EntityQuotas) -> impl Iterator<Item = Line> {
    let part = |kind: &str| {
        let found = quotas.entity.iter().find(|(own, _)| own == kind)?;
        Some(found.1.clone().unwrap_or_else(|| DEFAULT.to_owned()))
    };
    let (user, client_id, ip) = (part("user"), part("client-id"), part("ip"));
    quotas.values.into_iter().map(move |(quota, value)| Line {
        user: user.clone(),
        client_id: client_id.clone(),
        ip: ip.clone(),
        quota,
        value,
    })
}

impl List {
    async fn run(self) -> Result<()> {
        let found = self.bootstrap.client().await?.describe_quotas(&self.entity.matching(), false).await?;
        let lines: Vec<_> = found.into_iter().flat_map(lines).collect();
        output::print(&lines, self.output)
    }
}

impl Set {
    async fn run(self) -> Result<()> {
        let entity = self.entity.named()?;
        let values = self.quotas.iter().map(|text| parsed(text)).collect::<Result<Vec<_>>>()?;
        Ok(self.bootstrap.client().await?.alter_quotas(&entity, &values).await?)
    }
}

fn parsed(text: &str) -> Result<(String, Option<f64>)> {
    let value = text.split_once('=').and_then(|(key, value)| Some((key, value.parse().ok()?)));
    let Some((key, value)) = value else { bail!("{text} is not QUOTA=VALUE") };
    Ok((key.to_owned(), Some(value)))
}

impl Delete {
    async fn run(self) -> Result<()> {
        let entity = self.entity.named()?;
        let mut client = self.bootstrap.client().await?;
        let mut quotas = self.quotas;
        if quotas.is_empty() {
            let found = client.describe_quotas(&self.entity.matching(), true).await?;
            quotas = found.into_iter().flat_map(|one| one.values).map(|(key, _)| key).collect();
        }
        let values: Vec<_> = quotas.into_iter().map(|key| (key, None)).collect();
        Ok(client.alter_quotas(&entity, &values).await?)
    }
}
