//! `kafka-leader-election.sh`.

use std::{collections::BTreeSet, process::ExitCode};

use anyhow::{Error, Result, bail};
use broker_client::admin::{elections::ElectionType, reassignments::Outcomes};
use broker_protocol::ErrorCode;
use broker_types::{PartitionId, TopicName, TopicPartition};
use serde_json::Value;

use super::{
    Script, connect, exceptions, json,
    options::{Failure, Options, Spec, flag, value},
};

static SPEC: Spec = Spec {
    about: "Elects leaders of partitions: the preferred replicas, or any that lives.",
    options: &[
        value("bootstrap-server", "HOST:PORT", "Required: the servers to start from"),
        value("admin.config", "FILE", "Deprecated: as --command-config"),
        value("command-config", "FILE", "Properties for the client"),
        value(
            "path-to-json-file",
            "FILE",
            "The partitions: {\"partitions\":[{\"topic\":\"t\",\"partition\":0}]}",
        ),
        value("topic", "TOPIC", "The topic of one partition"),
        value("partition", "NUMBER", "The partition of --topic"),
        flag("all-topic-partitions", "All partitions"),
        value("election-type", "TYPE", "Required: preferred or unclean"),
    ],
};

/// The ways to say which partitions.
const WHICH: [&str; 3] = ["topic", "all-topic-partitions", "path-to-json-file"];

pub(super) fn main(arguments: &[String]) -> ExitCode {
    let script = Script { spec: &SPEC, check, report: |error| eprintln!("{}", exceptions::thrown(error)) };
    script.run(arguments, async |options| run(options).await)
}

/// Refuses what is refused with all options; the rest has only its reason.
fn check(options: &Options) -> Result<(), Failure> {
    let is_whole = complete(options).is_ok();
    match options.has("admin.config") && options.has("command-config") && is_whole {
        true => Err(Failure(
            "Option \"[admin.config]\" can't be used with option \"[command-config]\"".to_owned(),
        )),
        false => Ok(()),
    }
}

/// Whether all is there, and goes together.
fn complete(options: &Options) -> Result<(), Failure> {
    let missing = |names: &[&str]| {
        let missing: Vec<_> = names.iter().copied().filter(|name| !options.has(name)).collect();
        match missing.is_empty() {
            true => Ok(()),
            false => Err(Failure(format!("Missing required option(s): {}", missing.join(", ")))),
        }
    };
    missing(&["bootstrap-server", "election-type"])?;
    if options.count_of(&WHICH) != 1 {
        let names = WHICH.join(", ");
        return Err(Failure(format!("One and only one of the following options is required: {names}")));
    }
    if options.has("topic") {
        return missing(&["partition"]);
    }
    match options.has("partition") {
        true => Err(Failure("Option partition is only allowed if topic is used".to_owned())),
        false => Ok(()),
    }
}

async fn run(options: &Options) -> Result<()> {
    complete(options)?;
    let kind = match options.value("election-type").map(str::to_ascii_lowercase).as_deref() {
        Some("preferred") => ElectionType::Preferred,
        Some("unclean") => ElectionType::Unclean,
        other => {
            bail!("Cannot parse argument '{}' of option election-type", other.unwrap_or_default())
        }
    };
    let partitions = chosen(options)?;
    if options.has("admin.config") {
        println!(
            "Option --admin.config has been deprecated and will be removed in a future version. Use --command-config \
             instead."
        );
    }
    let mut client = connect(options, "kafka-leader-election").await?;
    let outcomes = client.elect_leaders(kind, partitions.as_deref()).await?;
    tell(kind, outcomes)
}

/// The partitions that the options choose; `None`: all.
fn chosen(options: &Options) -> Result<Option<Vec<TopicPartition>>> {
    if let Some(path) = options.value("path-to-json-file") {
        let text =
            json::read_file(path).map_err(|error| Error::msg(format!("java.io.IOException: {error}")))?;
        return listed(&text).map(Some);
    }
    let Some(topic) = options.value("topic") else { return Ok(None) };
    let partition = PartitionId::new(options.number("partition")?.unwrap_or_default());
    Ok(Some(vec![TopicPartition::new(TopicName::new(topic), partition)]))
}

/// The partitions of a file.
fn listed(text: &str) -> Result<Vec<TopicPartition>> {
    let Some(value) = json::parse(text).ok().filter(|_| !text.is_empty()) else {
        bail!("Replica election data is empty");
    };
    // Kafka's script tells where in Java this came from.
    let mapping =
        |error: Error| Error::msg(format!("com.fasterxml.jackson.databind.JsonMappingException: {error}"));
    let fields = json::object(value.as_ref()).map_err(mapping)?;
    let Some(list) = fields.get("partitions") else {
        bail!("Replica election data is missing \"partitions\" field");
    };
    let all = partitions(list).map_err(mapping)?;
    let mut seen = BTreeSet::new();
    let twice: BTreeSet<_> = all.iter().filter(|at| !seen.insert(*at)).map(ToString::to_string).collect();
    if !twice.is_empty() {
        let twice = twice.into_iter().collect::<Vec<_>>().join(", ");
        bail!("Replica election data contains duplicate partitions: [{twice}]");
    }
    Ok(all)
}

