//! Where a client gets its tokens: a file, or the token endpoint by client credentials (RFC 6749, section 4.4).

use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use broker_tls::Connector;
use broker_types::Timestamp;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request,
    header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use tokio::{sync::Mutex, time::Instant};

use crate::{
    Place, TokenMaker, Unfetched,
    http::{self, HttpError, Patience},
    jws::Jws,
    place::shown,
};

/// The part of a token's life after which another is asked for.
const RENEWED_AFTER: f64 = 0.8;
/// What Java's form encoding leaves as it is, besides letters and digits.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*');

/// Who a client is at the token endpoint. Its debug form shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The client's id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Where and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSourceSettings {
    /// The token endpoint, or the file of a token.
    pub place: Place,
    /// For the token endpoint.
    pub credentials: Option<Credentials>,
    /// What to ask for.
    pub scope: Option<String>,
    /// Whether id and secret are encoded as RFC 6749 wants it.
    pub encodes_header: bool,
    /// How long the endpoint may take to accept a connection.
    pub connect_timeout: Duration,
    /// How long it may take to answer.
    pub read_timeout: Duration,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The endpoint, or the file.
    #[error("no token: {0}")]
    Unfetched(#[from] Unfetched),
    /// Nobody to ask as.
    #[error("the token endpoint needs a client id and secret")]
    NoCredentials,
    /// The answer, which is not told: there might be a token in it.
    #[error("the token endpoint's answer has no access_token")]
    Answer,
    /// What came is no token.
    #[error("what came is no token that can be used")]
    NoToken,
}

/// Gets tokens, and keeps the last one as long as it is good; or makes unsecured ones.
#[derive(Debug)]
pub struct TokenSource {
    origin: Origin,
    tls: Option<Connector>,
    last: Mutex<Option<Kept>>,
}

/// Where tokens are from.
#[derive(Debug, PartialEq, Eq)]
enum Origin {
    Fetched(TokenSourceSettings),
    /// From nowhere.
    Made(TokenMaker),
}

struct Kept {
    token: String,
    renew_at: Instant,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("renew_at", &self.renew_at).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
}

impl PartialEq for TokenSource {
    fn eq(&self, other: &Self) -> bool {
        self.origin == other.origin
    }
}

impl Eq for TokenSource {}

impl TokenSource {
    /// A source that asks when it is asked; `tls` is for a place that is encrypted.
    #[must_use]
    pub fn new(settings: TokenSourceSettings, tls: Option<Connector>) -> Self {
        Self { origin: Origin::Fetched(settings), tls, last: Mutex::default() }
    }

    /// A source of unsecured tokens, each made when it is asked for.
    #[must_use]
    pub fn unsecured(maker: TokenMaker) -> Self {
        Self { origin: Origin::Made(maker), tls: None, last: Mutex::default() }
    }

    /// A token, which may have been given before. Who asks while one is fetched waits for that.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn token(&self, now: Timestamp) -> Result<String, SourceError> {
        let settings = match &self.origin {
            Origin::Fetched(settings) => settings,
            Origin::Made(maker) => return Ok(maker.token(now)),
        };
        let mut last = self.last.lock().await;
        if let Some(kept) = last.as_ref().filter(|kept| Instant::now() < kept.renew_at) {
            return Ok(kept.token.clone());
        }
        *last = None;
        let token = self.fetch(settings).await?;
        // Looked at for its end only: whether it is good is the server's to say.
        let ends = Jws::read(&token).ok().and_then(|jws| jws.claims.get("exp")?.as_i64());
        let ends = ends.ok_or(SourceError::NoToken)?;
        let lasts = Timestamp::from_millis(ends.saturating_mul(1000)).since(now).mul_f64(RENEWED_AFTER);
        // Beyond what clocks can say it lasts for good.
        if let Some(renew_at) = Instant::now().checked_add(lasts) {
            *last = Some(Kept { token: token.clone(), renew_at });
        }
        Ok(token)
    }

    async fn fetch(&self, settings: &TokenSourceSettings) -> Result<String, SourceError> {
        let token = match &settings.place {
            Place::File(_) => {
                let bytes = settings.place.fetch(self.tls.as_ref(), settings.read_timeout).await?;
                String::from_utf8_lossy(&bytes).trim().to_owned()
            }
            Place::Url(url) => {
                let failed = |source| Unfetched::Http { url: shown(url), source };
                let request = settings.request(url)?;
                let patience = Patience { connect: settings.connect_timeout, read: settings.read_timeout };
                let answer = http::ask(request, self.tls.as_ref(), patience).await.map_err(failed)?;
                let answer: Answer = serde_json::from_slice(&answer).map_err(|_| SourceError::Answer)?;
                answer.access_token.trim().to_owned()
            }
        };
        if token.is_empty() { Err(SourceError::NoToken) } else { Ok(token) }
    }
}

