//! What every generated message offers.

use core::fmt::Debug;
use core::ops::RangeInclusive;

use crate::ApiKey;
use crate::wire::{DecodeError, EncodeError, Reader, Writer};

/// A message with versions.
pub trait Message: Sized + Default + Clone + PartialEq + Debug {
    /// Kafka's name, such as `FetchRequest`.
    const NAME: &'static str;
    /// Every version that can be read and written, an unstable one included.
    const VERSIONS: RangeInclusive<i16>;
    /// The first version with compact lengths and tagged fields (KIP-482); `None` when no version is.
    const FLEXIBLE_SINCE: Option<i16>;

    /// Reads one message; bytes that follow it stay in the reader.
    ///
    /// # Errors
    /// The bytes are not a message of that version, or there is no such version.
    fn decode(r: &mut Reader, version: i16) -> Result<Self, DecodeError>;

    /// Writes the message.
    ///
    /// # Errors
    /// A field is set that this version cannot carry and that must not be lost, a value is too long, or there is
    /// no such version.
    fn encode(&self, w: &mut Writer, version: i16) -> Result<(), EncodeError>;

    /// For how many milliseconds an answer says that its client is throttled (KIP-219); `None` where it cannot say.
    fn throttle_time_ms(&self) -> Option<i32> {
        None
    }

    /// Says so in an answer that can.
    fn set_throttle_time_ms(&mut self, _millis: i32) {}
}

/// A message that asks, and what answers it.
pub trait Request: Message {
    /// Its API key.
    const KEY: ApiKey;
    /// Its answer.
    type Response: Message;
}

/// A message that is written to a log with its type.
pub trait RecordMessage: Message {
    /// The number that stands for it in the log.
    const TYPE: i16;
}

/// Who serves a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// Brokers.
    Broker,
    /// Controllers.
    Controller,
}

/// Something to be done for every type of message, as tests and tools want it.
pub trait MessageVisitor {
    /// Called once per type.
    fn visit<M: Message>(&mut self);
}
