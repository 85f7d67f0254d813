//! Primitives of the wire: a bounded reader, a writer of segments, their errors.

mod buffer;
mod error;
mod fixed;
mod reader;
mod segments;
mod varint;
mod writer;

pub use error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};
pub use fixed::{Fixed, Run};
pub use reader::Reader;
pub use segments::{Piece, Segments};
pub use writer::Writer;
pub(crate) use writer::required;

/// The longest string, in bytes: what a signed 16-bit length can say. Kafka holds compact strings to it too.
pub const STRING_BYTES_MAX: usize = 32_767;
/// Unknown tagged fields in one frame; each is skipped, none is stored.
pub const UNKNOWN_TAGS_MAX: u32 = 10_000;
/// Room for this many elements is made before the first is read, whatever the length says.
pub const INITIAL_ELEMENTS_MAX: usize = 1024;
/// `Bytes` at least this long are kept as their own segment; shorter ones are copied between their neighbours.
pub const OWN_SEGMENT_BYTES_MIN: usize = 512;
/// What arrays of one frame may take in memory, in bytes: this much, and ...
pub const ARRAY_MEMORY_BYTES_BASE: usize = 16 << 20;
/// ... so many times the frame.
pub const ARRAY_MEMORY_PER_FRAME_BYTE: usize = 4;