impl TokenSourceSettings {
    fn request(&self, url: &hyper::Uri) -> Result<Request<Full<Bytes>>, SourceError> {
        let credentials = self.credentials.as_ref().ok_or(SourceError::NoCredentials)?;
        let encoded = |text: &str| match self.encodes_header {
            true => form(text),
            false => text.to_owned(),
        };
        let user = format!("{}:{}", encoded(&credentials.id), encoded(&credentials.secret));
        let mut body = "grant_type=client_credentials".to_owned();
        if let Some(scope) = self.scope.as_deref().map(str::trim).filter(|scope| !scope.is_empty()) {
            body += &format!("&scope={}", form(scope));
        }
        Request::post(url.clone())
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, format!("Basic {}", STANDARD.encode(user)))
            .header(CACHE_CONTROL, "no-cache")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(body))
            .map_err(|error| {
                let source = HttpError::Http(error.to_string());
                SourceError::Unfetched(Unfetched::Http { url: shown(url), source })
            })
    }
}

/// As Java encodes forms.
fn form(text: &str) -> String {
    utf8_percent_encode(text, FORM).to_string().replace("%20", "+")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{Issuer, Server, answer};

    fn source(place: &str) -> TokenSource {
        let settings = TokenSourceSettings {
            place: Place::parse(place).unwrap(),
            credentials: Some(Credentials { id: "a b".to_owned(), secret: "c".to_owned() }),
            scope: Some("x y".to_owned()),
            encodes_header: true,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(10),
        };
        TokenSource::new(settings, None)
    }

    fn token(ends: i64) -> String {
        Issuer::ed25519().token("id", &json!({ "exp": ends }))
    }

    fn granted(token: &str) -> Vec<u8> {
        answer("200 OK", &json!({ "access_token": token }).to_string())
    }

    /// What lasts is kept; what is over, or nearly, is asked for anew.
    #[tokio::test]
    async fn a_token_is_kept_while_it_is_good() {
        let now = Timestamp::from_millis(1_000_000);
        let (over, long) = (token(1000), token(4600));
        let server = Server::start(vec![granted(&over), granted(&long)]);
        let source = source(&server.url);
        assert_eq!(source.token(now).await.unwrap(), over);
        for _ in 0..3 {
            assert_eq!(source.token(now).await.unwrap(), long);
        }
        let request = server.asked.recv().unwrap().to_lowercase();
        let user = STANDARD.encode("a+b:c").to_lowercase();
        for part in [
            "post /path http/1.1",
            &format!("authorization: basic {user}"),
            "grant_type=client_credentials&scope=x+y",
        ] {
            assert!(request.contains(part), "{request}");
        }
    }

    #[tokio::test]
    async fn what_is_no_token_is_none() {
        let refused = async |body: Value| {
            let server = Server::start(vec![answer("200 OK", &body.to_string())]);
            source(&server.url).token(Timestamp::from_millis(0)).await.unwrap_err().to_string()
        };
        assert_eq!(refused(json!({ "error": "secret" })).await, SourceError::Answer.to_string());
        assert_eq!(refused(json!({ "access_token": " " })).await, SourceError::NoToken.to_string());
        assert_eq!(refused(json!({ "access_token": "opaque" })).await, SourceError::NoToken.to_string());
        let server = Server::start(vec![answer("401 Unauthorized", "{\"error\":\"invalid_client\"}")]);
        let error = source(&server.url).token(Timestamp::from_millis(0)).await.unwrap_err().to_string();
        assert!(error.contains("the answer is 401"), "{error}");
        let missing = source("file:/nowhere/token").token(Timestamp::from_millis(0)).await.unwrap_err();
        assert!(missing.to_string().contains("/nowhere/token"), "{missing}");
    }

    #[test]
    fn forms_are_encoded_as_java_encodes_them() {
        assert_eq!(form("a b&c=d/*-._~é"), "a+b%26c%3Dd%2F*-._%7E%C3%A9");
    }
}
