//! Topics made through the wire, without a client that would take a second to start.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::broker::Broker;
use crate::wire::{Connection, request};

const CREATE_TOPICS: i16 = 19;
const CREATE_TOPICS_VERSION: i16 = 4;
const DELETE_TOPICS: i16 = 20;
const DELETE_TOPICS_VERSION: i16 = 3;
const ELECT_LEADERS: i16 = 43;
const LIMIT: Duration = Duration::from_secs(60);

impl Broker {
    /// Creates a topic with one replica.
    ///
    /// # Errors
    /// When the broker refuses, with its error code.
    pub fn create_topic(&self, name: &str, partitions: i32, configs: &[(&str, &str)]) -> Result<()> {
        self.create_topics(&[name.to_owned()], partitions, configs)
    }

    /// Creates several topics in one request.
    ///
    /// # Errors
    /// When the broker refuses one, with its error code.
    pub fn create_topics(&self, names: &[String], partitions: i32, configs: &[(&str, &str)]) -> Result<()> {
        self.create_replicated(names, partitions, 1, configs)
    }

    /// Creates several topics of several replicas in one request.
    ///
    /// # Errors
    /// When the broker refuses one, with its error code.
    pub fn create_replicated(
        &self,
        names: &[String],
        partitions: i32,
        replicas: i16,
        configs: &[(&str, &str)],
    ) -> Result<()> {
        let mut body = Vec::new();
        put_length(&mut body, names.len())?;
        for name in names {
            put_string(&mut body, name)?;
            body.extend(partitions.to_be_bytes());
            body.extend(replicas.to_be_bytes());
            put_length(&mut body, 0)?;
            put_length(&mut body, configs.len())?;
            for (key, value) in configs {
                put_string(&mut body, key)?;
                put_string(&mut body, value)?;
            }
        }
        body.extend(i32::try_from(LIMIT.as_millis())?.to_be_bytes());
        body.push(0);

        let answer = self.ask(CREATE_TOPICS, CREATE_TOPICS_VERSION, &body)?;
        check_answer(&answer, names, true)
    }

    /// Deletes a topic.
    ///
    /// # Errors
    /// When the broker refuses, with its error code.
    pub fn delete_topic(&self, name: &str) -> Result<()> {
        let mut body = Vec::new();
        put_length(&mut body, 1)?;
        put_string(&mut body, name)?;
        body.extend(i32::try_from(LIMIT.as_millis())?.to_be_bytes());
        let answer = self.ask(DELETE_TOPICS, DELETE_TOPICS_VERSION, &body)?;
        check_answer(&answer, &[name.to_owned()], false)
    }

    /// Asks that preferred replicas lead everywhere, and waits for the answer; where one does already is an error that
    /// is not looked at.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub fn elect_preferred(&self) -> Result<()> {
        let mut body = (-1_i32).to_be_bytes().to_vec();
        body.extend(i32::try_from(LIMIT.as_millis())?.to_be_bytes());
        self.ask(ELECT_LEADERS, 0, &body).map(drop)
    }

    fn ask(&self, key: i16, version: i16, body: &[u8]) -> Result<Vec<u8>> {
        let mut connection = Connection::open(self.address(), LIMIT)?;
        connection.send(&request(key, version, 1, 1, body))?;
        connection.receive()?.context("the broker closed the connection")
    }
}

fn check_answer(answer: &[u8], names: &[String], with_message: bool) -> Result<()> {
    // Correlation id, throttle time, number of topics; then name, error code and perhaps error message of each.
    let mut rest = answer.get(12..).context("a short answer")?;
    for _ in names {
        let name = take_string(&mut rest)?;
        let error = i16::from_be_bytes(take(&mut rest, 2)?.try_into()?);
        let message = if with_message { take_string(&mut rest)? } else { String::new() };
        ensure!(error == 0, "{name}: error {error}: {message}");
    }
    Ok(())
}

fn put_length(to: &mut Vec<u8>, length: usize) -> Result<()> {
    to.extend(i32::try_from(length)?.to_be_bytes());
    Ok(())
}

fn put_string(to: &mut Vec<u8>, text: &str) -> Result<()> {
    to.extend(i16::try_from(text.len())?.to_be_bytes());
    to.extend(text.as_bytes());
    Ok(())
}

fn take<'a>(from: &mut &'a [u8], length: usize) -> Result<&'a [u8]> {
    let (taken, rest) = from.split_at_checked(length).context("a short answer")?;
    *from = rest;
    Ok(taken)
}

fn take_string(from: &mut &[u8]) -> Result<String> {
    let length = i16::from_be_bytes(take(from, 2)?.try_into()?);
    // An absent text has the length -1.
    let bytes = take(from, usize::try_from(length).unwrap_or(0))?;
    Ok(String::from_utf8_lossy(bytes).into_owned())
}
