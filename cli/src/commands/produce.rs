//! `klamm produce`: NDJSON from standard input, or generated records, into a topic.

use std::io::{BufRead as _, stdin};

use anyhow::{Context as _, Result};
use broker_client::{OutgoingRecord, Producer, ProducerOptions};
use broker_records::Codec;
use broker_types::PartitionId;
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::{
    commands::{Bootstrap, block_on},
    record::{Digest, Record},
};

/// Writes records; each is acknowledged by all in-sync replicas before the command ends well.
#[derive(Args)]
pub(crate) struct Produce {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// Into which topic
    #[arg(short, long)]
    topic: String,
    /// Into which partition, instead of the key's
    #[arg(long)]
    partition: Option<i32>,
    /// Let keys choose the partition, whatever partition a line names: to copy into a topic with other partitions
    #[arg(long, conflicts_with = "partition")]
    by_key: bool,
    /// Compress batches
    #[arg(long, value_enum, default_value_t)]
    compression: Compression,
    /// Make this many records instead of reading them, and print their digest
    #[arg(long, value_name = "COUNT")]
    generate: Option<u64>,
    /// How large a generated value is, in bytes
    #[arg(long, default_value_t = 100, requires = "generate")]
    size: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Compression {
    #[default]
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Compression {
    fn codec(self) -> Codec {
        match self {
            Self::None => Codec::None,
            Self::Gzip => Codec::Gzip,
            Self::Snappy => Codec::Snappy,
            Self::Lz4 => Codec::Lz4,
            Self::Zstd => Codec::Zstd,
        }
    }
}

#[derive(Serialize)]
struct Produced {
    records: u64,
    crc32c: String,
}

impl Produce {
    pub(crate) fn run(self) -> Result<()> {
        block_on(async move {
            let client = self.bootstrap.client().await?;
            let options = ProducerOptions { codec: self.compression.codec(), ..ProducerOptions::default() };
            let mut producer = Producer::start(client, &self.topic, options).await?;
            let partition = self.partition.map(PartitionId::new);
            let mut digest = Digest::default();
            match self.generate {
                Some(count) => {
                    for number in 0..count {
                        let record = Record::generated(number, self.size);
                        digest.add(&record);
                        producer.send(record.into_outgoing(partition)).await?;
                    }
                }
                None => {
                    for (number, line) in stdin().lock().lines().enumerate() {
                        let line = line.context("standard input")?;
                        if line.trim().is_empty() {
                            continue;
                        }
                        let record: Record =
                            serde_json::from_str(&line).with_context(|| format!("line {}", number + 1))?;
                        digest.add(&record);
                        let mut outgoing: OutgoingRecord = record.into_outgoing(partition);
                        if self.by_key {
                            outgoing.partition = None;
                        }
                        producer.send(outgoing).await?;
                    }
                }
            }
            producer.flush().await?;
            let produced = Produced { records: digest.records(), crc32c: digest.hex() };
            eprintln!("{} records acknowledged", produced.records);
            if self.generate.is_some() {
                println!("{}", serde_json::to_string(&produced)?);
            }
            Ok(())
        })
    }
}
