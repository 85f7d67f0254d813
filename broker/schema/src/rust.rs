//! Writes the Rust code of the codecs.
//!
//! Invariant: the output depends on the schema alone, so that a check can compare it with what is committed.

mod api_key;
mod catalog;
mod condition;
mod decode;
mod encode;
mod error_code;
mod file;
mod records;
mod structs;
mod values;

use std::collections::BTreeMap;

use crate::{Kind, Schema, snake_case};

/// Generated files by their path below `broker/protocol/src`, not formatted yet.
pub type Files = BTreeMap<String, String>;

const HEAD: &str =
    "// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.\n";

/// Everything that the schema says, as Rust.
#[must_use]
pub fn generate(schema: &Schema) -> Files {
    let mut files = Files::new();
    let mut messages = Vec::new();
    for family in &schema.families {
        let Some(log) = family.name.strip_prefix("records/") else {
            messages.extend(family.messages.iter().filter(|message| !message.versions.is_empty()));
            continue;
        };
        let folder = format!("generated/records/{log}");
        for message in &family.messages {
            files.insert(format!("{folder}/{}.rs", snake_case(&message.name)), file::message(message));
        }
        let body = format!("{}{}", file::modules(&family.messages), records::enums(log, &family.messages));
        files.insert(format!("{folder}.rs"), format!("{HEAD}//! {}\n{body}", records::title(log)));
    }
    messages.sort_by(|a, b| a.name.cmp(&b.name));
    for message in &messages {
        let name = snake_case(&message.name);
        files.insert(format!("generated/messages/{name}.rs"), file::message(message));
    }
    let body = file::modules(messages.iter().copied());
    files.insert(
        "generated/messages.rs".to_owned(),
        format!("{HEAD}//! Requests, responses, headers and what clients carry in them; one module a message.\n{body}"),
    );
    files.insert("generated/records.rs".to_owned(), records::index(schema));
    files.insert("generated/api_key.rs".to_owned(), format!("{HEAD}{}", api_key::code(schema)));
    files.insert("generated/error_code.rs".to_owned(), format!("{HEAD}{}", error_code::code(&schema.errors)));
    files.insert("generated/catalog.rs".to_owned(), format!("{HEAD}{}", catalog::code(schema)));
    files.insert("generated.rs".to_owned(), format!("{HEAD}{ROOT}"));
    files
}

const ROOT: &str = "//! The generated part of the protocol.

mod api_key;
mod catalog;
mod error_code;
pub mod messages;
pub mod records;

pub use api_key::ApiKey;
pub use catalog::for_each_message;
pub use error_code::ErrorCode;
";

/// Whether the message is one that a log's records are made of.
fn is_record(kind: Kind) -> bool {
    matches!(kind, Kind::Metadata | Kind::CoordinatorKey | Kind::CoordinatorValue)
}
