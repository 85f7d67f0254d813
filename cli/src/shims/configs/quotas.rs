//! The quotas of users, clients and addresses.

use std::{collections::BTreeMap, process::ExitCode};

use anyhow::{Result, bail};
use broker_client::{
    Client, ClientError,
    admin::quotas::{EntityQuotas, QuotaMatch},
};

use super::super::{
    connect,
    exceptions::thrown,
    options::{Failure, Options},
    refuse,
};
use super::{ACTIONS, SPEC, check_action, check_changes, settings};

/// A kind of entity: in options, their short forms, on the wire, as it is shown, and of which quotas it has.
struct Kind {
    plural: &'static str,
    short: &'static str,
    short_default: &'static str,
    wire: &'static str,
    shown: &'static str,
}

/// In the order in which they are shown.
const KINDS: [Kind; 3] = [
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

const OF_CLIENTS: [&str; 4] =
    ["producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate"];
const OF_ADDRESSES: [&str; 1] = ["connection_creation_rate"];

/// An entity's part: a name, the default, or any.
type Part = (&'static Kind, QuotaMatch);

/// Whether the options name users, clients or addresses.
pub(super) fn are_meant(options: &Options) -> bool {
    let types = options.values("entity-type");
    KINDS.iter().any(|kind| {
        options.has(kind.short)
            || options.has(kind.short_default)
            || types.iter().any(|one| one == kind.plural)
    })
}

pub(super) fn main(options: &Options, arguments: &[String]) -> ExitCode {
    let parts = match check(options) {
        Ok(parts) => parts,
        Err(failure) if options.count_of(&ACTIONS) != 1 => return refuse(&SPEC, &failure),
        Err(Failure(reason)) => {
            eprintln!("{reason}");
            return ExitCode::FAILURE;
        }
    };
    match crate::commands::block_on(run(options, &parts)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if error.downcast_ref::<ClientError>().is_some() {
                eprintln!("Error while executing config command with args '{}'", arguments.join(" "));
            }
            eprintln!("{}", thrown(&error));
            ExitCode::FAILURE
        }
    }
}

fn check(options: &Options) -> Result<Vec<Part>, Failure> {
    check_action(options)?;
    let parts = parts(options)?;
    let plurals: Vec<_> = parts.iter().map(|(kind, _)| kind.plural).collect();
    if let Some(twice) = plurals.iter().find(|kind| plurals.iter().filter(|other| other == kind).count() > 1)
    {
        return Err(Failure(format!("Duplicate entity type(s) specified: {twice}")));
    }
    if plurals.len() > 1 && plurals.contains(&"ips") {
        return Err(Failure("Only 'users' and 'clients' entity types may be specified together".to_owned()));
    }
    if options.has("alter") && parts.iter().any(|(_, wanted)| *wanted == QuotaMatch::Any) {
        let reason = "an entity name or default entity must be specified with --alter of";
        return Err(Failure(format!("{reason} {}", plurals.join(", "))));
    }
    check_changes(options)?;
    Ok(parts)
}

/// What the options name: types with the names in the same order, or short forms.
fn parts(options: &Options) -> Result<Vec<Part>, Failure> {
    let mut found = Vec::new();
    for kind in &KINDS {
        if let Some(name) = options.value(kind.short) {
            found.push((kind, QuotaMatch::Named(name.to_owned())));
        }
        if options.has(kind.short_default) {
            found.push((kind, QuotaMatch::Default));
        }
    }
    let mut names = options.values("entity-name").iter();
    for plural in options.values("entity-type") {
        let kind = KINDS.iter().find(|kind| kind.plural == plural).ok_or_else(|| {
            Failure("Only 'users' and 'clients' entity types may be specified together".to_owned())
        })?;
        let wanted = match names.next() {
            Some(name) => QuotaMatch::Named(name.clone()),
            None if options.has("entity-default") => QuotaMatch::Default,
            None => QuotaMatch::Any,
        };
        found.push((kind, wanted));
    }
    Ok(found)
}

async fn run(options: &Options, parts: &[Part]) -> Result<()> {
    let mut client = connect(options, "kafka-configs").await?;
    if options.has("alter") {
        alter(&mut client, options, parts).await
    } else {
        describe(&mut client, parts).await
    }
}

async fn found(client: &mut Client, parts: &[Part]) -> Result<Vec<EntityQuotas>> {
    let parts: Vec<_> = parts.iter().map(|(kind, wanted)| (kind.wire.to_owned(), wanted.clone())).collect();
    Ok(client.describe_quotas(&parts, true).await?)
}

async fn describe(client: &mut Client, parts: &[Part]) -> Result<()> {
    for quotas in found(client, parts).await? {
        println!("{}", line(&quotas));
    }
    Ok(())
}

fn line(quotas: &EntityQuotas) -> String {
    let part = |kind: &Kind| {
        let (_, name) = quotas.entity.iter().find(|(own, _)| own == kind.wire)?;
        Some(match name {
            Some(name) => format!("{} '{name}'", kind.shown),
            None => format!("the default {}", kind.shown),
        })
    };
    let entity: Vec<_> = KINDS.iter().filter_map(part).collect();
    let mut values = quotas.values.clone();
    values.sort_by_key(|(key, _)| place(key));
    let values: Vec<_> = values.iter().map(|(key, value)| format!("{key}={}", number(*value))).collect();
    format!("Quota configs for {} are {}", entity.join(", "), values.join(", "))
}

/// Where a Java map of a few keys has this one.
fn place(key: &str) -> u32 {
    let hash = key.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    (hash ^ (hash >> 16)) % 16
}

/// A number as Java writes it.
fn number(value: f64) -> String {
    let is_plain = (1e-3..1e7).contains(&value.abs()) || value == 0.0;
    if is_plain || !value.is_finite() {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{point}E{exponent}")
}

async fn alter(client: &mut Client, options: &Options, parts: &[Part]) -> Result<()> {
    let set = settings(options)?;
    let unset: Vec<_> =
        options.values("delete-config").iter().flat_map(|list| list.split(',')).map(str::trim).collect();
    let known = if parts.iter().any(|(kind, _)| kind.wire == "ip") { &OF_ADDRESSES[..] } else { &OF_CLIENTS };
    let unknown = |keys: Vec<&str>| -> Vec<String> {
        keys.into_iter().filter(|key| !known.contains(key)).map(str::to_owned).collect()
    };
    for (keys, done) in [(set.keys().map(String::as_str).collect(), "added"), (unset.clone(), "deleted")] {
        let unknown = unknown(keys);
        if !unknown.is_empty() {
            bail!(unexpected(parts, done, &unknown));
        }
    }
    let current: BTreeMap<_, _> =
        found(client, parts).await?.into_iter().flat_map(|one| one.values).collect();
    let missing: Vec<_> = unset.iter().filter(|key| !current.contains_key(**key)).copied().collect();
    if !missing.is_empty() {
        bail!("Invalid config(s): {}", missing.join(","));
    }
    let mut values = Vec::new();
    for (key, value) in set {
        let Ok(number) = value.parse() else {
            bail!("Cannot parse quota configuration value for {key}: {value}");
        };
        values.push((key, Some(number)));
    }
    values.extend(unset.iter().map(|key| ((*key).to_owned(), None)));
    let name = |wanted: &QuotaMatch| match wanted {
        QuotaMatch::Named(name) => Some(name.clone()),
        QuotaMatch::Default | QuotaMatch::Any => None,
    };
    let entity: Vec<_> = parts.iter().map(|(kind, wanted)| (kind.wire.to_owned(), name(wanted))).collect();
    client.alter_quotas(&entity, &values).await?;
    // As Kafka's: it names the first part.
    if let Some((kind, wanted)) = parts.first() {
        match name(wanted) {
            Some(name) => println!("Completed updating config for {} {name}.", kind.short),
            None => println!("Completed updating default config for {} in the cluster.", kind.plural),
        }
    }
    Ok(())
}

fn unexpected(parts: &[Part], done: &str, unknown: &[String]) -> String {
    let (what, kind) = match parts {
        [(kind, _)] if kind.wire == "ip" => ("connection quota", "ips"),
        [(kind, _)] if kind.wire == "user" => ("quota and SCRAM credential", "users"),
        _ => ("quota", "clients"),
    };
    format!(
        "Only {what} configs can be {done} for '{kind}' using --bootstrap-server. Unexpected config names: {}",
        unknown.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let both = vec![("user", named("a")), ("client-id", named("c"))];
        assert_eq!(checked("--describe --user a --client c"), Ok(both.clone()));
        let long = "--describe --entity-type users --entity-name a --entity-type clients --entity-name c";
        assert_eq!(checked(long), Ok(both));
        let default = "--describe --entity-type users --entity-name a --entity-type clients --entity-default";
        assert_eq!(checked(default), Ok(vec![("user", named("a")), ("client-id", QuotaMatch::Default)]));
        assert_eq!(checked("--describe --entity-type ips"), Ok(vec![("ip", QuotaMatch::Any)]));
        for bad in [
            "--alter --entity-type users --add-config producer_byte_rate=1",
            "--describe --user a --ip 1.1.1.1",
            "--describe --user a --entity-type users",
            "--describe --user a --topic t --entity-type topics",
            "--alter --user a",
        ] {
            assert!(checked(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn quotas_are_shown_as_javas_tool_shows_them() {
        let quotas = EntityQuotas {
            entity: vec![("client-id".to_owned(), None), ("user".to_owned(), Some("a".to_owned()))],
            values: vec![("producer_byte_rate".to_owned(), 1024.0), ("request_percentage".to_owned(), 0.5)],
        };
        let shown = line(&quotas);
        assert!(
            shown.starts_with("Quota configs for user-principal 'a', the default client-id are "),
            "{shown}"
        );
        assert!(shown.contains("producer_byte_rate=1024.0"), "{shown}");
        for (value, text) in
            [(1e7, "1.0E7"), (12_345_678.0, "1.2345678E7"), (0.000_5, "5.0E-4"), (3.0, "3.0")]
        {
            assert_eq!(number(value), text);
        }
    }
}