fn partitions(list: &Value) -> Result<Vec<TopicPartition>> {
    let partition = |item: &Value| {
        let fields = json::object(Some(item))?;
        let topic = TopicName::new(json::string(json::field(fields, "topic")?)?);
        let partition = PartitionId::new(json::integer(json::field(fields, "partition")?)?);
        Ok(TopicPartition::new(topic, partition))
    };
    json::array(list)?.iter().map(partition).collect()
}

/// Tells what came of the partitions; an error when one failed.
fn tell(kind: ElectionType, outcomes: Outcomes) -> Result<()> {
    let kind = match kind {
        ElectionType::Preferred => "PREFERRED",
        ElectionType::Unclean => "UNCLEAN",
    };
    let (mut elected, mut needless, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for (at, outcome) in outcomes {
        match outcome {
            Ok(()) => elected.push(at.to_string()),
            Err(error) if error.code() == Some(ErrorCode::ElectionNotNeeded) => needless.push(at.to_string()),
            Err(error) => failed.push((at, error)),
        }
    }
    if !elected.is_empty() {
        println!("Successfully completed leader election ({kind}) for partitions {}", elected.join(", "));
    }
    if !needless.is_empty() {
        println!("Valid replica already elected for partitions {}", needless.join(", "));
    }
    let count = failed.len();
    for (at, error) in failed {
        let why = exceptions::thrown_by(error);
        println!("Error completing leader election ({kind}) for partition: {at}: {why}");
    }
    if count > 0 {
        bail!("{count} replica(s) could not be elected");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use broker_client::ClientError;

    use super::*;

    fn completed(line: &str) -> Result<(), String> {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        let options = Options::parse(&SPEC, &words).map_err(|failure| failure.0)?;
        complete(&options).map_err(|failure| failure.0)
    }

    #[test]
    fn options_must_go_together() {
        let start = "--bootstrap-server a:1 --election-type preferred";
        for good in ["--topic t --partition 0", "--all-topic-partitions", "--path-to-json-file f"] {
            assert_eq!(completed(&format!("{start} {good}")), Ok(()), "{good}");
        }
        let wrong = |line: &str, reason: &str| assert_eq!(completed(line), Err(reason.to_owned()), "{line}");
        wrong("--topic t", "Missing required option(s): bootstrap-server, election-type");
        wrong(&format!("{start} --topic t"), "Missing required option(s): partition");
        let one = "One and only one of the following options is required: topic, all-topic-partitions, \
                   path-to-json-file";
        wrong(start, one);
        wrong(&format!("{start} --topic t --partition 0 --all-topic-partitions"), one);
        wrong(
            &format!("{start} --all-topic-partitions --partition 0"),
            "Option partition is only allowed if topic is used",
        );
    }

    #[test]
    fn a_file_lists_partitions_once() {
        let said = |text: &str| listed(text).map_err(|error| error.to_string());
        let two = r#"{"partitions":[{"topic":"a","partition":1},{"topic":"b","partition":0}]}"#;
        assert_eq!(said(two).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>(), ["a-1", "b-0"]);
        assert_eq!(said("x"), Err("Replica election data is empty".to_owned()));
        assert_eq!(said("{}"), Err("Replica election data is missing \"partitions\" field".to_owned()));
        assert_eq!(
            said(r#"{"partitions":[{"topic":"a","partition":1},{"topic":"a","partition":1}]}"#),
            Err("Replica election data contains duplicate partitions: [a-1]".to_owned())
        );
        assert_eq!(
            said(r#"{"partitions":[{"topic":"a"}]}"#),
            Err("com.fasterxml.jackson.databind.JsonMappingException: No such field exists: `partition`"
                .to_owned())
        );
    }

    #[test]
    fn one_failure_fails_the_whole() {
        let at = |partition| TopicPartition::new(TopicName::new("a"), PartitionId::new(partition));
        let refused = |code| Err(ClientError::Broker { code, message: None });
        let needless: Outcomes = [(at(0), Ok(())), (at(1), refused(ErrorCode::ElectionNotNeeded))].into();
        assert!(tell(ElectionType::Preferred, needless).is_ok());
        let failed: Outcomes =
            [(at(0), Ok(())), (at(1), refused(ErrorCode::PreferredLeaderNotAvailable))].into();
        let error = tell(ElectionType::Preferred, failed).unwrap_err();
        assert_eq!(error.to_string(), "1 replica(s) could not be elected");
    }
}
