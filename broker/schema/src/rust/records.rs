//! Enums over all records of one log, and the list of the logs.

use std::fmt::Write as _;

use super::HEAD;
use crate::{Kind, Message, Schema};

/// What a family of records is, for the documentation.
pub(crate) fn title(log: &str) -> &'static str {
    match log {
        "control" => {
            "Control records: transaction markers, leader changes, voters, snapshot header and footer."
        }
        "group" => "Records of the group coordinator (`__consumer_offsets`).",
        "metadata" => "Records of the metadata log (`__cluster_metadata`).",
        "raft" => "What a quorum member keeps in its `quorum-state` file.",
        "share" => "Records of the share coordinator (`__share_group_state`).",
        "storage" => "Producer snapshots and the remote log's metadata records.",
        "transaction" => "Records of the transaction coordinator (`__transaction_state`).",
        _ => "Records.",
    }
}

/// The file that names the families.
pub(crate) fn index(schema: &Schema) -> String {
    let mut code = format!("{HEAD}//! Records of Kafka's own logs and files, by who writes them.\n\n");
    for log in schema.families.iter().filter_map(|family| family.name.strip_prefix("records/")) {
        let _ = writeln!(code, "pub mod {log};");
    }
    code
}

/// The enums over a family's records; empty for families without record types.
pub(crate) fn enums(log: &str, messages: &[Message]) -> String {
    let of = |kind| -> Vec<&Message> { messages.iter().filter(|message| message.kind == kind).collect() };
    let metadata = of(Kind::Metadata);
    if !metadata.is_empty() {
        return metadata_enum(&metadata);
    }
    let keys = of(Kind::CoordinatorKey);
    if keys.is_empty() {
        return String::new();
    }
    let mut letters = log.chars();
    let name: String = letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect();
    format!(
        "\nuse bytes::Bytes;\n\nuse crate::record_framing::{{RecordError, decode_prefixed, encode_key, encode_prefixed}};
use crate::wire::{{EncodeError, Reader}};\nuse crate::{{Message as _, RecordMessage as _}};\n\n{}{}",
        key_enum(&format!("{name}Key"), &keys),
        value_enum(&format!("{name}Value"), &of(Kind::CoordinatorValue)),
    )
}

fn definition(name: &str, what: &str, messages: &[&Message], variant: &dyn Fn(&Message) -> String) -> String {
    let mut code = format!("/// {what}\n#[derive(Clone, Debug, PartialEq)]\npub enum {name} {{\n");
    for message in messages {
        let key = message.key.unwrap_or_default();
        let _ = writeln!(code, "/// Type {key}.\n{}({}),", variant(message), message.name);
    }
    code.push_str("}\n\n");
    for message in messages {
        let (ty, variant) = (&message.name, variant(message));
        let _ = writeln!(
            code,
            "impl From<{ty}> for {name} {{\nfn from(record: {ty}) -> Self {{\nSelf::{variant}(record)\n}}\n}}\n"
        );
    }
    code
}

fn arms(
    messages: &[&Message],
    variant: &dyn Fn(&Message) -> String,
    value: &dyn Fn(&Message) -> String,
) -> String {
    messages
        .iter()
        .map(|message| format!("Self::{}(it) => {},\n", variant(message), value(message)))
        .collect()
}

fn type_method(messages: &[&Message], variant: &dyn Fn(&Message) -> String) -> String {
    let arms: String = messages
        .iter()
        .map(|message| format!("Self::{}(_) => {}::TYPE,\n", variant(message), message.name))
        .collect();
    format!(
        "/// The number that stands for it in the log.\n#[must_use]\npub const fn record_type(&self) -> i16 {{\nmatch self {{\n{arms}}}\n}}\n"
    )
}

