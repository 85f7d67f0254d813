//! What a connection may say before it is authenticated, and when it authenticates anew (KIP-43, KIP-152, KIP-368).
//!
//! ```text
//!            ApiVersions             SaslHandshake                 tokens
//! Initial ──────────────► Versioned ───────────────► Exchanging ────────────► Session
//!    └───────────────────────────────────────────────────▲
//! Session ── SaslHandshake, once a second ── Renewing ─────────► Session of the same user
//! ```
//! Events are frames, actions what is to be done about them. After a handshake of version 0 a frame is a token; after
//! one of version 1 it is a SaslAuthenticate request.
//!
//! Invariants: before a session only ApiVersions (once), SaslHandshake and tokens are taken; what ends the
//! connection ends it after the pause that slows guessing down, wherever Kafka makes it.

#[cfg(test)]
mod tests;

use alloc::{
    format,
    string::{String, ToString as _},
    vec::Vec,
};
use core::{mem, time::Duration};

use broker_protocol::{
    ApiKey, ErrorCode, Message, Str,
    frame::RequestHeader,
    messages::{
        ApiVersionsRequest, ApiVersionsResponse, SaslAuthenticateRequest, SaslAuthenticateResponse,
        SaslHandshakeRequest, SaslHandshakeResponse,
    },
    wire::Reader,
};
use broker_types::{Mono, Now, Timestamp};
use bytes::Bytes;

use crate::{Credentials, Exchange, Failure, Mechanism, NONCE_BYTES, Proven, Step};

/// The least time between two authentications of one connection.
const RENEWAL_PAUSE: Duration = Duration::from_secs(1);

/// A mechanism that a listener takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnabledMechanism {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// Longest session before a client must authenticate again; `None`: without end.
    pub session_max: Option<Duration>,
}

/// Who a connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The user's name.
    pub user: String,
    /// Whether it was proven by a delegation token.
    pub by_token: bool,
    /// How it was proven.
    pub mechanism: Mechanism,
    /// When the session ends, if it does.
    pub expires: Option<Mono>,
    /// When it last began to authenticate anew.
    renewed: Option<Mono>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// A token alone, behind its length.
    Token(Bytes),
    /// To SaslHandshake.
    Handshake(Asked, SaslHandshakeResponse),
    /// To SaslAuthenticate.
    Authenticate(Asked, SaslAuthenticateResponse),
    /// To ApiVersions where it may not be asked any more.
    Versions(Asked, ApiVersionsResponse),
}

/// To which request an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its version.
    pub version: i16,
    /// Its correlation id.
    pub correlation_id: i32,
}

/// What is to be done about a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Answer it as any other: it is ApiVersions.
    Serve,
    /// Send this.
    Reply(Reply),
    /// Send this; the connection is this user's from now on.
    Accept(Reply, Session),
    /// Wait for `connection.failed.authentication.delay.ms`, send this if there is something, and close.
    Refuse(Option<Reply>, String),
    /// Close.
    Close(String),
}

/// The machine of one connection, from its first frame to its session.
#[derive(Debug)]
pub struct Authenticator {
    enabled: Vec<EnabledMechanism>,
    state: State,
    /// Whether tokens come in SaslAuthenticate requests.
    is_wrapped: bool,
    /// The session that is to be renewed.
    renewing: Option<Session>,
}

#[derive(Debug)]
enum State {
    Initial,
    Versioned,
    Exchanging(EnabledMechanism, Exchange),
    /// A mechanism that is not the session's; said when the first token comes.
    OtherMechanism(String),
    Ended,
}

impl Authenticator {
    /// For a new connection.
    #[must_use]
    pub fn new(enabled: Vec<EnabledMechanism>) -> Self {
        Self { enabled, state: State::Initial, is_wrapped: false, renewing: None }
    }

    /// For a connection whose session sent a SaslHandshake, which is to be given to it next; `None` where the session may
    /// not be renewed (now): the request is one like any other then.
    #[must_use]
    pub fn renewal(enabled: Vec<EnabledMechanism>, session: &Session, now: Mono) -> Option<Self> {
        session.expires?;
        if session.renewed.is_some_and(|at| now.since(at) < RENEWAL_PAUSE) {
            return None;
        }
        let renewing = Session { renewed: Some(now), ..session.clone() };
        Some(Self { enabled, state: State::Versioned, is_wrapped: false, renewing: Some(renewing) })
    }

