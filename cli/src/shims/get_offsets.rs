//! `kafka-get-offsets.sh`.

mod filter;

use std::{collections::BTreeMap, process::ExitCode};

use anyhow::{Context as _, Error, Result, bail};
use broker_client::{Contacts, admin::offsets::OffsetSpec};
use broker_types::{Timestamp, TopicName, TopicPartition};

use self::filter::Filter;
use super::{
    PATIENCE, exceptions, open,
    options::{Failure, Options, Spec, flag, value},
    properties, read, refuse,
};

static SPEC: Spec = Spec {
    about: "Shows offsets of partitions: where they start, where they end, which offset a time has.",
    options: &[
        value("bootstrap-server", "HOST:PORT", "Required: the servers to start from"),
        value("command-config", "FILE", "Properties for the client"),
        value(
            "topic-partitions",
            "PATTERN,...",
            "topic, topic:1, topic:0-3, topic:2-, topic:-3; topics may be expressions",
        ),
        value("topic", "REGEX,...", "The topics; all when not given"),
        value("partitions", "ID,...", "The partitions; all when not given"),
        value(
            "time",
            "TIME",
            "Milliseconds since 1970, -1 or latest (the default), -2 or earliest, -3 or max-timestamp, -4 or \
             earliest-local, -5 or latest-tiered, -6 or earliest-pending-upload",
        ),
        flag("exclude-internal-topics", "Leave internal topics out"),
    ],
};

pub(super) fn main(arguments: &[String]) -> ExitCode {
    let options = match read_options(arguments) {
        Ok(options) => options,
        Err(code) => return code,
    };
    if let Err(failure) = options.required("bootstrap-server").and_then(check_addresses) {
        return refuse(&SPEC, &failure);
    }
    match crate::commands::block_on(run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fails(&error),
    }
}

fn check_addresses(servers: &str) -> Result<(), Failure> {
    let is_address = |server: &str| {
        server.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
    };
    match servers.split(',').all(is_address) {
        true => Ok(()),
        false => Err(Failure("Please provide valid host:port like host1:9091,host2:9092\n".to_owned())),
    }
}

/// As every script, but for how it says what is no option.
fn read_options(arguments: &[String]) -> Result<Options, ExitCode> {
    match Options::parse(&SPEC, arguments) {
        Err(Failure(reason)) if !arguments.is_empty() => Err(fails(&Error::msg(reason))),
        _ => read(&SPEC, arguments),
    }
}

fn fails(error: &Error) -> ExitCode {
    eprintln!("Error occurred: {}", exceptions::thrown(error));
    ExitCode::FAILURE
}

async fn run(options: &Options) -> Result<()> {
    if options.has("topic-partitions") && options.count_of(&["topic", "partitions"]) > 0 {
        bail!("--topic-partitions cannot be used with --topic or --partitions");
    }
    let spec = spec(options.value("time").unwrap_or("latest"))?;
    let filter = match options.value("topic-partitions") {
        Some(patterns) => Filter::of_patterns(patterns)?,
        None => Filter::of_lists(options.value("topic"), options.value("partitions"))?,
    };
    let properties = options.value("command-config").map_or(Ok(BTreeMap::new()), properties)?;
    let servers = options.required("bootstrap-server")?;
    let mut client = open(servers, Contacts::Brokers, &properties, "GetOffsetShell", PATIENCE).await?;
    let mut found = Vec::new();
    for topic in client.describe_topics(None).await? {
        if topic.is_internal && options.has("exclude-internal-topics") {
            continue;
        }
        let name = TopicName::new(&topic.name);
        let wanted = topic.partitions.iter().filter(|partition| filter.has(&topic.name, partition.id.get()));
        found.extend(wanted.map(|partition| TopicPartition::new(name.clone(), partition.id)));
    }
    if found.is_empty() {
        bail!("Could not match any topic-partitions with the specified filters");
    }
    let mut rows = Vec::new();
    for (at, offset) in client.offsets(&found, spec).await? {
        match offset {
            Ok(Some(offset)) => {
                rows.push((at.to_string(), format!("{}:{}:{offset}", at.topic, at.partition)))
            }
            Ok(None) => {}
            Err(error) => eprintln!(
                "Skip getting offsets for topic-partition {at} due to error: {}",
                exceptions::thrown_by(error)
            ),
        }
    }
    // As texts, as Kafka's script sorts them.
    rows.sort();
    for (_, row) in rows {
        println!("{row}");
    }
    Ok(())
}

fn spec(text: &str) -> Result<OffsetSpec> {
    Ok(match text {
        "latest" | "-1" => OffsetSpec::Latest,
        "earliest" | "-2" => OffsetSpec::Earliest,
        "max-timestamp" | "-3" => OffsetSpec::MaxTimestamp,
        "earliest-local" | "-4" => OffsetSpec::EarliestLocal,
        "latest-tiered" | "-5" => OffsetSpec::LatestTiered,
        "earliest-pending-upload" | "-6" => OffsetSpec::EarliestPendingUpload,
        time => OffsetSpec::At(Timestamp::from_millis(time.parse().ok().with_context(|| {
            format!(
                "Malformed time argument {time}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / \
                 -4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload, or a specified long \
                 format timestamp"
            )
        })?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_names_and_numbers() {
        assert_eq!(spec("earliest").unwrap(), spec("-2").unwrap());
        assert_eq!(spec("latest-tiered").unwrap(), OffsetSpec::LatestTiered);
        assert_eq!(spec("1000").unwrap(), OffsetSpec::At(Timestamp::from_millis(1000)));
        assert!(
            spec("x").unwrap_err().to_string().starts_with("Malformed time argument x. Please use -1 or")
        );
    }
}
