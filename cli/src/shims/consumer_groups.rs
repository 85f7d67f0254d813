//! `kafka-consumer-groups.sh`.

mod delete;
mod describe;
mod list;
mod re2;
mod reset;

use std::{process::ExitCode, time::Duration};

use anyhow::{Error, Result};
use broker_client::{Client, ClientError};

use super::{
    exceptions, open, options,
    options::{Failure, Options, Spec, flag, value},
    properties, read, refuse, words,
};

static SPEC: Spec = Spec {
    about: "Lists and describes groups of consumers, deletes them, and sets the offsets that they committed.",
    options: &[
        value(
            "bootstrap-server",
            "HOST:PORT",
            "Required, but for --validate-regex: the servers to start from",
        ),
        value("command-config", "FILE", "Properties for the client"),
        value("timeout", "MILLIS", "How long anything may take; 30000 when not given"),
        flag("list", "List the groups"),
        flag("describe", "Describe groups: what they have and committed, and how far they lag behind"),
        flag("delete", "Delete groups, with what they committed"),
        flag("reset-offsets", "Set what a group without members committed"),
        flag("delete-offsets", "Delete what a group committed of topics"),
        value("validate-regex", "REGEX", "Say whether a pattern of topics is one, in RE2's syntax"),
        value("group", "ID", "The group; may be repeated"),
        flag("all-groups", "All groups"),
        value("topic", "TOPIC[:ID,...]", "The topic, or some of its partitions; may be repeated"),
        flag("all-topics", "All that the group committed"),
        flag("members", "With --describe: who is in the group"),
        flag("offsets", "With --describe: what it has and committed; the default"),
        value(
            "state",
            "[STATE,...]",
            "With --describe: the state of the group; with --list: of all, or only these",
        ),
        value("type", "[TYPE,...]", "With --list: the types of all groups, or only these"),
        flag("verbose", "With --describe: more columns"),
        flag("to-earliest", "Reset to the first record that is kept"),
        flag("to-latest", "Reset to the end"),
        flag("to-current", "Reset to what is committed, to the end where nothing is"),
        value("to-offset", "OFFSET", "Reset to an offset"),
        value("shift-by", "COUNT", "Reset by so many records, on or back"),
        value("to-datetime", "DATETIME", "Reset to a time: YYYY-MM-DDThh:mm:ss.sss"),
        value("by-duration", "DURATION", "Reset to so long before now: PnDTnHnMnS"),
        value("from-file", "FILE", "Reset to what a CSV file says, as --export writes it"),
        flag("dry-run", "Only show what would be reset; the default"),
        flag("execute", "Do it"),
        flag("export", "Show what is reset as CSV"),
    ],
};

const ACTIONS: [&str; 6] =
    ["list", "describe", "delete", "reset-offsets", "delete-offsets", "validate-regex"];
/// Where offsets can be reset to, in the order in which they are looked at.
const SCENARIOS: [&str; 8] = [
    "to-offset",
    "to-datetime",
    "by-duration",
    "to-earliest",
    "to-latest",
    "to-current",
    "shift-by",
    "from-file",
];
/// Options that only some actions have.
const PLACES: [(&str, &[&str]); 5] = [
    ("members", &["describe"]),
    ("verbose", &["describe"]),
    ("offsets", &["describe"]),
    ("state", &["describe", "list"]),
    ("type", &["list"]),
];
const TIMEOUT: Duration = Duration::from_secs(30);
const DRY_RUN_WARNING: &str = "WARN: No action will be performed as the --execute option is missing. In version 5.0, \
     this command will require either --dry-run or --execute to be specified. You should add the --dry-run option \
     explicitly if you are scripting this command and want to keep the current default behavior without prompting.";

pub(super) fn main(arguments: &[String]) -> ExitCode {
    let options = match read(&SPEC, arguments) {
        Ok(options) => options,
        Err(code) => return code,
    };
    if let Err(Failure(reason)) = check_places(&options) {
        eprintln!("{reason}");
        return ExitCode::FAILURE;
    }
    if let Err(failure) = check(&options) {
        return refuse(&SPEC, &failure);
    }
    if let Some(regex) = options.value("validate-regex") {
        match re2::check(regex) {
            Ok(()) => println!("The regular expression `{regex}` is valid."),
            Err(error) => println!("The regular expression `{regex}` is invalid: {error}."),
        }
        return ExitCode::SUCCESS;
    }
    match crate::commands::block_on(run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => match error.downcast_ref::<Failure>() {
            Some(failure) => refuse(&SPEC, failure),
            None => {
                // What fails is said, and is no failure of the script, as in Kafka.
                println!("\nError: Executing consumer group command failed due to {}", words(&error));
                ExitCode::SUCCESS
            }
        },
    }
}

fn check_places(options: &Options) -> Result<(), Failure> {
    let misplaced = |(name, actions): &&(&str, &[&str])| options.has(name) && options.count_of(actions) == 0;
    let names: Vec<_> = PLACES.iter().filter(misplaced).map(|(name, _)| *name).collect();
    match names.is_empty() {
        true => Ok(()),
        false => Err(Failure(format!(
            "Option(s) [{}] are unavailable given other options on the command line",
            names.join(", ")
        ))),
    }
}

