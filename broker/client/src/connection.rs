//! One connection to one broker.

use std::{collections::BTreeMap, io, time::Duration};

use broker_protocol::{ApiKey, ErrorCode, Request, Str, frame, messages::ApiVersionsRequest, wire::Piece};
use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

use crate::{error::ClientError, sasl::Session, security::Security, stream::Stream};

/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 128 * 1024 * 1024;

/// A connection with negotiated versions. One request at a time.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    broker: String,
    client_id: Str,
    correlation_id: i32,
    versions: BTreeMap<i16, (i16, i16)>,
    patience: Duration,
    /// Whether a request is out whose answer nobody has read: whoever waited for it was dropped.
    is_waiting: bool,
    /// Who this client is there, and until when.
    pub(crate) session: Option<Session>,
}

impl Connection {
    /// Connects to `address` (`host:port`), protected as `security` says, and asks which versions it speaks.
    ///
    /// # Errors
    /// When nobody answers within `patience`, or not as a Kafka broker, or it is not who it should be.
    pub async fn open(
        address: &str,
        client_id: &str,
        patience: Duration,
        security: &Security,
    ) -> Result<Self, ClientError> {
        let failed =
            |source| ClientError::Io { api: ApiKey::ApiVersions, broker: address.to_owned(), source };
        let stream = timeout(patience, Stream::open(address, security))
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(failed)?;
        let mut connection = Self {
            stream,
            broker: address.to_owned(),
            client_id: Str::from(client_id),
            correlation_id: 0,
            versions: BTreeMap::new(),
            patience,
            is_waiting: false,
            session: security.sasl.clone().map(Session::new),
        };
        connection.negotiate().await?;
        connection.authenticate_if_due().await?;
        Ok(connection)
    }

    /// The newest version of `api` that both sides speak.
    #[must_use]
    pub fn version(&self, api: ApiKey) -> Option<i16> {
        let (low, high) = *self.versions.get(&api.code())?;
        let ours = api.valid_versions();
        let newest = high.min(*ours.end());
        (newest >= low.max(*ours.start())).then_some(newest)
    }

    /// Sends `request` in the newest common version and waits for the answer.
    ///
    /// # Errors
    /// When the broker lacks the API, or the connection breaks.
    pub async fn send<R: Request>(&mut self, request: &R) -> Result<R::Response, ClientError> {
        let Some(version) = self.version(R::KEY) else {
            let ours = R::KEY.valid_versions();
            return Err(ClientError::Unsupported {
                api: R::KEY,
                broker: self.broker.clone(),
                theirs: self.versions.get(&R::KEY.code()).copied(),
                ours: (*ours.start(), *ours.end()),
            });
        };
        self.send_version(request, version).await
    }

    /// Sends `request` in exactly `version`.
    ///
    /// # Errors
    /// As [`Connection::send`]; also when the request holds what that version cannot say.
    pub async fn send_version<R: Request>(
        &mut self,
        request: &R,
        version: i16,
    ) -> Result<R::Response, ClientError> {
        let answer = self.exchange(request, version).await?;
        self.read_answer::<R>(answer, version)
    }

    /// As [`Connection::send_version`], with an answer that may take as long as `patience`.
    ///
    /// # Errors
    /// As [`Connection::send_version`].
    pub(crate) async fn send_within<R: Request>(
        &mut self,
        request: &R,
        version: i16,
        patience: Duration,
    ) -> Result<R::Response, ClientError> {
        let answer = self.exchange_within(request, version, patience).await?;
        self.read_answer::<R>(answer, version)
    }

    /// Whether nothing is out on it: a request that was given up leaves its answer behind.
    pub(crate) fn is_usable(&self) -> bool {
        !self.is_waiting
    }

    /// Sends a request for which the broker gives no answer (acks=0).
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn send_unanswered<R: Request>(&mut self, request: &R) -> Result<(), ClientError> {
        let version = self.version(R::KEY).unwrap_or(*R::KEY.valid_versions().end());
        self.write(request, version).await
    }

