//! Where a node listens and what it understands.

use broker_protocol::Str;

/// One listener of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The listener's name.
    pub name: Str,
    /// The advertised host.
    pub host: Str,
    /// The advertised port.
    pub port: u16,
    /// Kafka's code of the security protocol: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.
    pub security_protocol: i16,
}

/// The levels of one feature that a node understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureRange {
    /// The feature's name.
    pub name: Str,
    /// The lowest level.
    pub min: i16,
    /// The highest level.
    pub max: i16,
}

impl FeatureRange {
    /// Whether a level lies in the range.
    #[must_use]
    pub fn contains(&self, level: i16) -> bool {
        (self.min..=self.max).contains(&level)
    }
}
