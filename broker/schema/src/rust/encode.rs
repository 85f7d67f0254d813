//! The `encode` function of one struct.

use std::fmt::Write as _;

use super::condition::Condition;
use super::decode::{Scope, method};
use super::values;
use crate::naming::field_name;
use crate::{Field, Tag, Type, Versions};

/// The statements of `encode`, up to its `Ok(())`.
pub(crate) fn body(scope: &Scope<'_>, fields: &[Field]) -> String {
    let mut code = String::new();
    for run in fields.chunk_by(|one, next| is_fixed(scope, one) && is_fixed(scope, next)) {
        match run {
            [field] => code.push_str(&plain(scope, field)),
            _ => code.push_str(&write_run(run)),
        }
    }
    let tags = write_tags(scope, &scope.tagged(fields));
    match scope.flexible() {
        Condition::Never => {}
        Condition::Always => code.push_str(&tags),
        Condition::If(_) => {
            let _ = writeln!(code, "if flexible {{\n{tags}}}");
        }
    }
    code.push_str("Ok(())\n");
    format!("{}{code}", scope.define_flexible(&code))
}

/// Whether the field is there in every version and always takes as many bytes.
fn is_fixed(scope: &Scope<'_>, field: &Field) -> bool {
    values::fixed_bytes(&field.ty).is_some()
        && Condition::new(scope.plain_versions(field), scope.versions) == Condition::Always
}

fn write_run(fields: &[Field]) -> String {
    let bytes: usize = fields.iter().filter_map(|field| values::fixed_bytes(&field.ty)).sum();
    let values: String =
        fields.iter().map(|field| format!(".with(self.{})", field_name(&field.name))).collect();
    format!("w.run::<{bytes}>(){values};\n")
}

/// Writes a field that has its place among the others, and refuses a value that this version would lose.
fn plain(scope: &Scope<'_>, field: &Field) -> String {
    let place = format!("self.{}", field_name(&field.name));
    let versions = scope.plain_versions(field);
    let refuse = if field.ignorable || scope.present(field) == Condition::Always {
        None
    } else {
        let check = values::is_set(field, &place);
        Some((check, format!("return Err(EncodeError::not_in_version({:?}, v));\n", field.name)))
    };
    let mut code = String::new();
    let write = if versions.is_empty() { String::new() } else { write(scope, field, versions, &place) };
    let is_plain = Condition::new(versions, scope.versions);
    let Some((check, refuse)) = refuse else {
        match is_plain {
            Condition::Always => code.push_str(&write),
            Condition::Never => {}
            Condition::If(expression) => {
                let _ = writeln!(code, "if {expression} {{\n{write}}}");
            }
        }
        return code;
    };
    let absent = match scope.present(field) {
        Condition::Never => check.clone(),
        present => format!("{} && {}", present.negated(), parenthesized(&check)),
    };
    let _ = match is_plain {
        Condition::If(expression) if field.tag.is_none() => {
            writeln!(code, "if {expression} {{\n{write}}} else if {check} {{\n{refuse}}}")
        }
        Condition::If(expression) => {
            writeln!(code, "if {expression} {{\n{write}}} else if {absent} {{\n{refuse}}}")
        }
        _ => writeln!(code, "if {absent} {{\n{refuse}}}"),
    };
    code
}

fn write_tags(scope: &Scope<'_>, tagged: &[(&Field, Tag)]) -> String {
    if tagged.is_empty() {
        return "w.uvarint(0);\n".to_owned();
    }
    let mut code = String::new();
    let mut has = Vec::new();
    for (field, tag) in tagged {
        let name = field_name(&field.name);
        let local = format!("has_{}", name.trim_start_matches("r#"));
        let set = values::is_set(field, &format!("self.{name}"));
        let set = match Condition::new(tag.versions, scope.versions.and(scope.message.flexible)) {
            Condition::If(expression) => format!("{expression} && {}", parenthesized(&set)),
            _ => set,
        };
        let _ = writeln!(code, "let {local} = {set};");
        has.push(local);
    }
    let count: Vec<_> = has.iter().map(|local| format!("u32::from({local})")).collect();
    let _ = writeln!(code, "w.uvarint({});", count.join(" + "));
    for ((field, tag), local) in tagged.iter().zip(&has) {
        let versions = scope.versions.and(tag.versions);
        let place = format!("self.{}", field_name(&field.name));
        let write = write(scope, field, versions, &place);
        let _ = writeln!(
            code,
            "if {local} {{\nw.tag({}, {:?}, |w| {{\n{write}Ok(())\n}})?;\n}}",
            tag.id, field.name
        );
    }
    code
}