    /// As [`Connection::send`], for what authenticates this client.
    pub(crate) async fn send_at_once<R: Request>(&mut self, request: &R) -> Result<R::Response, ClientError> {
        let version = self.version(R::KEY).unwrap_or(*R::KEY.valid_versions().start());
        let answer = self.exchange_at_once(request, version, self.patience).await?;
        self.read_answer::<R>(answer, version)
    }

    async fn negotiate(&mut self) -> Result<(), ClientError> {
        let request = ApiVersionsRequest {
            client_software_name: Str::from("klamm"),
            client_software_version: Str::from(env!("CARGO_PKG_VERSION")),
        };
        let mut version = 3;
        let mut answer = self.exchange_at_once(&request, version, self.patience).await?;
        // A broker that does not speak version 3 answers with UNSUPPORTED_VERSION in a version 0 body, behind
        // the correlation id.
        let code = answer.get(4..6).and_then(<[u8]>::first_chunk::<2>);
        if code.is_some_and(|code| i16::from_be_bytes(*code) == ErrorCode::UnsupportedVersion.code()) {
            version = 0;
            answer = self.exchange_at_once(&ApiVersionsRequest::default(), version, self.patience).await?;
        }
        let response = self.read_answer::<ApiVersionsRequest>(answer, version)?;
        ClientError::check(response.error_code, None)?;
        self.versions =
            response.api_keys.iter().map(|api| (api.api_key, (api.min_version, api.max_version))).collect();
        Ok(())
    }

    /// The body of the answer's frame, header included.
    async fn exchange<R: Request>(&mut self, request: &R, version: i16) -> Result<Bytes, ClientError> {
        self.exchange_within(request, version, self.patience).await
    }

    async fn exchange_within<R: Request>(
        &mut self,
        request: &R,
        version: i16,
        patience: Duration,
    ) -> Result<Bytes, ClientError> {
        self.authenticate_if_due().await?;
        self.exchange_at_once(request, version, patience).await
    }

    /// As [`Connection::exchange`], whether or not the session must be renewed first.
    async fn exchange_at_once<R: Request>(
        &mut self,
        request: &R,
        version: i16,
        patience: Duration,
    ) -> Result<Bytes, ClientError> {
        self.is_waiting = true;
        self.write(request, version).await?;
        let read = timeout(patience, read_frame(&mut self.stream))
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        self.is_waiting = read.is_err();
        read.map_err(|source| ClientError::Io { api: R::KEY, broker: self.broker.clone(), source })
    }

    fn read_answer<R: Request>(&self, answer: Bytes, version: i16) -> Result<R::Response, ClientError> {
        let (correlation_id, response) = frame::decode_response::<R>(answer, version)
            .map_err(|error| ClientError::Codec { api: R::KEY, reason: error.to_string() })?;
        if correlation_id != self.correlation_id {
            let reason = format!("the answer is to request {correlation_id}, not to {}", self.correlation_id);
            return Err(ClientError::Codec { api: R::KEY, reason });
        }
        Ok(response)
    }

    async fn write<R: Request>(&mut self, request: &R, version: i16) -> Result<(), ClientError> {
        self.correlation_id = self.correlation_id.wrapping_add(1);
        let segments = frame::encode_request(request, version, self.correlation_id, Some(&self.client_id))
            .map_err(|error| ClientError::Codec { api: R::KEY, reason: error.to_string() })?;
        let written = timeout(self.patience, async {
            for piece in &segments.pieces {
                // A client has all its records in memory.
                if let Piece::Bytes(bytes) = piece {
                    self.stream.write_all(bytes).await?;
                }
            }
            self.stream.flush().await
        });
        let written = written.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        written.map_err(|source| ClientError::Io { api: R::KEY, broker: self.broker.clone(), source })
    }
}

async fn read_frame(stream: &mut Stream) -> io::Result<Bytes> {
    let length = stream.read_u32().await?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > ANSWER_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("an answer of {length} bytes")));
    }
    let mut answer = BytesMut::with_capacity(length.min(1024 * 1024));
    while answer.len() < length {
        let lacking = length - answer.len();
        if (&mut *stream).take(lacking as u64).read_buf(&mut answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(answer.freeze())
}
