//! `klamm user`: list, create, set-password, delete those who log in by SCRAM.
//!
//! Passwords come from a file or standard input, never as arguments: those can be read by others.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, stdin},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};
use broker_client::{
    Client,
    admin::users::{CredentialChange, Credentials},
};
use broker_sasl::{ITERATIONS, ScramMechanism, Secret};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use crate::{
    commands::{Bootstrap, block_on},
    output::{self, Format, Tabular},
};

/// What stands for standard input.
const STDIN: &str = "-";

/// What to do with users.
#[derive(Subcommand)]
pub(crate) enum User {
    /// List the users, all or those named
    List(List),
    /// Create a user that is not there yet
    Create(WithPassword),
    /// Give a user that is there another password; it logs in by the mechanisms that are named, or that it had
    SetPassword(WithPassword),
    /// Delete users
    Delete(Delete),
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// Which users; all when none is named
    users: Vec<String>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

#[derive(Args)]
pub(crate) struct WithPassword {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// Who
    user: String,
    /// The file whose first line is the password; standard input when it is not given or -
    #[arg(long, value_name = "FILE", default_value = STDIN)]
    password_file: PathBuf,
    /// By which mechanisms; when none is named SCRAM-SHA-512, or those that the user has
    #[arg(long, value_enum)]
    mechanism: Vec<Mechanism>,
    /// How often the password is hashed
    #[arg(long, default_value_t = *ITERATIONS.start(), value_parser = clap::value_parser!(i32).range(iterations()))]
    iterations: i32,
}

#[derive(Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// Which users
    #[arg(required = true)]
    users: Vec<String>,
}

fn iterations() -> std::ops::RangeInclusive<i64> {
    i64::from(*ITERATIONS.start())..=i64::from(*ITERATIONS.end())
}

/// A mechanism as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mechanism {
    #[value(name = "SCRAM-SHA-256", alias = "scram-sha-256")]
    Sha256,
    #[value(name = "SCRAM-SHA-512", alias = "scram-sha-512")]
    Sha512,
}

impl From<Mechanism> for ScramMechanism {
    fn from(mechanism: Mechanism) -> Self {
        match mechanism {
            Mechanism::Sha256 => Self::Sha256,
            Mechanism::Sha512 => Self::Sha512,
        }
    }
}

impl User {
    pub(crate) fn run(self) -> Result<()> {
        block_on(async {
            match self {
                Self::List(list) => list.run().await,
                Self::Create(create) => create.create().await,
                Self::SetPassword(set) => set.set().await,
                Self::Delete(delete) => delete.run().await,
            }
        })
    }
}

/// One user, as it is listed.
#[derive(Serialize)]
struct Line {
    user: String,
    /// Iterations by mechanism.
    mechanisms: BTreeMap<&'static str, i32>,
}

impl Tabular for Line {
    fn head() -> &'static [&'static str] {
        &["USER", "MECHANISM", "ITERATIONS"]
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let row = |(name, iterations): (&&str, &i32)| {
            vec![self.user.clone(), (*name).to_owned(), iterations.to_string()]
        };
        self.mechanisms.iter().map(row).collect()
    }
}

impl List {
    async fn run(self) -> Result<()> {
        let names: Vec<_> = self.users.iter().map(String::as_str).collect();
        let names = Some(names.as_slice()).filter(|names| !names.is_empty());
        let found = self.bootstrap.client().await?.scram_users(names).await?;
        if let Some(missing) = self.users.iter().find(|user| !found.contains_key(*user)) {
            bail!("there is no user {missing}");
        }
        let line = |(user, credentials): (String, Credentials)| Line {
            user,
            mechanisms: credentials.iter().map(|(mechanism, times)| (mechanism.name(), *times)).collect(),
        };
        output::print(&found.into_iter().map(line).collect::<Vec<_>>(), self.output)
    }
}

impl WithPassword {
    async fn create(self) -> Result<()> {
        let mut client = self.bootstrap.client().await?;
        ensure!(credentials(&mut client, &self.user).await?.is_none(), "user {} is there already", self.user);
        self.apply(&mut client, &[ScramMechanism::Sha512]).await?;
        println!("created user {}", self.user);
        Ok(())
    }

    async fn set(self) -> Result<()> {
        let mut client = self.bootstrap.client().await?;
        let Some(had) = credentials(&mut client, &self.user).await? else {
            bail!("there is no user {}", self.user);
        };
        self.apply(&mut client, &had.into_keys().collect::<Vec<_>>()).await?;
        println!("user {} has another password", self.user);
        Ok(())
    }

    async fn apply(&self, client: &mut Client, unless_named: &[ScramMechanism]) -> Result<()> {
        let mut mechanisms: Vec<_> = self.mechanism.iter().copied().map(ScramMechanism::from).collect();
        if mechanisms.is_empty() {
            mechanisms.extend(unless_named);
        }
        mechanisms.sort_unstable();
        mechanisms.dedup();
        let password = password(&self.password_file)?;
        // Kafka takes one change of a user in a request.
        for mechanism in mechanisms {
            let (iterations, password) = (self.iterations, password.clone());
            let change = CredentialChange::Set { mechanism, iterations, password };
            client.alter_scram_user(&self.user, &[change]).await?;
        }
        Ok(())
    }
}

/// What there is of a user.
async fn credentials(client: &mut Client, user: &str) -> Result<Option<Credentials>> {
    Ok(client.scram_users(Some(&[user])).await?.remove(user))
}

/// The first line of a file or of standard input.
fn password(file: &Path) -> Result<Secret> {
    let text = if file == Path::new(STDIN) {
        let mut line = String::new();
        stdin().lock().read_line(&mut line).context("standard input")?;
        line
    } else {
        std::fs::read_to_string(file).with_context(|| file.display().to_string())?
    };
    match text.lines().next() {
        None | Some("") => bail!("the first line of {} is to be the password, and is empty", named(file)),
        Some(password) => Ok(Secret::new(password)),
    }
}

fn named(file: &Path) -> String {
    if file == Path::new(STDIN) { "standard input".to_owned() } else { file.display().to_string() }
}

impl Delete {
    async fn run(self) -> Result<()> {
        let mut client = self.bootstrap.client().await?;
        for user in &self.users {
            let had = credentials(&mut client, user).await?;
            let Some(had) = had else { bail!("there is no user {user}") };
            for mechanism in had.into_keys() {
                client.alter_scram_user(user, &[CredentialChange::Delete(mechanism)]).await?;
            }
            println!("deleted user {user}");
        }
        Ok(())
    }
}
