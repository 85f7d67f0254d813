//! A classic group as it is written.

use alloc::sync::Arc;

use broker_protocol::{Str, records::group::GroupMetadataValue};
use broker_types::Timestamp;

use crate::Generation;

/// A classic group, or one of offsets only, which is not written at all: a commit makes it (Kafka's "simple group").
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassicGroup {
    value: Option<Arc<GroupMetadataValue>>,
}

impl ClassicGroup {
    pub(super) const fn written(value: Arc<GroupMetadataValue>) -> Self {
        Self { value: Some(value) }
    }

    /// The record's value; `None` for a group of offsets only.
    #[must_use]
    pub const fn value(&self) -> Option<&Arc<GroupMetadataValue>> {
        self.value.as_ref()
    }

    /// Its generation.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.value.as_ref().map_or(Generation::ZERO, |value| Generation::new(value.generation))
    }

    /// `consumer`, `connect`, …; `None` when it never had members.
    #[must_use]
    pub fn protocol_type(&self) -> Option<&Str> {
        self.value.as_ref().map(|value| &value.protocol_type).filter(|kind| !kind.is_empty())
    }

    /// Whether it has no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.value.as_ref().is_none_or(|value| value.members.is_empty())
    }

    /// When it came into its state; `None` when an old broker wrote it, or for a group of offsets only.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.value.as_ref().and_then(|value| Timestamp::from_wire(value.current_state_timestamp))
    }
}
