//! The passwords of users of SCRAM.

use std::process::ExitCode;

use anyhow::{Result, bail};
use broker_client::{Client, admin::users::CredentialChange};
use broker_sasl::{ITERATIONS, ScramMechanism, Secret};

use super::{
    super::{
        connect,
        options::{Failure, Options},
        refuse,
    },
    ACTIONS, SPEC, check_action, check_changes, failed, settings,
};

/// Short and long forms that name others too.
const OTHERS: [&str; 4] = ["client", "client-defaults", "ip", "ip-defaults"];
const QUOTAS: [&str; 4] =
    ["producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate"];

/// Whether the options name users, and no clients.
pub(super) fn are_meant(options: &Options) -> bool {
    let types = options.values("entity-type");
    let is_long = !types.is_empty() && types.iter().all(|kind| kind == "users");
    let is_short = types.is_empty() && (options.has("user") || options.has("user-defaults"));
    (is_long || is_short) && !OTHERS.iter().any(|other| options.has(other))
}

pub(super) fn main(options: &Options, arguments: &[String]) -> ExitCode {
    let user = match check(options) {
        Ok(user) => user,
        Err(failure) if options.count_of(&ACTIONS) != 1 => return refuse(&SPEC, &failure),
        Err(Failure(reason)) => {
            eprintln!("{reason}");
            return ExitCode::FAILURE;
        }
    };
    match crate::commands::block_on(run(options, user)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error, arguments),
    }
}

/// The user, if one is named; of what is for all users there are no passwords.
fn check(options: &Options) -> Result<Option<&str>, Failure> {
    check_action(options)?;
    let user = options.value("user").or_else(|| options.value("entity-name"));
    if options.has("alter") {
        check_changes(options)?;
        if options.has("user-defaults") || options.has("entity-default") {
            return Err(Failure(
                "The use of --entity-default or --user-defaults is not allowed with User SCRAM Credentials using \
                 --bootstrap-server."
                    .to_owned(),
            ));
        }
        if user.is_none() {
            return Err(Failure(
                "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips"
                    .to_owned(),
            ));
        }
    }
    Ok(user)
}

async fn run(options: &Options, user: Option<&str>) -> Result<()> {
    let is_of_one = !options.has("user-defaults") && !options.has("entity-default");
    match user {
        Some(user) if options.has("alter") => {
            let changes = changes(options)?;
            let mut client = connect(options, "kafka-configs").await?;
            client.alter_scram_user(user, &changes).await?;
            println!("Completed updating config for user {user}.");
            Ok(())
        }
        user => {
            let mut client = connect(options, "kafka-configs").await?;
            if is_of_one { describe(&mut client, user).await } else { Ok(()) }
        }
    }
}

/// Shows a user, or all.
async fn describe(client: &mut Client, user: Option<&str>) -> Result<()> {
    let names = user.map(|user| [user]);
    for (user, credentials) in client.scram_users(names.as_ref().map(<[_; 1]>::as_slice)).await? {
        let shown = |(mechanism, iterations): (&ScramMechanism, &i32)| {
            format!("{}=iterations={iterations}", mechanism.name())
        };
        let shown: Vec<_> = credentials.iter().map(shown).collect();
        println!("SCRAM credential configs for user-principal '{user}' are {}", shown.join(", "));
    }
    Ok(())
}

fn changes(options: &Options) -> Result<Vec<CredentialChange>> {
    let set = settings(options)?;
    let unset = options.values("delete-config").iter().flat_map(|list| list.split(','));
    let unset: Vec<_> = unset.map(str::trim).collect();
    check_names(&set.keys().map(String::as_str).collect::<Vec<_>>(), "added", "Set")?;
    check_names(&unset, "deleted", "ArrayBuffer")?;
    let deleted = unset.iter().filter_map(|name| ScramMechanism::from_name(name));
    let mut changes: Vec<_> = deleted.map(CredentialChange::Delete).collect();
    for (name, value) in &set {
        if let Some(mechanism) = ScramMechanism::from_name(name) {
            changes.push(credential(mechanism, value)?);
        }
    }
    Ok(changes)
}

fn check_names(names: &[&str], done: &str, collection: &str) -> Result<()> {
    if let Some(quota) = names.iter().find(|name| QUOTAS.contains(name)) {
        bail!("{quota}: quotas are not built yet");
    }
    let unknown: Vec<_> =
        names.iter().copied().filter(|name| ScramMechanism::from_name(name).is_none()).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    bail!(
        "Only quota and SCRAM credential configs can be {done} for 'users' using --bootstrap-server. Unexpected \
         config names: {collection}({})",
        unknown.join(", ")
    )
}

/// `[iterations=N,]password=…`.
fn credential(mechanism: ScramMechanism, text: &str) -> Result<CredentialChange> {
    let name = match mechanism {
        ScramMechanism::Sha256 => "SCRAM_SHA_256",
        ScramMechanism::Sha512 => "SCRAM_SHA_512",
    };
    // The value itself is a secret, even where it cannot be read.
    let refused =
        || anyhow::anyhow!("Invalid credential property {name}: [iterations=N,]password=… is wanted");
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

    fn options(line: &str) -> Options {
        let words = "--bootstrap-server a:1 ".split(' ').chain(line.split(' '));
        let words: Vec<_> = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
        Options::parse(&SPEC, &words).unwrap()
    }

    #[test]
    fn users_alone_are_meant() {
        for line in ["--describe --entity-type users", "--describe --user a", "--describe --user-defaults"] {
            assert!(are_meant(&options(line)), "{line}");
        }
        for line in [
            "--describe --entity-type users --entity-type clients",
            "--describe --user a --client b",
            "--describe --topic a",
        ] {
            assert!(!are_meant(&options(line)), "{line}");
        }
    }

    #[test]
    fn passwords_are_read_as_kafka_reads_them() {
        let read = |line: &str| changes(&options(line)).map_err(|error| error.to_string());
        let set = |iterations, password| CredentialChange::Set {
            mechanism: ScramMechanism::Sha512,
            iterations,
            password: Secret::new(password),
        };
        let alter = "--alter --user a --add-config ";
        assert_eq!(read(&format!("{alter}SCRAM-SHA-512=[password=x=,y]")), Ok(vec![set(4096, "x=,y")]));
        let both = format!("{alter}SCRAM-SHA-512=[iterations=8192,password=x] --delete-config SCRAM-SHA-256");
        assert_eq!(read(&both), Ok(vec![CredentialChange::Delete(ScramMechanism::Sha256), set(8192, "x")]));
        for (bad, expected) in [
            ("SCRAM-SHA-512=[iterations=1,password=x]", "Iterations 1 is less than the minimum 4096"),
            ("SCRAM-SHA-512=secret", "Invalid credential property SCRAM_SHA_512: "),
            ("a=b", "Unexpected config names: Set(a)"),
        ] {
            let refused = read(&format!("{alter}{bad}")).unwrap_err();
            assert!(refused.contains(expected) && !refused.contains("secret"), "{refused}");
        }
        let nobody = check(&options("--alter --entity-type users --delete-config a")).unwrap_err();
        assert!(nobody.0.starts_with("An entity-name"), "{nobody:?}");
    }
}
