//! Record batches, format v2 (KIP-98), as they travel in Produce and Fetch and lie in segments.
//!
//! - [`BatchHeader`], [`BatchView`], [`Batches`]: reading without copying.
//! - [`Records`], [`RecordView`], [`HeadersView`]: the records inside; duplicate headers are kept.
//! - [`patch`]: what a leader changes in a batch that it appends: offset, epoch, timestamp.
//! - [`BatchBuilder`], [`ControlBatch`]: writing.
//! - [`compacted`]: a batch with some of its records, as compaction leaves it.
//! - [`validate`](validate::validate): what a leader demands of a batch that a client produced.
//! - [`Compress`], [`Decompress`]: the codecs' interface; `broker-compression` implements it.
//!
//! Invariant: bytes from the network reach every function here; none panics, loops without end or allocates
//! more than its input or its stated limit. No I/O, clock or randomness.
#![no_std]

extern crate alloc;

mod attributes;
mod batch;
mod batches;
mod builder;
mod codec;
pub mod compacted;
mod compress;
mod control;
mod crc;
mod header;
pub mod patch;
mod record;
pub mod validate;
mod varint;

pub use attributes::{Attributes, TimestampType};
pub use batch::BatchView;
pub use batches::Batches;
pub use batches::batches;
pub use builder::{BatchBuilder, BuildError, NewRecord};
pub use codec::Codec;
pub use compress::{Compress, CompressError, Decompress, DecompressError};
pub use control::{CONTROL_KEY_BYTES, ControlBatch, ControlKey, ControlType};
pub use crc::crc32c;
pub use header::{BatchError, BatchHeader, HEADER_BYTES, LENGTH_PREFIX_BYTES, MAGIC};
pub use record::{HeaderView, HeadersView, RecordError, RecordView, Records};
