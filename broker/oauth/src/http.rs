//! One request over HTTP/1.1 and its answer, bounded in time and size.

use std::{io, time::Duration};

use broker_tls::Connector;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, StatusCode, Uri, client::conn::http1, header::HOST};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

/// The largest answer, or file, that is read.
pub const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// No host in it.
    #[error("the URL names no host")]
    NoHost,
    /// An encrypted server, and nobody said whom to believe.
    #[error("nothing says which servers to believe")]
    NoTrust,
    /// The connection.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Not in time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// HTTP itself.
    #[error("{0}")]
    Http(String),
    /// The answer is no yes.
    #[error("the answer is {0}")]
    Status(StatusCode),
}

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Patience {
    pub(crate) connect: Duration,
    pub(crate) read: Duration,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Sends a request, whose URL is whole, and gives the body of its answer.
pub(crate) async fn ask(
    mut request: Request<Full<Bytes>>,
    tls: Option<&Connector>,
    patience: Patience,
) -> Result<Bytes, HttpError> {
    let url = request.uri().clone();
    let authority = url.authority().ok_or(HttpError::NoHost)?;
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse::<Uri>().map_err(|error| HttpError::Http(error.to_string()))?;
    let host = authority.as_str().rsplit('@').next().unwrap_or_default();
    let host = host.parse().map_err(|_| HttpError::NoHost)?;
    request.headers_mut().insert(HOST, host);
    let stream = timeout(patience.connect, connect(&url, tls));
    let stream = stream.await.map_err(|_| HttpError::Timeout(patience.connect))??;
    let answer = timeout(patience.read, exchange(stream, request));
    answer.await.map_err(|_| HttpError::Timeout(patience.read))?
}

async fn connect(url: &Uri, tls: Option<&Connector>) -> Result<Box<dyn Stream>, HttpError> {
    let host = url.host().ok_or(HttpError::NoHost)?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_encrypted = url.scheme_str() == Some("https");
    let port = url.port_u16().unwrap_or(if is_encrypted { 443 } else { 80 });
    let connector = match is_encrypted {
        true => Some(tls.ok_or(HttpError::NoTrust)?),
        false => None,
    };
    let stream = TcpStream::connect((bare, port)).await?;
    let Some(tls) = connector else { return Ok(Box::new(stream)) };
    let name = ServerName::try_from(bare.to_owned()).map_err(|_| HttpError::NoHost)?;
    Ok(Box::new(TlsConnector::from(tls.config()).connect(name, stream).await?))
}

async fn exchange(stream: Box<dyn Stream>, request: Request<Full<Bytes>>) -> Result<Bytes, HttpError> {
    let failed = |error: hyper::Error| HttpError::Http(error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let answer = async {
        let answer = sender.send_request(request).await.map_err(failed)?;
        let status = answer.status();
        if !matches!(status, StatusCode::OK | StatusCode::CREATED) {
            return Err(HttpError::Status(status));
        }
        let body = Limited::new(answer.into_body(), DOCUMENT_BYTES_MAX).collect().await;
        Ok(body.map_err(|error| HttpError::Http(error.to_string()))?.to_bytes())
    };
    tokio::pin!(answer);
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        // What was read before its end is still to be had.
        _ended = connection => answer.await,
    }
}
