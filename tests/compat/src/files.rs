//! A broker's data folder seen from outside.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// The compression of a batch, by its number in the batch attributes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Codec {
    /// Not compressed.
    None = 0,
    /// gzip
    Gzip = 1,
    /// snappy
    Snappy = 2,
    /// lz4
    Lz4 = 3,
    /// zstd
    Zstd = 4,
}

impl Codec {
    /// Every codec.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// The name that clients use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

/// What the fixed part of a record batch says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BatchHeader {
    /// The offset of the first record.
    pub base_offset: i64,
    /// The codec's number: bits 0 to 2 of the attributes.
    pub codec: u8,
    /// The producer that sent it; -1 without idempotence.
    pub producer_id: i64,
    /// The number of records.
    pub records: i32,
}

/// The batch headers of a partition, in order, from the `.log` files in its folder.
///
/// # Errors
/// When a file cannot be read or does not consist of whole batches.
pub fn batch_headers(partition: &Path) -> Result<Vec<BatchHeader>> {
    let mut logs: Vec<_> = fs::read_dir(partition)
        .with_context(|| partition.display().to_string())?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    logs.sort();
    let mut headers = Vec::new();
    for log in logs {
        let bytes = fs::read(&log)?;
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (header, after) = peek(rest).with_context(|| log.display().to_string())?;
            headers.push(header);
            rest = after;
        }
    }
    Ok(headers)
}

fn peek(bytes: &[u8]) -> Result<(BatchHeader, &[u8])> {
    ensure!(bytes.len() >= 61, "half a batch header");
    let length = usize::try_from(i32::from_be_bytes(bytes[8..12].try_into()?))?;
    ensure!(bytes[16] == 2, "magic {}", bytes[16]);
    ensure!(bytes.len() >= 12 + length, "half a batch");
    let header = BatchHeader {
        base_offset: i64::from_be_bytes(bytes[..8].try_into()?),
        codec: bytes[22] & 7,
        producer_id: i64::from_be_bytes(bytes[43..51].try_into()?),
        records: i32::from_be_bytes(bytes[57..61].try_into()?),
    };
    Ok((header, &bytes[12 + length..]))
}

/// Copies a folder with everything in it; holes in files stay holes where the file system can.
///
/// # Errors
/// When something cannot be read or written.
pub fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
