//! Where keys and tokens are had over HTTP, encrypted or not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::certificates::Issued;

/// How long a request may take to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a request asked for, and what is answered.
type Answering = Box<dyn FnMut(&Asked) -> (u16, String) + Send>;

/// A request over HTTP.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method and the path.
    pub line: String,
    /// The headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// A small server of documents over HTTP, as long as the process lives.
#[derive(Debug)]
pub struct Provider {
    scheme: &'static str,
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Provider {
    /// Starts one on loopback.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(answer: impl FnMut(&Asked) -> (u16, String) + Send + 'static) -> Result<Self> {
        Self::start_over(None, answer)
    }

    /// The same over TLS, as who has this certificate.
    ///
    /// # Errors
    /// When no port is free, or the certificate is none.
    pub fn start_encrypted(
        own: &Issued,
        answer: impl FnMut(&Asked) -> (u16, String) + Send + 'static,
    ) -> Result<Self> {
        Self::start_over(Some(own.server()?), answer)
    }

    fn start_over(
        tls: Option<Arc<ServerConfig>>,
        answer: impl FnMut(&Asked) -> (u16, String) + Send + 'static,
    ) -> Result<Self> {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut answer: Answering = Box::new(answer);
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever goes away meanwhile is not answered.
                let _gone = accept(stream, tls.as_ref(), &mut answer, &seen);
            }
        });
        Ok(Self { scheme, address, asked })
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// What was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().map(|asked| asked.clone()).unwrap_or_default()
    }
}

fn accept(
    stream: TcpStream,
    tls: Option<&Arc<ServerConfig>>,
    answer: &mut Answering,
    seen: &Mutex<Vec<Asked>>,
) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    match tls {
        None => serve(&stream, answer, seen),
        Some(config) => {
            let mut session = StreamOwned::new(ServerConnection::new(Arc::clone(config))?, stream);
            serve(&mut session, answer, seen)?;
            session.conn.send_close_notify();
            Ok(session.flush()?)
        }
    }
}

fn serve(stream: impl Read + Write, answer: &mut Answering, seen: &Mutex<Vec<Asked>>) -> Result<()> {
    let mut reader = BufReader::new(stream);
    let mut next = || -> Result<String> {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    };
    let line = next()?;
    let mut headers = Vec::new();
    loop {
        let header = next()?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, length)| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let asked = Asked { line, headers, body: String::from_utf8_lossy(&body).into_owned() };
    let (status, text) = answer(&asked);
    if let Ok(mut seen) = seen.lock() {
        seen.push(asked);
    }
    let mut stream = reader.into_inner();
    write!(
        stream,
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    )?;
    Ok(stream.flush()?)
}
