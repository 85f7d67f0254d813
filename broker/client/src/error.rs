//! What can go wrong between a client and a cluster.

use std::io;

use broker_protocol::{ApiKey, ErrorCode};

/// No usable connection to a broker.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No bootstrap address could be reached; the last fault is named.
    #[error("none of the bootstrap addresses {addresses} could be reached: {last}")]
    Unreachable {
        /// The addresses as given.
        addresses: String,
        /// What the last of them answered.
        last: io::Error,
    },
    /// The address is not `host:port`.
    #[error("'{0}' is not host:port")]
    Address(String),
}

/// A request that was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The connection could not be made.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The connection broke or timed out; the request may or may not have been carried out.
    #[error("{api:?} to {broker}: {source}")]
    Io {
        /// What was asked.
        api: ApiKey,
        /// Whom.
        broker: String,
        /// How it broke.
        source: io::Error,
    },
    /// The broker speaks no version of this request that the client speaks.
    #[error("{broker} does not support {api:?} (it speaks {theirs:?}, this client {ours:?})")]
    Unsupported {
        /// What was asked.
        api: ApiKey,
        /// Whom.
        broker: String,
        /// The broker's versions, if it has the API at all.
        theirs: Option<(i16, i16)>,
        /// The client's versions.
        ours: (i16, i16),
    },
    /// The answer could not be read, or the request not be written in the negotiated version.
    #[error("{api:?}: {reason}")]
    Codec {
        /// What was asked.
        api: ApiKey,
        /// What is wrong with the bytes.
        reason: String,
    },
    /// The broker answered with an error.
    #[error("{}", explain(*.code, .message.as_deref()))]
    Broker {
        /// Kafka's error.
        code: ErrorCode,
        /// The broker's own words, when it has any.
        message: Option<String>,
    },
    /// The deadline passed while a partition had no leader, or while retriable errors went on.
    #[error("timed out: {0}")]
    TimedOut(String),
}

impl ClientError {
    /// `Ok` for no error, else the broker's error with its words.
    ///
    /// # Errors
    /// When `code` is not 0.
    pub fn check(code: i16, message: Option<&str>) -> Result<(), Self> {
        if code == 0 {
            return Ok(());
        }
        let code = ErrorCode::from_code(code).unwrap_or(ErrorCode::UnknownServerError);
        Err(Self::Broker { code, message: message.map(str::to_owned) })
    }

    /// The broker's error code, when the broker did answer.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Broker { code, .. } => Some(*code),
            _ => None,
        }
    }
}

fn explain(code: ErrorCode, message: Option<&str>) -> String {
    match message {
        Some(message) if !message.is_empty() => format!("{}: {message}", code.name()),
        _ => format!("{}: {}", code.name(), code.message()),
    }
}
