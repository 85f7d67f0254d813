//! Rust types of fields, their defaults, and how to tell that a value is not the default.

use crate::{Default, Field, Message, Type, Versions};

/// The Rust type of a value of that type that is not null.
pub(crate) fn rust_type(ty: &Type) -> String {
    match ty {
        Type::Bool => "bool",
        Type::Int8 => "i8",
        Type::Int16 => "i16",
        Type::Uint16 => "u16",
        Type::Int32 => "i32",
        Type::Uint32 => "u32",
        Type::Int64 => "i64",
        Type::Float64 => "f64",
        Type::Uuid => "Uuid",
        Type::String => "Str",
        Type::Bytes => "Bytes",
        Type::Records => "Records",
        Type::Struct(name) => name,
        Type::Array(element) => return format!("Vec<{}>", rust_type(element)),
    }
    .to_owned()
}

/// The Rust type of the field.
pub(crate) fn field_type(field: &Field) -> String {
    let plain = rust_type(&field.ty);
    if field.is_optional() { format!("Option<{plain}>") } else { plain }
}

fn empty(ty: &Type) -> String {
    match ty {
        Type::Bool => "false".to_owned(),
        Type::Float64 => "0.0".to_owned(),
        Type::Uuid => "Uuid::ZERO".to_owned(),
        Type::String => "Str::EMPTY".to_owned(),
        Type::Bytes => "Bytes::new()".to_owned(),
        Type::Records => "Records::default()".to_owned(),
        Type::Struct(name) => format!("{name}::default()"),
        Type::Array(_) => "Vec::new()".to_owned(),
        _ => "0".to_owned(),
    }
}

/// The default as an expression. Record batches are null unless set, as in Kafka.
pub(crate) fn default(field: &Field) -> String {
    match &field.default {
        Default::Null => "None".to_owned(),
        Default::OfType if field.ty == Type::Records => "None".to_owned(),
        Default::OfType if field.is_optional() => format!("Some({})", empty(&field.ty)),
        Default::OfType => empty(&field.ty),
        Default::Literal(literal) if field.is_optional() => {
            format!("Some({})", literal_of(&field.ty, literal))
        }
        Default::Literal(literal) => literal_of(&field.ty, literal),
    }
}

fn literal_of(ty: &Type, literal: &str) -> String {
    match (ty, literal) {
        (Type::String, _) => format!("Str::from_static({literal:?})"),
        (Type::Int32, "-2147483648") => "i32::MIN".to_owned(),
        (Type::Int32, "2147483647") => "i32::MAX".to_owned(),
        (Type::Int64, "9223372036854775807") => "i64::MAX".to_owned(),
        _ => literal.to_owned(),
    }
}

/// An expression that is true when `place` is not the default.
pub(crate) fn is_set(field: &Field, place: &str) -> String {
    if default(field) == "None" {
        return format!("{place}.is_some()");
    }
    let has_len = matches!(field.ty, Type::String | Type::Bytes | Type::Array(_));
    match (&field.default, field.is_optional()) {
        (Default::OfType, true) if has_len => format!("{place}.as_ref().is_none_or(|it| !it.is_empty())"),
        (Default::OfType, false) if has_len => format!("!{place}.is_empty()"),
        (Default::OfType, false) if field.ty == Type::Bool => place.to_owned(),
        (Default::Literal(_), false) if field.ty == Type::Bool => format!("!{place}"),
        _ => format!("{place} != {}", default(field)),
    }
}

/// The bytes of a type that always takes as many.
pub(crate) fn fixed_bytes(ty: &Type) -> Option<usize> {
    match ty {
        Type::Bool | Type::Int8 => Some(1),
        Type::Int16 | Type::Uint16 => Some(2),
        Type::Int32 | Type::Uint32 => Some(4),
        Type::Int64 | Type::Float64 => Some(8),
        Type::Uuid => Some(16),
        _ => None,
    }
}

/// The least that a value takes on the wire in any of `versions`, in bytes.
fn bytes_min(ty: &Type, message: &Message, versions: Versions) -> usize {
    let len_bytes = |plain: usize| if message.flexible.and(versions).is_empty() { plain } else { 1 };
    match ty {
        Type::String => len_bytes(2),
        Type::Bytes | Type::Records | Type::Array(_) => len_bytes(4),
        Type::Struct(name) => struct_bytes_min(name, message, versions),
        fixed => fixed_bytes(fixed).unwrap_or(1),
    }
}

/// The least that one element of an array takes, in any of `versions`.
pub(crate) fn element_bytes_min(element: &Type, message: &Message, versions: Versions) -> usize {
    bytes_min(element, message, versions).max(1)
}

fn struct_bytes_min(name: &str, message: &Message, within: Versions) -> usize {
    let structs = message.all_structs();
    let Some((_, versions, fields)) = structs.iter().find(|(known, ..)| *known == name) else { return 1 };
    let versions = versions.and(within);
    let tags = usize::from(message.flexible.contains_all(versions));
    let always = |field: &&Field| {
        field.versions.contains_all(versions)
            && field.tag.is_none_or(|tag| tag.versions.and(versions).is_empty())
    };
    let fields = fields.iter().filter(always).map(|field| match (&field.ty, field.nullable.is_empty()) {
        (Type::Struct(_), false) => 1,
        (ty, _) => bytes_min(ty, message, versions),
    });
    tags + fields.sum::<usize>()
}
