//! Which users, clients and addresses the options name.

use std::net::ToSocketAddrs as _;

use broker_client::admin::quotas::QuotaMatch;

use super::super::{super::options::Failure, super::options::Options, check_action, check_changes};

/// A kind of entity: in options, their short forms, on the wire, and as it is shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) plural: &'static str,
    pub(super) short: &'static str,
    short_default: &'static str,
    pub(super) wire: &'static str,
    pub(super) shown: &'static str,
}

/// In the order in which they are shown.
pub(super) const KINDS: [Kind; 3] = [
    Kind {
        plural: "users",
        short: "user",
        short_default: "user-defaults",
        wire: "user",
        shown: "user-principal",
    },
    Kind {
        plural: "clients",
        short: "client",
        short_default: "client-defaults",
        wire: "client-id",
        shown: "client-id",
    },
    Kind { plural: "ips", short: "ip", short_default: "ip-defaults", wire: "ip", shown: "ip" },
];

/// Short forms in the order in which they count, which is not that of the command line, with their types.
const NAMED: [(&str, &str); 8] = [
    ("topic", "topics"),
    ("client", "clients"),
    ("user", "users"),
    ("broker", "brokers"),
    ("broker-logger", "broker-loggers"),
    ("ip", "ips"),
    ("client-metrics", "client-metrics"),
    ("group", "groups"),
];
const DEFAULTS: [(&str, &str); 4] = [
    ("client-defaults", "clients"),
    ("user-defaults", "users"),
    ("broker-defaults", "brokers"),
    ("ip-defaults", "ips"),
];
/// The long forms.
const LONG: [&str; 3] = ["entity-type", "entity-name", "entity-default"];

/// An entity's part: a name, the default, or any.
pub(super) type Part = (&'static Kind, QuotaMatch);

/// Whether the options name users, clients or addresses.
pub(in super::super) fn are_meant(options: &Options) -> bool {
    types(options).iter().any(|named| KINDS.iter().any(|kind| kind.plural == *named))
}

/// The types that are named, long and short.
fn types(options: &Options) -> Vec<&str> {
    let long = options.values("entity-type").iter().map(String::as_str);
    let short = NAMED.iter().chain(&DEFAULTS).filter(|(short, _)| options.has(short)).map(|(_, name)| *name);
    long.chain(short).collect()
}

/// The names that are given, in the order of the types.
fn names(options: &Options) -> Vec<QuotaMatch> {
    let named = |name: &str| match name {
        "" => QuotaMatch::Default,
        name => QuotaMatch::Named(name.to_owned()),
    };
    let mut long = options.values("entity-name").iter().map(String::as_str);
    let mut names: Vec<_> = options
        .in_order()
        .iter()
        .filter_map(|option| match *option {
            "entity-name" => long.next(),
            "entity-default" => Some(""),
            _ => None,
        })
        .map(named)
        .collect();
    names.extend(NAMED.iter().filter_map(|(short, _)| options.value(short)).map(named));
    let defaults = DEFAULTS.iter().filter(|(short, _)| options.has(short));
    names.extend(defaults.map(|_| QuotaMatch::Default));
    names
}

/// The parts of the entity, once it is clear that the options go together.
pub(super) fn check(options: &Options) -> Result<Vec<Part>, Failure> {
    let refuse = |reason: &str| Err(Failure(reason.to_owned()));
    check_action(options)?;
    let (types, names) = (types(options), names(options));
    if let Some(twice) =
        types.iter().enumerate().find(|(at, kind)| types[..*at].contains(kind)).map(|(_, kind)| kind)
    {
        return Err(Failure(format!("Duplicate entity type(s) specified: {twice}")));
    }
    if types.len() > 1 && !types.iter().all(|kind| ["users", "clients"].contains(kind)) {
        return refuse("Only 'users' and 'clients' entity types may be specified together");
    }
    let is_short = NAMED.iter().chain(&DEFAULTS).any(|(short, _)| options.has(short));
    if is_short && LONG.iter().any(|long| options.has(long)) {
        return refuse(
            "--entity-{type,name,default} should not be used in conjunction with specific entity flags",
        );
    }
    if types == ["ips"] {
        check_addresses(&names)?;
    }
    if options.has("alter") && names.is_empty() {
        return refuse(
            "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips",
        );
    }
    check_changes(options)?;
    if options.has("alter") && names.len() != types.len() {
        return refuse("An entity name must be specified for every entity type");
    }
    if names.len() > types.len() {
        return refuse("More entity names specified than entity types");
    }
    let wanted = names.into_iter().chain(std::iter::repeat(QuotaMatch::Any));
    let part = |(plural, wanted): (&str, QuotaMatch)| {
        let kind = KINDS.iter().find(|kind| kind.plural == plural);
        kind.map(|kind| (kind, wanted)).ok_or_else(|| Failure(format!("Invalid entity type {plural}")))
    };
    types.into_iter().zip(wanted).map(part).collect()
}

fn check_addresses(names: &[QuotaMatch]) -> Result<(), Failure> {
    let is_none = |name: &&QuotaMatch| match name {
        QuotaMatch::Named(name) => (name.as_str(), 0).to_socket_addrs().is_err(),
        QuotaMatch::Default | QuotaMatch::Any => false,
    };
    match names.iter().find(is_none) {
        Some(QuotaMatch::Named(name)) => Err(Failure(format!(
            "The entity name for ips must be a valid IP or resolvable host, but it is: {name}"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::SPEC, *};

    fn checked(line: &str) -> Result<Vec<(&'static str, QuotaMatch)>, String> {
        let words: Vec<_> = "--bootstrap-server a:1 ".split(' ').chain(line.split(' ')).collect();
        let words: Vec<_> =
            words.iter().filter(|word| !word.is_empty()).map(|word| (*word).to_owned()).collect();
        let options = Options::parse(&SPEC, &words).unwrap();
        assert!(are_meant(&options));
        let parts = check(&options).map_err(|failure| failure.0)?;
        Ok(parts.into_iter().map(|(kind, wanted)| (kind.wire, wanted)).collect())
    }

    #[test]
    fn entities_are_named_long_or_short_alone_or_together() {
        let named = |name: &str| QuotaMatch::Named(name.to_owned());
        let long = "--describe --entity-type users --entity-name a --entity-type clients --entity-name c";
        assert_eq!(checked(long), Ok(vec![("user", named("a")), ("client-id", named("c"))]));
        // Clients come before users.
        let short = Ok(vec![("client-id", named("c")), ("user", named("a"))]);
        assert_eq!(checked("--describe --user a --client c"), short);
        let default = "--describe --entity-type users --entity-default --entity-type clients --entity-name c";
        assert_eq!(checked(default), Ok(vec![("user", QuotaMatch::Default), ("client-id", named("c"))]));
        let any = "--describe --entity-type users --entity-name a --entity-type clients";
        assert_eq!(checked(any), Ok(vec![("user", named("a")), ("client-id", QuotaMatch::Any)]));
        assert_eq!(checked("--describe --entity-type ips"), Ok(vec![("ip", QuotaMatch::Any)]));
        for bad in [
            "--alter --entity-type users --add-config producer_byte_rate=1",
            "--describe --user a --ip 1.1.1.1",
            "--describe --user a --entity-type users",
            "--describe --user a --topic t --entity-type topics",
            "--alter --user a",
            "--describe --entity-type users --entity-name a --entity-name b",
        ] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }
}
