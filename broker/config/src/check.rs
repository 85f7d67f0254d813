//! What values a key takes, beyond their type.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::{HostPort, InvalidValue, Value, Voter};

/// A limit on values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Check {
    /// None.
    Any,
    /// A number of at least this.
    AtLeast(i64),
    /// A number within these two.
    Between(i64, i64),
    /// A floating-point number within these two.
    DoubleBetween(f64, f64),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// One of these texts, in any case.
    OneOfAnyCase(&'static [&'static str]),
    /// A text that is not empty.
    NonEmpty,
    /// Level of gzip: 1 to 9, or -1.
    GzipLevel,
    /// A list of these texts (any, when none are given).
    List(&'static [&'static str], Empty),
    /// `id@host:port` items.
    QuorumVoters,
    /// `host:port` items.
    HostPorts,
    /// `*`, or `partition:broker` items.
    ThrottledReplicas,
    /// `latest`, `earliest` or `by_duration:` and an ISO 8601 duration.
    ShareOffsetReset,
}

/// Whether a list may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// It may.
    Allowed,
    /// It needs an item.
    Refused,
}

impl Check {
    /// What Kafka makes of a list before it looks at it: duplicates go.
    pub(crate) fn normalized(self, value: Value) -> Value {
        match (self, value) {
            (Self::List(..), Value::List(items)) => {
                let mut once: Vec<String> = Vec::with_capacity(items.len());
                for item in items {
                    if !once.contains(&item) {
                        once.push(item);
                    }
                }
                Value::List(once)
            }
            (_, value) => value,
        }
    }

    pub(crate) fn check(self, name: &str, value: &Value) -> Result<(), InvalidValue> {
        match (self, value) {
            (Self::AtLeast(min), value) => at_least(name, value, min),
            (Self::Between(min, max), value) => {
                at_least(name, value, min)?;
                match value.as_i64() {
                    Some(number) if number > max => {
                        Err(InvalidValue::new(name, number, format_args!("Value must be no more than {max}")))
                    }
                    _ => Ok(()),
                }
            }
            (Self::DoubleBetween(min, max), Value::Double(number)) => {
                let wrong = |reason| Err(InvalidValue::new(name, value.text(), reason));
                if *number < min {
                    wrong(format!("Value must be at least {min}"))
                } else if *number > max {
                    wrong(format!("Value must be no more than {max}"))
                } else {
                    Ok(())
                }
            }
            (Self::OneOf(allowed), Value::String(text)) if !allowed.contains(&text.as_str()) => {
                Err(not_one_of(name, text, allowed))
            }
            (Self::OneOfAnyCase(allowed), Value::String(text))
                if !allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(text)) =>
            {
                let reason = format!("String must be one of (case insensitive): {}", allowed.join(", "));
                Err(InvalidValue::new(name, text, reason))
            }
            (Self::NonEmpty, Value::String(text)) if text.is_empty() => {
                Err(InvalidValue::new(name, text, "String must be non-empty"))
            }
            (Self::GzipLevel, Value::Int(level)) if *level != -1 && !(1..=9).contains(level) => {
                Err(InvalidValue::new(name, level, "Value must be between 1 and 9 or equal to -1"))
            }
            (Self::List(allowed, empty), Value::List(items)) => list(name, items, allowed, empty),
            (Self::QuorumVoters, Value::List(items)) => voters(name, items),
            (Self::HostPorts, Value::List(items)) => host_ports(name, items),
            (Self::ThrottledReplicas, Value::List(items)) => throttled_replicas(name, items),
            (Self::ShareOffsetReset, Value::String(text)) => share_offset_reset(name, text),
            _ => Ok(()),
        }
    }
}

fn at_least(name: &str, value: &Value, min: i64) -> Result<(), InvalidValue> {
    match value.as_i64() {
        Some(number) if number < min => {
            Err(InvalidValue::new(name, number, format_args!("Value must be at least {min}")))
        }
        _ => Ok(()),
    }
}

fn not_one_of(name: &str, text: &str, allowed: &[&str]) -> InvalidValue {
    InvalidValue::new(name, text, format_args!("String must be one of: {}", allowed.join(", ")))
}

fn list(name: &str, items: &[String], allowed: &[&str], empty: Empty) -> Result<(), InvalidValue> {
    let wrong = |reason: String| Err(InvalidValue::List { name: name.to_owned(), reason });
    if items.is_empty() && empty == Empty::Refused {
        let valid = if allowed.is_empty() { "any non-empty value".to_owned() } else { allowed.join(", ") };
        return wrong(format!("must not be empty. Valid values include: {valid}"));
    }
    if items.iter().any(String::is_empty) {
        return wrong("values must not be empty.".to_owned());
    }
    match items.iter().find(|item| !allowed.is_empty() && !allowed.contains(&item.as_str())) {
        Some(item) => Err(not_one_of(name, item, allowed)),
        None => Ok(()),
    }
}

fn voters(name: &str, items: &[String]) -> Result<(), InvalidValue> {
    match items.iter().find(|item| Voter::parse(item).is_none()) {
        Some(item) => {
            Err(InvalidValue::new(name, item, "Each entry should be in the form `{id}@{host}:{port}`."))
        }
        None => Ok(()),
    }
}

fn host_ports(name: &str, items: &[String]) -> Result<(), InvalidValue> {
    match items.iter().find(|item| HostPort::parse(item).is_none()) {
        Some(item) => {
            Err(InvalidValue::new(name, item, "Each entry should be in the form \"{host}:{port}\""))
        }
        None => Ok(()),
    }
}

fn throttled_replicas(name: &str, items: &[String]) -> Result<(), InvalidValue> {
    let is_pair = |item: &String| {
        let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        item.split_once(':').is_some_and(|(partition, broker)| number(partition) && number(broker))
    };
    if items.iter().all(is_pair) || matches!(items, [only] if only == "*") {
        return Ok(());
    }
    let reason = format!(
        "{name} must be the literal '*' or a list of replicas in the following format: \
         [partitionId]:[brokerId],[partitionId]:[brokerId],..."
    );
    Err(InvalidValue::new(name, format_args!("[{}]", items.join(", ")), reason))
}

fn share_offset_reset(name: &str, text: &str) -> Result<(), InvalidValue> {
    let is_duration = |text: &str| {
        let body = text.strip_prefix('P').unwrap_or_default();
        let known = |c: char| c.is_ascii_digit() || matches!(c, 'D' | 'T' | 'H' | 'M' | 'S' | '.');
        body.chars().any(|c| c.is_ascii_digit()) && body.chars().all(known)
    };
    let is_valid = match text.split_once(':') {
        Some(("by_duration", duration)) => is_duration(duration),
        Some(_) => false,
        None => matches!(text, "latest" | "earliest"),
    };
    if is_valid {
        return Ok(());
    }
    let reason = "Invalid value for share.auto.offset.reset. The value must be either 'earliest', 'latest' or of \
                  the format 'by_duration:<PnDTnHnMn.nS.>'.";
    Err(InvalidValue::new(name, text, reason))
}
