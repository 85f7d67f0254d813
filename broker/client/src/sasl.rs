//! Authenticating one connection, and authenticating it anew before its session ends (KIP-43, KIP-152, KIP-368).

use std::{sync::Arc, time::Duration};

use broker_protocol::{
    ApiKey, Str,
    messages::{SaslAuthenticateRequest, SaslHandshakeRequest},
};
use broker_sasl::{Client, NONCE_BYTES, Secret};
use tokio::time::Instant;

use crate::{connection::Connection, error::ClientError, login::SaslLogin, producer::wall_time};

/// The part of a session's life after which it is renewed: Kafka's clients take 85 to 95 hundredths.
const RENEWED_AFTER: f64 = 0.85;

/// Who a client is on a connection.
#[derive(Debug)]
pub(crate) struct Session {
    login: Arc<SaslLogin>,
    /// When it is to be renewed; `None`: never.
    renew_at: Option<Instant>,
}

impl Session {
    /// One that is to begin at once.
    pub(crate) fn new(login: Arc<SaslLogin>) -> Self {
        Self { login, renew_at: Some(Instant::now()) }
    }
}

impl Connection {
    /// Says who this client is, where that is asked for and not said yet, or not said for long.
    ///
    /// # Errors
    /// When the server does not believe it, or is not believed.
    pub(crate) async fn authenticate_if_due(&mut self) -> Result<(), ClientError> {
        let Some(session) = &self.session else { return Ok(()) };
        if session.renew_at.is_none_or(|at| at > Instant::now()) {
            return Ok(());
        }
        let login = Arc::clone(&session.login);
        let lifetime = self.authenticate(&login).await?;
        let renew_at = lifetime.map(|lifetime| Instant::now() + lifetime.mul_f64(RENEWED_AFTER));
        self.session = Some(Session { login, renew_at });
        Ok(())
    }

    /// One exchange; how long the session may last.
    async fn authenticate(&mut self, login: &SaslLogin) -> Result<Option<Duration>, ClientError> {
        let mechanism = Str::from(login.mechanism().name());
        let greeting = self.send_at_once(&SaslHandshakeRequest { mechanism }).await?;
        let enabled = || greeting.mechanisms.iter().map(|name| &**name).collect::<Vec<_>>().join(", ");
        let told = || {
            format!(
                "Client SASL mechanism '{}' not enabled in the server, enabled mechanisms are [{}]",
                login.mechanism(),
                enabled()
            )
        };
        ClientError::check(greeting.error_code, Some(&told()))?;
        let mut client = exchange(login).await?;
        let mut token = Some(client.first());
        let mut lifetime_ms = 0;
        while let Some(auth_bytes) = token {
            let answer = self.send_at_once(&SaslAuthenticateRequest { auth_bytes }).await?;
            ClientError::check(answer.error_code, answer.error_message.as_deref())?;
            lifetime_ms = answer.session_lifetime_ms;
            let failed = |reason: String| ClientError::Codec { api: ApiKey::SaslAuthenticate, reason };
            token = client.answer(&answer.auth_bytes).map_err(|failure| failed(failure.to_string()))?;
        }
        Ok(u64::try_from(lifetime_ms).ok().filter(|ms| *ms > 0).map(Duration::from_millis))
    }
}

/// The client of one exchange.
async fn exchange(login: &SaslLogin) -> Result<Client, ClientError> {
    Ok(match login {
        SaslLogin::Plain(login) => Client::plain(login),
        SaslLogin::Scram(mechanism, login) => Client::scram(*mechanism, login, &random()?),
        SaslLogin::Bearer { source, extensions } => {
            let token = source.token(wall_time()).await;
            let failed = |reason: String| ClientError::Codec { api: ApiKey::SaslAuthenticate, reason };
            let token = token.map_err(|error| failed(error.to_string()))?;
            Client::bearer(Secret::new(token), extensions.clone())
        }
    })
}

/// What nobody can guess.
pub(crate) fn random() -> Result<[u8; NONCE_BYTES], ClientError> {
    let mut bytes = [0; NONCE_BYTES];
    rustix::rand::getrandom(&mut bytes[..], rustix::rand::GetRandomFlags::empty()).map_err(|error| {
        ClientError::Codec { api: ApiKey::SaslAuthenticate, reason: format!("no randomness: {error}") }
    })?;
    Ok(bytes)
}
