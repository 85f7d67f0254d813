//! Who is let through: on a listener with SASL nobody before it is authenticated, and nobody after its session ended.

use std::{io, sync::Arc};

use broker_protocol::{ApiKey, Message, frame, wire::EncodeError};
use broker_sasl::{Action, Asked, Authenticator, NONCE_BYTES, Reply, Session};
use broker_types::Mono;
use bytes::{BufMut as _, Bytes, BytesMut};

use crate::{broker::Broker, context::Principal, frame::Bounds, outbox::Outgoing, sasl::ListenerSasl};

/// The gate of one connection.
#[derive(Debug)]
pub(super) struct Gate(Option<Box<Guarded>>);

#[derive(Debug)]
struct Guarded {
    listener: Arc<ListenerSasl>,
    state: State,
}

#[derive(Debug)]
enum State {
    Authenticating(Authenticator),
    Authenticated(Session),
}

/// What becomes of a frame.
#[derive(Debug)]
pub(super) enum Passage {
    /// It is a request to be served.
    Through(Bytes),
    /// This is its answer.
    Answered(Vec<Outgoing>),
    /// This is its answer, and who sent it is known from now on.
    Entered(Vec<Outgoing>, Principal),
    /// The last answer, which must wait; then the connection ends.
    Refused(Vec<Outgoing>, String),
    /// The connection ends.
    Closed(String),
}

impl Gate {
    pub(super) fn new(listener: Option<Arc<ListenerSasl>>) -> Self {
        Self(listener.map(|listener| {
            let state = State::Authenticating(Authenticator::new(listener.enabled.clone()));
            Box::new(Guarded { listener, state })
        }))
    }

    /// Whether nobody was let in yet, or is let in anew.
    pub(super) fn is_closed(&self) -> bool {
        matches!(&self.0, Some(guarded) if matches!(guarded.state, State::Authenticating(_)))
    }

    /// How large frames may be; `open` where anybody may send anything.
    pub(super) fn bounds(&self, open: Bounds) -> Bounds {
        match &self.0 {
            // A token may be of any size, down to nothing.
            Some(guarded) if self.is_closed() => {
                Bounds { bytes_min: 0, bytes_max: guarded.listener.receive_bytes_max }
            }
            _ => open,
        }
    }

    /// Judges the next frame.
    pub(super) fn judge(&mut self, broker: &Broker, frame: Bytes) -> io::Result<Passage> {
        let Some(guarded) = &mut self.0 else { return Ok(Passage::Through(frame)) };
        guarded.judge(broker, frame)
    }
}

impl Guarded {
    fn judge(&mut self, broker: &Broker, frame: Bytes) -> io::Result<Passage> {
        let at = broker.clock().now();
        let now = at.mono;
        if let State::Authenticated(session) = &self.state {
            match self.renewal(session, &frame, now) {
                Some(machine) => self.state = State::Authenticating(machine),
                None if session.expires.is_some_and(|end| now > end) => {
                    return Ok(Passage::Closed("its session has ended".to_owned()));
                }
                None => return Ok(Passage::Through(frame)),
            }
        }
        let State::Authenticating(machine) = &mut self.state else { return Ok(Passage::Through(frame)) };
        let mut random = [0; NONCE_BYTES];
        rustix::rand::getrandom(&mut random[..], rustix::rand::GetRandomFlags::empty())?;
        let users = broker.sasl().users(&self.listener);
        let encoded = |reply| encoded(reply).map_err(io::Error::other);
        Ok(match machine.on_frame(frame.clone(), at, &random, &users) {
            Action::Serve => Passage::Through(frame),
            Action::Reply(reply) => Passage::Answered(encoded(reply)?),
            Action::Accept(reply, session) => {
                let principal = Principal::user(&session.user).by_token(session.by_token);
                self.state = State::Authenticated(session);
                Passage::Entered(encoded(reply)?, principal)
            }
            Action::Refuse(reply, reason) => {
                let parts = reply.map(encoded).transpose()?.unwrap_or_default();
                Passage::Refused(parts, reason)
            }
            Action::Close(reason) => Passage::Closed(reason),
        })
    }

    /// The machine that renews the session, if this frame asks for it and it may be.
    fn renewal(&self, session: &Session, frame: &[u8], now: Mono) -> Option<Authenticator> {
        let handshake = ApiKey::SaslHandshake.code().to_be_bytes();
        if frame.get(..2) != Some(&handshake[..]) {
            return None;
        }
        Authenticator::renewal(self.listener.enabled.clone(), session, now)
    }
}

fn encoded(reply: Reply) -> Result<Vec<Outgoing>, EncodeError> {
    match reply {
        Reply::Token(token) => {
            let mut bytes = BytesMut::with_capacity(4 + token.len());
            bytes.put_u32(u32::try_from(token.len()).unwrap_or(u32::MAX));
            bytes.put(token);
            Ok(vec![Outgoing::Bytes(bytes.freeze())])
        }
        Reply::Handshake(asked, response) => answer(asked, ApiKey::SaslHandshake, &response),
        Reply::Authenticate(asked, response) => answer(asked, ApiKey::SaslAuthenticate, &response),
        Reply::Versions(asked, response) => answer(asked, ApiKey::ApiVersions, &response),
    }
}

fn answer(asked: Asked, key: ApiKey, response: &impl Message) -> Result<Vec<Outgoing>, EncodeError> {
    let header = key.response_header_version(asked.version);
    let segments = frame::encode_response(asked.correlation_id, header, response, asked.version)?;
    Ok(Outgoing::join(segments, Vec::new()))
}
