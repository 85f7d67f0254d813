//! The struct itself, its default, and the facts of each field as its documentation.

use std::fmt::Write as _;

use super::values;
use crate::naming::field_name;
use crate::{Default, Field, Message};

/// The definition of one struct and its `Default`.
pub(crate) fn definition(name: &str, message: &Message, fields: &[Field]) -> String {
    let mut code = String::new();
    let what =
        if name == message.name { what_it_is(message) } else { format!("Part of [`{}`].", message.name) };
    let plain = fields.iter().all(is_plain_default);
    let derive = if plain { "Clone, Debug, Default, PartialEq" } else { "Clone, Debug, PartialEq" };
    if fields.is_empty() {
        let _ = writeln!(code, "/// {what}\n#[derive({derive})]\npub struct {name};\n");
        return code;
    }
    let _ = writeln!(code, "/// {what}\n#[derive({derive})]\npub struct {name} {{");
    for field in fields {
        let rust = field_name(&field.name);
        let _ = writeln!(code, "/// {}\npub {rust}: {},", facts(field), values::field_type(field));
    }
    code.push_str("}\n\n");
    if !plain {
        let _ = writeln!(code, "impl Default for {name} {{\nfn default() -> Self {{\nSelf {{");
        for field in fields {
            let _ = writeln!(code, "{}: {},", field_name(&field.name), values::default(field));
        }
        code.push_str("}\n}\n}\n\n");
    }
    code
}

/// Whether Rust's own default of the type is the schema's.
fn is_plain_default(field: &Field) -> bool {
    match field.default {
        Default::OfType => !field.is_optional() || values::default(field) == "None",
        Default::Null => true,
        Default::Literal(_) => false,
    }
}

fn what_it_is(message: &Message) -> String {
    let key = message.key.map_or(String::new(), |key| format!(", key {key}"));
    format!("`{}`{key}, versions {}, flexible {}.", message.name, message.versions, message.flexible)
}

fn facts(field: &Field) -> String {
    let mut facts = format!("`{}`: versions {}", field.name, field.versions);
    if let Some(entity) = &field.entity {
        let _ = write!(facts, ", {entity}");
    }
    if let Some(tag) = field.tag {
        let _ = write!(facts, ", tag {}", tag.id);
    }
    if !field.nullable.is_empty() {
        let _ = write!(facts, ", null {}", field.nullable);
    }
    match &field.default {
        Default::Literal(literal) => {
            let _ = write!(facts, ", default {literal}");
        }
        Default::Null => facts.push_str(", default null"),
        Default::OfType => {}
    }
    if field.ignorable {
        facts.push_str(", ignorable");
    }
    facts.push('.');
    facts
}
