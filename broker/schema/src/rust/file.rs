//! One generated file: a message with its structs, or a list of modules.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::decode::Scope;
use super::{HEAD, decode, encode, is_record, structs};
use crate::{Field, Kind, Message, Versions, snake_case};

/// The file of one message.
pub(crate) fn message(message: &Message) -> String {
    let mut body = String::new();
    for (name, versions, fields) in message.all_structs() {
        body.push_str(&structs::definition(name, message, fields));
        if name == message.name {
            body.push_str(&top_level(message, fields));
        } else {
            body.push_str(&nested(name, message, versions, fields));
        }
    }
    format!("{HEAD}//! `{}`.\n\n{}{body}", message.name, imports(&body))
}

/// `pub mod` and `pub use` of each message.
pub(crate) fn modules<'a>(messages: impl IntoIterator<Item = &'a Message>) -> String {
    let mut names: Vec<_> = messages.into_iter().map(|message| &message.name).collect();
    names.sort();
    let mut code = "\n".to_owned();
    for name in &names {
        let _ = writeln!(code, "pub mod {};", snake_case(name));
    }
    code.push('\n');
    for name in &names {
        let _ = writeln!(code, "pub use {}::{name};", snake_case(name));
    }
    code
}

fn top_level(message: &Message, fields: &[Field]) -> String {
    let scope = Scope { message, versions: message.versions };
    let Versions { low, high } = message.versions;
    let flexible = if message.flexible.and(message.versions).is_empty() {
        "None".to_owned()
    } else {
        format!("Some({})", message.flexible.low)
    };
    let check = "if !Self::VERSIONS.contains(&v) {\n";
    let name = &message.name;
    let mut code = format!(
        "impl Message for {name} {{
const NAME: &'static str = \"{name}\";
const VERSIONS: RangeInclusive<i16> = {low}..={high};
const FLEXIBLE_SINCE: Option<i16> = {flexible};

fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {{
{check}return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));\n}}
{}}}

fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {{
{check}return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));\n}}
{}}}\n{}}}\n\n",
        decode::body(&scope, fields),
        encode::body(&scope, fields),
        throttle(fields),
    );
    if let (Kind::Request, Some(api)) = (message.kind, name.strip_suffix("Request")) {
        let _ = writeln!(
            code,
            "impl Request for {name} {{\nconst KEY: ApiKey = ApiKey::{api};\ntype Response = super::{api}Response;\n}}\n"
        );
    }
    if let (true, Some(key)) = (is_record(message.kind), message.key) {
        let _ = writeln!(code, "impl RecordMessage for {name} {{\nconst TYPE: i16 = {key};\n}}\n");
    }
    // An empty message in versions that are not flexible reads and writes nothing.
    code.replace(
        "fn decode(r: &mut Reader",
        if uses(&code, "r") { "fn decode(r: &mut Reader" } else { "fn decode(_: &mut Reader" },
    )
    .replace(
        "fn encode(&self, w: &mut Writer",
        if uses(&code, "w") { "fn encode(&self, w: &mut Writer" } else { "fn encode(&self, _: &mut Writer" },
    )
}

/// How a message that has the field says how long its client is throttled.
fn throttle(fields: &[Field]) -> &'static str {
    if fields.iter().any(|field| field.name == "ThrottleTimeMs") {
        "\nfn throttle_time_ms(&self) -> Option<i32> {
Some(self.throttle_time_ms)\n}\n
fn set_throttle_time_ms(&mut self, millis: i32) {
self.throttle_time_ms = millis;\n}\n"
    } else {
        ""
    }
}

fn nested(name: &str, message: &Message, versions: Versions, fields: &[Field]) -> String {
    let scope = Scope { message, versions };
    let decode = decode::body(&scope, fields);
    let encode = encode::body(&scope, fields);
    let version = |body: &str| if uses(body, "v") { "v" } else { "_" };
    format!(
        "impl {name} {{
fn decode(r: &mut Reader, {}: i16) -> Result<Self, DecodeError> {{\n{decode}}}

fn encode(&self, w: &mut Writer, {}: i16) -> Result<(), EncodeError> {{\n{encode}}}\n}}\n\n",
        version(&decode),
        version(&encode),
    )
}

/// Whether the code uses a local of that name.
fn uses(code: &str, local: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '"';
    code.match_indices(local).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + local.len()..].chars().next();
        let declares = after == Some(':') || code[..at].ends_with('|');
        !before.is_some_and(is_name) && !after.is_some_and(is_name) && !declares
    })
}

fn imports(body: &str) -> String {
    // Every second piece between quotation marks is a string; none of them holds an escaped one.
    let words: BTreeSet<&str> = body
        .lines()
        .filter(|line| !line.starts_with("///"))
        .flat_map(|line| line.split('"').step_by(2))
        .flat_map(|code| code.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .collect();
    let pick = |names: &[&'static str]| -> Vec<&str> {
        names.iter().copied().filter(|n| words.contains(n)).collect()
    };
    let mut code = String::new();
    if words.contains("Vec") {
        code.push_str("use alloc::vec::Vec;\n");
    }
    code.push_str("use core::ops::RangeInclusive;\n\n");
    if words.contains("Uuid") {
        code.push_str("use broker_types::Uuid;\n");
    }
    if words.contains("Bytes") {
        code.push_str("use bytes::Bytes;\n");
    }
    let wire = pick(&[
        "DecodeError",
        "DecodeErrorKind",
        "EncodeError",
        "EncodeErrorKind",
        "Reader",
        "Writer",
        "required",
    ]);
    let _ = writeln!(code, "\nuse crate::wire::{{{}}};", wire.join(", "));
    let _ = writeln!(
        code,
        "use crate::{{{}}};\n",
        pick(&["ApiKey", "Message", "RecordMessage", "Records", "Request", "Str"]).join(", ")
    );
    code
}
