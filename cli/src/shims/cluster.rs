//! `kafka-cluster.sh`: the cluster's id, a broker that is gone for good, and where the nodes are.

use std::process::ExitCode;

use anyhow::{Result, bail};
use broker_client::{
    ClientError,
    admin::cluster::{Fenced, Node},
};
use broker_types::BrokerId;

use super::{
    connect_to, run_command, say_usage,
    subcommands::{Argument, Command, Either, Parsed, Place, Program, Takes, argument},
};

const SERVER: Argument = argument("--bootstrap-server", Takes::Text, "Brokers to start from").short("-b");
const CONTROLLER: Argument =
    argument("--bootstrap-controller", Takes::Text, "Or controllers to start from").short("-C");
const CONFIG: Argument = argument("--config", Takes::Text, "Deprecated: as --command-config");
const COMMAND_CONFIG: Argument =
    argument("--command-config", Takes::Text, "Properties for the client").short("-c");
const EITHER: Option<Either> =
    Some(Either { names: &["--bootstrap-server", "--bootstrap-controller"], is_required: true });

static PROGRAM: Program = Program {
    name: "kafka-cluster",
    about: "Shows the cluster's id and its nodes, and unregisters brokers.",
    place: Place { arguments: &[], either: None },
    commands: &[
        Command {
            name: "cluster-id",
            about: "Show the cluster's id",
            place: Place { arguments: &[SERVER, CONTROLLER, CONFIG, COMMAND_CONFIG], either: EITHER },
        },
        Command {
            name: "unregister",
            about: "Take a broker that is gone for good out of the cluster",
            place: Place {
                arguments: &[
                    SERVER,
                    CONTROLLER,
                    CONFIG,
                    COMMAND_CONFIG,
                    argument("--id", Takes::Number, "The broker's id").short("-i").required(),
                ],
                either: EITHER,
            },
        },
        Command {
            name: "list-endpoints",
            about: "Show where the nodes are",
            place: Place {
                arguments: &[
                    SERVER,
                    CONTROLLER,
                    CONFIG,
                    COMMAND_CONFIG,
                    argument("--include-fenced-brokers", Takes::Nothing, "Also brokers that are fenced"),
                ],
                either: EITHER,
            },
        },
    ],
};

pub(super) fn main(arguments: &[String]) -> ExitCode {
    run_command(&PROGRAM, arguments, say_usage, async |parsed| run(parsed).await)
}

async fn run(parsed: &Parsed) -> Result<()> {
    if parsed.has("--config") && parsed.has("--command-config") {
        bail!("--config and --command-config cannot be specified together.");
    }
    if parsed.has("--config") {
        println!(
            "Option --config has been deprecated and will be removed in a future version. Use --command-config instead."
        );
    }
    let of_brokers = parsed.has("--bootstrap-server");
    let fenced = if parsed.has("--include-fenced-brokers") { Fenced::Included } else { Fenced::Excluded };
    if fenced == Fenced::Included && !of_brokers {
        bail!("The option --include-fenced-brokers is only supported with --bootstrap-server option");
    }
    let file = parsed.value("--config").or(parsed.value("--command-config"));
    let mut client = connect_to(parsed, file, "kafka-cluster").await?;
    match parsed.command {
        "cluster-id" => println!("Cluster ID: {}", client.describe_cluster(Fenced::Excluded).await?.id),
        "unregister" => {
            let id = BrokerId::new(parsed.number("--id").unwrap_or_default());
            match client.unregister_broker(id).await {
                Ok(()) => println!("Broker {id} is no longer registered."),
                Err(ClientError::Unsupported { .. }) => {
                    println!("The target cluster does not support the broker unregistration API.");
                }
                Err(error) => return Err(error.into()),
            }
        }
        _ => print!("{}", endpoints(&client.describe_cluster(fenced).await?.nodes, of_brokers)),
    }
    Ok(())
}

/// Where the nodes are, as a table.
fn endpoints(nodes: &[Node], of_brokers: bool) -> String {
    let longest_host = nodes.iter().map(|node| node.host.len()).max().unwrap_or(100);
    let longest_rack = nodes.iter().filter_map(|node| Some(node.rack.as_ref()?.len())).max().unwrap_or(10);
    let row = |[id, host, port, rack, state, kind]: [&str; 6]| {
        let state = if of_brokers { format!("{state:<10} ") } else { String::new() };
        format!("{id:<10} {host:<longest_host$} {port:<10} {rack:<longest_rack$} {state}{kind:<15}\n")
    };
    let mut text = row(["ID", "HOST", "PORT", "RACK", "STATE", "ENDPOINT_TYPE"]);
    for node in nodes {
        text += &row([
            &node.id.to_string(),
            &node.host,
            &node.port.to_string(),
            node.rack.as_deref().unwrap_or("null"),
            if node.is_fenced { "fenced" } else { "unfenced" },
            if of_brokers { "broker" } else { "controller" },
        ]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let node = |id, rack: Option<&str>, is_fenced| Node {
            id: BrokerId::new(id),
            host: "localhost".to_owned(),
            port: 9092,
            rack: rack.map(str::to_owned),
            is_fenced,
        };
        assert_eq!(
            endpoints(&[node(1, Some("a"), false), node(2, None, true)], true),
            "ID         HOST      PORT       RACK STATE      ENDPOINT_TYPE  \n\
             1          localhost 9092       a unfenced   broker         \n\
             2          localhost 9092       null fenced     broker         \n"
        );
        assert_eq!(
            endpoints(&[node(3, None, false)], false),
            "ID         HOST      PORT       RACK       ENDPOINT_TYPE  \n\
             3          localhost 9092       null       controller     \n"
        );
    }
}
