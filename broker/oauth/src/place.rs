//! Where documents are: `file:`, `http:`, `https:`.

use std::{path::PathBuf, time::Duration};

use broker_tls::Connector;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Uri, header::ACCEPT};
use tokio::io::AsyncReadExt as _;

use crate::http::{self, DOCUMENT_BYTES_MAX, HttpError, Patience};

/// Where a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File(PathBuf),
    /// At a URL.
    Url(Uri),
}

/// A URL that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlace {
    /// Not one of the three protocols.
    #[error("a URL of file:, http: or https: is wanted")]
    Protocol,
    /// Not a URL.
    #[error("no URL: {0}")]
    Url(String),
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum Unfetched {
    /// The file.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The server.
    #[error("{url}: {source}")]
    Http {
        /// Which, without what might be a secret.
        url: String,
        /// Why.
        source: HttpError,
    },
}

impl Place {
    /// Reads a URL.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(url: &str) -> Result<Self, InvalidPlace> {
        let url = url.trim();
        if let Some(path) = url.strip_prefix("file:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
            return if path.starts_with('/') {
                Ok(Self::File(path.as_ref().into()))
            } else {
                Err(InvalidPlace::Protocol)
            };
        }
        let uri: Uri = url
            .parse()
            .map_err(|error: hyper::http::uri::InvalidUri| InvalidPlace::Url(error.to_string()))?;
        match uri.scheme_str() {
            Some("http" | "https") if uri.host().is_some() => Ok(Self::Url(uri)),
            _ => Err(InvalidPlace::Protocol),
        }
    }

    /// Whether it is to be believed who a server is before it is asked: only then must somebody be trusted, and an image
    /// with nothing but the program has no list of authorities.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        matches!(self, Self::Url(url) if url.scheme_str() == Some("https"))
    }

    /// The document that is there. `tls` is for those that are encrypted.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn fetch(&self, tls: Option<&Connector>, patience: Duration) -> Result<Bytes, Unfetched> {
        match self {
            Self::File(path) => {
                let failed = |source| Unfetched::File { path: path.display().to_string(), source };
                let file = tokio::fs::File::open(path).await.map_err(failed)?;
                let mut bytes = Vec::new();
                // One more than is taken, so that what is too large is known to be.
                let most = DOCUMENT_BYTES_MAX as u64 + 1;
                file.take(most).read_to_end(&mut bytes).await.map_err(failed)?;
                Ok(bytes.into())
            }
            Self::Url(url) => {
                let failed = |source| Unfetched::Http { url: shown(url), source };
                let request =
                    Request::get(url.clone()).header(ACCEPT, "application/json").body(Full::default());
                let request = request.map_err(|error| failed(HttpError::Http(error.to_string())))?;
                let patience = Patience { connect: patience, read: patience };
                http::ask(request, tls, patience).await.map_err(failed)
            }
        }
    }
}

/// Without user and query.
pub(crate) fn shown(url: &Uri) -> String {
    let (scheme, host) = (url.scheme_str().unwrap_or_default(), url.host().unwrap_or_default());
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{scheme}://{host}{port}{}", url.path())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Server, answer};

    const PATIENCE: Duration = Duration::from_secs(10);

    async fn fetched(answer: Vec<u8>) -> Result<Bytes, String> {
        let server = Server::start(vec![answer]);
        let place = Place::parse(&server.url).unwrap();
        place.fetch(None, PATIENCE).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn what_a_server_says_is_bounded() {
        assert_eq!(fetched(answer("200 OK", "keys")).await, Ok(Bytes::from_static(b"keys")));
        assert!(fetched(answer("404 Not Found", "")).await.is_err_and(|error| error.contains("404")));
        assert!(
            fetched(answer("302 Found\r\nLocation: http://other/", ""))
                .await
                .is_err_and(|error| error.contains("302"))
        );
        assert!(fetched(b"garbage\r\n\r\n".to_vec()).await.is_err());
        assert!(fetched(Vec::new()).await.is_err());
        let short = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nkeys".to_vec();
        assert!(fetched(short).await.is_err());
        // Whether it says so beforehand or not.
        let large = "x".repeat(DOCUMENT_BYTES_MAX + 1);
        assert!(fetched(answer("200 OK", &large)).await.is_err());
        let unsaid = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{large}");
        assert!(fetched(unsaid.into_bytes()).await.is_err());
    }

    #[tokio::test]
    async fn who_says_nothing_is_not_waited_for() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let place = Place::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let error = place.fetch(None, Duration::from_millis(50)).await.unwrap_err().to_string();
        assert!(error.ends_with("no answer within 50ms"), "{error}");
    }

    #[test]
    fn places_are_of_three_protocols() {
        let file = |path: &str| Ok(Place::File(path.into()));
        assert_eq!(Place::parse("file:/etc/jwks.json"), file("/etc/jwks.json"));
        assert_eq!(Place::parse("file:///etc/a%20b"), file("/etc/a b"));
        assert!(matches!(Place::parse("https://idp.example/keys?x=1"), Ok(Place::Url(_))));
        for wrong in ["ftp://a/b", "jwks.json", "file:jwks.json", "", "http://"] {
            assert!(Place::parse(wrong).is_err(), "{wrong}");
        }
        let Ok(Place::Url(url)) = Place::parse("http://user:secret@host:8080/path?token=secret") else {
            panic!()
        };
        assert_eq!(shown(&url), "http://host:8080/path");
    }
}
