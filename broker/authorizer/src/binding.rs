//! One access control binding: a pattern of resources, and who may or may not do what with them.

use broker_protocol::Str;

use crate::{Operation, PatternType, Permission, ResourceType};

/// Stands for every name, every host, and in `User:*` for every user.
pub const WILDCARD: &str = "*";

/// Which resources a binding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern {
    /// The kind of resource.
    pub resource_type: ResourceType,
    /// How names are compared.
    pub pattern_type: PatternType,
    /// The name, its beginning, or `*`.
    pub name: Str,
}

/// Who may or may not do what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Who, as `type:name`.
    pub principal: Str,
    /// From which address, as text, or `*`.
    pub host: Str,
    /// What.
    pub operation: Operation,
    /// Whether that is denied or allowed.
    pub permission: Permission,
}

/// A pattern and an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Binding {
    /// Which resources.
    pub pattern: Pattern,
    /// Who and what.
    pub entry: Entry,
}
