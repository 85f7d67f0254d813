//! The enum of error codes.

use std::fmt::Write as _;

use crate::ErrorRow;
use crate::naming::camel_case;

/// The file of the enum.
pub(crate) fn code(rows: &[ErrorRow]) -> String {
    let mut code = "//! Error codes of responses.\n
/// What a response says went wrong, or [`ErrorCode::None`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorCode {\n"
        .to_owned();
    for row in rows {
        let default = if row.code == 0 { "#[default]\n" } else { "" };
        let name = camel_case(&row.name);
        let _ = writeln!(code, "/// {}: {}\n{default}{name},", row.code, text(row));
    }
    let _ = writeln!(
        code,
        "}}\n\nimpl ErrorCode {{\n/// Every code, ascending.\npub const ALL: [Self; {}] = [",
        rows.len()
    );
    for row in rows {
        let _ = writeln!(code, "Self::{},", camel_case(&row.name));
    }
    code.push_str("];\n\n");
    let arms = |value: &dyn Fn(&ErrorRow) -> String| -> String {
        rows.iter().map(|row| format!("Self::{} => {},\n", camel_case(&row.name), value(row))).collect()
    };
    method(&mut code, "The number on the wire.", "code(self) -> i16", &arms(&|row| row.code.to_string()));
    let from: String =
        rows.iter().map(|row| format!("{} => Self::{},\n", row.code, camel_case(&row.name))).collect();
    let _ = writeln!(
        code,
        "/// The code with that number.\n#[must_use]\npub const fn from_code(code: i16) -> Option<Self> {{\nSome(match code {{\n{from}_ => return None,\n}})\n}}\n"
    );
    let names = arms(&|row| format!("{:?}", row.name));
    method(
        &mut code,
        "Kafka's name of it, such as `NOT_LEADER_OR_FOLLOWER`.",
        "name(self) -> &'static str",
        &names,
    );
    let messages = arms(&|row| format!("{:?}", row.message));
    method(
        &mut code,
        "The text that goes with it when nothing more is known.",
        "message(self) -> &'static str",
        &messages,
    );
    let retriable: Vec<_> = rows
        .iter()
        .filter(|row| row.is_retriable)
        .map(|row| format!("Self::{}", camel_case(&row.name)))
        .collect();
    let _ = writeln!(
        code,
        "/// Whether a client may try the same request again.\n#[must_use]\npub const fn is_retriable(self) -> bool {{\nmatches!(self, {})\n}}\n}}",
        retriable.join(" | ")
    );
    code
}

fn text(row: &ErrorRow) -> &str {
    if row.message.is_empty() { "success." } else { &row.message }
}

fn method(code: &mut String, doc: &str, signature: &str, arms: &str) {
    let _ =
        writeln!(code, "/// {doc}\n#[must_use]\npub const fn {signature} {{\nmatch self {{\n{arms}}}\n}}\n");
}
