//! Values and their text form.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::Kind;

/// A value of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `true` or `false`.
    Boolean(bool),
    /// Text.
    String(String),
    /// 32 bits.
    Int(i32),
    /// 16 bits.
    Short(i16),
    /// 64 bits.
    Long(i64),
    /// A floating-point number.
    Double(f64),
    /// Texts.
    List(Vec<String>),
    /// A Java class's name.
    Class(String),
    /// Text that is never shown.
    Password(Password),
}

/// A secret: shows as `[hidden]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Wraps a secret.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self(secret.to_owned())
    }

    /// The secret itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// A value that a key does not take, in Kafka's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValue {
    /// One value is wrong.
    #[error("Invalid value {value} for configuration {name}: {reason}")]
    Value {
        /// The key.
        name: String,
        /// What it was given.
        value: String,
        /// What is wrong.
        reason: String,
    },
    /// The list as a whole is wrong.
    #[error("Configuration '{name}' {reason}")]
    List {
        /// The key.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

impl InvalidValue {
    pub(crate) fn new(name: &str, value: impl fmt::Display, reason: impl fmt::Display) -> Self {
        Self::Value { name: name.to_owned(), value: value.to_string(), reason: reason.to_string() }
    }

    /// The key that was given the value.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Value { name, .. } | Self::List { name, .. } => name,
        }
    }
}

impl Value {
    /// Reads `text` as a value of `kind`; no limits are checked.
    pub(crate) fn parse(kind: Kind, name: &str, text: &str) -> Result<Self, InvalidValue> {
        let trimmed = trim(text);
        let not_a_number =
            || InvalidValue::new(name, text, format_args!("Not a number of type {}", kind.name()));
        Ok(match kind {
            Kind::Boolean if trimmed.eq_ignore_ascii_case("true") => Self::Boolean(true),
            Kind::Boolean if trimmed.eq_ignore_ascii_case("false") => Self::Boolean(false),
            Kind::Boolean => {
                return Err(InvalidValue::new(name, text, "Expected value to be either true or false"));
            }
            Kind::String => Self::String(trimmed.to_owned()),
            Kind::Int => Self::Int(trimmed.parse().map_err(|_| not_a_number())?),
            Kind::Short => Self::Short(trimmed.parse().map_err(|_| not_a_number())?),
            Kind::Long => Self::Long(trimmed.parse().map_err(|_| not_a_number())?),
            Kind::Double => Self::Double(trimmed.parse().map_err(|_| not_a_number())?),
            Kind::List if trimmed.is_empty() => Self::List(Vec::new()),
            Kind::List => Self::List(trimmed.split(',').map(|item| trim(item).to_owned()).collect()),
            Kind::Class => Self::Class(trimmed.to_owned()),
            Kind::Password => Self::Password(Password::new(trimmed)),
        })
    }

    /// The text that the admin protocol shows; a password as `[hidden]`.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Boolean(value) => value.to_string(),
            Self::String(value) | Self::Class(value) => value.clone(),
            Self::Int(value) => value.to_string(),
            Self::Short(value) => value.to_string(),
            Self::Long(value) => value.to_string(),
            Self::Double(value) => java_double(*value),
            Self::List(values) => values.join(","),
            Self::Password(_) => "[hidden]".to_owned(),
        }
    }

    /// The whole number in an `Int`, `Short` or `Long`.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(i64::from(*value)),
            Self::Short(value) => Some(i64::from(*value)),
            Self::Long(value) => Some(*value),
            _ => None,
        }
    }
}

/// Java trims everything up to the space.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}

/// The text of a number as Java's `Double.toString` gives it.
fn java_double(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-3..1e7).contains(&size) || !value.is_finite() {
        return match value {
            f64::INFINITY => "Infinity".to_owned(),
            f64::NEG_INFINITY => "-Infinity".to_owned(),
            _ => format!("{value:?}"),
        };
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if digits.contains('.') => format!("{digits}E{exponent}"),
        Some((digits, exponent)) => format!("{digits}.0E{exponent}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn doubles_show_as_in_java() {
        let shown = [0.5, 1.0, 0.05, 1e7, 12_345_678.9, f64::MAX, 0.001, 0.0001, 0.0].map(java_double);
        let java = [
            "0.5",
            "1.0",
            "0.05",
            "1.0E7",
            "1.23456789E7",
            "1.7976931348623157E308",
            "0.001",
            "1.0E-4",
            "0.0",
        ];
        assert_eq!(shown, java);
    }

    #[test]
    fn lists_are_split_at_commas_and_trimmed() {
        let parse = |text| Value::parse(Kind::List, "k", text);
        assert_eq!(parse("  "), Ok(Value::List(vec![])));
        assert_eq!(parse("a , b,c"), Ok(Value::List(vec!["a".into(), "b".into(), "c".into()])));
        assert_eq!(parse("a,,b"), Ok(Value::List(vec!["a".into(), String::new(), "b".into()])));
    }

    #[test]
    fn a_secret_is_never_shown() {
        let value = Value::parse(Kind::Password, "k", "secret").expect("any text");
        assert_eq!(value.text(), "[hidden]");
        assert_eq!(format!("{value:?}"), "Password([hidden])");
        assert!(matches!(value, Value::Password(password) if password.reveal() == "secret"));
    }
}