    /// Takes the next frame, without its length. `random` is fresh for every frame.
    pub fn on_frame(
        &mut self,
        frame: Bytes,
        now: Now,
        random: &[u8; NONCE_BYTES],
        credentials: &impl Credentials,
    ) -> Action {
        match mem::replace(&mut self.state, State::Ended) {
            State::Initial => self.request(frame, true),
            State::Versioned => self.request(frame, false),
            State::Exchanging(enabled, exchange) if self.is_wrapped => {
                self.wrapped_token(frame, now, random, credentials, (enabled, exchange))
            }
            State::Exchanging(enabled, exchange) => {
                self.token(&frame, now, random, credentials, (enabled, exchange))
            }
            State::OtherMechanism(reason) => Action::Refuse(None, reason),
            State::Ended => Action::Close("a frame after the end of authentication".to_string()),
        }
    }

    /// ApiVersions or SaslHandshake.
    fn request(&mut self, frame: Bytes, is_initial: bool) -> Action {
        let mut body = Reader::new(frame);
        let header = match RequestHeader::decode(&mut body) {
            Ok(header) => header,
            // Before 0.10 a client began with a token of GSSAPI.
            Err(error) if is_initial => return Action::Refuse(None, format!("no SASL handshake: {error}")),
            Err(error) => return Action::Close(error.to_string()),
        };
        match header.api_key {
            ApiKey::ApiVersions => self.versions(body, header.api_version, is_initial),
            ApiKey::SaslHandshake => match SaslHandshakeRequest::decode(&mut body, header.api_version) {
                Ok(request) => self.handshake(&request, asked(&header)),
                Err(error) => Action::Close(error.to_string()),
            },
            other => Action::Refuse(
                None,
                format!("Unexpected Kafka request of type {} during SASL handshake.", other.name()),
            ),
        }
    }

    fn versions(&mut self, mut body: Reader, version: i16, is_initial: bool) -> Action {
        if !is_initial {
            return Action::Close("a second ApiVersions during SASL authentication".to_string());
        }
        self.state = State::Initial;
        if ApiKey::ApiVersions.valid_versions().contains(&version) {
            match ApiVersionsRequest::decode(&mut body, version) {
                Ok(request) if request.is_named(version) => self.state = State::Versioned,
                Ok(_) => {}
                Err(error) => return Action::Close(error.to_string()),
            }
        }
        Action::Serve
    }

    fn handshake(&mut self, request: &SaslHandshakeRequest, asked: Asked) -> Action {
        self.is_wrapped = asked.version >= 1;
        let found = self.enabled.iter().find(|enabled| enabled.mechanism.name() == &*request.mechanism);
        let answer = |code: ErrorCode| SaslHandshakeResponse {
            error_code: code.code(),
            mechanisms: self.enabled.iter().map(|one| Str::from_static(one.mechanism.name())).collect(),
        };
        let Some(enabled) = found.copied() else {
            let reason = format!("Unsupported SASL mechanism {}", request.mechanism.escape_debug());
            let reply = Reply::Handshake(asked, answer(ErrorCode::UnsupportedSaslMechanism));
            // Whoever has a session is not told.
            return Action::Refuse(Some(reply).filter(|_| self.renewing.is_none()), reason);
        };
        let reply = Reply::Handshake(asked, answer(ErrorCode::None));
        self.state = match &self.renewing {
            Some(session) if session.mechanism != enabled.mechanism => State::OtherMechanism(format!(
                "SASL mechanism '{}' requested by client is not supported for re-authentication of mechanism '{}'",
                enabled.mechanism, session.mechanism
            )),
            _ => State::Exchanging(enabled, Exchange::new(enabled.mechanism)),
        };
        Action::Reply(reply)
    }

    fn token(
        &mut self,
        token: &[u8],
        now: Now,
        random: &[u8; NONCE_BYTES],
        credentials: &impl Credentials,
        (enabled, mut exchange): (EnabledMechanism, Exchange),
    ) -> Action {
        match exchange.step(token, random, credentials).and_then(|step| self.judge(step, enabled, now)) {
            Ok(Judged::Challenge(token)) => {
                self.state = State::Exchanging(enabled, exchange);
                Action::Reply(Reply::Token(token))
            }
            Ok(Judged::Session(session, token)) => Action::Accept(Reply::Token(token), session),
            Err(Failure::Told(reason)) => Action::Refuse(None, reason.into_owned()),
            Err(failure @ (Failure::Hidden(_) | Failure::Senseless(_))) => Action::Close(failure.to_string()),
        }
    }

