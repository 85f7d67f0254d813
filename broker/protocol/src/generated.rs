// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! The generated part of the protocol.

mod api_key;
mod catalog;
mod error_code;
pub mod messages;
pub mod records;

pub use api_key::ApiKey;
pub use catalog::for_each_message;
pub use error_code::ErrorCode;
