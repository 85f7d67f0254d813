//! Which entries of which resources the options mean.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use broker_authorizer::{CLUSTER_NAME, Operation, PatternType, Permission, ResourceType};
use broker_client::admin::acls::{AclBinding, AclFilter};

use super::super::options::{Failure, Options};

pub(super) type Pattern = PatternType;

/// A resource, or a filter of resources.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resource {
    pub(super) kind: i8,
    pub(super) name: String,
    pub(super) pattern: Pattern,
}

/// Who may do what from where, or may not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) principal: String,
    host: String,
    operation: Operation,
    permission: Permission,
}

impl Resource {
    fn new(kind: ResourceType, name: &str, pattern: Pattern) -> Self {
        Self { kind: kind.code(), name: name.to_owned(), pattern }
    }

    fn cluster() -> Self {
        Self::new(ResourceType::Cluster, CLUSTER_NAME, Pattern::Literal)
    }

    /// As Kafka writes it.
    pub(super) fn shown(&self, class: &str) -> String {
        let kind = ResourceType::from_code(self.kind).name();
        format!("{class}(resourceType={kind}, name={}, patternType={})", self.name, self.pattern.name())
    }

    /// All entries of it.
    pub(super) fn filter(&self) -> AclFilter {
        AclFilter {
            resource_type: self.kind,
            resource_name: Some(self.name.clone()),
            pattern_type: self.pattern.code(),
            ..AclFilter::any()
        }
    }
}

impl Entry {
    pub(super) fn of(binding: AclBinding) -> Self {
        Self {
            principal: binding.principal,
            host: binding.host,
            operation: Operation::from_code(binding.operation),
            permission: Permission::from_code(binding.permission),
        }
    }

    pub(super) fn binding(&self, resource: &Resource) -> AclBinding {
        AclBinding {
            resource_type: resource.kind,
            resource_name: resource.name.clone(),
            pattern_type: resource.pattern.code(),
            principal: self.principal.clone(),
            host: self.host.clone(),
            operation: self.operation.code(),
            permission: self.permission.code(),
        }
    }

    pub(super) fn filter(&self, resource: &Resource) -> AclFilter {
        AclFilter {
            principal: Some(self.principal.clone()),
            host: Some(self.host.clone()),
            operation: self.operation.code(),
            permission: self.permission.code(),
            ..resource.filter()
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operation, permission) = (self.operation.name(), self.permission.name());
        let Self { principal, host, .. } = self;
        write!(f, "(principal={principal}, host={host}, operation={operation}, permissionType={permission})")
    }
}

fn pattern_type(options: &Options) -> Result<Pattern, Wrong> {
    let Some(name) = options.value("resource-pattern-type") else { return Ok(Pattern::Literal) };
    let all = [Pattern::Any, Pattern::Match, Pattern::Literal, Pattern::Prefixed];
    let found = all.into_iter().find(|pattern| pattern.name().eq_ignore_ascii_case(name));
    let found = found.ok_or_else(|| {
        Wrong::Value(format!("Cannot parse argument '{name}' of option resource-pattern-type"))
    })?;
    let is_specific = matches!(found, Pattern::Literal | Pattern::Prefixed);
    if options.has("add") && !is_specific {
        let name = found.name();
        return usage(format!(
            "A '--resource-pattern-type' value of '{name}' is not valid when adding acls."
        ));
    }
    Ok(found)
}

/// The resources that the options name.
pub(super) fn patterns(options: &Options) -> Result<BTreeSet<Resource>, Wrong> {
    let pattern = pattern_type(options)?;
    let kinds = [
        ("topic", ResourceType::Topic),
        ("group", ResourceType::Group),
        ("transactional-id", ResourceType::TransactionalId),
        ("delegation-token", ResourceType::DelegationToken),
        ("user-principal", ResourceType::User),
    ];
    let named = kinds.iter().flat_map(|(option, kind)| {
        options.values(option).iter().map(|name| Resource::new(*kind, name.trim(), pattern))
    });
    let mut found: BTreeSet<_> = named.collect();
    if pattern == Pattern::Literal && options.count_of(&["cluster", "idempotent"]) > 0 {
        found.insert(Resource::cluster());
    }
    Ok(found)
}

/// The principals that an option names.
pub(super) fn principals(options: &Options, option: &str) -> Result<Vec<String>, Wrong> {
    let checked = |text: &String| match text.trim() {
        principal if principal.contains(':') => Ok(principal.to_owned()),
        other => Err(Wrong::Value(format!(
            "expected a string in format principalType:principalName but got {other}"
        ))),
    };
    options.values(option).iter().map(checked).collect()
}

