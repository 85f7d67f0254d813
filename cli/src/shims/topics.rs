//! `kafka-topics.sh`.

mod describe;

use std::{collections::BTreeMap, process::ExitCode};

use anyhow::{Result, bail};
use broker_client::{Client, ClientError, admin::topics::NewTopic};
use broker_protocol::ErrorCode;
use broker_types::BrokerId;

use super::{
    Script, connect,
    include_list::IncludeList,
    options::{Failure, Options, Spec, flag, value},
    words,
};

static SPEC: Spec = Spec {
    about: "Lists, describes, creates, alters and deletes topics.",
    options: &[
        value("bootstrap-server", "HOST:PORT", "Required: the servers to start from"),
        value("command-config", "FILE", "Properties for the client"),
        flag("list", "List the topics"),
        flag("describe", "Describe topics"),
        flag("create", "Create a topic"),
        flag("alter", "Change a topic's number of partitions"),
        flag("delete", "Delete topics"),
        value("topic", "TOPIC", "The topic; but for --create also a regular expression"),
        value("topic-id", "ID", "The id of the topic to describe"),
        value("partitions", "COUNT", "How many partitions"),
        value("replication-factor", "COUNT", "How many copies of each"),
        value("replica-assignment", "ID:ID,...", "Brokers of each partition, by hand"),
        value("config", "KEY=VALUE", "A setting of the topic to create"),
        value("delete-config", "KEY", "Not supported since Kafka 4.0"),
        flag("if-exists", "Do nothing when there is no such topic"),
        flag("if-not-exists", "Do nothing when there is the topic"),
        flag("exclude-internal", "Leave internal topics out"),
        flag("topics-with-overrides", "Only topics with settings of their own, without partitions"),
        flag("under-replicated-partitions", "Only partitions with fewer in-sync copies than copies"),
        flag("unavailable-partitions", "Only partitions without a live leader"),
        flag("under-min-isr-partitions", "Only partitions with fewer in-sync copies than required"),
        flag("at-min-isr-partitions", "Only partitions with just the in-sync copies that are required"),
        value("partition-size-limit-per-response", "COUNT", "The most partitions in one answer"),
    ],
};

const ACTIONS: [&str; 5] = ["create", "list", "alter", "describe", "delete"];
/// Which actions an option belongs to.
const PLACES: [(&str, &[&str]); 12] = [
    ("config", &["create"]),
    ("partitions", &["alter", "create"]),
    ("replication-factor", &["create"]),
    ("replica-assignment", &["alter", "create"]),
    ("if-not-exists", &["create"]),
    ("if-exists", &["alter", "delete", "describe"]),
    ("exclude-internal", &["list", "describe"]),
    ("topics-with-overrides", &["describe"]),
    ("under-replicated-partitions", &["describe"]),
    ("unavailable-partitions", &["describe"]),
    ("under-min-isr-partitions", &["describe"]),
    ("at-min-isr-partitions", &["describe"]),
];

pub(super) fn main(arguments: &[String]) -> ExitCode {
    let script = Script {
        spec: &SPEC,
        check,
        report: |error| println!("Error while executing topic command : {}", words(error)),
    };
    script.run(arguments, async |options| run(options).await)
}

