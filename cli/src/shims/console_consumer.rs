//! `kafka-console-consumer.sh`: all partitions of a topic, or one of them, without a group; or as a member of a group.

mod formatter;
mod group;

use std::{
    io::{ErrorKind, Write as _},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Result, bail};
use broker_client::{
    admin::offsets::OffsetSpec,
    fetch::{Isolation, Reader, StartAt},
};
use broker_types::{Offset, PartitionId};
use tokio::time::timeout;

use self::formatter::Formatter;
use super::{
    Script, connect,
    options::{Failure, Options, Spec, flag, value},
    words,
};

static SPEC: Spec = Spec {
    about: "Reads records of a topic to standard output: of all partitions, or of one.",
    options: &[
        value("bootstrap-server", "HOST:PORT", "Required: the servers to start from"),
        value("topic", "TOPIC", "The topic to read"),
        flag("from-beginning", "Start with the first record that is kept, not with the next one"),
        value("partition", "ID", "Only this partition"),
        value("offset", "OFFSET", "With --partition: an offset, earliest or latest"),
        value("max-messages", "COUNT", "End after this many records"),
        value("timeout-ms", "MILLIS", "End when nothing comes for this long"),
        value(
            "formatter-property",
            "KEY=VALUE",
            "print.key, print.offset, print.value, key.separator, null.literal, ...",
        ),
        value("formatter-config", "FILE", "A file of such properties"),
        value("property", "KEY=VALUE", "The old name of --formatter-property"),
        value("formatter", "CLASS", "The default one, LoggingMessageFormatter or NoOpMessageFormatter"),
        value("isolation-level", "LEVEL", "read_committed or read_uncommitted, the default"),
        value("command-property", "KEY=VALUE", "A property for the client: client.id"),
        value("command-config", "FILE", "A file of such properties"),
        value("consumer-property", "KEY=VALUE", "The old name of --command-property"),
        value("consumer.config", "FILE", "The old name of --command-config"),
        value("group", "ID", "Share partitions with the others of this group, and commit what was read"),
        value("include", "REGEX", "Instead of --topic: all topics whose names fit"),
        value("key-deserializer", "CLASS", "Only strings and bytes"),
        value("value-deserializer", "CLASS", "Only strings and bytes"),
        flag("skip-message-on-error", "Taken and ignored: no record fails to be printed"),
        flag("enable-systest-events", "Say shutdown_complete at the end"),
    ],
};

const DESERIALIZERS: [&str; 2] = ["StringDeserializer", "ByteArrayDeserializer"];

pub(super) fn main(arguments: &[String]) -> ExitCode {
    let script = Script { spec: &SPEC, check, report: |error| eprintln!("{}", words(error)) };
    script.run(arguments, async |options| run(options).await)
}

/// Whether the options go together; says which of them will go.
fn check(options: &Options) -> Result<(), Failure> {
    if options.count_of(&["topic", "include"]) != 1 {
        return Err(Failure(
            "Exactly one of the following arguments is required: [topic], [include]".to_owned(),
        ));
    }
    options.exclude("consumer-property", "command-property")?;
    options.exclude("consumer.config", "command-config")?;
    options.exclude("property", "formatter-property")?;
    let old = [
        ("property", "formatter-property"),
        ("consumer-property", "command-property"),
        ("consumer.config", "command-config"),
    ];
    for (old, new) in old.iter().filter(|(old, _)| options.has(old)) {
        println!(
            "Option --{old} is deprecated and will be removed in a future version. Use --{new} instead."
        );
    }
    Ok(())
}

/// What is to be read.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    topic: String,
    partition: Option<PartitionId>,
    start: StartAt,
    count: Option<u64>,
    patience: Option<Duration>,
}

fn wanted(options: &Options) -> Result<Wanted> {
    for name in ["key-deserializer", "value-deserializer"] {
        let is_known = |class: &str| DESERIALIZERS.iter().any(|known| class.ends_with(known));
        if let Some(class) = options.value(name).filter(|class| !is_known(class)) {
            bail!("--{name} {class}: only strings and bytes are built");
        }
    }
    let level = options.value("isolation-level").unwrap_or("read_uncommitted");
    if !matches!(level, "read_uncommitted" | "read_committed") {
        bail!(
            "Invalid value {level} for configuration isolation.level: String must be one of: read_committed, \
             read_uncommitted"
        );
    }
    let partition: Option<i32> = options.number("partition")?;
    if options.has("offset") && partition.is_none() {
        bail!("The partition is required when offset is specified.");
    }
    if options.has("from-beginning") && options.has("offset") {
        bail!("Options from-beginning and offset cannot be specified together.");
    }
    let beginning = StartAt::Spec(OffsetSpec::Earliest);
    let start = match options.value("offset").map(str::to_ascii_lowercase).as_deref() {
        Some("earliest") => beginning,
        Some("latest") => StartAt::Spec(OffsetSpec::Latest),
        Some(text) => match text.parse().ok().and_then(Offset::from_wire) {
            Some(offset) => StartAt::Offset(offset),
            None => bail!(
                "The provided offset value '{text}' is incorrect. Valid values are 'earliest', 'latest', or a \
                 non-negative long."
            ),
        },
        None if options.has("from-beginning") => beginning,
        None => StartAt::Spec(OffsetSpec::Latest),
    };
    let count: Option<i64> = options.number("max-messages")?;
    let patience: Option<i64> = options.number("timeout-ms")?;
    Ok(Wanted {
        topic: options.value("topic").unwrap_or_default().to_owned(),
        partition: partition.map(PartitionId::new),
        start,
        // -1 is no limit, as there.
        count: count.and_then(|count| u64::try_from(count).ok()),
        patience: patience.and_then(|millis| u64::try_from(millis).ok()).map(Duration::from_millis),
    })
}

