//! Random values of a message, as the JSON that Apache Kafka's converters read.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use broker_schema::{Default, Field, Message, Type};
use serde_json::{Map, Value, json};

use crate::random::Random;

/// How much of a message is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// Most fields have a value of their own.
    Full,
    /// Most fields have their default.
    Sparse,
}

/// Makes values of one message in one version.
#[derive(Debug)]
pub struct Sampler<'a> {
    /// The message.
    pub message: &'a Message,
    /// The version.
    pub version: i16,
    /// How much is filled.
    pub filling: Filling,
    /// Where the values come from.
    pub random: Random,
}

impl Sampler<'_> {
    /// One value.
    pub fn sample(&mut self) -> Value {
        let message = self.message;
        self.fields(&message.fields)
    }

    fn fields(&mut self, fields: &[Field]) -> Value {
        let mut object = Map::new();
        let version = self.version;
        for field in fields.iter().filter(|field| field.versions.contains(version)) {
            let is_tagged = field.tag.is_some_and(|tag| tag.versions.contains(self.version));
            let stays_default = match self.filling {
                Filling::Full => self.random.one_in(5),
                Filling::Sparse => !self.random.one_in(6),
            };
            if stays_default {
                // A tagged field may be left out; any other has to be there.
                if !is_tagged {
                    object.insert(json_name(&field.name), self.default(field));
                }
                continue;
            }
            let is_null = field.nullable.contains(self.version) && self.random.one_in(4);
            let value = if is_null { Value::Null } else { self.value(&field.ty) };
            object.insert(json_name(&field.name), value);
        }
        Value::Object(object)
    }

    fn value(&mut self, ty: &Type) -> Value {
        match ty {
            Type::Bool => json!(self.random.one_in(2)),
            Type::Int8 => json!(self.integer(8)),
            Type::Int16 => json!(self.integer(16)),
            Type::Uint16 => json!(self.integer(16) & 0xffff),
            Type::Int32 => json!(self.integer(32)),
            Type::Uint32 => json!(self.integer(32) & 0xffff_ffff),
            Type::Int64 => json!(self.integer(64)),
            Type::Float64 => json!(self.random.pick(&[0.0, 1.5, -2.25, 1e300, 5e-324, 0.1])),
            Type::Uuid => json!(URL_SAFE_NO_PAD.encode(self.random.bytes(16))),
            Type::String => json!(self.text()),
            Type::Bytes | Type::Records => {
                let len = *self.random.pick(&[0, 1, 5, 127, 128, 511, 512, 700]);
                json!(STANDARD.encode(self.random.bytes(len)))
            }
            Type::Struct(name) => self.structure(name),
            Type::Array(element) => {
                let is_wide = element.struct_name().is_none() && self.random.one_in(12);
                let len = if is_wide { 120 + self.random.below(20) } else { self.random.below(4) };
                Value::Array((0..len).map(|_| self.value(element)).collect())
            }
        }
    }

    fn structure(&mut self, name: &str) -> Value {
        let structs = self.message.all_structs();
        let fields = structs.iter().find(|(known, ..)| *known == name).map_or(&[][..], |(.., fields)| fields);
        self.fields(fields)
    }

    /// Small, extreme or any.
    fn integer(&mut self, bits: u32) -> i64 {
        let any = i64::from_be_bytes(self.random.bits().to_be_bytes()) >> (64 - bits);
        let low = i64::MIN >> (64 - bits);
        let high = i64::MAX >> (64 - bits);
        *self.random.pick(&[any, any, any & 0x7f, -1, 0, 1, low, high])
    }

    fn text(&mut self) -> String {
        let letters: Vec<char> = "abcxyz-_. 09\"\\\u{e9}\u{4e2d}\u{1f980}\n".chars().collect();
        let len = *self.random.pick(&[0, 1, 3, 8, 8, 130]);
        (0..len).map(|_| *self.random.pick(&letters)).collect()
    }

    fn default(&mut self, field: &Field) -> Value {
        match &field.default {
            Default::Null if field.nullable.contains(self.version) => Value::Null,
            // Null here would be refused: any value will do.
            Default::Null => self.value(&field.ty),
            Default::Literal(literal) => serde_json::from_str(literal).unwrap_or_else(|_| json!(literal)),
            Default::OfType => match &field.ty {
                Type::Bool => json!(false),
                Type::Float64 => json!(0.0),
                Type::Uuid => json!("AAAAAAAAAAAAAAAAAAAAAA"),
                Type::String | Type::Bytes | Type::Records => json!(""),
                Type::Struct(name) => self.structure(name),
                Type::Array(_) => json!([]),
                _ => json!(0),
            },
        }
    }
}

/// The name of a field in Apache Kafka's JSON.
#[must_use]
pub fn json_name(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map_or(String::new(), |first| format!("{}{}", first.to_ascii_lowercase(), letters.as_str()))
}
