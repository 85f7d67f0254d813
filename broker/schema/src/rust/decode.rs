//! The `decode` function of one struct.

use std::fmt::Write as _;

use super::condition::Condition;
use super::values;
use crate::naming::field_name;
use crate::{Field, Message, Tag, Type, Versions};

/// What the code of one struct needs to know of its surroundings.
pub(crate) struct Scope<'a> {
    /// The message it belongs to.
    pub(crate) message: &'a Message,
    /// Versions in which the struct occurs.
    pub(crate) versions: Versions,
}

impl Scope<'_> {
    /// Whether the struct has a tagged section.
    pub(crate) fn flexible(&self) -> Condition {
        Condition::new(self.message.flexible, self.versions)
    }

    /// Whether a field is there, tagged or not.
    pub(crate) fn present(&self, field: &Field) -> Condition {
        Condition::new(field.versions, self.versions)
    }

    /// Versions in which the field is written in its place among the others.
    pub(crate) fn plain_versions(&self, field: &Field) -> Versions {
        match field.tag {
            // A tagged field is tagged from some version on; below that it is plain.
            Some(tag) if tag.versions.low > field.versions.low => {
                self.versions.and(field.versions).and(Versions { low: 0, high: tag.versions.low - 1 })
            }
            Some(_) => Versions::NONE,
            None => self.versions.and(field.versions),
        }
    }

    /// Whether the field's lengths are compact, known within `versions`, as an expression.
    pub(crate) fn compact(&self, field: &Field, versions: Versions) -> String {
        match Condition::new(field.flexible.unwrap_or(self.message.flexible), versions) {
            Condition::If(_) => "flexible".to_owned(),
            known => known.expression().to_owned(),
        }
    }

    /// The line that defines `flexible` for code that uses it.
    pub(crate) fn define_flexible(&self, code: &str) -> String {
        let uses = code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "flexible");
        match self.flexible() {
            Condition::If(expression) if uses => format!("let flexible = {expression};\n"),
            _ => String::new(),
        }
    }

    /// Tagged fields in the order of their tags.
    pub(crate) fn tagged<'f>(&self, fields: &'f [Field]) -> Vec<(&'f Field, Tag)> {
        let mut tagged: Vec<_> = fields
            .iter()
            .filter_map(|field| field.tag.map(|tag| (field, tag)))
            .filter(|(_, tag)| !tag.versions.and(self.versions).is_empty())
            .collect();
        tagged.sort_by_key(|(_, tag)| tag.id);
        tagged
    }
}

/// The statements and the final expression of `decode`.
pub(crate) fn body(scope: &Scope<'_>, fields: &[Field]) -> String {
    let mut code = String::new();
    let tagged = scope.tagged(fields);
    for field in fields {
        let name = field_name(&field.name);
        let plain = scope.plain_versions(field);
        let default = values::default(field);
        let value = if plain.is_empty() {
            default
        } else {
            Condition::new(plain, scope.versions).choose(&read(scope, field, plain), &default)
        };
        let mutable = if tagged.iter().any(|(one, _)| one.name == field.name) { "mut " } else { "" };
        let _ = writeln!(code, "let {mutable}{name} = {value};");
    }
    let tags = read_tags(scope, &tagged);
    match scope.flexible() {
        Condition::Never => {}
        Condition::Always => code.push_str(&tags),
        Condition::If(_) => {
            let _ = writeln!(code, "if flexible {{\n{tags}}}");
        }
    }
    let names: Vec<_> = fields.iter().map(|field| field_name(&field.name)).collect();
    if names.is_empty() {
        code.push_str("Ok(Self)\n");
    } else {
        let _ = writeln!(code, "Ok(Self {{ {} }})", names.join(", "));
    }
    format!("{}{code}", scope.define_flexible(&code))
}

fn read_tags(scope: &Scope<'_>, tagged: &[(&Field, Tag)]) -> String {
    if tagged.is_empty() {
        return "r.no_tags()?;\n".to_owned();
    }
    let mut code = "r.tags(|r, tag| {\nmatch tag {\n".to_owned();
    for (field, tag) in tagged {
        let versions = scope.versions.and(tag.versions);
        let guard = match Condition::new(tag.versions, scope.versions.and(scope.message.flexible)) {
            Condition::If(expression) => format!(" if {expression}"),
            _ => String::new(),
        };
        let value = read(scope, field, versions);
        let _ = writeln!(code, "{}{guard} => {} = {value},", tag.id, field_name(&field.name));
    }
    code.push_str("_ => return Ok(false),\n}\nOk(true)\n})?;\n");
    code
}

/// An expression that reads the field in any of `versions`.
fn read(scope: &Scope<'_>, field: &Field, versions: Versions) -> String {
    if !field.is_optional() {
        return read_value(scope, field, versions, "");
    }
    let nullable = read_value(scope, field, versions, "nullable_");
    let plain = format!("Some({})", read_value(scope, field, versions, ""));
    Condition::new(field.nullable, versions).choose(&nullable, &plain)
}

fn read_value(scope: &Scope<'_>, field: &Field, versions: Versions, nullable: &str) -> String {
    let flexible = scope.compact(field, versions);
    let name = &field.name;
    match &field.ty {
        Type::String => format!("r.{nullable}str({flexible}, {name:?})?"),
        Type::Bytes => format!("r.{nullable}bytes({flexible}, {name:?})?"),
        Type::Records => format!("r.{nullable}records({flexible}, {name:?})?"),
        Type::Struct(ty) if nullable.is_empty() => format!("{ty}::decode(r, v)?"),
        Type::Struct(ty) => {
            let is_tagged = field.tag.is_some_and(|tag| tag.versions.contains_all(versions));
            let method = if is_tagged { "nullable_tagged_struct" } else { "nullable_struct" };
            format!("r.{method}({name:?}, |r| {ty}::decode(r, v))?")
        }
        Type::Array(element) if values::fixed_bytes(element).is_some() => {
            format!("r.{nullable}fixed_array({flexible}, {name:?})?")
        }
        Type::Array(element) => {
            let least = values::element_bytes_min(element, scope.message, versions);
            let read = read_element(element, &flexible, name);
            format!("r.{nullable}array({flexible}, {least}, {name:?}, |r| {read})?")
        }
        simple => format!("r.{}({name:?})?", method(simple)),
    }
}

fn read_element(element: &Type, flexible: &str, name: &str) -> String {
    match element {
        Type::String => format!("r.str({flexible}, {name:?})"),
        Type::Bytes => format!("r.bytes({flexible}, {name:?})"),
        Type::Records => format!("r.records({flexible}, {name:?})"),
        other => format!("{}::decode(r, v)", values::rust_type(other)),
    }
}

/// The reader's and writer's method of a type of fixed size.
pub(crate) fn method(ty: &Type) -> String {
    values::rust_type(ty).to_lowercase()
}
