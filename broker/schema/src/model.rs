//! What the schema says of a message, as types.

use crate::Versions;

/// One message: a request, a response, a record or a piece of data.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// What kind of message it is.
    pub kind: Kind,
    /// Kafka's name, such as `FetchRequest`.
    pub name: String,
    /// The API key of requests and responses, the type of records.
    pub key: Option<i16>,
    /// Versions that exist.
    pub versions: Versions,
    /// Versions with compact lengths and tagged fields (KIP-482).
    pub flexible: Versions,
    /// Where a request is served.
    pub listeners: Vec<Listener>,
    /// Whether the newest version may still change.
    pub latest_unstable: bool,
    /// The fields in wire order.
    pub fields: Vec<Field>,
    /// Structs that several fields use.
    pub structs: Vec<Struct>,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Asks.
    Request,
    /// Answers.
    Response,
    /// Goes before each request or response.
    Header,
    /// A record of the metadata log.
    Metadata,
    /// The key of a coordinator's record.
    CoordinatorKey,
    /// The value of a coordinator's record.
    CoordinatorValue,
    /// Anything else that has a version.
    Data,
}

/// Who serves a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// Brokers.
    Broker,
    /// Controllers.
    Controller,
}

/// A struct that several fields of a message use.
#[derive(Clone, Debug, PartialEq)]
pub struct Struct {
    /// Its name.
    pub name: String,
    /// Versions that have it.
    pub versions: Versions,
    /// The fields in wire order.
    pub fields: Vec<Field>,
}

/// One field.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Kafka's name, such as `MaxWaitMs`.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Versions that have it.
    pub versions: Versions,
    /// Versions in which it may be null.
    pub nullable: Versions,
    /// Its tag, when it is a tagged field.
    pub tag: Option<Tag>,
    /// Flexible versions of this field alone, where they differ from the message's.
    pub flexible: Option<Versions>,
    /// Its value when absent.
    pub default: Default,
    /// Whether a value is silently dropped when the version cannot carry it.
    pub ignorable: bool,
    /// Whether it is (part of) the key by which Kafka looks elements of this array up.
    pub map_key: bool,
    /// Whether Kafka keeps it as a slice.
    pub zero_copy: bool,
    /// What an id or name stands for, such as `topicName`.
    pub entity: Option<String>,
    /// The fields of the struct that is defined here; empty when the type is not a struct or is defined elsewhere.
    pub fields: Vec<Field>,
}

/// The number of a tagged field, and the versions in which it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The number, unique in the struct.
    pub id: u32,
    /// Versions in which the field is tagged.
    pub versions: Versions,
}

/// The value of an absent field.
#[derive(Clone, Debug, PartialEq)]
pub enum Default {
    /// Zero, false, empty.
    OfType,
    /// Null.
    Null,
    /// A number or `true`.
    Literal(String),
}

/// The type of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// One byte, 0 or 1.
    Bool,
    /// 8 bits.
    Int8,
    /// 16 bits.
    Int16,
    /// 16 bits without sign.
    Uint16,
    /// 32 bits.
    Int32,
    /// 32 bits without sign.
    Uint32,
    /// 64 bits.
    Int64,
    /// IEEE 754 double.
    Float64,
    /// 16 bytes.
    Uuid,
    /// UTF-8, at most 32,767 bytes.
    String,
    /// Bytes.
    Bytes,
    /// Record batches.
    Records,
    /// A struct by name.
    Struct(String),
    /// An array.
    Array(Box<Type>),
}

impl Type {
    /// The struct that this type is, or is an array of.
    #[must_use]
    pub fn struct_name(&self) -> Option<&str> {
        match self {
            Self::Struct(name) => Some(name),
            Self::Array(element) => element.struct_name(),
            _ => None,
        }
    }
}

impl Field {
    /// Whether the Rust type is an `Option`.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        !self.nullable.is_empty() || self.ty == Type::Records
    }
}

impl Message {
    /// Every struct in it, the message itself first: name, versions in which it occurs, fields.
    #[must_use]
    pub fn all_structs(&self) -> Vec<(&str, Versions, &[Field])> {
        fn nested<'a>(
            fields: &'a [Field],
            within: Versions,
            found: &mut Vec<(&'a str, Versions, &'a [Field])>,
        ) {
            for field in fields.iter().filter(|field| !field.fields.is_empty()) {
                let versions = within.and(field.versions);
                if let Some(name) = field.ty.struct_name() {
                    found.push((name, versions, &field.fields));
                }
                nested(&field.fields, versions, found);
            }
        }
        let mut found = vec![(self.name.as_str(), self.versions, self.fields.as_slice())];
        nested(&self.fields, self.versions, &mut found);
        for common in &self.structs {
            let versions = self.versions.and(common.versions);
            found.push((&common.name, versions, &common.fields));
            nested(&common.fields, versions, &mut found);
        }
        found
    }
}
