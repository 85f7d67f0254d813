//! What `Debug` must print for a value: each field under its own name, absent ones with their default.
//!
//! This is how the tests see that every value landed in its own field: bytes alone would not show two that are
//! swapped in both directions.

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use broker_schema::{Default, Field, Message, Type, snake_case};
use bytes::Bytes;
use serde_json::Value;

use crate::sample::json_name;

/// The text for `json`, a value of `message`.
///
/// # Errors
/// The JSON does not fit the schema.
pub fn debug(message: &Message, json: &Value) -> Result<String> {
    structure(message, &message.name, json)
}

fn structure(message: &Message, name: &str, json: &Value) -> Result<String> {
    let structs = message.all_structs();
    let (_, _, fields) =
        structs.iter().find(|(known, ..)| *known == name).with_context(|| format!("no struct {name}"))?;
    if fields.is_empty() {
        return Ok(name.to_owned());
    }
    let mut parts = Vec::new();
    for one in *fields {
        let value = match json.get(json_name(&one.name)) {
            Some(value) => field(message, one, value).with_context(|| format!("{name}.{}", one.name))?,
            None => default(message, one)?,
        };
        parts.push(format!("{}: {value}", snake_case(&one.name)));
    }
    Ok(format!("{name} {{ {} }}", parts.join(", ")))
}

fn field(message: &Message, field: &Field, json: &Value) -> Result<String> {
    if !field.is_optional() {
        return value(message, &field.ty, json);
    }
    if json.is_null() {
        Ok("None".to_owned())
    } else {
        Ok(format!("Some({})", value(message, &field.ty, json)?))
    }
}

fn value(message: &Message, ty: &Type, json: &Value) -> Result<String> {
    Ok(match ty {
        Type::Bool => json.as_bool().context("not a bool")?.to_string(),
        Type::Float64 => format!("{:?}", json.as_f64().context("not a double")?),
        Type::Uuid => json.as_str().context("not a uuid")?.to_owned(),
        Type::String => format!("{:?}", json.as_str().context("not a string")?),
        Type::Bytes | Type::Records => {
            let bytes = STANDARD.decode(json.as_str().context("not bytes")?).ok().context("not base64")?;
            format!("{:?}", Bytes::from(bytes))
        }
        Type::Struct(name) => structure(message, name, json)?,
        Type::Array(element) => {
            let elements = json.as_array().context("not an array")?.iter();
            let texts: Vec<String> =
                elements.map(|one| value(message, element, one)).collect::<Result<_>>()?;
            format!("[{}]", texts.join(", "))
        }
        _ => json.as_i64().context("not an integer")?.to_string(),
    })
}

fn default(message: &Message, field: &Field) -> Result<String> {
    let plain = match &field.default {
        Default::Null => return Ok("None".to_owned()),
        Default::OfType if field.ty == Type::Records => return Ok("None".to_owned()),
        Default::Literal(literal) => literal.clone(),
        Default::OfType => match &field.ty {
            Type::Bool => "false".to_owned(),
            Type::Float64 => "0.0".to_owned(),
            Type::Uuid => "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            Type::String => "\"\"".to_owned(),
            Type::Bytes | Type::Records => "b\"\"".to_owned(),
            Type::Struct(name) => structure(message, name, &Value::Null)?,
            Type::Array(_) => "[]".to_owned(),
            _ => "0".to_owned(),
        },
    };
    Ok(if field.is_optional() { format!("Some({plain})") } else { plain })
}
