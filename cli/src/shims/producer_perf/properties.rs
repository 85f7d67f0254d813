//! The producer's properties.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result, bail};
use broker_client::{Client, Contacts, ProducerOptions};

use crate::shims::{self, console_producer::codec_named, subcommands::Parsed};

/// What is taken and has its effect.
const KNOWN: [&str; 9] = [
    "bootstrap.servers",
    "security.protocol",
    "client.id",
    "acks",
    "batch.size",
    "linger.ms",
    "compression.type",
    "delivery.timeout.ms",
    "max.block.ms",
];

/// How the records are written.
#[derive(Debug)]
pub(super) struct Settings {
    servers: String,
    properties: BTreeMap<String, String>,
    pub(super) producer: ProducerOptions,
    pub(super) linger: Duration,
    pub(super) max_block_ms: u64,
}

impl Settings {
    pub(super) fn of(parsed: &Parsed) -> Result<Self> {
        let file = parsed.value("--command-config").or(parsed.value("--producer.config"));
        let mut properties = file.map_or(Ok(BTreeMap::new()), shims::properties)?;
        for entry in parsed.values("--command-property").iter().chain(parsed.values("--producer-props")) {
            match entry.split('=').collect::<Vec<_>>()[..] {
                [key, value] => properties.insert(key.to_owned(), value.to_owned()),
                _ => bail!("Invalid property: {entry}"),
            };
        }
        let is_transactional = ["--transactional-id", "--transaction-duration-ms"];
        if is_transactional.iter().any(|name| parsed.has(name)) || properties.contains_key("transactional.id")
        {
            bail!("transactional.id: this producer writes without transactions yet");
        }
        for key in properties.keys().filter(|key| !KNOWN.contains(&key.as_str())) {
            eprintln!("WARN kafka-producer-perf-test: {key} has no effect");
        }
        if properties.get("acks").is_some_and(|acks| !matches!(acks.as_str(), "all" | "-1")) {
            eprintln!("WARN kafka-producer-perf-test: acks is always all");
        }
        let servers =
            parsed.value("--bootstrap-server").or(properties.get("bootstrap.servers").map(String::as_str));
        let servers = servers.context("No resolvable bootstrap urls given in bootstrap.servers")?.to_owned();
        let number = |key: &str, default: u64| -> Result<u64> {
            let text = properties.get(key);
            text.map_or(Ok(default), |text| text.trim().parse().with_context(|| format!("{key}={text}")))
        };
        let producer = ProducerOptions {
            codec: codec_named(properties.get("compression.type").map_or("none", String::as_str))?,
            batch_bytes: usize::try_from(number("batch.size", 16_384)?).unwrap_or(usize::MAX),
            delivery_timeout: Duration::from_millis(number("delivery.timeout.ms", 120_000)?),
            ..ProducerOptions::default()
        };
        let linger = Duration::from_millis(number("linger.ms", 5)?);
        let max_block_ms = number("max.block.ms", 60_000)?;
        Ok(Self { servers, producer, linger, max_block_ms, properties })
    }

    pub(super) async fn connect(&self) -> Result<Client> {
        shims::open(
            &self.servers,
            Contacts::Brokers,
            &self.properties,
            "perf-producer-client",
            shims::PATIENCE,
        )
        .await
    }
}
