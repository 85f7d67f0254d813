//! One request to an HTTP API on this machine.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::wire::{Stream, Trust};

const LIMIT: Duration = Duration::from_secs(60);

/// Sends `body` as JSON to `127.0.0.1:port`; gives the status and what was answered (`null` when it is no JSON).
///
/// # Errors
/// When nobody listens there, or the answer is not HTTP.
pub fn rest(method: &str, port: u16, path: &str, body: Option<&Value>) -> Result<(u16, Value)> {
    let (status, body) = exchange(method, port, path, body)?;
    Ok((status, serde_json::from_str(&body).unwrap_or_default()))
}

/// Gets what is at `127.0.0.1:port`: the status and the text.
///
/// # Errors
/// As [`rest`].
pub fn page(port: u16, path: &str) -> Result<(u16, String)> {
    exchange("GET", port, path, None)
}

/// The same over TLS, as a client that believes whom `trust` names.
///
/// # Errors
/// As [`rest`], and when the two do not agree.
pub fn page_over_tls(port: u16, path: &str, trust: &Trust) -> Result<(u16, String)> {
    let socket = TcpStream::connect(("127.0.0.1", port))?;
    socket.set_read_timeout(Some(LIMIT))?;
    exchange_over(Stream::encrypted(socket, Ipv4Addr::LOCALHOST.into(), trust)?, "GET", path, None)
}

fn exchange(method: &str, port: u16, path: &str, body: Option<&Value>) -> Result<(u16, String)> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(LIMIT))?;
    exchange_over(stream, method, path, body)
}

fn exchange_over(
    mut stream: impl Read + Write,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<(u16, String)> {
    let body = body.map(Value::to_string).unwrap_or_default();
    // Version 1.0: the answer ends with the connection.
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no end of the head")?;
    let status = head.split_whitespace().nth(1).and_then(|word| word.parse().ok()).context("no status")?;
    Ok((status, body.to_owned()))
}
