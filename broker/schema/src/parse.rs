//! Reads the schema's text. One line is one message, struct or field; two spaces of indentation are one level.

use std::collections::BTreeSet;

use crate::{Default, Field, Kind, Listener, Message, Struct, Tag, Type, Versions};

/// A line that does not say what a schema line says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ParseError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

struct Line<'a> {
    number: usize,
    depth: usize,
    words: Vec<&'a str>,
}

impl Line<'_> {
    fn wrong(&self, what: impl Into<String>) -> ParseError {
        ParseError { line: self.number, what: what.into() }
    }

    fn versions(&self, text: &str) -> Result<Versions, ParseError> {
        text.parse().map_err(|error: crate::versions::InvalidVersions| self.wrong(error.to_string()))
    }
}

/// Parses one file: its messages in order.
///
/// # Errors
/// The first line that is not understood, or a struct name that is not defined.
pub fn parse(text: &str) -> Result<Vec<Message>, ParseError> {
    let lines: Vec<Line<'_>> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|(index, line)| {
            let indent = line.len() - line.trim_start().len();
            Line { number: index + 1, depth: indent / 2, words: line.split_whitespace().collect() }
        })
        .collect();
    let mut messages = Vec::new();
    let mut rest = lines.as_slice();
    while let Some((head, after)) = rest.split_first() {
        let body_len = after.iter().take_while(|line| line.depth > 0).count();
        let (body, next) = after.split_at(body_len);
        messages.push(message(head, body)?);
        rest = next;
    }
    Ok(messages)
}

fn message(head: &Line<'_>, body: &[Line<'_>]) -> Result<Message, ParseError> {
    let [kind, name, attributes @ ..] = head.words.as_slice() else {
        return Err(head.wrong("a message line is: kind Name attributes"));
    };
    let mut message = Message {
        kind: kind_of(kind).ok_or_else(|| head.wrong(format!("'{kind}' is not a kind of message")))?,
        name: (*name).to_owned(),
        key: None,
        versions: Versions::NONE,
        flexible: Versions::NONE,
        listeners: Vec::new(),
        latest_unstable: false,
        fields: Vec::new(),
        structs: Vec::new(),
    };
    for attribute in attributes {
        match attribute.split_once('=').unwrap_or((attribute, "")) {
            ("key", key) => message.key = Some(key.parse().map_err(|_| head.wrong("key is a number"))?),
            ("versions", versions) => message.versions = head.versions(versions)?,
            ("flexible", versions) => message.flexible = head.versions(versions)?,
            ("listeners", names) => {
                for name in names.split(',') {
                    message.listeners.push(listener_of(name).ok_or_else(|| head.wrong("unknown listener"))?);
                }
            }
            ("unstable", _) => message.latest_unstable = true,
            _ => return Err(head.wrong(format!("'{attribute}' is not an attribute of a message"))),
        }
    }
    let (fields, structs) = body_of(body)?;
    message.fields = fields;
    message.structs = structs;
    check_struct_names(head, &message)?;
    Ok(message)
}