/// Whether the options go together.
fn check(options: &Options) -> Result<(), Failure> {
    let refuse = |reason: &str| Err(Failure(reason.to_owned()));
    if options.count_of(&ACTIONS) != 1 {
        return refuse(
            "Command must include exactly one action: --list, --describe, --create, --alter or --delete",
        );
    }
    if options.has("delete-config") {
        eprintln!(
            "delete-config option is no longer supported and deprecated since version 4.0. The config will be fully removed in future releases."
        );
    }
    if !options.has("bootstrap-server") {
        return refuse("--bootstrap-server must be specified");
    }
    if options.has("describe") && options.has("if-exists") {
        if options.count_of(&["topic", "topic-id"]) == 0 {
            return refuse("--topic or --topic-id is required to describe a topic");
        }
        if options.count_of(&["topic", "topic-id"]) == 2 {
            println!(
                "Only topic id will be used when both --topic and --topic-id are specified and topicId is not \
                 Uuid.ZERO_UUID"
            );
        }
    }
    if !options.has("list") && !options.has("describe") {
        options.required("topic")?;
    }
    if options.has("alter") {
        if options.has("config") {
            return refuse(
                "Option combination \"[[bootstrap-server], [config]]\" can't be used with option \"[alter]\" (To alter \
                 topic configurations, the kafka-configs tool can be used.)",
            );
        }
        options.required("partitions")?;
    }
    for (name, actions) in PLACES {
        if let Some(action) = ACTIONS.iter().find(|action| options.has(action) && !actions.contains(action))
            && options.has(name)
        {
            return Err(Failure(format!("Option \"[{name}]\" can't be used with option \"[{action}]\"")));
        }
    }
    let mut excluded = vec![];
    if options.has("create") {
        excluded.extend([("replica-assignment", "partitions"), ("replica-assignment", "replication-factor")]);
    }
    excluded.extend(describe::REPORTS.map(|report| (report, "topics-with-overrides")));
    match excluded.iter().find(|(one, other)| options.has(one) && options.has(other)) {
        Some((one, other)) => {
            Err(Failure(format!("Option \"[{one}]\" can't be used with option \"[{other}]\"")))
        }
        None => Ok(()),
    }
}

async fn run(options: &Options) -> Result<()> {
    let mut client = connect(options, "kafka-topics").await?;
    if options.has("create") {
        return create(&mut client, options).await;
    }
    if options.has("list") {
        println!("{}", chosen(&mut client, options).await?.join("\n"));
        return Ok(());
    }
    if options.has("describe") {
        return describe::run(&mut client, options).await;
    }
    let topics = chosen(&mut client, options).await?;
    exists(&topics, options)?;
    if options.has("delete") {
        for topic in &topics {
            client.delete_topic(topic).await?;
        }
        return Ok(());
    }
    let partitions: i32 = options.number("partitions")?.unwrap_or_default();
    let assigned = options.value("replica-assignment").map(assignment).transpose()?;
    for topic in &topics {
        let new = match &assigned {
            // What is there already stays where it is: its part of the list is passed over.
            Some(all) => {
                let there = client.describe_topic(topic).await?.map_or(0, |topic| topic.partitions.len());
                Some(all.get(there..).unwrap_or_default())
            }
            None => None,
        };
        client.create_partitions_on(topic, partitions, new).await?;
    }
    Ok(())
}

