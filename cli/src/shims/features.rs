//! `kafka-features.sh`: what nodes can do, what the cluster does, and raising and lowering it.

use std::{collections::BTreeMap, process::ExitCode};

use anyhow::{Result, bail};
use broker_client::{
    Client,
    admin::features::{Features, UpgradeType},
};
use broker_types::BrokerId;

use super::{
    connect_to, run_command,
    subcommands::{Argument, Command, Either, Parsed, Place, Program, Takes, argument},
    words,
};
use crate::releases::{self, FEATURES, METADATA, NoSuch, Release, name_and_level};

const RELEASE: Argument =
    argument("--release-version", Takes::Text, "Levels as in this release, such as 4.3");
const FEATURE: Argument = argument("--feature", Takes::Text, "NAME=LEVEL, as often as needed");
const DEPRECATED: Argument =
    argument("--metadata", Takes::Text, "Deprecated: the release of metadata.version");
const UNSAFE: Argument = argument("--unsafe", Takes::Nothing, "Even if metadata is lost");
const DRY_RUN: Argument = argument("--dry-run", Takes::Nothing, "Only check");

static PROGRAM: Program = Program {
    name: "kafka-features",
    about: "Shows features, and raises and lowers their levels.",
    place: Place {
        arguments: &[
            argument("--bootstrap-server", Takes::Text, "Brokers to start from"),
            argument("--bootstrap-controller", Takes::Text, "Or controllers to start from"),
            argument("--command-config", Takes::Text, "Properties for the client"),
        ],
        either: Some(Either { names: &["--bootstrap-server", "--bootstrap-controller"], is_required: false }),
    },
    commands: &[
        Command {
            name: "describe",
            about: "Show the features",
            place: Place {
                arguments: &[argument(
                    "--node-id",
                    Takes::Number,
                    "As this node tells them; anyone when not given",
                )],
                either: None,
            },
        },
        Command {
            name: "upgrade",
            about: "Raise levels",
            place: Place { arguments: &[DEPRECATED, RELEASE, FEATURE, DRY_RUN], either: None },
        },
        Command {
            name: "downgrade",
            about: "Lower levels",
            place: Place { arguments: &[DEPRECATED, RELEASE, FEATURE, UNSAFE, DRY_RUN], either: None },
        },
        Command {
            name: "disable",
            about: "Lower levels to 0",
            place: Place { arguments: &[FEATURE, UNSAFE, DRY_RUN], either: None },
        },
        Command {
            name: "version-mapping",
            about: "Show the levels of a release",
            place: Place { arguments: &[RELEASE], either: None },
        },
        Command {
            name: "feature-dependencies",
            about: "Show what levels need of other features",
            place: Place { arguments: &[FEATURE.required()], either: None },
        },
    ],
};

pub(super) fn main(arguments: &[String]) -> ExitCode {
    let refuse = |_: &Program, refusal: &super::Refusal| {
        eprintln!("Command line error: {}. Type --help for help.", refusal.reason);
    };
    run_command(&PROGRAM, arguments, refuse, async |parsed| run(parsed).await)
}

async fn run(parsed: &Parsed) -> Result<()> {
    match parsed.command {
        "version-mapping" => return version_mapping(parsed.value("--release-version")),
        "feature-dependencies" => {
            return parsed.values("--feature").iter().try_for_each(|feature| dependencies(feature));
        }
        _ => {}
    }
    if !parsed.has("--bootstrap-server") && !parsed.has("--bootstrap-controller") {
        // With Kafka's own second full stop.
        bail!(
            "Command line error: You must specify either --bootstrap-controller or --bootstrap-server.. Type --help \
             for help."
        );
    }
    if let Some(id) = parsed.number::<i32>("--node-id").filter(|id| *id < 0) {
        bail!("Invalid node id {id}: must be non-negative.");
    }
    let update = if parsed.command == "describe" { None } else { Some(Update::read(parsed)?) };
    let mut client = connect_to(parsed, parsed.value("--command-config"), "kafka-features").await?;
    match update {
        Some(update) => update.carry_out(&mut client).await,
        None => {
            let features = client.describe_features(parsed.number("--node-id").map(BrokerId::new)).await?;
            print!("{}", described(&features));
            Ok(())
        }
    }
}

fn described(features: &Features) -> String {
    let epoch = features.epoch.map_or_else(|| "-".to_owned(), |epoch| epoch.to_string());
    let line = |(name, (low, high)): (&String, &(i16, i16))| {
        let finalized = features.finalized.get(name).copied().unwrap_or(0);
        let [low, high, finalized] = [*low, *high, finalized].map(|level| shown(name, level));
        format!(
            "Feature: {name:<40}  SupportedMinVersion: {low:<15}  SupportedMaxVersion: {high:<15}  \
             FinalizedVersionLevel: {finalized:<15}  Epoch: {epoch}\n"
        )
    };
    features.supported.iter().map(line).collect()
}

