//! `kafka-verifiable-producer.sh` and `kafka-verifiable-consumer.sh`: what happens, as one line of JSON each, for programs
//! that check a cluster.

pub(super) mod consumer;
pub(super) mod producer;

use serde::Serialize;

use crate::groups::moment;

/// What every line begins with.
#[derive(Serialize)]
struct Event<'a, T: Serialize> {
    timestamp: i64,
    name: &'a str,
    #[serde(flatten)]
    more: T,
}

/// Nothing but the name.
#[derive(Serialize)]
struct Nothing {}

fn tell<T: Serialize>(name: &str, more: T) {
    let event = Event { timestamp: moment::now().as_millis(), name, more };
    match serde_json::to_string(&event) {
        Ok(line) => println!("{line}"),
        Err(error) => println!("Bad data can't be written as json: {error}"),
    }
}
