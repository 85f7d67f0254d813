//! `klamm consume`: a topic's records as NDJSON on standard output, in a form that `klamm produce` reads back.

use std::io::{BufWriter, Write as _, stdout};

use anyhow::{Result, bail};
use broker_client::{
    admin::offsets::OffsetSpec,
    fetch::{Reader, StartAt},
};
use broker_types::{Offset, PartitionId, Timestamp};
use clap::Args;

use crate::{
    commands::{Bootstrap, block_on},
    record::{Digest, Record},
};

/// Reads all partitions of a topic, or one of them.
#[derive(Args)]
pub(crate) struct Consume {
    #[command(flatten)]
    bootstrap: Bootstrap,
    /// Which topic
    #[arg(short, long)]
    topic: String,
    /// Only this partition
    #[arg(long)]
    partition: Option<i32>,
    /// Start with the first record that is kept
    #[arg(long, conflicts_with_all = ["offset", "since"])]
    from_beginning: bool,
    /// Start at this offset
    #[arg(long, requires = "partition")]
    offset: Option<i64>,
    /// Start at this time, in milliseconds since 1970
    #[arg(long, value_name = "MILLIS")]
    since: Option<i64>,
    /// Stop after this many records
    #[arg(short = 'n', long)]
    count: Option<u64>,
    /// Stop at what is the end now, instead of waiting for more
    #[arg(long)]
    to_end: bool,
    /// Print only how many records there were and their digest
    #[arg(long)]
    digest: bool,
}

impl Consume {
    pub(crate) fn run(self) -> Result<()> {
        block_on(async move {
            let client = self.bootstrap.client().await?;
            let start = match (self.offset, self.since) {
                (Some(offset), _) => match Offset::from_wire(offset) {
                    Some(offset) => StartAt::Offset(offset),
                    None => bail!("--offset {offset}: an offset is not negative"),
                },
                (None, Some(since)) => StartAt::Spec(OffsetSpec::At(Timestamp::from_millis(since))),
                (None, None) if self.from_beginning => StartAt::Spec(OffsetSpec::Earliest),
                (None, None) => StartAt::Spec(OffsetSpec::Latest),
            };
            let only = self.partition.map(PartitionId::new);
            let mut reader = Reader::open(client, &self.topic, only, start).await?;
            if self.to_end {
                reader.stop_at_present_end().await?;
            }
            let mut digest = Digest::default();
            let mut out = BufWriter::new(stdout().lock());
            'read: while let Some(records) = reader.next().await? {
                for incoming in records {
                    let record = Record::from_incoming(incoming);
                    digest.add(&record);
                    if !self.digest {
                        serde_json::to_writer(&mut out, &record)?;
                        out.write_all(b"\n")?;
                    }
                    if self.count.is_some_and(|count| digest.records() >= count) {
                        break 'read;
                    }
                }
                out.flush()?;
            }
            if self.digest {
                writeln!(out, r#"{{"records":{},"crc32c":"{}"}}"#, digest.records(), digest.hex())?;
            }
            out.flush()?;
            Ok(())
        })
    }
}