    fn wrapped_token(
        &mut self,
        frame: Bytes,
        now: Now,
        random: &[u8; NONCE_BYTES],
        credentials: &impl Credentials,
        (enabled, mut exchange): (EnabledMechanism, Exchange),
    ) -> Action {
        let mut body = Reader::new(frame);
        let header = match RequestHeader::decode(&mut body) {
            Ok(header) if header.api_key.valid_versions().contains(&header.api_version) => header,
            Ok(header) => {
                let (key, version) = (header.api_key.name(), header.api_version);
                return Action::Close(format!("{key} has no version {version}"));
            }
            Err(error) => return Action::Close(error.to_string()),
        };
        let asked = asked(&header);
        if header.api_key != ApiKey::SaslAuthenticate {
            return unexpected(header.api_key, asked);
        }
        let request = match SaslAuthenticateRequest::decode(&mut body, header.api_version) {
            Ok(request) => request,
            Err(error) => return Action::Close(error.to_string()),
        };
        let stepped = exchange.step(&request.auth_bytes, random, credentials);
        match stepped.and_then(|step| self.judge(step, enabled, now)) {
            Ok(Judged::Challenge(token)) => {
                self.state = State::Exchanging(enabled, exchange);
                Action::Reply(authenticated(asked, token, 0))
            }
            Ok(Judged::Session(session, token)) => {
                let lifetime = session.expires.map_or(0, |at| at.since(now.mono).as_millis());
                let lifetime_ms = i64::try_from(lifetime).unwrap_or(i64::MAX);
                Action::Accept(authenticated(asked, token, lifetime_ms), session)
            }
            Err(Failure::Told(reason)) => Action::Refuse(Some(failed(asked, &reason)), reason.into_owned()),
            Err(Failure::Hidden(reason)) => {
                let what = if self.renewing.is_some() { "re-authentication" } else { "authentication" };
                let told = format!(
                    "Authentication failed during {what} due to invalid credentials with SASL mechanism {}",
                    enabled.mechanism
                );
                Action::Refuse(Some(failed(asked, &told)), reason.into_owned())
            }
            Err(failure @ Failure::Senseless(_)) => Action::Close(failure.to_string()),
        }
    }

    /// A session that is renewed stays its user's.
    fn judge(&self, step: Step, enabled: EnabledMechanism, now: Now) -> Result<Judged, Failure> {
        let (Proven { user, by_token, expires }, token) = match step {
            Step::Challenge(token) => return Ok(Judged::Challenge(token)),
            Step::Complete { who, token } => (who, token),
        };
        let before = self.renewing.as_ref();
        if let Some(before) = before.filter(|before| before.user != user) {
            let text = format!(
                "Cannot change principals during re-authentication from User.{}: User.{user}",
                before.user
            );
            return Err(Failure::Told(text.into()));
        }
        let lasts = [enabled.session_max, expires.map(|end: Timestamp| end.since(now.wall))];
        let session = Session {
            user,
            by_token,
            mechanism: enabled.mechanism,
            expires: lasts.into_iter().flatten().min().map(|lasts| now.mono.plus(lasts)),
            renewed: before.and_then(|before| before.renewed),
        };
        Ok(Judged::Session(session, token))
    }
}

enum Judged {
    Challenge(Bytes),
    Session(Session, Bytes),
}

fn asked(header: &RequestHeader) -> Asked {
    Asked { version: header.api_version, correlation_id: header.correlation_id }
}

fn authenticated(asked: Asked, token: Bytes, lifetime_ms: i64) -> Reply {
    let response = SaslAuthenticateResponse {
        error_code: ErrorCode::None.code(),
        // Kafka's is empty, not absent.
        error_message: Some(Str::EMPTY),
        auth_bytes: token,
        session_lifetime_ms: lifetime_ms,
    };
    Reply::Authenticate(asked, response)
}

fn failed(asked: Asked, text: &str) -> Reply {
    let response = SaslAuthenticateResponse {
        error_code: ErrorCode::SaslAuthenticationFailed.code(),
        error_message: Some(Str::from(text)),
        ..SaslAuthenticateResponse::default()
    };
    Reply::Authenticate(asked, response)
}

/// Another request in a token's place. What Kafka answers to all others, in the form of each, no client asks for.
fn unexpected(key: ApiKey, asked: Asked) -> Action {
    let reason = format!("Unexpected Kafka request of type {} during SASL authentication.", key.name());
    let error_code = ErrorCode::IllegalSaslState.code();
    let reply = match key {
        ApiKey::ApiVersions => {
            Some(Reply::Versions(asked, ApiVersionsResponse { error_code, ..Default::default() }))
        }
        ApiKey::SaslHandshake => {
            Some(Reply::Handshake(asked, SaslHandshakeResponse { error_code, ..Default::default() }))
        }
        _ => None,
    };
    Action::Refuse(reply, reason)
}