fn metadata_enum(messages: &[&Message]) -> String {
    let variant = |message: &Message| message.name.trim_end_matches("Record").to_owned();
    let mut code = "\nuse bytes::Bytes;

use crate::record_framing::{RecordError, decode_frame, encode_framed};
use crate::wire::{EncodeError, Reader, Segments};
use crate::{Message as _, RecordMessage as _};\n\n"
        .to_owned();
    code.push_str(&definition("MetadataRecord", "Any record of the metadata log.", messages, &variant));
    let decode: String = messages
        .iter()
        .map(|m| format!("{}::TYPE => Self::{}({}::decode(&mut r, version)?),\n", m.name, variant(m), m.name))
        .collect();
    let encode = arms(messages, &variant, &|_| "encode_framed(it, version)".to_owned());
    let highest: String = messages
        .iter()
        .map(|m| format!("Self::{}(_) => *{}::VERSIONS.end(),\n", variant(m), m.name))
        .collect();
    let _ = writeln!(
        code,
        "impl MetadataRecord {{
{}
/// The highest version of its type.
#[must_use]
pub fn highest_version(&self) -> i16 {{\nmatch self {{\n{highest}}}\n}}

/// Reads a record's value: frame version, type, version, body.
///
/// # Errors
/// The frame or type is unknown, or the body is malformed.
pub fn decode(value: Bytes) -> Result<Self, RecordError> {{
let mut r = Reader::new(value);
let (record_type, version) = decode_frame(&mut r)?;
Ok(match record_type {{\n{decode}_ => return Err(RecordError::UnknownType(record_type)),\n}})
}}

/// Writes a record's value with the body in `version`, which the metadata version decides.
///
/// # Errors
/// The version does not exist or cannot carry what is set.
pub fn encode(&self, version: i16) -> Result<Segments, EncodeError> {{\nmatch self {{\n{encode}}}\n}}
}}",
        type_method(messages, &variant)
    );
    code
}

fn key_enum(name: &str, messages: &[&Message]) -> String {
    let variant = |message: &Message| message.name.trim_end_matches("Key").to_owned();
    let decode: String = messages
        .iter()
        .map(|m| format!("{}::TYPE => Self::{}({}::decode(&mut r, 0)?),\n", m.name, variant(m), m.name))
        .collect();
    let encode = arms(messages, &variant, &|_| "encode_key(it)".to_owned());
    format!(
        "{}impl {name} {{
{}
/// Reads a record's key: its type in two bytes, then the key.
///
/// # Errors
/// The type is unknown, or the key is malformed.
pub fn decode(key: Bytes) -> Result<Self, RecordError> {{
let mut r = Reader::new(key);
let record_type = r.i16(\"record type\")?;
Ok(match record_type {{\n{decode}_ => return Err(RecordError::UnknownType(record_type)),\n}})
}}

/// Writes a record's key.
///
/// # Errors
/// A string is too long.
pub fn encode(&self) -> Result<Bytes, EncodeError> {{\nmatch self {{\n{encode}}}\n}}
}}\n\n",
        definition(name, "The key of any record.", messages, &variant),
        type_method(messages, &variant)
    )
}

fn value_enum(name: &str, messages: &[&Message]) -> String {
    let variant = |message: &Message| message.name.trim_end_matches("Value").to_owned();
    let decode: String = messages
        .iter()
        .map(|m| format!("{}::TYPE => Self::{}(decode_prefixed(value)?.0),\n", m.name, variant(m)))
        .collect();
    let encode = arms(messages, &variant, &|_| "encode_prefixed(it, version)".to_owned());
    format!(
        "{}impl {name} {{
{}
/// Reads the value of a record whose key is of `record_type`: its version in two bytes, then the value.
///
/// # Errors
/// The type is unknown, or the value is malformed.
pub fn decode(record_type: i16, value: Bytes) -> Result<Self, RecordError> {{
Ok(match record_type {{\n{decode}_ => return Err(RecordError::UnknownType(record_type)),\n}})
}}

/// Writes a record's value.
///
/// # Errors
/// The version does not exist or cannot carry what is set.
pub fn encode(&self, version: i16) -> Result<Bytes, EncodeError> {{\nmatch self {{\n{encode}}}\n}}
}}\n\n",
        definition(name, "The value of any record.", messages, &variant),
        type_method(messages, &variant)
    )
}
