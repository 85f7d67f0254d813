//! The quotas of users, clients and addresses; with those of users what there is of their passwords.

mod entity;

use std::{collections::BTreeMap, process::ExitCode};

use anyhow::{Result, bail};
use broker_client::{
    Client,
    admin::quotas::{EntityQuotas, QuotaMatch},
};

use self::entity::{KINDS, Kind, Part, check};
use super::super::{
    connect,
    options::{Failure, Options},
    refuse,
};
use super::{ACTIONS, SPEC, failed, only_brokers, scram, settings};

pub(super) use self::entity::are_meant;

const OF_CLIENTS: [&str; 4] =
    ["producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate"];
const OF_ADDRESSES: [&str; 1] = ["connection_creation_rate"];

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
        Err(error) => failed(&error, arguments),
    }
}

async fn run(options: &Options, parts: &[Part]) -> Result<()> {
    let mut client = connect(options, "kafka-configs").await?;
    only_brokers(&client)?;
    if options.has("alter") {
        alter(&mut client, options, parts).await
    } else {
        describe(&mut client, parts).await?;
        match user_alone(parts) {
            Some(user) => scram::describe(&mut client, user).await,
            None => Ok(()),
        }
    }
}

/// The user of an entity that is nothing else.
fn user_alone(parts: &[Part]) -> Option<&QuotaMatch> {
    match parts {
        [(kind, user)] if kind.wire == "user" => Some(user),
        _ => None,
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
    let user = user_alone(parts);
    let is_of_addresses = parts.iter().any(|(kind, _)| kind.wire == "ip");
    let known = if is_of_addresses { &OF_ADDRESSES[..] } else { &OF_CLIENTS };
    let unknown = |keys: &[&str]| {
        let is_known = |key: &str| known.contains(&key) || (user.is_some() && scram::is_mechanism(key));
        keys.iter().filter(|key| !is_known(key)).copied().collect::<Vec<_>>().join(", ")
    };
    let (added, deleted) = (unknown(&set.keys().map(String::as_str).collect::<Vec<_>>()), unknown(&unset));
    match (is_of_addresses, added.as_str(), deleted.as_str()) {
        (_, "", "") => {}
        (true, added, deleted) => bail!(unexpected(parts, "added", &format!("{added}{deleted}"))),
        (false, "", deleted) => bail!(unexpected(parts, "deleted", &format!("ArrayBuffer({deleted})"))),
        (false, added, _) => bail!(unexpected(parts, "added", &format!("Set({added})"))),
    }
    let mut keys = set.keys().map(String::as_str).chain(unset.iter().copied());
    if let Some(user) = user.filter(|_| keys.any(scram::is_mechanism)) {
        return scram::alter(client, user, &set, &unset).await;
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

/// As Scala shows sets and lists.
fn unexpected(parts: &[Part], done: &str, unknown: &str) -> String {
    let (what, kind) = match parts {
        [(kind, _)] if kind.wire == "ip" => ("connection quota", "ips"),
        [(kind, _)] if kind.wire == "user" => ("quota and SCRAM credential", "users"),
        _ => ("quota", "clients"),
    };
    format!(
        "Only {what} configs can be {done} for '{kind}' using --bootstrap-server. Unexpected config names: {unknown}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
