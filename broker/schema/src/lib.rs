//! Every Kafka message in a compact text format of our own, and the generator of the Rust codecs from it.
//!
//! `messages/**/*.schema` hold the facts (names, versions, types, defaults); `messages/errors.table` the error
//! codes. [`parse`] reads them, [`rust`] writes `broker/protocol/src/generated`. One line is one field:
//! `Name type versions [null=V] [tag=N@V] [flexible=V] [default=D] [ignorable] [key] [zerocopy] [entity=E]`.

mod errors;
mod model;
mod naming;
mod output;
mod parse;
pub mod rust;
mod source;
pub mod sync;
mod versions;

pub use errors::{ErrorRow, parse_errors};
pub use model::{Default, Field, Kind, Listener, Message, Struct, Tag, Type};
pub use naming::{snake_case, upper_snake_case};
pub use output::OutputError;
pub use parse::{ParseError, parse};
pub use source::{Family, LoadError, Schema};
pub use versions::Versions;
