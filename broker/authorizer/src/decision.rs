//! The decision: deny first, then allow, then the default (KIP-11); and whether anything of a kind is allowed (KIP-679).

use core::{fmt, net::IpAddr};

use crate::{
    Bindings, Operation, PatternType, Permission, ResourceType, Rules, WILDCARD,
    bindings::{Principals, Rule},
    host,
    prefixes::Prefixes,
};

/// The principal that every user is.
const EVERY_USER: &str = "User:*";
/// A resource that stands for any, when something of a kind is asked for: super users may use it, and who has a
/// wildcard or lives under the default.
const SOME_NAME: &str = "hardcode";

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor<'a> {
    /// As `type:name`.
    pub principal: &'a str,
    /// From where.
    pub address: IpAddr,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action<'a> {
    /// The operation.
    pub operation: Operation,
    /// The kind of resource.
    pub resource_type: ResourceType,
    /// The resource's name.
    pub name: &'a str,
}

/// A binding that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matched<'a> {
    resource_type: ResourceType,
    pattern_type: PatternType,
    name: &'a str,
    principal: &'a str,
    host: &'a str,
    operation: Operation,
    permission: Permission,
}

/// A decision, and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason<'a> {
    /// Allowed: a super user.
    SuperUser,
    /// Allowed by a binding.
    Allow(Matched<'a>),
    /// Denied by a binding.
    Deny(Matched<'a>),
    /// Allowed: the resource has no binding, and everyone may use such ones.
    DefaultAllow,
    /// Denied: no binding allows it.
    DefaultDeny,
}

impl Reason<'_> {
    /// Whether the action is allowed.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        match self {
            Self::SuperUser | Self::Allow(_) | Self::DefaultAllow => true,
            Self::Deny(_) | Self::DefaultDeny => false,
        }
    }
}

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SuperUser => f.write_str("SuperUser"),
            Self::DefaultAllow => f.write_str("DefaultAllow"),
            Self::DefaultDeny => f.write_str("DefaultDeny"),
            Self::Allow(by) | Self::Deny(by) => write!(f, "MatchingAcl(acl={by})"),
        }
    }
}

impl fmt::Display for Matched<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "StandardAcl(resourceType={}, resourceName={}, patternType={}, principal={}, host={}, operation={}, \
             permissionType={})",
            self.resource_type.name(),
            self.name,
            self.pattern_type.name(),
            self.principal,
            self.host,
            self.operation.name(),
            self.permission.name(),
        )
    }
}

impl Rules {
    /// Decides about one action.
    #[must_use]
    pub fn decide<'a>(&self, bindings: &'a Bindings, actor: Actor<'a>, action: Action<'a>) -> Reason<'a> {
        if self.is_super_user(actor.principal) {
            return Reason::SuperUser;
        }
        let mut allowed = None;
        let mut has_any = false;
        for (pattern_type, name, principals) in bearing_on(bindings, action) {
            has_any = true;
            for (principal, rule) in rules_of(principals, actor) {
                if !applies(rule, action.operation) {
                    continue;
                }
                let matched = Matched {
                    resource_type: action.resource_type,
                    pattern_type,
                    name,
                    principal,
                    host: &rule.host,
                    operation: rule.operation,
                    permission: rule.permission,
                };
                if rule.permission != Permission::Allow {
                    return Reason::Deny(matched);
                }
                allowed = Some(matched);
            }
        }
        match allowed {
            Some(by) => Reason::Allow(by),
            None if !has_any && self.allows_everyone() => Reason::DefaultAllow,
            None => Reason::DefaultDeny,
        }
    }

    /// Whether an operation is allowed on at least one resource of a kind: one that no DENY covers as a whole.
    #[must_use]
    pub fn allows_any(
        &self,
        bindings: &Bindings,
        actor: Actor<'_>,
        operation: Operation,
        resource_type: ResourceType,
    ) -> bool {
        let some = Action { operation, resource_type, name: SOME_NAME };
        if self.decide(bindings, actor, some).is_allowed() {
            return true;
        }
        let literal = bindings.names(resource_type, PatternType::Literal);
        let prefixed = bindings.names(resource_type, PatternType::Prefixed);
        let says = |principals: &Principals, permission| {
            rules_of(principals, actor).any(|(_, rule)| {
                rule.permission == permission && [operation, Operation::All].contains(&rule.operation)
            })
        };
        let is_covered =
            |name: &str| Prefixes::new(prefixed, name).any(|(_, covering)| says(covering, Permission::Deny));
        match literal.and_then(|names| names.get(WILDCARD)) {
            Some(all) if says(all, Permission::Deny) => return false,
            Some(all) if says(all, Permission::Allow) => return true,
            _ => {}
        }
        let named = literal.into_iter().flat_map(|names| names.iter()).any(|(name, principals)| {
            says(principals, Permission::Allow) && !says(principals, Permission::Deny) && !is_covered(name)
        });
        let begun = prefixed.into_iter().flat_map(|names| names.iter());
        named
            || begun
                .into_iter()
                .any(|(name, principals)| says(principals, Permission::Allow) && !is_covered(name))
    }
}

/// Every pattern that bears on a resource: its own name, all beginnings of it, and `*`.
fn bearing_on<'a>(
    bindings: &'a Bindings,
    action: Action<'a>,
) -> impl Iterator<Item = (PatternType, &'a str, &'a Principals)> {
    let literal = bindings.names(action.resource_type, PatternType::Literal);
    let named = move |name: &str| {
        let (name, principals) = literal?.get_key_value(name)?;
        Some((PatternType::Literal, &**name, principals))
    };
    let wildcard = if action.name == WILDCARD { None } else { named(WILDCARD) };
    let prefixed = Prefixes::new(bindings.names(action.resource_type, PatternType::Prefixed), action.name);
    named(action.name)
        .into_iter()
        .chain(prefixed.map(|(name, principals)| (PatternType::Prefixed, name, principals)))
        .chain(wildcard)
}

/// The rules for an actor, wherever they are about it by name or about everyone.
fn rules_of<'a>(principals: &'a Principals, actor: Actor<'a>) -> impl Iterator<Item = (&'a str, &'a Rule)> {
    [actor.principal, EVERY_USER]
        .into_iter()
        .filter_map(|principal| principals.get_key_value(principal))
        .flat_map(|(principal, rules)| rules.iter().map(move |rule| (&**principal, rule)))
        .filter(move |(_, rule)| host::is_of(&rule.host, actor.address))
}

/// Whether a rule is about an operation. An ALLOW may be by implication, a DENY never is.
fn applies(rule: &Rule, operation: Operation) -> bool {
    use Operation::{Alter, AlterConfigs, Delete, Describe, DescribeConfigs, Read, Write};
    let is_implied = match operation {
        Describe => matches!(rule.operation, Read | Write | Delete | Alter),
        DescribeConfigs => rule.operation == AlterConfigs,
        _ => false,
    };
    rule.operation == Operation::All
        || rule.operation == operation
        || (is_implied && rule.permission == Permission::Allow)
}

#[cfg(test)]
mod tests;
