//! `kafka-consumer-perf-test.sh`.

mod report;

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use anyhow::{Result, bail};
use broker_client::{
    Contacts,
    group_consumer::{GroupConsumer, Happening},
};

use self::report::Report;
use super::{
    PATIENCE,
    date::DateFormat,
    group_options, open,
    options::{Failure, Options, Spec, flag, value},
    properties, read, refuse, words,
};
use crate::groups::moment;

static SPEC: Spec = Spec {
    about: "Reads records in a group, and says how fast that was.",
    options: &[
        value("bootstrap-server", "HOST:PORT", "Required: the servers to start from"),
        value("topic", "TOPIC", "The topic"),
        value("include", "REGEX", "Instead of --topic: all topics whose names fit"),
        value("group", "ID", "The group; one of its own when not given"),
        value("num-records", "COUNT", "Required: how many records"),
        value("messages", "COUNT", "The old name of --num-records"),
        value("fetch-size", "BYTES", "The most bytes that one answer brings of a partition; 1048576"),
        value("socket-buffer-size", "BYTES", "Taken and ignored"),
        flag("from-latest", "Begin at the end where the group has committed nothing"),
        value("command-property", "KEY=VALUE", "A property for the consumer"),
        value("command-config", "FILE", "A file of such properties"),
        value("consumer.config", "FILE", "The old name of --command-config"),
        flag("print-metrics", "Java's metrics; there are none"),
        flag("show-detailed-stats", "A report for each interval"),
        value("timeout", "[MILLIS]", "End when nothing comes for this long; 10000"),
        value("reporting-interval", "MILLIS", "Between two reports; 5000"),
        value("date-format", "FORMAT", "How times are shown; yyyy-MM-dd HH:mm:ss:SSS"),
        flag("hide-header", "No head above the numbers"),
    ],
};

const DATE_FORMAT: &str = "yyyy-MM-dd HH:mm:ss:SSS";
/// How long one poll waits.
const POLL: Duration = Duration::from_millis(100);
const TIMEOUT_MS: i64 = 10_000;
const INTERVAL_MS: i64 = 5000;

pub(super) fn main(arguments: &[String]) -> ExitCode {
    if let Err(failure) = Options::parse(&SPEC, arguments)
        && !arguments.is_empty()
    {
        return refuse(&SPEC, &failure);
    }
    let options = match read(&SPEC, arguments) {
        Ok(options) => options,
        Err(code) => return code,
    };
    if let Err(failure) = check(&options) {
        return refuse(&SPEC, &failure);
    }
    match crate::commands::block_on(run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", words(&error));
            ExitCode::FAILURE
        }
    }
}

/// Whether the options go together; says which of them will go.
fn check(options: &Options) -> Result<(), Failure> {
    options.required("bootstrap-server")?;
    for pair in [["topic", "include"], ["messages", "num-records"]] {
        if options.count_of(&pair) != 1 {
            let [one, other] = pair;
            return Err(Failure(format!(
                "Exactly one of the following arguments is required: [{one}], [{other}]"
            )));
        }
    }
    if options.count_of(&["consumer.config", "command-config"]) == 2 {
        return Err(Failure(
            "Option \"[consumer.config]\" can't be used with option \"[command-config]\"".to_owned(),
        ));
    }
    for (old, new) in [("messages", "num-records"), ("consumer.config", "command-config")] {
        if options.has(old) {
            println!("Warning: --{old} is deprecated. Use --{new} instead.");
        }
    }
    Ok(())
}

async fn run(options: &Options) -> Result<()> {
    let date_format = DateFormat::parse(options.value("date-format").unwrap_or(DATE_FORMAT))?;
    let mut report = Report::new(date_format, options.has("show-detailed-stats"));
    if !options.has("hide-header") {
        println!("{}", report.head());
    }
    let interval = options.number("reporting-interval")?.unwrap_or(INTERVAL_MS);
    if interval <= 0 {
        bail!("Reporting interval must be greater than 0.");
    }
    if options.has("print-metrics") {
        eprintln!(
            "WARN kafka-consumer-perf-test: --print-metrics has no effect, Java's metrics are not kept"
        );
    }
    let wanted: i64 = options.number("num-records")?.or(options.number("messages")?).unwrap_or_default();
    let patience = options.number("timeout")?.unwrap_or(TIMEOUT_MS);
    let mut consumer = consumer(options).await?;
    report.start();
    let mut read = 0;
    let mut consumed_at = moment::now().as_millis();
    let mut now = consumed_at;
    while read < wanted && now - consumed_at <= patience {
        let happened = consumer.poll(POLL).await?;
        now = moment::now().as_millis();
        for happening in happened {
            match happening {
                Happening::Revoked(_) | Happening::Lost(_) => report.rebalances(now),
                Happening::Assigned(_) => report.rebalanced(now),
                Happening::Records(_, records) => {
                    consumed_at = now;
                    for record in &records {
                        let length =
                            |bytes: &Option<bytes::Bytes>| bytes.as_ref().map_or(0, bytes::Bytes::len);
                        report.read(length(&record.key) + length(&record.value), now, interval);
                        read += 1;
                    }
                }
            }
        }
    }
    if read < wanted {
        println!(
            "WARNING: Exiting before consuming the expected number of records: timeout ({patience} ms) exceeded. You \
             can use the --timeout option to increase the timeout."
        );
    }
    report.end();
    consumer.close().await?;
    Ok(())
}

async fn consumer(options: &Options) -> Result<GroupConsumer> {
    let file = options.value("consumer.config").or(options.value("command-config"));
    let mut properties = file.map_or(Ok(BTreeMap::new()), properties)?;
    properties.extend(options.properties("", "command-property")?);
    let reset = if options.has("from-latest") { "latest" } else { "earliest" };
    properties.insert("auto.offset.reset".to_owned(), reset.to_owned());
    if let Some(bytes) = options.value("fetch-size") {
        properties.insert("max.partition.fetch.bytes".to_owned(), bytes.to_owned());
    }
    let own = format!("perf-consumer-{}", moment::now().as_millis().rem_euclid(100_000));
    let group = options.value("group").unwrap_or(&own);
    let group = group_options::of("kafka-consumer-perf-test", group, &properties)?;
    let subscription = group_options::subscription(options.value("topic"), options.value("include"))?;
    let servers = options.required("bootstrap-server")?;
    let client = open(servers, Contacts::Brokers, &properties, "perf-consumer-client", PATIENCE).await?;
    Ok(GroupConsumer::new(client, subscription, group))
}
