//! A server of tests: it gives its answers in turn, and tells what it was asked.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::mpsc::{Receiver, channel},
    thread,
};

/// Its URL, and the requests that came.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) asked: Receiver<String>,
}

impl Server {
    /// Gives each of these to one connection; whatever they are, the connection ends behind them.
    pub(crate) fn start(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/path", listener.local_addr().unwrap());
        let (told, asked) = channel();
        thread::spawn(move || {
            for answer in answers {
                let Ok((mut stream, _)) = listener.accept() else { return };
                let mut bytes = vec![0; 4096];
                let length = stream.read(&mut bytes).unwrap_or(0);
                let _gone = told.send(String::from_utf8_lossy(&bytes[..length]).into_owned());
                let _gone = stream.write_all(&answer);
            }
        });
        Self { url, asked }
    }
}

pub(crate) fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}
