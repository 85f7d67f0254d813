//! `kafka-reassign-partitions.sh`: replicas moved between brokers and between the directories of a broker.

mod cancel;
mod current;
mod directories;
mod execute;
mod generate;
mod placement;
mod plan;
mod throttles;
mod verify;

use std::process::ExitCode;

use anyhow::{Error, Result};
use broker_client::{Client, Contacts, admin::reassignments::Reassignment};
use broker_types::TopicPartition;

use super::{
    Script, exceptions, json,
    options::{Failure, Options, Spec, flag, value},
};

static SPEC: Spec = Spec {
    about: "Moves the replicas of partitions between brokers and log directories.",
    options: &[
        value("bootstrap-server", "HOST:PORT", "The servers to start from"),
        value("bootstrap-controller", "HOST:PORT", "Or the controllers, with --cancel and --list"),
        value("command-config", "FILE", "Properties for the client"),
        flag("generate", "Propose an assignment, and change nothing"),
        flag("execute", "Begin to move"),
        flag("verify", "Show whether moves are done, and end their throttles when all are"),
        flag("cancel", "Take moves back"),
        flag("list", "List the moves that go on"),
        value("reassignment-json-file", "FILE", "The assignment to execute, verify or cancel"),
        value(
            "topics-to-move-json-file",
            "FILE",
            "The topics to generate for: {\"topics\":[{\"topic\":\"t\"}]}",
        ),
        value("broker-list", "ID,...", "The brokers to generate for"),
        flag("disable-rack-aware", "Generate without regard to racks"),
        value("throttle", "BYTES", "With --execute: bytes a second between brokers"),
        value(
            "replica-alter-log-dirs-throttle",
            "BYTES",
            "With --execute: bytes a second between directories of a broker",
        ),
        value("timeout", "MS", "How long a move between directories may take to begin; 10000 when not given"),
        flag("additional", "Execute while other moves go on, or with another throttle"),
        flag("preserve-throttles", "Leave throttles as they are"),
        flag("disallow-replication-factor-change", "Refuse to execute what changes the number of replicas"),
    ],
};

const ACTIONS: [&str; 5] = ["generate", "execute", "verify", "cancel", "list"];

/// An action: what it needs, what it may have besides, and whether controllers can be asked.
struct Action {
    required: &'static [&'static str],
    permitted: &'static [&'static str],
    of_controllers: bool,
}

fn action(name: &str) -> Action {
    let (required, permitted): (&[_], &[_]) = match name {
        "generate" => (&["topics-to-move-json-file", "broker-list"], &["disable-rack-aware"]),
        "execute" => (
            &["reassignment-json-file"],
            &[
                "additional",
                "throttle",
                "replica-alter-log-dirs-throttle",
                "timeout",
                "disallow-replication-factor-change",
            ],
        ),
        "verify" => (&["reassignment-json-file"], &["preserve-throttles"]),
        "cancel" => (&["reassignment-json-file"], &["preserve-throttles", "timeout"]),
        _ => (&[], &[]),
    };
    Action { required, permitted, of_controllers: matches!(name, "cancel" | "list") }
}

/// A refusal that is told without `Error:` before it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Terse(String);

/// What the cluster is asked, and for which plan.
#[derive(Debug)]
struct Session<'a> {
    client: Client,
    options: &'a Options,
}

impl Session<'_> {
    /// The file of an option.
    fn file(&self, name: &str) -> Result<String> {
        json::read_file(self.options.required(name)?)
    }
}

pub(super) fn main(arguments: &[String]) -> ExitCode {
    let script = Script { spec: &SPEC, check, report };
    script.run(arguments, async |options| run(options).await)
}

fn report(error: &Error) {
    match error.downcast_ref::<Terse>() {
        Some(terse) => println!("{terse}"),
        None => println!("Error: {}", exceptions::thrown(error)),
    }
}

/// Whether the options go together.
fn check(options: &Options) -> Result<(), Failure> {
    let refuse = |reason: &str| Err(Failure(reason.to_owned()));
    let asked: Vec<_> = ACTIONS.into_iter().filter(|action| options.has(action)).collect();
    let [name] = asked[..] else {
        return refuse(
            "Command must include exactly one action: --generate, --execute, --verify, --cancel, --list",
        );
    };
    match options.count_of(&["bootstrap-server", "bootstrap-controller"]) {
        0 => return refuse("Please specify either --bootstrap-server or --bootstrap-controller"),
        1 => {}
        _ => return refuse("Please don't specify both --bootstrap-server and --bootstrap-controller"),
    }
    let action = action(name);
    for required in action.required {
        if !options.has(required) {
            return Err(Failure(format!("Missing required argument \"[{required}]\"")));
        }
    }
    let is_permitted = |option: &str| {
        option == name
            || matches!(option, "bootstrap-server" | "command-config")
            || (option == "bootstrap-controller" && action.of_controllers)
            || action.required.contains(&option)
            || action.permitted.contains(&option)
    };
    let given = SPEC.options.iter().map(|option| option.name).filter(|option| options.has(option));
    match given.into_iter().find(|option| !is_permitted(option)) {
        Some(option) => Err(Failure(format!("Option \"[{option}]\" can't be used with action \"[{name}]\""))),
        None => Ok(()),
    }
}

async fn run(options: &Options) -> Result<()> {
    let (servers, contacts) = match options.value("bootstrap-controller") {
        Some(controllers) => (controllers, Contacts::Controllers),
        None => (options.required("bootstrap-server")?, Contacts::Brokers),
    };
    let properties = options.properties("command-config", "")?;
    let client =
        super::open(servers, contacts, &properties, "reassign-partitions-tool", super::PATIENCE).await?;
    let mut session = Session { client, options };
    if options.has("generate") {
        generate::run(&mut session).await
    } else if options.has("execute") {
        execute::run(&mut session).await
    } else if options.has("verify") {
        verify::run(&mut session).await
    } else if options.has("cancel") {
        cancel::run(&mut session).await
    } else {
        let all = session.client.list_reassignments(None).await?;
        println!("{}", listed(&all));
        Ok(())
    }
}

/// The moves that go on, in words.
fn listed(all: &std::collections::BTreeMap<TopicPartition, Reassignment>) -> String {
    let some = |what: &str, ids: &[_]| match ids.is_empty() {
        true => String::new(),
        false => format!(" {what}: {}.", plan::joined(ids)),
    };
    let line = |(at, reassignment): (&TopicPartition, &Reassignment)| {
        let Reassignment { replicas, adding, removing } = reassignment;
        let (adding, removing) = (some("adding", adding), some("removing", removing));
        format!("\n{at}: replicas: {}.{adding}{removing}", plan::joined(replicas))
    };
    match all.is_empty() {
        true => "No partition reassignments found.".to_owned(),
        false => {
            format!("Current partition reassignments:{}", all.iter().map(line).collect::<String>())
        }
    }
}

/// `s` for any number but one.
fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests;
