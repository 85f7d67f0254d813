//! The values of all broker keys that hold at one moment.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::layers::Texts;
use crate::{ConfigDef, Default, InvalidValue, Value, broker};

/// Parsed values of broker keys; a key without value is null.
#[derive(Clone, Debug, PartialEq, core::default::Default)]
pub struct Values {
    values: BTreeMap<&'static str, Value>,
    scoped: BTreeMap<String, Value>,
    set: Vec<&'static str>,
}

impl Values {
    /// Reads the values of all keys: those in `texts`, defaults for the rest. What cannot be read keeps its
    /// default and is reported.
    pub(crate) fn read(texts: &Texts) -> (Self, Vec<InvalidValue>) {
        let mut values = Self::default();
        let mut invalid = Vec::new();
        for def in broker::all().chain(broker::DYNAMIC_ONLY) {
            if texts.contains_key(def.name) {
                values.set.push(def.name);
            }
            let parsed = texts.get(def.name).map(|text| def.parse(text));
            let value = match parsed {
                Some(Ok(value)) => Some(value),
                Some(Err(error)) => {
                    invalid.push(error);
                    def.default_value()
                }
                None => def.default_value(),
            };
            if let Some(value) = value {
                values.values.insert(def.name, value);
            }
        }
        for (name, text) in texts {
            if let Some(def) = broker::scoped(name).and_then(|scoped| scoped.def) {
                match (ConfigDef { name: def.name, ..*def }).parse(text) {
                    Ok(value) => {
                        values.scoped.insert(name.clone(), value);
                    }
                    Err(error) => invalid.push(error),
                }
            }
        }
        (values, invalid)
    }

    /// Keys that must be set and are not.
    pub(crate) fn missing(&self) -> impl Iterator<Item = &'static ConfigDef> + '_ {
        broker::all().filter(|def| def.default == Default::Required && !self.is_set(def.name))
    }

    /// Whether the key was set, rather than left at its default.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.set.contains(&name)
    }

    /// The value of a key; `None`: null, or no such key.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        debug_assert!(broker::find(name).is_some(), "no such key");
        self.values.get(name)
    }

    /// The value of a key for one listener; its general value where the listener has none of its own.
    #[must_use]
    pub fn for_listener(&self, listener: &str, name: &str) -> Option<&Value> {
        let scoped = alloc::format!("listener.name.{}.{name}", listener.to_ascii_lowercase());
        self.scoped.get(&scoped).or_else(|| self.get(name))
    }

    /// The value of a whole name with a listener in it, such as `listener.name.in.plain.sasl.jaas.config`.
    #[must_use]
    pub fn scoped(&self, name: &str) -> Option<&Value> {
        self.scoped.get(name)
    }

    /// Whether a key is set for this listener itself.
    #[must_use]
    pub fn is_for_listener(&self, listener: &str, name: &str) -> bool {
        self.scoped.contains_key(&alloc::format!("listener.name.{}.{name}", listener.to_ascii_lowercase()))
    }

    /// A whole number; 0 for null.
    #[must_use]
    pub fn number(&self, name: &str) -> i64 {
        self.get(name).and_then(Value::as_i64).unwrap_or(0)
    }

    /// A whole number that is not negative; `None` for null and negative ones, which mean "none" or "no limit".
    #[must_use]
    pub fn size(&self, name: &str) -> Option<u64> {
        self.get(name).and_then(Value::as_i64).and_then(|number| u64::try_from(number).ok())
    }

    /// A whole number of at least 0, cut to what fits.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        self.size(name).map_or(0, |size| usize::try_from(size).unwrap_or(usize::MAX))
    }

    /// A whole number of at least 0, cut to what fits.
    #[must_use]
    pub fn count_u32(&self, name: &str) -> u32 {
        self.size(name).map_or(0, |size| u32::try_from(size).unwrap_or(u32::MAX))
    }

    /// A floating-point number; 0 for null.
    #[must_use]
    pub fn double(&self, name: &str) -> f64 {
        match self.get(name) {
            Some(Value::Double(number)) => *number,
            _ => 0.0,
        }
    }

    /// A number of milliseconds as time; `None` for null and negative ones.
    #[must_use]
    pub fn time(&self, name: &str) -> Option<Duration> {
        self.size(name).map(Duration::from_millis)
    }

    /// A number of milliseconds as time; zero for null and negative ones.
    #[must_use]
    pub fn duration(&self, name: &str) -> Duration {
        self.time(name).unwrap_or_default()
    }

    /// Whether a key is on.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Boolean(true)))
    }

    /// A text; `None` for null.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Value::String(text) | Value::Class(text)) => Some(text),
            _ => None,
        }
    }

    /// A list; empty for null.
    #[must_use]
    pub fn list(&self, name: &str) -> &[String] {
        match self.get(name) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }
}
