//! The ACLs of a user: all of them, and no others.

use std::collections::BTreeSet;

use broker_authorizer::{CLUSTER_NAME, Operation, PatternType, Permission, ResourceType, WILDCARD};
use operator_api::{
    AclOperation, AclPatternType, AclPermission, AclResource, AclResourceType, AclRule, KafkaUser,
};

use super::PrincipalChange;

/// One ACL of a principal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Acl {
    /// The kind of resource.
    pub resource_type: ResourceType,
    /// How names are compared.
    pub pattern_type: PatternType,
    /// The resource's name, or how it begins.
    pub resource_name: String,
    /// From where, or `*`.
    pub host: String,
    /// What.
    pub operation: Operation,
    /// Whether that is denied or allowed.
    pub permission: Permission,
}

/// What the resource says.
pub(super) fn wanted(user: &KafkaUser) -> BTreeSet<Acl> {
    let rules = user.spec.authorization.iter().flat_map(|authorization| &authorization.acls);
    rules.flat_map(of_rule).collect()
}

fn of_rule(rule: &AclRule) -> impl Iterator<Item = Acl> + '_ {
    let (resource_type, pattern_type, resource_name) = resource(&rule.resource);
    rule.operations.iter().map(move |operation| Acl {
        resource_type,
        pattern_type,
        resource_name: resource_name.to_owned(),
        host: rule.host.clone().unwrap_or_else(|| WILDCARD.to_owned()),
        operation: code(*operation),
        permission: match rule.permission.unwrap_or_default() {
            AclPermission::Allow => Permission::Allow,
            AclPermission::Deny => Permission::Deny,
        },
    })
}

fn resource(resource: &AclResource) -> (ResourceType, PatternType, &str) {
    let kind = match resource.kind {
        AclResourceType::Cluster => return (ResourceType::Cluster, PatternType::Literal, CLUSTER_NAME),
        AclResourceType::Topic => ResourceType::Topic,
        AclResourceType::Group => ResourceType::Group,
        AclResourceType::TransactionalId => ResourceType::TransactionalId,
    };
    let pattern = match resource.pattern_type.unwrap_or_default() {
        AclPatternType::Literal => PatternType::Literal,
        AclPatternType::Prefix => PatternType::Prefixed,
    };
    (kind, pattern, resource.name.as_deref().unwrap_or_default())
}

const fn code(operation: AclOperation) -> Operation {
    match operation {
        AclOperation::Read => Operation::Read,
        AclOperation::Write => Operation::Write,
        AclOperation::Create => Operation::Create,
        AclOperation::Delete => Operation::Delete,
        AclOperation::Alter => Operation::Alter,
        AclOperation::Describe => Operation::Describe,
        AclOperation::ClusterAction => Operation::ClusterAction,
        AclOperation::AlterConfigs => Operation::AlterConfigs,
        AclOperation::DescribeConfigs => Operation::DescribeConfigs,
        AclOperation::IdempotentWrite => Operation::IdempotentWrite,
        AclOperation::All => Operation::All,
    }
}

/// From those that Kafka has to those that are wanted. Where nobody looks at ACLs there are none to take away.
pub(super) fn change(wanted: &BTreeSet<Acl>, found: Option<&BTreeSet<Acl>>) -> PrincipalChange {
    let none = BTreeSet::new();
    let found = found.unwrap_or(&none);
    PrincipalChange {
        create: wanted.difference(found).cloned().collect(),
        delete: found.difference(wanted).cloned().collect(),
        ..PrincipalChange::default()
    }
}
