//! All bindings, found by resource and principal. A persistent map: a copy costs nothing, so that every image has its own.
//!
//! Invariant: no level is kept that has nothing below it, so that "has this resource any binding" is one look-up.

use alloc::vec::Vec;

use broker_protocol::Str;

use crate::{Binding, Entry, Filter, Map, Operation, Pattern, PatternType, Permission, ResourceType};

/// What an entry says, but for who: that is where it is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) host: Str,
    pub(crate) operation: Operation,
    pub(crate) permission: Permission,
}

/// The rules of one pattern by principal.
pub(crate) type Principals = Map<Str, Vec<Rule>>;
/// Patterns of one kind by name.
pub(crate) type Names = Map<Str, Principals>;

/// Every binding of a cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bindings {
    kinds: Map<(ResourceType, PatternType), Names>,
}

impl Bindings {
    /// Adds a binding; one that is there already is there twice then, and has to be removed twice.
    pub fn add(&mut self, binding: &Binding) {
        let Pattern { resource_type, pattern_type, name } = &binding.pattern;
        let kind = (*resource_type, *pattern_type);
        let mut names = self.kinds.get(&kind).cloned().unwrap_or_default();
        let mut principals = names.get(name).cloned().unwrap_or_default();
        let mut rules = principals.get(&binding.entry.principal).cloned().unwrap_or_default();
        rules.push(rule(&binding.entry));
        principals.insert_mut(binding.entry.principal.clone(), rules);
        names.insert_mut(name.clone(), principals);
        self.kinds.insert_mut(kind, names);
    }

    /// Removes a binding once, if it is there.
    pub fn remove(&mut self, binding: &Binding) {
        let Pattern { resource_type, pattern_type, name } = &binding.pattern;
        let (kind, principal) = ((*resource_type, *pattern_type), &binding.entry.principal);
        let Some(mut names) = self.kinds.get(&kind).cloned() else { return };
        let Some(mut principals) = names.get(name).cloned() else { return };
        let Some(mut rules) = principals.get(principal).cloned() else { return };
        let wanted = rule(&binding.entry);
        let Some(at) = rules.iter().position(|rule| *rule == wanted) else { return };
        rules.remove(at);
        if rules.is_empty() {
            principals.remove_mut(principal);
        } else {
            principals.insert_mut(principal.clone(), rules);
        }
        if principals.is_empty() {
            names.remove_mut(name);
        } else {
            names.insert_mut(name.clone(), principals);
        }
        if names.is_empty() {
            self.kinds.remove_mut(&kind);
        } else {
            self.kinds.insert_mut(kind, names);
        }
    }

    /// Whether there is exactly this binding.
    #[must_use]
    pub fn contains(&self, binding: &Binding) -> bool {
        let Pattern { resource_type, pattern_type, name } = &binding.pattern;
        let principals = self.names(*resource_type, *pattern_type).and_then(|names| names.get(name));
        let rules = principals.and_then(|principals| principals.get(&binding.entry.principal));
        rules.is_some_and(|rules| rules.contains(&rule(&binding.entry)))
    }

    /// Every binding that a filter lets through: by kind, name and principal.
    pub fn matching<'a>(&'a self, filter: &'a Filter) -> impl Iterator<Item = Binding> + 'a {
        self.patterns().filter(|(pattern, _)| filter.pattern.matches(pattern)).flat_map(
            move |(pattern, principals)| {
                let entries = entries(principals).filter(|entry| filter.entry.matches(entry));
                entries.map(move |entry| Binding { pattern: pattern.clone(), entry })
            },
        )
    }

    fn patterns(&self) -> impl Iterator<Item = (Pattern, &Principals)> {
        self.kinds.iter().flat_map(|((resource_type, pattern_type), names)| {
            names.iter().map(|(name, principals)| {
                let (resource_type, pattern_type) = (*resource_type, *pattern_type);
                (Pattern { resource_type, pattern_type, name: name.clone() }, principals)
            })
        })
    }

    pub(crate) fn names(&self, resource_type: ResourceType, pattern_type: PatternType) -> Option<&Names> {
        self.kinds.get(&(resource_type, pattern_type))
    }
}

fn rule(entry: &Entry) -> Rule {
    Rule { host: entry.host.clone(), operation: entry.operation, permission: entry.permission }
}

fn entries(principals: &Principals) -> impl Iterator<Item = Entry> {
    principals.iter().flat_map(|(principal, rules)| {
        rules.iter().map(|rule| Entry {
            principal: principal.clone(),
            host: rule.host.clone(),
            operation: rule.operation,
            permission: rule.permission,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::binding;

    #[test]
    fn what_is_removed_leaves_nothing_behind() {
        let mut bindings = Bindings::default();
        let all = ["topic orders", "topic orders*", "topic *", "group orders"]
            .map(|on| binding(on, "User:a", "*", Operation::Read, Permission::Allow));
        let other = binding("topic orders", "User:a", "*", Operation::Read, Permission::Deny);
        for one in &all {
            bindings.add(one);
            assert!(bindings.contains(one));
        }
        bindings.remove(&other);
        assert_eq!(bindings.matching(&Filter::ANY).count(), 4);
        for one in &all {
            bindings.remove(one);
            assert!(!bindings.contains(one));
        }
        assert_eq!(bindings, Bindings::default());
    }

    #[test]
    fn a_binding_that_is_there_twice_is_removed_once() {
        let mut bindings = Bindings::default();
        let one = binding("topic orders", "User:a", "*", Operation::Read, Permission::Allow);
        bindings.add(&one);
        bindings.add(&one);
        bindings.remove(&one);
        assert!(bindings.contains(&one));
        bindings.remove(&one);
        bindings.remove(&one);
        assert!(!bindings.contains(&one));
    }
}
