//! Reading as a member of a group.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    time::Duration,
};

use anyhow::{Result, bail};
use broker_client::{
    Contacts,
    fetch::IncomingRecord,
    group_consumer::{GroupConsumer, Happening},
};
use broker_types::TopicPartition;
use tokio::time::Instant;

use super::{
    super::{PATIENCE, group_options, open},
    Failure, Formatter, Options, Wanted, is_gone, say_end, say_silence,
};
use crate::groups::moment;

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(500);

/// The group that is asked for, by its option or as a property; they must not differ.
pub(super) fn of(options: &Options) -> Result<Option<String>> {
    let mut groups: BTreeSet<String> = options.value("group").map(str::to_owned).into_iter().collect();
    groups.extend(properties(options)?.remove("group.id"));
    if groups.len() > 1 {
        let names: Vec<_> = groups.iter().map(|group| format!("'{group}'")).collect();
        bail!(
            "The group ids provided in different places (directly using '--group', via '--consumer-property', or via \
             '--consumer.config') do not match. Detected group ids: {}",
            names.join(", ")
        );
    }
    if !groups.is_empty() && options.has("partition") {
        bail!("Options group and partition cannot be specified together.");
    }
    Ok(groups.pop_first())
}

fn properties(options: &Options) -> Result<BTreeMap<String, String>> {
    let mut properties = options.properties("command-config", "command-property")?;
    properties.extend(options.properties("consumer.config", "consumer-property")?);
    Ok(properties)
}

/// Prints what the member is given until it is enough.
pub(super) async fn run(
    options: &Options,
    group: Option<String>,
    wanted: &Wanted,
    formatter: &Formatter,
) -> Result<()> {
    let mut session = Session { consumer: consumer(options, group).await?, wanted, formatter, printed: 0 };
    let result = tokio::select! {
        result = session.run() => result,
        ended = super::super::ended() => ended,
    };
    let printed = session.printed;
    let closed = session.consumer.close().await;
    say_end(options, printed);
    result?;
    Ok(closed?)
}

async fn consumer(options: &Options, group: Option<String>) -> Result<GroupConsumer> {
    let mut properties = properties(options)?;
    let beginning = if options.has("from-beginning") { "earliest" } else { "latest" };
    if let Some(reset) = properties.get("auto.offset.reset")
        && options.has("from-beginning")
        && reset != beginning
    {
        return Err(Failure(format!(
            "Can't simultaneously specify --from-beginning and 'auto.offset.reset={reset}', please remove one option"
        ))
        .into());
    }
    let mut default = |key: &str, value: &str| {
        properties.entry(key.to_owned()).or_insert_with(|| value.to_owned());
    };
    default("auto.offset.reset", beginning);
    if group.is_none() {
        default("enable.auto.commit", "false");
    }
    if let Some(level) = options.value("isolation-level") {
        properties.insert("isolation.level".to_owned(), level.to_owned());
    }
    let own = || format!("console-consumer-{}", moment::now().as_millis().rem_euclid(100_000));
    let group = group.unwrap_or_else(own);
    let member = group_options::of("kafka-console-consumer", &group, &properties)?;
    let subscription = group_options::subscription(options.value("topic"), options.value("include"))?;
    let servers = options.required("bootstrap-server")?;
    let client = open(servers, Contacts::Brokers, &properties, "console-consumer", PATIENCE).await?;
    Ok(GroupConsumer::new(client, subscription, member))
}

struct Session<'a> {
    consumer: GroupConsumer,
    wanted: &'a Wanted,
    formatter: &'a Formatter,
    printed: u64,
}

impl Session<'_> {
    async fn run(&mut self) -> Result<()> {
        let mut came_at = Instant::now();
        while !self.is_enough() {
            let wait = self.wanted.patience.map_or(POLL, |patience| patience.min(POLL));
            let happened = self.consumer.poll(wait).await?;
            for happening in happened {
                let Happening::Records(at, records) = happening else { continue };
                came_at = Instant::now();
                if !self.print(&at, &records)? {
                    return Ok(());
                }
            }
            if let Some(patience) = self.wanted.patience.filter(|patience| came_at.elapsed() > *patience) {
                say_silence(patience);
                return Ok(());
            }
        }
        Ok(())
    }

    fn is_enough(&self) -> bool {
        self.wanted.count.is_some_and(|count| self.printed >= count)
    }

    /// Prints as many as are wanted, and goes back before those that are not; whether somebody still reads.
    fn print(&mut self, at: &TopicPartition, records: &[IncomingRecord]) -> Result<bool> {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        for record in records {
            if self.is_enough() {
                self.consumer.seek(at, record.offset);
                break;
            }
            let written = self.formatter.write(record, &mut out);
            if is_gone(&written) {
                return Ok(false);
            }
            written?;
            self.printed += 1;
        }
        let flushed = out.flush();
        if is_gone(&flushed) {
            return Ok(false);
        }
        flushed?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Result<Option<String>, String> {
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        let options = Options::parse(&super::super::SPEC, &words).map_err(|Failure(reason)| reason)?;
        of(&options).map_err(|error| error.to_string())
    }

    #[test]
    fn the_group_is_named_once() {
        assert_eq!(asked("--topic t"), Ok(None));
        assert_eq!(asked("--topic t --command-property group.id=g"), Ok(Some("g".to_owned())));
        assert_eq!(asked("--topic t --group g --command-property group.id=g"), Ok(Some("g".to_owned())));
        assert!(
            asked("--topic t --group g --command-property group.id=h").unwrap_err().ends_with("'g', 'h'")
        );
        assert!(
            asked("--topic t --group g --partition 1").unwrap_err().contains("cannot be specified together")
        );
    }
}
