//! `kafka-storage.sh`: format, info and random-uuid.

use std::{path::Path, process::ExitCode};

use anyhow::{Result, bail};
use broker_server::{FirstVoters, InitialControllers, format_storage, storage_info};

use super::options::{Options, Spec, flag, value};
use crate::commands::{broker::read_properties, storage};

static SPEC: Spec = Spec {
    about: "Usage: kafka-storage {info,format,random-uuid} ...\nPrepares and inspects the directories of a node.",
    options: &[
        value("config", "FILE", "Required, or -c: Kafka's server.properties"),
        value("cluster-id", "ID", "Required by format, or -t: the cluster's id"),
        flag("standalone", "Or -s: this node is the quorum of a new cluster"),
        flag("no-initial-controllers", "Or -N: this node is not told who the quorum is"),
        flag("ignore-formatted", "Or -g: pass over what is formatted"),
        value("release-version", "VERSION", "Or -r: only 4.3-IV0"),
        value(
            "initial-controllers",
            "LIST",
            "Or -I: the first controllers, this node among them: id@host:port:directoryId,...",
        ),
        value("feature", "NAME=LEVEL", "Or -f: arrives with the features"),
        value("add-scram", "CREDENTIAL", "Or -S: arrives with SASL"),
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
        others => bail!("{}: one of info, format, random-uuid is built", others.join(" ")),
    }
    Ok(true)
}

fn format(options: &Options) -> Result<()> {
    for (name, short) in [("config", "-c"), ("cluster-id", "-t")] {
        if !options.has(name) {
            bail!("kafka-storage: error: argument --{name}/{short} is required");
        }
    }
    for name in ["feature", "add-scram"] {
        if options.has(name) {
            bail!("--{name} is not built yet");
        }
    }
    if let Some(version) =
        options.value("release-version").filter(|version| !matches!(*version, "4.3" | "4.3-IV0"))
    {
        bail!("--release-version {version}: only 4.3-IV0 is built");
    }
    let properties = read_properties(Path::new(options.required("config")?), &[])?;
    let roles = properties.get("process.roles").map(String::as_str).unwrap_or_default();
    let is_controller = roles.split(',').any(|role| role.trim() == "controller");
    let first = first_voters(options, is_controller)?;
    let cluster = storage::cluster_id(options.required("cluster-id")?)?;
    let formatted = format_storage(&properties, &cluster, &first, options.has("ignore-formatted"))?;
    for line in storage::said(&formatted) {
        println!("{line}");
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
