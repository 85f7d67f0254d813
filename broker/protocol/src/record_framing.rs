//! How records carry their type and version: coordinators put two bytes before a key or value, the metadata log
//! puts three varints before a record.

use bytes::Bytes;

use crate::wire::{DecodeError, EncodeError, Reader, Segments, Writer};
use crate::{Message, RecordMessage};

/// The metadata log's only frame version.
const FRAME_VERSION: u32 = 1;

/// Why a record of a log could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A newer program wrote it: replay must stop or skip it, by the log's own rules.
    #[error("record type {0} is unknown")]
    UnknownType(i16),
    /// The frame around a metadata record is of another kind.
    #[error("frame version {0} is unknown")]
    UnknownFrame(u32),
    /// The record has the type, but not the form of it.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// Writes the value of a coordinator's record: the version in two bytes, then the message.
///
/// # Errors
/// As [`Message::encode`].
pub fn encode_prefixed<M: Message>(message: &M, version: i16) -> Result<Bytes, EncodeError> {
    let mut w = Writer::new();
    w.i16(version);
    message.encode(&mut w, version)?;
    Ok(w.finish().into_bytes())
}

/// Reads the value of a coordinator's record, and the version it was written in.
///
/// # Errors
/// As [`Message::decode`].
pub fn decode_prefixed<M: Message>(bytes: Bytes) -> Result<(M, i16), DecodeError> {
    let mut r = Reader::new(bytes);
    let version = r.i16("version")?;
    Ok((M::decode(&mut r, version)?, version))
}

/// Writes the key of a coordinator's record: its type in two bytes, then the message in its only version.
pub(crate) fn encode_key<M: RecordMessage>(key: &M) -> Result<Bytes, EncodeError> {
    let mut w = Writer::new();
    w.i16(M::TYPE);
    key.encode(&mut w, 0)?;
    Ok(w.finish().into_bytes())
}

/// Writes a record of the metadata log.
pub(crate) fn encode_framed<M: RecordMessage>(record: &M, version: i16) -> Result<Segments, EncodeError> {
    let mut w = Writer::new();
    w.uvarint(FRAME_VERSION);
    w.uvarint(u32::from(M::TYPE.unsigned_abs()));
    w.uvarint(u32::from(version.unsigned_abs()));
    record.encode(&mut w, version)?;
    Ok(w.finish())
}

/// Reads what is around a record of the metadata log: its type and version.
pub(crate) fn decode_frame(r: &mut Reader) -> Result<(i16, i16), RecordError> {
    let frame = r.uvarint("frame version")?;
    if frame != FRAME_VERSION {
        return Err(RecordError::UnknownFrame(frame));
    }
    let number = |value: u32| i16::try_from(value).unwrap_or(i16::MAX);
    Ok((number(r.uvarint("record type")?), number(r.uvarint("record version")?)))
}
