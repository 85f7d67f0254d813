//! The list of all message types.

use std::fmt::Write as _;

use crate::{Schema, snake_case};

/// The file with the visitor's function.
pub(crate) fn code(schema: &Schema) -> String {
    let mut code = "//! Every type of message, for tests and tools that go through all.\n
use crate::{MessageVisitor, messages, records};

/// Visits every type of message and record once.
pub fn for_each_message(visitor: &mut impl MessageVisitor) {\n"
        .to_owned();
    for family in &schema.families {
        for message in family.messages.iter().filter(|message| !message.versions.is_empty()) {
            let path = family
                .name
                .strip_prefix("records/")
                .map_or("messages".to_owned(), |log| format!("records::{log}"));
            let _ =
                writeln!(code, "visitor.visit::<{path}::{}::{}>();", snake_case(&message.name), message.name);
        }
    }
    code.push_str("}\n");
    code
}