pub(super) type Wanted = BTreeMap<Resource, BTreeSet<Entry>>;

/// Why options mean no entries.
#[derive(Debug)]
pub(super) enum Wrong {
    /// They do not go together: said with all options.
    Usage(Failure),
    /// One of them has no meaning: said as what went wrong.
    Value(String),
}

impl From<Wrong> for anyhow::Error {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Usage(failure) => failure.into(),
            Wrong::Value(reason) => Self::msg(reason),
        }
    }
}

fn usage<T>(reason: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong::Usage(Failure(reason.into())))
}

/// The entries that are to be added or removed, by resource; none: all of the resource.
pub(super) fn wanted(options: &Options) -> Result<Wanted, Wrong> {
    let resources = patterns(options)?;
    if options.has("list") {
        return Ok(Wanted::new());
    }
    if resources.is_empty() {
        return usage(
            "You must provide at least one resource: --topic <topic> or --cluster or --group <group> or \
             --delegation-token <Delegation Token ID>",
        );
    }
    let mut wanted = Wanted::new();
    for resource in resources {
        if let Some(operations) = operations_on(options, &resource)? {
            wanted.insert(resource, entries(options, &operations)?);
        }
    }
    wanted.iter().try_for_each(|(resource, entries)| check_operations(resource, entries))?;
    Ok(wanted)
}

/// What is to be done to the resource; `None`: nothing is said about it.
fn operations_on(options: &Options, resource: &Resource) -> Result<Option<BTreeSet<Operation>>, Wrong> {
    let (is_producer, is_consumer) = (options.has("producer"), options.has("consumer"));
    if !is_producer && !is_consumer {
        return operations(options).map(Some);
    }
    let kind = ResourceType::from_code(resource.kind);
    let producer: &[Operation] = match kind {
        ResourceType::Topic if is_producer => &[Operation::Write, Operation::Describe, Operation::Create],
        ResourceType::TransactionalId if is_producer => &[Operation::Write, Operation::Describe],
        ResourceType::Cluster if is_producer && options.has("idempotent") => &[Operation::IdempotentWrite],
        _ => &[],
    };
    let consumer: &[Operation] = match kind {
        ResourceType::Topic if is_consumer => &[Operation::Read, Operation::Describe],
        ResourceType::Group if is_consumer => &[Operation::Read],
        _ => &[],
    };
    let all: BTreeSet<_> = producer.iter().chain(consumer).copied().collect();
    Ok((!all.is_empty()).then_some(all))
}

/// The operations that are named; one without a meaning fits no resource.
fn operations(options: &Options) -> Result<BTreeSet<Operation>, Wrong> {
    let named = |name: &String| {
        let plain = name.trim();
        let all = (Operation::All.code()..=Operation::TwoPhaseCommit.code()).map(Operation::from_code);
        let found =
            all.into_iter().find(|one| one.title().eq_ignore_ascii_case(plain) || one.name() == plain);
        match found {
            None if plain.eq_ignore_ascii_case("any") => {
                Err(Wrong::Value("operation must not be ANY".to_owned()))
            }
            found => Ok(found.unwrap_or(Operation::Unknown)),
        }
    };
    let given = options.values("operation");
    if given.is_empty() { Ok([Operation::All].into()) } else { given.iter().map(named).collect() }
}

/// Each principal's entries for the operations.
fn entries(options: &Options, operations: &BTreeSet<Operation>) -> Result<BTreeSet<Entry>, Wrong> {
    let mut entries = BTreeSet::new();
    for (who, from, permission) in [
        ("allow-principal", "allow-host", Permission::Allow),
        ("deny-principal", "deny-host", Permission::Deny),
    ] {
        let hosts = match options.values(from) {
            [] => vec!["*".to_owned()],
            some => some.iter().map(|host| host.trim().to_owned()).collect(),
        };
        for principal in principals(options, who)? {
            for host in &hosts {
                entries.extend(operations.iter().map(|operation| Entry {
                    principal: principal.clone(),
                    host: host.clone(),
                    operation: *operation,
                    permission,
                }));
            }
        }
    }
    Ok(entries)
}

fn check_operations(resource: &Resource, entries: &BTreeSet<Entry>) -> Result<(), Wrong> {
    let kind = ResourceType::from_code(resource.kind);
    let fits =
        |entry: &Entry| entry.operation == Operation::All || kind.operations().contains(&entry.operation);
    if entries.iter().all(fits) {
        return Ok(());
    }
    let names: Vec<_> =
        kind.operations().iter().chain([&Operation::All]).map(|operation| operation.name()).collect();
    usage(format!("ResourceType {} only supports operations [{}]", kind.name(), names.join(", ")))
}