fn body_of(body: &[Line<'_>]) -> Result<(Vec<Field>, Vec<Struct>), ParseError> {
    let start =
        body.iter().position(|line| line.depth == 1 && line.words[0] == "struct").unwrap_or(body.len());
    let (own, mut rest) = body.split_at(start);
    let mut structs = Vec::new();
    while let Some((head, after)) = rest.split_first() {
        let ["struct", name, versions] = head.words.as_slice() else {
            return Err(head.wrong("a struct line is: struct Name versions"));
        };
        let len = after.iter().take_while(|line| line.depth > 1).count();
        let (fields_of, next) = after.split_at(len);
        structs.push(Struct {
            name: (*name).to_owned(),
            versions: head.versions(versions)?,
            fields: fields(fields_of, 2)?,
        });
        rest = next;
    }
    Ok((fields(own, 1)?, structs))
}

fn fields(lines: &[Line<'_>], depth: usize) -> Result<Vec<Field>, ParseError> {
    let mut found = Vec::new();
    let mut rest = lines;
    while let Some((head, after)) = rest.split_first() {
        if head.depth != depth {
            return Err(head.wrong(format!("indentation of {depth} levels expected")));
        }
        let len = after.iter().take_while(|line| line.depth > depth).count();
        let (nested, next) = after.split_at(len);
        let mut field = field(head)?;
        field.fields = fields(nested, depth + 1)?;
        if !field.fields.is_empty() && field.ty.struct_name().is_none() {
            return Err(head.wrong("only a struct has fields"));
        }
        found.push(field);
        rest = next;
    }
    Ok(found)
}

fn field(line: &Line<'_>) -> Result<Field, ParseError> {
    let [name, ty, versions, attributes @ ..] = line.words.as_slice() else {
        return Err(line.wrong("a field line is: Name type versions attributes"));
    };
    let mut field = Field {
        name: (*name).to_owned(),
        ty: type_of(ty),
        versions: line.versions(versions)?,
        nullable: Versions::NONE,
        tag: None,
        flexible: None,
        default: Default::OfType,
        ignorable: false,
        map_key: false,
        zero_copy: false,
        entity: None,
        fields: Vec::new(),
    };
    for attribute in attributes {
        match attribute.split_once('=').unwrap_or((attribute, "")) {
            ("null", versions) => field.nullable = line.versions(versions)?,
            ("tag", tag) => field.tag = Some(tag_of(line, tag)?),
            ("flexible", versions) => field.flexible = Some(line.versions(versions)?),
            ("default", "null") => field.default = Default::Null,
            ("default", literal) => field.default = Default::Literal(literal.to_owned()),
            ("ignorable", _) => field.ignorable = true,
            ("key", _) => field.map_key = true,
            ("zerocopy", _) => field.zero_copy = true,
            ("entity", entity) => field.entity = Some(entity.to_owned()),
            _ => return Err(line.wrong(format!("'{attribute}' is not an attribute of a field"))),
        }
    }
    if field.default == Default::Null && !field.is_optional() {
        return Err(line.wrong("a default of null needs versions that may be null"));
    }
    Ok(field)
}

fn tag_of(line: &Line<'_>, text: &str) -> Result<Tag, ParseError> {
    let (id, versions) = text.split_once('@').ok_or_else(|| line.wrong("a tag is number@versions"))?;
    let id = id.parse().map_err(|_| line.wrong("a tag is number@versions"))?;
    Ok(Tag { id, versions: line.versions(versions)? })
}

fn kind_of(word: &str) -> Option<Kind> {
    Some(match word {
        "request" => Kind::Request,
        "response" => Kind::Response,
        "header" => Kind::Header,
        "metadata" => Kind::Metadata,
        "coordinator-key" => Kind::CoordinatorKey,
        "coordinator-value" => Kind::CoordinatorValue,
        "data" => Kind::Data,
        _ => return None,
    })
}

fn listener_of(word: &str) -> Option<Listener> {
    match word {
        "broker" => Some(Listener::Broker),
        "controller" => Some(Listener::Controller),
        _ => None,
    }
}

fn type_of(word: &str) -> Type {
    match word {
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
        _ => match word.strip_prefix("[]") {
            Some(element) => Type::Array(Box::new(type_of(element))),
            None => Type::Struct(word.to_owned()),
        },
    }
}

/// Every struct is defined once, and every name of one is defined: a typo in a type shows up here.
fn check_struct_names(head: &Line<'_>, message: &Message) -> Result<(), ParseError> {
    let mut defined = BTreeSet::new();
    let structs = message.all_structs();
    for (name, ..) in &structs {
        if !defined.insert(*name) {
            return Err(head.wrong(format!("struct {name} is defined twice in {}", message.name)));
        }
    }
    for field in structs.iter().flat_map(|(.., fields)| fields.iter()) {
        if let Some(name) = field.ty.struct_name().filter(|name| !defined.contains(name)) {
            return Err(
                head.wrong(format!("{}: field {} is of unknown type {name}", message.name, field.name))
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
