//! `kafka-storage.sh`: format, info, random-uuid, and what levels of features mean.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, Result, bail};
use broker_server::{FirstFeatures, FirstVoters, InitialControllers, format_storage, storage_info};

use super::options::{Options, Spec, flag, value};
use crate::{
    commands::{broker::read_properties, storage},
    first_features::first_features,
    first_scram::add_scram,
    releases::{self, METADATA, NoSuch, Release},
};

static SPEC: Spec = Spec {
    about: "Usage: kafka-storage {info,format,version-mapping,feature-dependencies,random-uuid} ...\nPrepares and inspects the directories of a node.",
    options: &[
        value("config", "FILE", "Required, or -c: Kafka's server.properties"),
        value("cluster-id", "ID", "Required by format, or -t: the cluster's id"),
        flag("standalone", "Or -s: this node is the quorum of a new cluster"),
        flag("no-initial-controllers", "Or -N: this node is not told who the quorum is"),
        flag("ignore-formatted", "Or -g: pass over what is formatted"),
        value(
            "release-version",
            "VERSION",
            "Or -r: the release whose features a new cluster has, such as 4.3",
        ),
        value(
            "initial-controllers",
            "LIST",
            "Or -I: the first controllers, this node among them: id@host:port:directoryId,...",
        ),
        value("feature", "NAME=LEVEL", "Or -f: another level of a feature; as often as needed"),
        value(
            "add-scram",
            "CREDENTIAL",
            "Or -S: a user of the new cluster, such as SCRAM-SHA-256=[name=alice,password=secret]; as often as needed",
        ),
    ],
};

const SHORT: [(&str, &str); 9] = [
    ("-c", "--config"),
    ("-t", "--cluster-id"),
    ("-s", "--standalone"),
    ("-N", "--no-initial-controllers"),
    ("-g", "--ignore-formatted"),
    ("-r", "--release-version"),
    ("-I", "--initial-controllers"),
    ("-f", "--feature"),
    ("-S", "--add-scram"),
];

pub(super) fn main(arguments: &[String]) -> ExitCode {
    let long = |argument: &String| {
        let found = SHORT.iter().find(|(short, _)| short == argument);
        found.map_or_else(|| argument.clone(), |(_, long)| (*long).to_owned())
    };
    let arguments: Vec<_> = arguments
        .iter()
        .map(long)
        .map(|word| if word == "-h" { "--help".to_owned() } else { word })
        .collect();
    let options = match super::read(&SPEC, &arguments) {
        Ok(options) => options,
        Err(code) => return code,
    };
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does what is asked; whether all is well.
fn run(options: &Options) -> Result<bool> {
    match options.others.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["random-uuid"] => println!("{}", storage::random_uuid()?),
        ["format"] => format(options)?,
        ["info"] => {
            let properties = read_properties(Path::new(options.required("config")?), &[])?;
            let (text, is_sound) = storage::told(&storage_info(&properties)?);
            print!("{text}");
            return Ok(is_sound);
        }
        ["version-mapping"] => version_mapping(options.value("release-version"))?,
        ["feature-dependencies"] => {
            options.required("feature")?;
            options.values("feature").iter().try_for_each(|feature| dependencies(feature))?;
        }
        others => bail!(
            "{}: one of info, format, version-mapping, feature-dependencies, random-uuid is built",
            others.join(" ")
        ),
    }
    Ok(true)
}

fn format(options: &Options) -> Result<()> {
    for (name, short) in [("config", "-c"), ("cluster-id", "-t")] {
        if !options.has(name) {
            bail!("kafka-storage: error: argument --{name}/{short} is required");
        }
    }
    let properties = read_properties(Path::new(options.required("config")?), &[])?;
    let roles = properties.get("process.roles").map(String::as_str).unwrap_or_default();
    let is_controller = roles.split(',').any(|role| role.trim() == "controller");
    let first = first_voters(options, is_controller)?;
    let cluster = storage::cluster_id(options.required("cluster-id")?)?;
    let mut features = first_features(options.value("release-version"), options.values("feature"))?;
    add_scram(&mut features, options.values("add-scram"))?;
    let formatted =
        format_storage(&properties, &cluster, &first, &features, options.has("ignore-formatted"))?;
    if !formatted.is_empty() {
        println!("Bootstrap metadata: {}", bootstrap_metadata(&features));
    }
    for line in storage::said(&formatted, features.version) {
        println!("{line}");
    }
    Ok(())
}

/// The first records, as Java prints them.
fn bootstrap_metadata(features: &FirstFeatures) -> String {
    let version = features.version.level();
    let others =
        features.levels.iter().map(|(name, level)| (&**name, *level)).filter(|(_, level)| *level > 0);
    let record = |(name, level)| {
        format!("ApiMessageAndVersion(FeatureLevelRecord(name='{name}', featureLevel={level}) at version 0)")
    };
    let records: Vec<_> = [(METADATA, version)].into_iter().chain(others).map(record).collect();
    format!(
        "BootstrapMetadata(records=[{}], metadataVersionLevel={version}, source=format command)",
        records.join(", ")
    )
}

fn version_mapping(name: Option<&str>) -> Result<()> {
    let release = name.map_or(Ok(Release::latest()), Release::named)?;
    print!("{}", releases::mapping(release, name.unwrap_or(release.name)));
    Ok(())
}

fn dependencies(text: &str) -> Result<()> {
    let (name, level) = text.split_once('=').with_context(|| format!("{text} is not NAME=LEVEL"))?;
    let Ok(level) = level.parse() else { bail!("Invalid version format: {level} for feature {name}") };
    match releases::dependencies(name, level) {
        Ok(told) => print!("{told}"),
        Err(NoSuch::Release) => bail!("Unknown metadata.version {level}"),
        Err(NoSuch::Feature) => bail!("Unknown feature: {name}"),
        Err(NoSuch::Level) => bail!("Feature level {level} is not supported for feature {name}"),
    }
    Ok(())
}

fn first_voters(options: &Options, is_controller: bool) -> Result<FirstVoters> {
    let ways = [
        ("--standalone", options.has("standalone")),
        ("--initial-controllers", options.has("initial-controllers")),
        ("--no-initial-controllers", options.has("no-initial-controllers")),
    ];
    let given: Vec<_> = ways.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
    match given[..] {
        [one] => Ok(match (one, options.value("initial-controllers")) {
            (_, Some(all)) => FirstVoters::Initial(InitialControllers::parse(all)?),
            ("--standalone", None) => FirstVoters::Standalone,
            _ => FirstVoters::None,
        }),
        [one, other, ..] => bail!("{one} and {other} exclude each other"),
        [] if !is_controller => Ok(FirstVoters::None),
        [] => bail!(
            "Because controller.quorum.voters is not set on this controller, you must specify one of the following: \
             --standalone, --initial-controllers, or --no-initial-controllers."
        ),
    }
}