fn formatter(options: &Options) -> Result<Formatter> {
    let mut properties = options.properties("formatter-config", "property")?;
    properties.extend(options.properties("", "formatter-property")?);
    Ok(Formatter::new(options.value("formatter"), &properties)?)
}

async fn run(options: &Options) -> Result<()> {
    let wanted = wanted(options)?;
    let formatter = formatter(options)?;
    let group = group::of(options)?;
    if group.is_some() || options.has("include") {
        return group::run(options, group, &wanted, &formatter).await;
    }
    let client = connect(options, "console-consumer").await?;
    let mut reader = Reader::open(client, &wanted.topic, wanted.partition, wanted.start).await?;
    if options.value("isolation-level") == Some("read_committed") {
        reader.isolate(Isolation::ReadCommitted);
    }
    reader.reset_to(if options.has("from-beginning") { OffsetSpec::Earliest } else { OffsetSpec::Latest });
    let mut printed = 0;
    let result = tokio::select! {
        result = print(&mut reader, &wanted, &formatter, &mut printed) => result,
        ended = super::ended() => ended,
    };
    say_end(options, printed);
    result
}

fn say_end(options: &Options, printed: u64) {
    if options.has("enable-systest-events") {
        println!("shutdown_complete");
    }
    eprintln!("Processed a total of {printed} messages");
}

async fn print(reader: &mut Reader, wanted: &Wanted, formatter: &Formatter, printed: &mut u64) -> Result<()> {
    let is_enough = |printed: u64| wanted.count.is_some_and(|count| printed >= count);
    while !is_enough(*printed) {
        let Some(records) = some(reader, wanted.patience).await? else { return Ok(()) };
        // Locked for this answer only: the lock is not held while more is waited for.
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        for record in &records {
            if is_enough(*printed) {
                break;
            }
            let written = formatter.write(record, &mut out);
            if is_gone(&written) {
                return Ok(());
            }
            written?;
            *printed += 1;
        }
        let flushed = out.flush();
        if is_gone(&flushed) {
            return Ok(());
        }
        flushed?;
    }
    Ok(())
}

/// The next records; `None` when patience ends.
async fn some(
    reader: &mut Reader,
    patience: Option<Duration>,
) -> Result<Option<Vec<broker_client::fetch::IncomingRecord>>> {
    let next = async {
        loop {
            match reader.next().await? {
                Some(records) if records.is_empty() => {}
                other => return Ok(other),
            }
        }
    };
    let Some(patience) = patience else { return next.await };
    if let Ok(records) = timeout(patience, next).await {
        return records;
    }
    say_silence(patience);
    Ok(None)
}

fn say_silence(patience: Duration) {
    eprintln!(
        "Error processing message, terminating consumer process: nothing came for {} ms",
        patience.as_millis()
    );
}

/// Whether nobody reads standard output any more.
fn is_gone(result: &std::io::Result<()>) -> bool {
    result.as_ref().is_err_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Result<Wanted, String> {
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        let options = Options::parse(&SPEC, &words).map_err(|Failure(reason)| reason)?;
        wanted(&options).map_err(|error| error.to_string())
    }

    #[test]
    fn reading_starts_where_it_is_said() {
        let start = |line: &str| asked(&format!("--topic t {line}")).map(|wanted| wanted.start);
        assert_eq!(start("--from-beginning"), Ok(StartAt::Spec(OffsetSpec::Earliest)));
        assert_eq!(start("--timeout-ms 1"), Ok(StartAt::Spec(OffsetSpec::Latest)));
        let five = StartAt::Offset(Offset::from_wire(5).unwrap());
        assert_eq!(start("--partition 0 --offset 5"), Ok(five));
        assert_eq!(start("--partition 0 --offset earliest"), Ok(StartAt::Spec(OffsetSpec::Earliest)));
        assert!(start("--offset 5").is_err());
        assert!(start("--partition 0 --offset -5").is_err());
    }

    #[test]
    fn what_is_not_built_is_refused() {
        assert!(asked("--topic t --isolation-level x").is_err());
    }
}
