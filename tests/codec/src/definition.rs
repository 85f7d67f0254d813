//! Apache Kafka's own message definitions (JSON inside its jars) as our schema's types.

use anyhow::{Context as _, Result, bail};
use broker_schema::{Default, Field, Kind, Listener, Message, Struct, Tag, Type, Versions};
use serde_json::{Map, Value};

/// Reads one definition. A property that is not known is an error: nothing of it may be missed.
///
/// # Errors
/// A property is unknown, missing, or says something unknown.
pub fn message(json: &Value) -> Result<Message> {
    let json = json.as_object().context("a definition is an object")?;
    let name = text(json, "name")?;
    of_message(json, name).with_context(|| name.to_owned())
}

fn of_message(json: &Map<String, Value>, name: &str) -> Result<Message> {
    only(
        json,
        &[
            "apiKey",
            "type",
            "name",
            "validVersions",
            "flexibleVersions",
            "listeners",
            "latestVersionUnstable",
            "fields",
            "commonStructs",
        ],
    )?;
    Ok(Message {
        kind: match text(json, "type")? {
            "request" => Kind::Request,
            "response" => Kind::Response,
            "header" => Kind::Header,
            "metadata" => Kind::Metadata,
            "coordinator-key" => Kind::CoordinatorKey,
            "coordinator-value" => Kind::CoordinatorValue,
            "data" => Kind::Data,
            other => bail!("type {other}"),
        },
        name: name.to_owned(),
        key: json.get("apiKey").map(number).transpose()?,
        versions: versions(json, "validVersions")?.context("no validVersions")?,
        flexible: versions(json, "flexibleVersions")?.unwrap_or(Versions::NONE),
        listeners: listeners(json)?,
        latest_unstable: flag(json, "latestVersionUnstable")?,
        fields: fields(json)?,
        structs: list(json, "commonStructs")?.iter().map(common).collect::<Result<_>>()?,
    })
}

fn listeners(json: &Map<String, Value>) -> Result<Vec<Listener>> {
    let mut found = Vec::new();
    for name in list(json, "listeners")? {
        found.push(match name.as_str() {
            Some("broker") => Listener::Broker,
            Some("controller") => Listener::Controller,
            _ => bail!("listener {name}"),
        });
    }
    // Their order means nothing.
    found.sort_by_key(|listener| *listener == Listener::Controller);
    Ok(found)
}

fn common(json: &Value) -> Result<Struct> {
    let json = json.as_object().context("a struct is an object")?;
    only(json, &["name", "versions", "fields", "about"])?;
    Ok(Struct {
        name: text(json, "name")?.to_owned(),
        versions: versions(json, "versions")?.context("no versions")?,
        fields: fields(json)?,
    })
}

fn fields(json: &Map<String, Value>) -> Result<Vec<Field>> {
    list(json, "fields")?.iter().map(field).collect()
}

fn field(json: &Value) -> Result<Field> {
    let json = json.as_object().context("a field is an object")?;
    let name = text(json, "name")?;
    of_field(json, name).with_context(|| name.to_owned())
}

fn of_field(json: &Map<String, Value>, name: &str) -> Result<Field> {
    only(
        json,
        &[
            "name",
            "type",
            "versions",
            "nullableVersions",
            "tag",
            "taggedVersions",
            "flexibleVersions",
            "default",
            "ignorable",
            "mapKey",
            "zeroCopy",
            "entityType",
            "fields",
            "about",
        ],
    )?;
    let ty = type_of(text(json, "type")?);
    let tagged = versions(json, "taggedVersions")?;
    let tag = match (json.get("tag"), tagged) {
        (Some(id), Some(versions)) => Some(Tag { id: number(id)?, versions }),
        (None, None) => None,
        _ => bail!("tag and taggedVersions go together"),
    };
    Ok(Field {
        name: name.to_owned(),
        // A tagged field may leave its versions to the tag.
        versions: versions(json, "versions")?.or(tagged).context("no versions")?,
        nullable: versions(json, "nullableVersions")?.unwrap_or(Versions::NONE),
        tag,
        flexible: versions(json, "flexibleVersions")?,
        default: default(json.get("default"), &ty)?,
        ty,
        ignorable: flag(json, "ignorable")?,
        map_key: flag(json, "mapKey")?,
        zero_copy: flag(json, "zeroCopy")?,
        entity: json.get("entityType").and_then(Value::as_str).map(str::to_owned),
        fields: fields(json)?,
    })
}

fn default(json: Option<&Value>, ty: &Type) -> Result<Default> {
    let text = match json {
        // A null that is not the text "null" is no default at all to Apache's generator.
        None | Some(Value::Null) => return Ok(Default::OfType),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let is_text = matches!(ty, Type::String | Type::Bytes | Type::Records | Type::Array(_) | Type::Struct(_));
    if is_text {
        return Ok(match text.as_str() {
            "" => Default::OfType,
            "null" => Default::Null,
            _ => Default::Literal(text),
        });
    }
    let normal = match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16)?.to_string(),
        None => text,
    };
    Ok(if normal == "0" || normal == "false" { Default::OfType } else { Default::Literal(normal) })
}

fn type_of(name: &str) -> Type {
    match name {
        "bool" => Type::Bool,
        "int8" => Type::Int8,
        "int16" => Type::Int16,
        "uint16" => Type::Uint16,
        "int32" => Type::Int32,
        "uint32" => Type::Uint32,
        "int64" => Type::Int64,
        "float64" => Type::Float64,
        "uuid" => Type::Uuid,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "records" => Type::Records,
        _ => match name.strip_prefix("[]") {
            Some(element) => Type::Array(Box::new(type_of(element))),
            None => Type::Struct(name.to_owned()),
        },
    }
}

fn only(json: &Map<String, Value>, known: &[&str]) -> Result<()> {
    match json.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => bail!("property {key} is not known"),
        None => Ok(()),
    }
}

fn text<'a>(json: &'a Map<String, Value>, key: &str) -> Result<&'a str> {
    json.get(key).and_then(Value::as_str).with_context(|| format!("no {key}"))
}

fn number<T: TryFrom<i64>>(json: &Value) -> Result<T> {
    json.as_i64()
        .and_then(|number| T::try_from(number).ok())
        .with_context(|| format!("{json} is not a number"))
}

fn flag(json: &Map<String, Value>, key: &str) -> Result<bool> {
    match json.get(key) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(Value::String(text)) if text == "true" || text == "false" => Ok(text == "true"),
        Some(other) => bail!("{key} is {other}"),
    }
}

fn versions(json: &Map<String, Value>, key: &str) -> Result<Option<Versions>> {
    json.get(key)
        .map(|value| value.as_str().context("versions are text").and_then(|text| Ok(text.parse()?)))
        .transpose()
}

fn list<'a>(json: &'a Map<String, Value>, key: &str) -> Result<&'a [Value]> {
    match json.get(key) {
        None => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(other) => bail!("{key} is {other}"),
    }
}
