//! Filters of DescribeAcls and DeleteAcls (KIP-140, KIP-290).

use broker_protocol::Str;

use crate::{Entry, Operation, Pattern, PatternType, Permission, ResourceType, WILDCARD};

/// Which patterns are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternFilter {
    /// The kind of resource, or any.
    pub resource_type: ResourceType,
    /// How names are compared; `Match` means every pattern that bears on the name.
    pub pattern_type: PatternType,
    /// The name; `None` for all.
    pub name: Option<Str>,
}

/// Which entries are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryFilter {
    /// Who; `None` for all.
    pub principal: Option<Str>,
    /// From where; `None` for all.
    pub host: Option<Str>,
    /// What, or any.
    pub operation: Operation,
    /// Denied, allowed, or any.
    pub permission: Permission,
}

/// Which bindings are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// By pattern.
    pub pattern: PatternFilter,
    /// By entry.
    pub entry: EntryFilter,
}

impl Filter {
    /// Every binding.
    pub const ANY: Self = Self {
        pattern: PatternFilter {
            resource_type: ResourceType::Any,
            pattern_type: PatternType::Any,
            name: None,
        },
        entry: EntryFilter {
            principal: None,
            host: None,
            operation: Operation::Any,
            permission: Permission::Any,
        },
    };
}

impl PatternFilter {
    /// Whether it asks for something that this version does not know.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.resource_type == ResourceType::Unknown || self.pattern_type == PatternType::Unknown
    }

    /// Whether it means this pattern.
    #[must_use]
    pub fn matches(&self, pattern: &Pattern) -> bool {
        let is_type = self.resource_type == ResourceType::Any || self.resource_type == pattern.resource_type;
        is_type && self.is_name(pattern)
    }

    fn is_name(&self, pattern: &Pattern) -> bool {
        let is_any = matches!(self.pattern_type, PatternType::Any | PatternType::Match);
        if !is_any && self.pattern_type != pattern.pattern_type {
            return false;
        }
        let Some(name) = &self.name else { return true };
        if self.pattern_type != PatternType::Match {
            return *name == pattern.name;
        }
        match pattern.pattern_type {
            PatternType::Literal => *name == pattern.name || pattern.name == WILDCARD,
            PatternType::Prefixed => name.starts_with(&*pattern.name),
            PatternType::Any | PatternType::Match | PatternType::Unknown => false,
        }
    }
}

impl EntryFilter {
    /// Whether it asks for something that this version does not know.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.operation == Operation::Unknown || self.permission == Permission::Unknown
    }

    /// Whether it means this entry.
    #[must_use]
    pub fn matches(&self, entry: &Entry) -> bool {
        self.principal.as_ref().is_none_or(|principal| *principal == entry.principal)
            && self.host.as_ref().is_none_or(|host| *host == entry.host)
            && (self.operation == Operation::Any || self.operation == entry.operation)
            && (self.permission == Permission::Any || self.permission == entry.permission)
    }
}

impl Filter {
    /// Whether it means this binding.
    #[must_use]
    pub fn matches(&self, binding: &crate::Binding) -> bool {
        self.pattern.matches(&binding.pattern) && self.entry.matches(&binding.entry)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::String, vec::Vec};

    use super::*;
    use crate::{
        Bindings,
        testing::{binding, shown},
    };

    fn found(pattern_type: PatternType, name: Option<&str>) -> Vec<String> {
        let mut bindings = Bindings::default();
        for on in
            ["topic *", "topic foo", "topic foobar", "topic fo*", "topic foo*", "topic bar*", "group foo"]
        {
            bindings.add(&binding(on, "User:a", "*", Operation::Read, Permission::Allow));
        }
        let name = name.map(Str::from);
        let pattern = PatternFilter { resource_type: ResourceType::Topic, pattern_type, name };
        let filter = Filter { pattern, ..Filter::ANY };
        bindings.matching(&filter).map(|binding| shown(&binding.pattern)).collect()
    }

    #[test]
    fn names_are_matched_by_the_pattern_that_is_asked_for() {
        use PatternType::{Any, Literal, Match, Prefixed};
        let all = ["topic *", "topic foo", "topic foobar", "topic bar*", "topic fo*", "topic foo*"];
        assert_eq!(found(Any, None), all);
        assert_eq!(found(Match, None), all);
        assert_eq!(found(Literal, None), all[..3]);
        assert_eq!(found(Literal, Some("foo")), ["topic foo"]);
        assert_eq!(found(Literal, Some("*")), ["topic *"]);
        assert_eq!(found(Prefixed, Some("foo")), ["topic foo*"]);
        assert_eq!(found(Any, Some("foo")), ["topic foo", "topic foo*"]);
        assert_eq!(found(Match, Some("foo")), ["topic *", "topic foo", "topic fo*", "topic foo*"]);
        assert_eq!(found(Match, Some("foobar")), ["topic *", "topic foobar", "topic fo*", "topic foo*"]);
        assert_eq!(found(Match, Some("*")), ["topic *"]);
        assert_eq!(found(PatternType::Unknown, None), [""; 0]);
    }

    #[test]
    fn entries_are_matched_part_by_part() {
        let one = binding("topic a", "User:a", "10.0.0.1", Operation::Read, Permission::Deny).entry;
        let any = Filter::ANY.entry;
        assert!(any.matches(&one));
        for (filter, expected) in [
            (EntryFilter { principal: Some("User:a".into()), ..any.clone() }, true),
            (EntryFilter { principal: Some("User:*".into()), ..any.clone() }, false),
            (EntryFilter { host: Some("10.0.0.1".into()), ..any.clone() }, true),
            (EntryFilter { host: Some("*".into()), ..any.clone() }, false),
            (EntryFilter { operation: Operation::Read, ..any.clone() }, true),
            (EntryFilter { operation: Operation::All, ..any.clone() }, false),
            (EntryFilter { permission: Permission::Deny, ..any.clone() }, true),
            (EntryFilter { permission: Permission::Allow, ..any.clone() }, false),
        ] {
            assert_eq!(filter.matches(&one), expected, "{filter:?}");
        }
    }
}
