//! Kafka's wire protocol: primitives, frames, every message and record of 4.3, versions, error codes.
//!
//! Invariants: what is decoded came from the network, so no length is believed before the bytes are there,
//! nothing panics, and memory stays within a small multiple of the frame; records and strings are slices of the
//! frame, never copies. The messages are generated from `broker/schema/messages`.
#![no_std]

extern crate alloc;

mod batches;
pub mod frame;
mod generated;
mod message;
mod record_framing;
mod software;
mod str;
pub mod wire;

pub use batches::Records;
pub use generated::for_each_message;
pub use generated::{ApiKey, ErrorCode, messages, records};
pub use message::{Listener, Message, MessageVisitor, RecordMessage, Request};
pub use record_framing::{RecordError, decode_prefixed, encode_prefixed};
pub use str::Str;