fn parenthesized(expression: &str) -> String {
    if expression.contains(' ') { format!("({expression})") } else { expression.to_owned() }
}

/// A statement that writes the field in any of `versions`.
fn write(scope: &Scope<'_>, field: &Field, versions: Versions, place: &str) -> String {
    if !field.is_optional() {
        let by = if takes_reference(&field.ty) { format!("&{place}") } else { place.to_owned() };
        return format!("{};\n", write_value(scope, field, versions, &by));
    }
    let nullable = format!("{};\n", write_nullable(scope, field, versions, place));
    let required = format!("required(&{place}, {:?})?", field.name);
    let plain = format!("{};\n", write_value(scope, field, versions, &required));
    let code = Condition::new(field.nullable, versions).choose(&nullable, &plain);
    format!("{}\n", code.trim_end())
}

fn takes_reference(ty: &Type) -> bool {
    matches!(ty, Type::String | Type::Bytes | Type::Records | Type::Array(_) | Type::Struct(_))
}

fn write_value(scope: &Scope<'_>, field: &Field, versions: Versions, value: &str) -> String {
    let flexible = scope.compact(field, versions);
    let name = &field.name;
    match &field.ty {
        Type::String => format!("w.str({flexible}, {value}, {name:?})?"),
        Type::Bytes => format!("w.bytes({flexible}, {value}, {name:?})?"),
        Type::Records => format!("w.records({flexible}, {value}, {name:?})?"),
        Type::Struct(_) if value.starts_with("required") => format!("{value}.encode(w, v)?"),
        Type::Struct(_) => format!("{}.encode(w, v)?", value.trim_start_matches('&')),
        Type::Array(element) if values::fixed_bytes(element).is_some() => {
            format!("w.fixed_array({flexible}, {value}, {name:?})?")
        }
        Type::Array(element) => {
            format!(
                "w.array({flexible}, {value}, {name:?}, |w, it| {})?",
                write_element(element, &flexible, name)
            )
        }
        simple => format!("w.{}({value})", method(simple)),
    }
}

fn write_nullable(scope: &Scope<'_>, field: &Field, versions: Versions, place: &str) -> String {
    let flexible = scope.compact(field, versions);
    let name = &field.name;
    match &field.ty {
        Type::String => format!("w.nullable_str({flexible}, {place}.as_ref(), {name:?})?"),
        Type::Struct(_) => {
            let is_tagged = field.tag.is_some_and(|tag| tag.versions.contains_all(versions));
            let method = if is_tagged { "nullable_tagged_struct" } else { "nullable_struct" };
            format!("w.{method}({place}.as_ref(), |w, it| it.encode(w, v))?")
        }
        Type::Array(element) if values::fixed_bytes(element).is_some() => {
            format!("w.nullable_fixed_array({flexible}, {place}.as_deref(), {name:?})?")
        }
        Type::Array(element) => {
            let write = write_element(element, &flexible, name);
            format!("w.nullable_array({flexible}, {place}.as_deref(), {name:?}, |w, it| {write})?")
        }
        Type::Records => format!("w.nullable_records({flexible}, {place}.as_ref(), {name:?})?"),
        _ => format!("w.nullable_bytes({flexible}, {place}.as_ref(), {name:?})?"),
    }
}

fn write_element(element: &Type, flexible: &str, name: &str) -> String {
    match element {
        Type::String => format!("w.str({flexible}, it, {name:?})"),
        Type::Bytes => format!("w.bytes({flexible}, it, {name:?})"),
        Type::Records => format!("w.records({flexible}, it, {name:?})"),
        _ => "it.encode(w, v)".to_owned(),
    }
}
