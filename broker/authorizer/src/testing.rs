//! Bindings in short words, for tests: `topic orders`, `topic orders*` for a prefix, `topic *` for all.

use alloc::{format, string::String};

use broker_protocol::Str;

use crate::{Binding, Entry, Operation, Pattern, PatternType, Permission, ResourceType};

pub(crate) fn binding(
    on: &str,
    principal: &str,
    host: &str,
    operation: Operation,
    permission: Permission,
) -> Binding {
    let (kind, name) = on.split_once(' ').unwrap();
    let resource_type = match kind {
        "topic" => ResourceType::Topic,
        "group" => ResourceType::Group,
        "cluster" => ResourceType::Cluster,
        other => panic!("{other} is not a kind of resource"),
    };
    let (pattern_type, name) = match name.strip_suffix('*') {
        Some(prefix) if !prefix.is_empty() => (PatternType::Prefixed, prefix),
        _ => (PatternType::Literal, name),
    };
    let pattern = Pattern { resource_type, pattern_type, name: Str::from(name) };
    let entry = Entry { principal: Str::from(principal), host: Str::from(host), operation, permission };
    Binding { pattern, entry }
}

pub(crate) fn shown(pattern: &Pattern) -> String {
    let end = if pattern.pattern_type == PatternType::Prefixed { "*" } else { "" };
    format!("{} {}{end}", pattern.resource_type.name().to_lowercase(), pattern.name)
}
