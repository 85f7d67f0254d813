//! What is said of a field that was not carried over as it was.

use std::fmt;

/// What became of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Left out, and nothing is lost: Klamm needs no such thing, or does it by itself.
    Unneeded,
    /// Carried over in another form.
    Changed,
    /// Left out, and the result does less than the original.
    Missing,
    /// Left out: neither Klamm nor Strimzi, as far as is known here, has it.
    Unknown,
    /// Carried over, and Klamm will refuse it.
    Invalid,
}

impl Effect {
    /// Whether the result is what the original was, as far as its users see.
    #[must_use]
    pub fn is_harmless(self) -> bool {
        matches!(self, Self::Unneeded | Self::Changed)
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unneeded => "not needed",
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
            Self::Invalid => "invalid",
        })
    }
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Which object, in Strimzi's kind: `Kafka/my-cluster`, `KafkaTopic/ns/orders`.
    pub object: String,
    /// Which of its fields: `spec.kafka.listeners[1].tls`; a key with dots stands in `['…']`.
    pub path: String,
    /// What became of it.
    pub effect: Effect,
    /// Why, and what to do instead.
    pub why: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}: {}", self.object, self.path, self.effect, self.why)
    }
}

/// The notes of one object, while it is converted.
#[derive(Debug)]
pub(crate) struct Notes {
    pub(crate) object: String,
    pub(crate) all: Vec<Note>,
}

impl Notes {
    pub(crate) fn of(object: String) -> Self {
        Self { object, all: Vec::new() }
    }

    pub(crate) fn add(&mut self, effect: Effect, path: impl Into<String>, why: impl Into<String>) {
        self.all.push(Note { object: self.object.clone(), path: path.into(), effect, why: why.into() });
    }
}

/// The path of `key` below `path`.
pub(crate) fn below(path: &str, key: &str) -> String {
    let is_word = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_word { format!("{path}.{key}") } else { format!("{path}['{key}']") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_dots_stand_in_brackets() {
        assert_eq!(below("spec", "kafka"), "spec.kafka");
        assert_eq!(below("spec.config", "retention.ms"), "spec.config['retention.ms']");
    }
}