async fn create(client: &mut Client, options: &Options) -> Result<()> {
    let name = options.required("topic")?;
    let factor: Option<i32> = options.number("replication-factor")?;
    let replication_factor = match factor.map(i16::try_from) {
        None => None,
        Some(Ok(factor @ 1..)) => Some(factor),
        Some(_) => bail!("The replication factor must be between 1 and {} inclusive", i16::MAX),
    };
    let partitions: Option<i32> = options.number("partitions")?;
    if partitions.is_some_and(|count| count < 1) {
        bail!("The partitions must be greater than 0");
    }
    let topic = NewTopic {
        name: name.to_owned(),
        partitions,
        replication_factor,
        assignment: options.value("replica-assignment").map_or(Ok(Vec::new()), assignment)?,
        configs: configs(options.values("config"))?,
    };
    let created = client.create_topic(&topic, false).await;
    let is_wrong = created.as_ref().is_err_and(|error| error.code() == Some(ErrorCode::InvalidConfig));
    if name.contains(['.', '_']) && !is_wrong {
        println!(
            "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could \
             collide. To avoid issues it is best to use either, but not both."
        );
    }
    match created {
        Ok(_) => println!("Created topic {name}."),
        Err(error) if is_there(&error) && options.has("if-not-exists") => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn is_there(error: &ClientError) -> bool {
    error.code() == Some(ErrorCode::TopicAlreadyExists)
}

fn configs(entries: &[String]) -> Result<BTreeMap<String, String>> {
    let mut configs = BTreeMap::new();
    for entry in entries {
        let Some((key, value)) = entry.split_once('=').filter(|(_, value)| !value.contains('=')) else {
            bail!(
                "requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\"."
            );
        };
        configs.insert(key.trim().to_owned(), value.trim().to_owned());
    }
    Ok(configs)
}

/// Brokers by partition: `1:2,2:3`.
fn assignment(text: &str) -> Result<Vec<Vec<BrokerId>>> {
    let mut partitions: Vec<Vec<BrokerId>> = Vec::new();
    for (partition, list) in text.split(',').enumerate() {
        let mut brokers = Vec::new();
        for id in list.split(':') {
            let Ok(id) = id.trim().parse() else { bail!("For input string: \"{}\"", id.trim()) };
            if brokers.contains(&BrokerId::new(id)) {
                bail!("Partition replica lists may not contain duplicate entries: {id}");
            }
            brokers.push(BrokerId::new(id));
        }
        if partitions.first().is_some_and(|first| first.len() != brokers.len()) {
            bail!("Partition {partition} has different replication factor: [{}]", list.replace(':', ", "));
        }
        partitions.push(brokers);
    }
    Ok(partitions)
}

/// The names that the options choose, sorted.
async fn chosen(client: &mut Client, options: &Options) -> Result<Vec<String>> {
    let list = options.value("topic").map(IncludeList::parse).transpose()?;
    let topics = client.describe_topics(None).await?;
    let is_chosen = |name: &str, is_internal: bool| {
        !(is_internal && options.has("exclude-internal")) && list.as_ref().is_none_or(|list| list.has(name))
    };
    let chosen = topics.into_iter().filter(|topic| is_chosen(&topic.name, topic.is_internal));
    Ok(chosen.map(|topic| topic.name).collect())
}

/// A topic that was named must be there.
fn exists(found: &[String], options: &Options) -> Result<()> {
    match options.value("topic") {
        Some(topic) if !topic.is_empty() && found.is_empty() && !options.has("if-exists") => {
            bail!("Topic '{topic}' does not exist as expected")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(line: &str) -> Result<(), String> {
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        check(&Options::parse(&SPEC, &words).map_err(|failure| failure.0)?).map_err(|failure| failure.0)
    }

    #[test]
    fn options_must_go_together() {
        let server = "--bootstrap-server a:1";
        for good in
            ["--list", "--create --topic t", "--alter --topic t --partitions 3", "--describe --topic-id x"]
        {
            assert_eq!(checked(&format!("{server} {good}")), Ok(()), "{good}");
        }
        let bad = [
            "--list --create",
            "--create",
            "--alter --topic t",
            "--alter --topic t --partitions 3 --config a=b",
            "--list --partitions 1",
            "--create --topic t --replica-assignment 1 --partitions 1",
            "--create --topic t --if-exists",
        ];
        for bad in bad {
            assert!(checked(&format!("{server} {bad}")).is_err(), "{bad}");
        }
        assert_eq!(checked("--list"), Err("--bootstrap-server must be specified".to_owned()));
    }

    #[test]
    fn an_assignment_is_read_by_partition() {
        let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId::new).collect::<Vec<_>>();
        assert_eq!(assignment("1:2,2:3").unwrap(), [ids(&[1, 2]), ids(&[2, 3])]);
        assert!(assignment("1:1").unwrap_err().to_string().contains("duplicate entries: 1"));
        assert!(assignment("1,1:2").unwrap_err().to_string().contains("different replication factor"));
        assert!(assignment("x").is_err());
    }

    #[test]
    fn settings_are_pairs() {
        let entries = |entry: &str| [entry.to_owned()];
        assert_eq!(configs(&entries("a = b")).unwrap()["a"], "b");
        assert!(configs(&entries("a")).is_err());
    }
}
