//! The passwords of users of SCRAM.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow, bail};
use broker_client::{
    Client,
    admin::{quotas::QuotaMatch, users::CredentialChange},
};
use broker_sasl::{ITERATIONS, ScramMechanism, Secret};

/// Whether a setting is a password.
pub(super) fn is_mechanism(key: &str) -> bool {
    ScramMechanism::from_name(key).is_some()
}

/// Shows the credentials of a user, or of all.
pub(super) async fn describe(client: &mut Client, user: &QuotaMatch) -> Result<()> {
    let names = match user {
        QuotaMatch::Named(name) => Some([name.as_str()]),
        QuotaMatch::Any => None,
        // What is for all users has no password.
        QuotaMatch::Default => return Ok(()),
    };
    for (user, credentials) in client.scram_users(names.as_ref().map(<[_; 1]>::as_slice)).await? {
        let shown = |(mechanism, iterations): (&ScramMechanism, &i32)| {
            format!("{}=iterations={iterations}", mechanism.name())
        };
        let shown: Vec<_> = credentials.iter().map(shown).collect();
        println!("SCRAM credential configs for user-principal '{user}' are {}", shown.join(", "));
    }
    Ok(())
}

/// Sets and deletes passwords of a user.
pub(super) async fn alter(
    client: &mut Client,
    user: &QuotaMatch,
    set: &BTreeMap<String, String>,
    unset: &[&str],
) -> Result<()> {
    let QuotaMatch::Named(user) = user else {
        bail!(
            "The use of --entity-default or --user-defaults is not allowed with User SCRAM Credentials using \
             --bootstrap-server."
        );
    };
    client.alter_scram_user(user, &changes(set, unset)?).await?;
    println!("Completed updating config for user {user}.");
    Ok(())
}

fn changes(set: &BTreeMap<String, String>, unset: &[&str]) -> Result<Vec<CredentialChange>> {
    let both = || {
        anyhow!(
            "Cannot alter both quota and SCRAM credential configs simultaneously for 'users' using --bootstrap-server."
        )
    };
    let mechanism = |name: &str| ScramMechanism::from_name(name).ok_or_else(both);
    let deleted = unset.iter().map(|name| Ok(CredentialChange::Delete(mechanism(name)?)));
    let added = set.iter().map(|(name, value)| credential(mechanism(name)?, value));
    deleted.chain(added).collect()
}

/// `[iterations=N,]password=…`.
fn credential(mechanism: ScramMechanism, text: &str) -> Result<CredentialChange> {
    let name = match mechanism {
        ScramMechanism::Sha256 => "SCRAM_SHA_256",
        ScramMechanism::Sha512 => "SCRAM_SHA_512",
    };
    // The value itself is a secret, even where it cannot be read.
    let refused = || anyhow!("Invalid credential property {name}: [iterations=N,]password=… is wanted");
    let (iterations, rest) = match text.strip_prefix("iterations=") {
        Some(rest) => rest.split_once(',').ok_or_else(refused)?,
        None => ("-1", text),
    };
    let password = rest.strip_prefix("password=").ok_or_else(refused)?;
    let iterations = match iterations.parse().map_err(|_| refused())? {
        -1 => *ITERATIONS.start(),
        iterations => iterations,
    };
    if iterations < *ITERATIONS.start() {
        let (min, mechanism) = (ITERATIONS.start(), mechanism.name());
        bail!("Iterations {iterations} is less than the minimum {min} required for {mechanism}");
    }
    Ok(CredentialChange::Set { mechanism, iterations, password: Secret::new(password) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)], unset: &[&str]) -> Result<Vec<CredentialChange>, String> {
        let set = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        changes(&set, unset).map_err(|error| error.to_string())
    }

    #[test]
    fn passwords_are_read_as_kafka_reads_them() {
        let set = |iterations, password| CredentialChange::Set {
            mechanism: ScramMechanism::Sha512,
            iterations,
            password: Secret::new(password),
        };
        assert_eq!(read(&[("SCRAM-SHA-512", "password=x=,y")], &[]), Ok(vec![set(4096, "x=,y")]));
        assert_eq!(
            read(&[("SCRAM-SHA-512", "iterations=8192,password=x")], &["SCRAM-SHA-256"]),
            Ok(vec![CredentialChange::Delete(ScramMechanism::Sha256), set(8192, "x")])
        );
        for (key, bad, expected) in [
            ("SCRAM-SHA-512", "iterations=1,password=x", "Iterations 1 is less than the minimum 4096"),
            ("SCRAM-SHA-512", "secret", "Invalid credential property SCRAM_SHA_512: "),
            ("producer_byte_rate", "1", "Cannot alter both quota and SCRAM"),
        ] {
            let refused = read(&[(key, bad)], &["SCRAM-SHA-256"]).unwrap_err();
            assert!(refused.contains(expected) && !refused.contains("secret"), "{refused}");
        }
    }
}
