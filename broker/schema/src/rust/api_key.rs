//! The enum of API keys.

use std::fmt::Write as _;

use crate::{Kind, Listener, Message, Schema, upper_snake_case};

/// The file of the enum.
pub(crate) fn code(schema: &Schema) -> String {
    let mut requests: Vec<(&str, i16, &Message)> = schema
        .messages()
        .filter(|message| message.kind == Kind::Request)
        .filter_map(|message| Some((message.name.strip_suffix("Request")?, message.key?, message)))
        .collect();
    requests.sort_by_key(|(_, key, _)| *key);
    let count = requests.len();
    let mut code = "//! API keys: which requests there are, in which versions, and who serves them.\n
use core::ops::RangeInclusive;

use crate::Listener;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApiKey {\n"
        .to_owned();
    for (name, key, message) in &requests {
        let gone = if message.versions.is_empty() { "; removed, no version is left" } else { "" };
        let _ = writeln!(code, "/// Key {key}{gone}.\n{name},");
    }
    let _ =
        writeln!(code, "}}\n\nimpl ApiKey {{\n/// Every key, ascending.\npub const ALL: [Self; {count}] = [");
    for (name, ..) in &requests {
        let _ = writeln!(code, "Self::{name},");
    }
    code.push_str("];\n\n");
    methods(&mut code, &requests);
    code.push_str(HEADERS);
    code
}

/// What each key answers: a method with one arm a key.
fn methods(code: &mut String, requests: &[(&str, i16, &Message)]) {
    let by = |value: &dyn Fn(&str, i16, &Message) -> String| -> String {
        requests
            .iter()
            .map(|(name, key, message)| format!("Self::{name} => {},\n", value(name, *key, message)))
            .collect()
    };
    method(code, "The number on the wire.", "code(self) -> i16", &by(&|_, key, _| key.to_string()));
    let from: String = requests.iter().map(|(name, key, _)| format!("{key} => Self::{name},\n")).collect();
    let _ = writeln!(
        code,
        "/// The key with that number.\n#[must_use]\npub const fn from_code(code: i16) -> Option<Self> {{\nSome(match code {{\n{from}_ => return None,\n}})\n}}\n"
    );
    let name = by(&|name, _, _| format!("{:?}", upper_snake_case(name)));
    method(code, "Kafka's name of it, such as `LIST_OFFSETS`.", "name(self) -> &'static str", &name);
    let versions = by(&|_, _, message| valid_versions(message));
    method(
        code,
        "Versions that are stable; empty for a removed key. Brokers advertise `PRODUCE` from 0 all the same\n/// (KAFKA-18659).",
        "valid_versions(self) -> RangeInclusive<i16>",
        &versions,
    );
    let unstable: Vec<_> = requests
        .iter()
        .filter(|(.., m)| m.latest_unstable)
        .map(|(name, ..)| format!("Self::{name}"))
        .collect();
    let _ = writeln!(
        code,
        "/// Whether there is one more version above [`Self::valid_versions`] that may still change.\n#[must_use]\npub const fn latest_version_unstable(self) -> bool {{\nmatches!(self, {})\n}}\n",
        unstable.join(" | ")
    );
    let listeners = by(&|_, _, message| listeners(&message.listeners));
    method(code, "Who serves it.", "listeners(self) -> &'static [Listener]", &listeners);
    let flexible = by(&|_, _, message| flexible_since(message));
    method(
        code,
        "The first version with compact lengths and tagged fields (KIP-482).",
        "flexible_since(self) -> Option<i16>",
        &flexible,
    );
}

fn method(code: &mut String, doc: &str, signature: &str, arms: &str) {
    let _ =
        writeln!(code, "/// {doc}\n#[must_use]\npub const fn {signature} {{\nmatch self {{\n{arms}}}\n}}\n");
}

fn valid_versions(message: &Message) -> String {
    let high = message.versions.high - i16::from(message.latest_unstable);
    format!("RangeInclusive::new({}, {high})", message.versions.low)
}

fn flexible_since(message: &Message) -> String {
    if message.flexible.is_empty() { "None".to_owned() } else { format!("Some({})", message.flexible.low) }
}

fn listeners(listeners: &[Listener]) -> String {
    let names: Vec<_> = listeners
        .iter()
        .map(|listener| match listener {
            Listener::Broker => "Listener::Broker",
            Listener::Controller => "Listener::Controller",
        })
        .collect();
    format!("&[{}]", names.join(", "))
}

const HEADERS: &str = "/// Whether `version` has compact lengths and tagged fields.
#[must_use]
pub fn is_flexible(self, version: i16) -> bool {
self.flexible_since().is_some_and(|since| version >= since)
}

/// The version of the header before a request in `version`.
#[must_use]
pub fn request_header_version(self, version: i16) -> i16 {
if self.is_flexible(version) { 2 } else { 1 }
}

/// The version of the header before an answer in `version`. `API_VERSIONS` keeps 0: a client reads it before it
/// knows what the broker speaks (KIP-511).
#[must_use]
pub fn response_header_version(self, version: i16) -> i16 {
if self != Self::ApiVersions && self.is_flexible(version) { 1 } else { 0 }
}
}
";
