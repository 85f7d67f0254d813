//! Every generated message by its name, behind one signature.

use std::collections::BTreeMap;

use broker_protocol::wire::{DecodeError, EncodeError, Reader, Writer};
use broker_protocol::{Message, MessageVisitor, for_each_message};
use bytes::Bytes;

/// What was read, and what it was written as.
#[derive(Debug)]
pub struct Recoded {
    /// The value as `Debug` prints it.
    pub debug: String,
    /// Bytes that were not read.
    pub left: usize,
    /// The value as bytes again.
    pub encoded: Result<Bytes, EncodeError>,
}

/// One message type.
#[derive(Clone, Copy, Debug)]
pub struct Codec {
    /// Reads bytes as of one version, and writes them as of another.
    pub recode: fn(Bytes, i16, i16) -> Result<Recoded, DecodeError>,
    /// Reads bytes, drops the value, and returns how many bytes were left.
    pub decode: fn(Bytes, i16) -> Result<usize, DecodeError>,
}

/// All types by Kafka's name.
#[must_use]
pub fn codecs() -> BTreeMap<&'static str, Codec> {
    struct All(BTreeMap<&'static str, Codec>);
    impl MessageVisitor for All {
        fn visit<M: Message>(&mut self) {
            self.0.insert(M::NAME, Codec { recode: recode::<M>, decode: decode::<M> });
        }
    }
    let mut all = All(BTreeMap::new());
    for_each_message(&mut all);
    all.0
}

fn recode<M: Message>(bytes: Bytes, from: i16, to: i16) -> Result<Recoded, DecodeError> {
    let mut r = Reader::new(bytes);
    let message = M::decode(&mut r, from)?;
    let mut w = Writer::new();
    let encoded = message.encode(&mut w, to).map(|()| w.finish().into_bytes());
    Ok(Recoded { debug: format!("{message:?}"), left: r.remaining(), encoded })
}

fn decode<M: Message>(bytes: Bytes, version: i16) -> Result<usize, DecodeError> {
    let mut r = Reader::new(bytes);
    M::decode(&mut r, version)?;
    Ok(r.remaining())
}
