//! Where values come from.

use alloc::collections::BTreeMap;
use alloc::string::String;

use crate::broker;

/// Names and values as text.
pub type Texts = BTreeMap<String, String>;

/// Where a value comes from; the numbers are those of DescribeConfigs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Set for the group.
    DynamicGroup,
    /// Set for the topic.
    DynamicTopic,
    /// Set for the broker.
    DynamicBroker,
    /// Set for all brokers.
    DynamicDefaultBroker,
    /// From the broker's file.
    StaticBroker,
    /// Nobody set it.
    Default,
}

impl Source {
    /// The number in a DescribeConfigs response.
    #[must_use]
    pub const fn code(self) -> i8 {
        match self {
            Self::DynamicGroup => 8,
            Self::DynamicTopic => 1,
            Self::DynamicBroker => 2,
            Self::DynamicDefaultBroker => 3,
            Self::StaticBroker => 4,
            Self::Default => 5,
        }
    }
}

/// What is set for a broker: in its file, for all brokers, and for itself. The later wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layers<'a> {
    /// The file, overrides of the command line included.
    pub file: &'a Texts,
    /// Dynamic values of the cluster's default broker.
    pub cluster: &'a Texts,
    /// Dynamic values of this broker.
    pub broker: &'a Texts,
}

impl<'a> Layers<'a> {
    /// The layers, strongest first.
    #[must_use]
    pub const fn by_strength(&self) -> [(Source, &'a Texts); 3] {
        [
            (Source::DynamicBroker, self.broker),
            (Source::DynamicDefaultBroker, self.cluster),
            (Source::StaticBroker, self.file),
        ]
    }

    /// All layers as one: a dynamic value replaces what a weaker layer says by any of the key's synonyms, so that
    /// `log.retention.ms` set for the cluster beats `log.retention.hours` in a file.
    #[must_use]
    pub fn merged(&self) -> Texts {
        let mut merged = self.file.clone();
        for layer in [self.cluster, self.broker] {
            for (name, value) in layer {
                for synonym in broker::synonyms(name) {
                    merged.remove(*synonym);
                }
                merged.insert(name.clone(), value.clone());
            }
        }
        merged
    }
}
