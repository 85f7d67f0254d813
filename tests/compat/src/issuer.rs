//! Who issues tokens of OAuth 2: signed by OpenSSL, with keys that are published in a file or over HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::clock::wall_ms;
use crate::program::Program;

/// How long a request may take to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// A key of RSA, by its id.
#[derive(Debug)]
pub struct Issuer {
    folder: tempfile::TempDir,
    id: String,
    modulus: Vec<u8>,
}

impl Issuer {
    /// With a key of its own.
    ///
    /// # Errors
    /// When OpenSSL makes none.
    pub fn new(id: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let key = folder.path().join("key.pem").display().to_string();
        Program::new("openssl").args(["genrsa", "-out", &key, "2048"]).stdout()?;
        let said = Program::new("openssl").args(["rsa", "-in", &key, "-noout", "-modulus"]).stdout()?;
        let hex = said.trim().strip_prefix("Modulus=").context("no modulus")?;
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16);
        let modulus = (0..hex.len()).step_by(2).map(byte).collect::<Result<_, _>>()?;
        Ok(Self { folder, id: id.to_owned(), modulus })
    }

    /// Its public key, as documents of keys have it.
    #[must_use]
    pub fn key(&self) -> Value {
        json!({ "kty": "RSA", "use": "sig", "kid": self.id, "n": url_base64(&self.modulus), "e": "AQAB" })
    }

    /// A token of these claims.
    ///
    /// # Errors
    /// When OpenSSL does not sign it.
    pub fn token(&self, claims: &Value) -> Result<String> {
        self.signed(&json!({ "alg": "RS256", "typ": "JWT", "kid": self.id }), claims)
    }

    /// The same with this header, whose algorithm is RS256 or a lie.
    ///
    /// # Errors
    /// When OpenSSL does not sign it.
    pub fn signed(&self, header: &Value, claims: &Value) -> Result<String> {
        let text = |value: &Value| url_base64(value.to_string().as_bytes());
        let signed = format!("{}.{}", text(header), text(claims));
        let at = |name: &str| self.folder.path().join(name);
        std::fs::write(at("text"), &signed)?;
        let words = ["key.pem", "signature", "text"].map(|name| at(name).display().to_string());
        let [key, signature, message] = &words;
        Program::new("openssl")
            .args(["dgst", "-sha256", "-sign", key, "-out", signature, message])
            .stdout()?;
        Ok(format!("{signed}.{}", url_base64(&std::fs::read(at("signature"))?)))
    }
}

/// A document of these keys.
#[must_use]
pub fn key_document(issuers: &[&Issuer]) -> String {
    json!({ "keys": issuers.iter().map(|issuer| issuer.key()).collect::<Vec<_>>() }).to_string()
}

/// Seconds since 1970, so far from now.
#[must_use]
pub fn seconds_from_now(seconds: i64) -> i64 {
    wall_ms() / 1000 + seconds
}

fn url_base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for letter in 0..=three.len() {
            let index = bits >> (18 - 6 * letter) & 63;
            text.push(char::from(LETTERS[index as usize]));
        }
    }
    text
}

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
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Provider {
    /// Starts one on loopback.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(answer: impl FnMut(&Asked) -> (u16, String) + Send + 'static) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut answer: Answering = Box::new(answer);
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever goes away meanwhile is not answered.
                let _gone = serve(stream, &mut answer, &seen);
            }
        });
        Ok(Self { address, asked })
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().map(|asked| asked.clone()).unwrap_or_default()
    }
}

fn serve(stream: TcpStream, answer: &mut Answering, seen: &Mutex<Vec<Asked>>) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.try_clone()?);
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
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    )?;
    Ok(())
}
