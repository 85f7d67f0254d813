//! What the controller tells of topics and configs takes effect at one moment between the question and the answer.
//!
//! The committed log is the witness of that moment: an answer is right when the log had the effect in its time.
//! Source: linearizability, Herlihy and Wing 1990; KIP-631 (the controller answers when it is committed).

use std::collections::BTreeMap;

use broker_metadata::Image;
use broker_protocol::records::metadata::MetadataRecord;

use super::Truth;

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cluster) enum Effect {
    Created(String),
    WasThere(String),
    Deleted(String),
    WasNotThere(String),
    Set(String, String),
}

/// When what was so.
#[derive(Debug, Default)]
pub(super) struct History {
    /// By topic: since when it exists, or does not.
    topics: BTreeMap<String, Vec<(u64, bool)>>,
    /// By resource: which value it got when.
    configs: BTreeMap<String, Vec<(u64, String)>>,
}

impl History {
    pub(super) fn replayed(&mut self, now: u64, record: &MetadataRecord, before: &Image) {
        match record {
            MetadataRecord::Topic(topic) => {
                self.topics.entry(topic.name.to_string()).or_default().push((now, true));
            }
            MetadataRecord::RemoveTopic(removed) => {
                let id = broker_types::TopicId::new(removed.topic_id);
                if let Some(topic) = before.topics().get(id) {
                    self.topics.entry(topic.name().to_string()).or_default().push((now, false));
                }
            }
            MetadataRecord::Config(config) => {
                let value = config.value.as_ref().map(ToString::to_string).unwrap_or_default();
                let place = format!("{}/{}", config.resource_name, config.name);
                self.configs.entry(place).or_default().push((now, value));
            }
            _ => {}
        }
    }

    fn became(&self, topic: &str, is_there: bool, from: u64, to: u64) -> bool {
        let changes = self.topics.get(topic).into_iter().flatten();
        changes.clone().any(|(at, there)| *there == is_there && (from..=to).contains(at))
    }

    /// Whether it was so at some moment.
    fn was(&self, topic: &str, is_there: bool, from: u64, to: u64) -> bool {
        let changes = self.topics.get(topic).into_iter().flatten();
        let at_first = changes.clone().rev().find(|(at, _)| *at <= from).is_some_and(|(_, there)| *there);
        at_first == is_there || self.became(topic, is_there, from, to)
    }

    fn holds(&self, effect: &Effect, from: u64, to: u64) -> bool {
        match effect {
            Effect::Created(topic) => self.became(topic, true, from, to),
            Effect::WasThere(topic) => self.was(topic, true, from, to),
            Effect::Deleted(topic) => self.became(topic, false, from, to),
            Effect::WasNotThere(topic) => self.was(topic, false, from, to),
            Effect::Set(place, value) => {
                let mut values = self.configs.get(place).into_iter().flatten();
                values.any(|(at, set)| set == value && (from..=to).contains(at))
            }
        }
    }
}

impl Truth {
    /// An answer that a client got to a question of its own.
    pub(in crate::cluster) fn told(&self, effect: &Effect, from: u64, to: u64) -> Result<(), String> {
        if self.history.holds(effect, from, to) {
            return Ok(());
        }
        Err(format!("linearizable: nothing of {effect:?} was committed between {from} and {to}"))
    }
}
