//! `klamm acl`: list, add, remove access control entries.

use anyhow::{Result, bail};
use broker_authorizer::{CLUSTER_NAME, Operation, PatternType, Permission, ResourceType};
use broker_client::admin::acls::{AclBinding, AclFilter};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    commands::{Bootstrap, block_on},
    output::{self, Format, Tabular},
};

/// What to do with access control entries.
#[derive(Subcommand)]
pub(crate) enum Acl {
    /// List the entries, all or those that match
    List(List),
    /// Let a principal do something, or keep it from it
    Add(Change),
    /// Remove entries
    Remove(Change),
}

/// Which resource.
#[derive(Args)]
struct Resource {
    /// Of this topic; * for all
    #[arg(long, group = "resource")]
    topic: Option<String>,
    /// Of this group; * for all
    #[arg(long, group = "resource")]
    group: Option<String>,
    /// Of this transactional id; * for all
    #[arg(long, group = "resource")]
    transactional_id: Option<String>,
    /// Of the cluster
    #[arg(long, group = "resource")]
    cluster: bool,
    /// All names that begin so
    #[arg(long)]
    prefixed: bool,
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    bootstrap: Bootstrap,
    #[command(flatten)]
    resource: Resource,
    /// Only entries of this principal, such as User:ann
    #[arg(long)]
    principal: Option<String>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

#[derive(Args)]
pub(crate) struct Change {
    #[command(flatten)]
    bootstrap: Bootstrap,
    #[command(flatten)]
    resource: Resource,
    /// Who, such as User:ann; User:* for everybody
    #[arg(long)]
    principal: String,
    /// From which address; * for any
    #[arg(long, default_value = "*")]
    host: String,
    /// Keep out rather than let in
    #[arg(long)]
    deny: bool,
    /// What: read, write, create, delete, alter, describe, describe-configs, …, all
    #[arg(required = true)]
    operations: Vec<String>,
}

impl Acl {
    pub(crate) fn run(self) -> Result<()> {
        block_on(async {
            match self {
                Self::List(list) => list.run().await,
                Self::Add(change) => change.add().await,
                Self::Remove(change) => change.remove().await,
            }
        })
    }
}

impl Resource {
    fn named(&self) -> Option<(ResourceType, &str)> {
        let all = [
            (ResourceType::Topic, &self.topic),
            (ResourceType::Group, &self.group),
            (ResourceType::TransactionalId, &self.transactional_id),
        ];
        let found = all.into_iter().find_map(|(kind, name)| Some((kind, name.as_deref()?)));
        found.or(self.cluster.then_some((ResourceType::Cluster, CLUSTER_NAME)))
    }

    fn pattern(&self) -> PatternType {
        if self.prefixed { PatternType::Prefixed } else { PatternType::Literal }
    }
}

/// One entry, as it is listed.
#[derive(Serialize)]
struct Line {
    resource: &'static str,
    name: String,
    pattern: &'static str,
    principal: String,
    host: String,
    operation: &'static str,
    permission: &'static str,
}

impl Tabular for Line {
    fn head() -> &'static [&'static str] {
        &["RESOURCE", "NAME", "PATTERN", "PRINCIPAL", "HOST", "OPERATION", "PERMISSION"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let Self { resource, name, pattern, principal, host, operation, permission } = self;
        let cells = [*resource, name, pattern, principal, host, operation, permission];
        vec![cells.iter().map(|cell| (*cell).to_owned()).collect()]
    }
}

impl List {
    async fn run(self) -> Result<()> {
        let mut filter = AclFilter { principal: self.principal, ..AclFilter::any() };
        if let Some((kind, name)) = self.resource.named() {
            filter.resource_type = kind.code();
            filter.resource_name = Some(name.to_owned());
            filter.pattern_type = self.resource.pattern().code();
        }
        let mut found = self.bootstrap.client().await?.describe_acls(&filter).await?;
        found.sort();
        let line = |binding: AclBinding| Line {
            resource: ResourceType::from_code(binding.resource_type).title(),
            name: binding.resource_name,
            pattern: PatternType::from_code(binding.pattern_type).title(),
            principal: binding.principal,
            host: binding.host,
            operation: Operation::from_code(binding.operation).title(),
            permission: Permission::from_code(binding.permission).title(),
        };
        output::print(&found.into_iter().map(line).collect::<Vec<_>>(), self.output)
    }
}

impl Change {
    fn bindings(&self) -> Result<Vec<AclBinding>> {
        let Some((kind, name)) = self.resource.named() else {
            bail!("say of what: --topic, --group, --transactional-id or --cluster");
        };
        let permission = if self.deny { Permission::Deny } else { Permission::Allow };
        let binding = |operation: Operation| AclBinding {
            resource_type: kind.code(),
            resource_name: name.to_owned(),
            pattern_type: self.resource.pattern().code(),
            principal: self.principal.clone(),
            host: self.host.clone(),
            operation: operation.code(),
            permission: permission.code(),
        };
        self.operations.iter().map(|name| Ok(binding(operation(kind, name)?))).collect()
    }

    async fn add(self) -> Result<()> {
        let bindings = self.bindings()?;
        Ok(self.bootstrap.client().await?.create_acls(&bindings).await?)
    }

    async fn remove(self) -> Result<()> {
        let filters: Vec<_> = self.bindings()?.into_iter().map(AclFilter::only).collect();
        let removed = self.bootstrap.client().await?.delete_acls(&filters).await?;
        println!("removed {removed}");
        Ok(())
    }
}

/// The operation of that name, if such a resource has it.
fn operation(kind: ResourceType, name: &str) -> Result<Operation> {
    let plain = name.replace(['-', '_'], "");
    let mut known = kind.operations().iter().copied().chain([Operation::All]);
    let Some(found) = known.find(|one| one.title().eq_ignore_ascii_case(&plain)) else {
        let names: Vec<_> = kind.operations().iter().map(|one| one.title()).collect();
        bail!("{name} is no operation of a {}: there are {}, All", kind.title(), names.join(", "));
    };
    Ok(found)
}