/// A level as people know it: releases instead of numbers.
fn shown(feature: &str, level: i16) -> String {
    if feature != METADATA {
        return level.to_string();
    }
    Release::of_level(level).map_or_else(|| format!("UNKNOWN {level}"), |release| release.name.to_owned())
}

/// What is to be changed.
#[derive(Debug)]
struct Update {
    verb: &'static str,
    kind: UpgradeType,
    levels: BTreeMap<String, i16>,
    is_dry: bool,
}

impl Update {
    fn read(parsed: &Parsed) -> Result<Self> {
        let kind = match parsed.command {
            "upgrade" => UpgradeType::Upgrade,
            _ if parsed.has("--unsafe") => UpgradeType::UnsafeDowngrade,
            _ => UpgradeType::SafeDowngrade,
        };
        let levels = match parsed.command {
            "disable" => once(parsed.values("--feature").iter().map(|name| Ok((name.clone(), 0))))?,
            _ => levels(parsed, kind)?,
        };
        if levels.is_empty() {
            bail!("You must specify at least one feature to {}", parsed.command);
        }
        Ok(Self { verb: parsed.command, kind, levels, is_dry: parsed.has("--dry-run") })
    }

    async fn carry_out(&self, client: &mut Client) -> Result<()> {
        let done = client.update_features(&self.levels, self.kind, self.is_dry).await;
        let error = done.err().map(|error| words(&error.into()));
        for (name, level) in &self.levels {
            println!("{}", self.outcome(name, *level, error.as_deref()));
        }
        let count = self.levels.len();
        match error {
            Some(_) => bail!("{count} out of {count} operation(s) failed."),
            None => Ok(()),
        }
    }

    fn outcome(&self, name: &str, level: i16, error: Option<&str>) -> String {
        let verb = self.verb;
        let (done, undone) = match verb {
            "disable" => ("disabled".to_owned(), format!("disable {name}")),
            _ => (format!("{verb}d to {level}"), format!("{verb} {name} to {level}")),
        };
        match (error, self.is_dry) {
            (None, true) => format!("{name} can be {done}."),
            (None, false) => format!("{name} was {done}."),
            (Some(error), true) => format!("Can not {undone}. {error}"),
            (Some(error), false) => format!("Could not {undone}. {error}"),
        }
    }
}

/// The levels that the arguments ask for.
fn levels(parsed: &Parsed, kind: UpgradeType) -> Result<BTreeMap<String, i16>> {
    if let Some(name) = parsed.value("--release-version") {
        if parsed.has("--metadata") || parsed.has("--feature") {
            bail!("Can not specify `release-version` with other feature flags.");
        }
        let release = Release::named(name)?;
        let others = FEATURES.iter().map(|feature| (feature.name.to_owned(), feature.level_in(release)));
        // Nothing is raised to 0.
        let wanted = others.filter(|(_, level)| kind != UpgradeType::Upgrade || *level > 0);
        return Ok(wanted.chain([(METADATA.to_owned(), release.level)]).collect());
    }
    let mut levels = BTreeMap::new();
    if let Some(name) = parsed.value("--metadata") {
        println!(" `metadata` flag is deprecated and may be removed in a future release.");
        levels.insert(METADATA.to_owned(), Ok(Release::named(name)?.level));
    }
    let first = levels.into_iter().map(|(name, level): (_, Result<i16>)| Ok((name, level?)));
    once(first.chain(parsed.values("--feature").iter().map(|feature| name_and_level(feature))))
}

/// Every feature once.
fn once(all: impl Iterator<Item = Result<(String, i16)>>) -> Result<BTreeMap<String, i16>> {
    let mut levels = BTreeMap::new();
    for one in all {
        let (name, level) = one?;
        if levels.insert(name.clone(), level).is_some() {
            bail!("Feature {name} was specified more than once.");
        }
    }
    Ok(levels)
}

fn version_mapping(name: Option<&str>) -> Result<()> {
    let release = name.map_or(Ok(Release::latest()), Release::named)?;
    print!("{}", releases::mapping(release, name.unwrap_or(release.name)));
    Ok(())
}

fn dependencies(text: &str) -> Result<()> {
    let (name, level) = name_and_level(text)?;
    match releases::dependencies(&name, level) {
        Ok(told) => print!("{told}"),
        Err(NoSuch::Release) => bail!("Unknown {METADATA} {level}"),
        Err(NoSuch::Feature) => bail!("Unknown feature: {name}"),
        Err(NoSuch::Level) => bail!("No feature:{name} with feature level {level}"),
    }
    Ok(())
}

#[cfg(test)]
mod tests;