/// Whether the options go together.
fn check(options: &Options) -> Result<(), Failure> {
    if !options.has("validate-regex") {
        options.required("bootstrap-server")?;
    }
    check_describe(options)?;
    check_delete(options)?;
    check_reset(options)?;
    exclude(options, "group", &["all-groups"])?;
    exclude(options, "group", &["list"])?;
    exclude(options, "topic", &["list", "describe"])?;
    match options.count_of(&ACTIONS) {
        1 => Ok(()),
        _ => Err(Failure(format!("Command must include exactly one action: --{}", ACTIONS.join(", --")))),
    }
}

fn check_describe(options: &Options) -> Result<(), Failure> {
    if !options.has("describe") {
        return Ok(());
    }
    needs_groups(options, "describe")?;
    if options.count_of(&["members", "offsets", "state"]) > 1 {
        return Err(Failure(
            "Option [describe] takes at most one of these options: [members], [offsets], [state]".to_owned(),
        ));
    }
    match options.value("state") {
        Some(_) => Err(Failure("Option [describe] does not take a value for [state]".to_owned())),
        None => Ok(()),
    }
}

fn check_delete(options: &Options) -> Result<(), Failure> {
    if options.has("delete") {
        needs_groups(options, "delete")?;
        if options.has("topic") {
            return Err(Failure(
                "The consumer does not support topic-specific offset deletion from a consumer group."
                    .to_owned(),
            ));
        }
    }
    if options.has("delete-offsets") && options.count_of(&["group", "topic"]) < 2 {
        return Err(Failure(
            "Option [delete-offsets] takes the following options: [topic], [group]".to_owned(),
        ));
    }
    Ok(())
}

fn check_reset(options: &Options) -> Result<(), Failure> {
    if !options.has("reset-offsets") {
        return Ok(());
    }
    match options.count_of(&["dry-run", "execute"]) {
        2 => {
            return Err(Failure(
                "Option [reset-offsets] only accepts one of [execute] and [dry-run]".to_owned(),
            ));
        }
        0 => eprintln!("{DRY_RUN_WARNING}"),
        _ => {}
    }
    needs_groups(options, "reset-offsets")?;
    for scenario in SCENARIOS {
        let others: Vec<_> = SCENARIOS.into_iter().filter(|other| *other != scenario).collect();
        exclude(options, scenario, &others)?;
    }
    Ok(())
}

fn needs_groups(options: &Options, action: &str) -> Result<(), Failure> {
    match options.count_of(&["group", "all-groups"]) {
        0 => Err(Failure(format!("Option [{action}] takes one of these options: [all-groups], [group]"))),
        _ => Ok(()),
    }
}

fn exclude(options: &Options, name: &str, others: &[&str]) -> Result<(), Failure> {
    match others.iter().find(|other| options.has(name) && options.has(other)) {
        Some(other) => Err(Failure(format!("Option \"[{name}]\" can't be used with option \"[{other}]\""))),
        None => Ok(()),
    }
}

async fn run(options: &Options) -> Result<()> {
    let timeout = number(options, "timeout")?.map_or(TIMEOUT, |millis: u64| Duration::from_millis(millis));
    let mut client = connect(options, timeout).await?;
    if options.has("list") {
        list::run(&mut client, options).await
    } else if options.has("describe") {
        describe::run(&mut client, options).await
    } else if options.has("delete") {
        delete::groups(&mut client, options).await
    } else if options.has("reset-offsets") {
        reset::run(&mut client, options).await
    } else {
        delete::offsets(&mut client, options).await
    }
}

async fn connect(options: &Options, timeout: Duration) -> Result<Client> {
    let servers = options.required("bootstrap-server")?;
    let properties = match options.value("command-config") {
        // Not as what is wrong with the command line.
        Some(path) => properties(path)
            .map_err(|error| Error::msg(format!("java.nio.file.NoSuchFileException: {error}")))?,
        None => std::collections::BTreeMap::new(),
    };
    open(servers, broker_client::Contacts::Brokers, &properties, "kafka-consumer-groups", timeout).await
}

/// A number; one that is none is not told as what is wrong with the command line.
fn number<T: std::str::FromStr>(options: &Options, name: &str) -> Result<Option<T>> {
    options.number(name).map_err(|Failure(reason): options::Failure| Error::msg(reason))
}

/// The groups that are meant.
async fn groups(client: &mut Client, options: &Options) -> Result<Vec<String>> {
    if !options.has("all-groups") {
        return Ok(options.values("group").to_vec());
    }
    let groups = client.list_consumer_groups(&[], &[]).await.map_err(twice_wrapped)?;
    Ok(groups.into_iter().map(|group| group.id).collect())
}

/// An error as it comes out of a future of Java.
fn wrapped(error: ClientError) -> Error {
    Error::msg(exceptions::thrown_by(error))
}

/// An error as it comes out of a future of Java and through code that has no word for it.
fn twice_wrapped(error: ClientError) -> Error {
    Error::msg(format!("java.util.concurrent.ExecutionException: {}", exceptions::thrown_by(error)))
}
