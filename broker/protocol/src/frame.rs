//! Frames: a 4-byte length, a header, a message.
//!
//! Invariant: a frame body is looked at only when it has the eight bytes that every header starts with.

use bytes::Bytes;

use crate::messages::{RequestHeader as HeaderMessage, ResponseHeader};
use crate::wire::{DecodeError, EncodeError, Reader, Segments, Writer};
use crate::{ApiKey, Message, Request, Str};

/// The bytes that every request starts with: key, version, correlation id.
pub const REQUEST_BYTES_MIN: usize = 8;

/// What goes before every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHeader {
    /// Which request it is.
    pub api_key: ApiKey,
    /// In which version; not checked against the versions that exist.
    pub api_version: i16,
    /// Returned in the answer.
    pub correlation_id: i32,
    /// What the client calls itself.
    pub client_id: Option<Str>,
}

/// Why a frame is not a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Less than key, version and correlation id.
    #[error("a frame of {0} bytes is too short for a request")]
    TooShort(usize),
    /// No API has this key.
    #[error("API key {0} is unknown")]
    UnknownApiKey(i16),
    /// The header is wrong.
    #[error("request header: {0}")]
    Header(#[from] DecodeError),
}

impl RequestHeader {
    /// Reads the header from the start of a frame's body; the request follows in the reader.
    ///
    /// # Errors
    /// The body is too short, names no known API, or its header is malformed.
    pub fn decode(r: &mut Reader) -> Result<Self, FrameError> {
        if r.remaining() < REQUEST_BYTES_MIN {
            return Err(FrameError::TooShort(r.remaining()));
        }
        let code = r.i16("RequestApiKey")?;
        let api_version = r.i16("RequestApiVersion")?;
        let correlation_id = r.i32("CorrelationId")?;
        let api_key = ApiKey::from_code(code).ok_or(FrameError::UnknownApiKey(code))?;
        let client_id = r.nullable_str(false, "ClientId")?;
        if api_key.request_header_version(api_version) >= 2 {
            r.no_tags()?;
        }
        Ok(Self { api_key, api_version, correlation_id, client_id })
    }

    fn encode(&self, w: &mut Writer) -> Result<(), EncodeError> {
        let header = HeaderMessage {
            request_api_key: self.api_key.code(),
            request_api_version: self.api_version,
            correlation_id: self.correlation_id,
            client_id: self.client_id.clone(),
        };
        header.encode(w, self.api_key.request_header_version(self.api_version))
    }
}

/// A whole frame of a request, its length first.
///
/// # Errors
/// As [`Message::encode`].
pub fn encode_request<R: Request>(
    request: &R,
    version: i16,
    correlation_id: i32,
    client_id: Option<&Str>,
) -> Result<Segments, EncodeError> {
    let header = RequestHeader {
        api_key: R::KEY,
        api_version: version,
        correlation_id,
        client_id: client_id.cloned(),
    };
    frame(|w| {
        header.encode(w)?;
        request.encode(w, version)
    })
}

/// A whole frame of a response, its length first. The header's version is [`ApiKey::response_header_version`].
///
/// # Errors
/// As [`Message::encode`].
pub fn encode_response<M: Message>(
    correlation_id: i32,
    header_version: i16,
    message: &M,
    version: i16,
) -> Result<Segments, EncodeError> {
    frame(|w| {
        ResponseHeader { correlation_id }.encode(w, header_version)?;
        message.encode(w, version)
    })
}

/// Reads an answer to a request of type `R` in `version` from a frame's body: the correlation id, the answer.
///
/// # Errors
/// As [`Message::decode`].
pub fn decode_response<R: Request>(body: Bytes, version: i16) -> Result<(i32, R::Response), DecodeError> {
    let mut r = Reader::new(body);
    let header = ResponseHeader::decode(&mut r, R::KEY.response_header_version(version))?;
    Ok((header.correlation_id, R::Response::decode(&mut r, version)?))
}

/// Room for the usual small frame.
const CAPACITY_BYTES: usize = 256;

fn frame(write: impl FnOnce(&mut Writer) -> Result<(), EncodeError>) -> Result<Segments, EncodeError> {
    let mut w = Writer::with_capacity(CAPACITY_BYTES);
    w.i32(0);
    write(&mut w)?;
    let len = w.len_bytes() - 4;
    let len = i32::try_from(len).map_err(|_| EncodeError::too_long("frame", len))?;
    w.overwrite_i32(0, len);
    Ok(w.finish())
}

#[cfg(test)]
mod tests;
