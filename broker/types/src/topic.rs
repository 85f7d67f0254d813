//! Topic names and partitions.

use alloc::sync::Arc;
use core::fmt;

/// A topic's name: 1 to 249 characters of `[a-zA-Z0-9._-]`, neither `.` nor `..`.
/// Cheap to clone. Construct unchecked with [`TopicName::new`] for names that only look up; creation
/// goes through [`TopicName::checked`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicName(Arc<str>);

/// Why a name cannot be a topic's. The texts are those that Kafka's users know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTopicName {
    /// The name has no characters.
    #[error("the empty string is not allowed")]
    Empty,
    /// `.` or `..`: they would name folders.
    #[error("'{0}' is not allowed")]
    Dots(TopicName),
    /// More than 249 characters; `-<partition>` and file endings must still fit in a file name.
    #[error("the length of '{0}' is longer than the max allowed length 249")]
    TooLong(TopicName),
    /// A character outside the allowed set.
    #[error("'{0}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'")]
    Character(TopicName),
}

impl TopicName {
    /// The longest name.
    pub const MAX_LENGTH: usize = 249;

    /// Wraps a name as it came; no check.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// Wraps a name that may be created.
    ///
    /// # Errors
    /// Says which rule of topic names it breaks.
    pub fn checked(name: &str) -> Result<Self, InvalidTopicName> {
        if name.is_empty() {
            return Err(InvalidTopicName::Empty);
        }
        if name == "." || name == ".." {
            return Err(InvalidTopicName::Dots(Self::new(name)));
        }
        if name.len() > Self::MAX_LENGTH {
            return Err(InvalidTopicName::TooLong(Self::new(name)));
        }
        let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-');
        if !name.bytes().all(allowed) {
            return Err(InvalidTopicName::Character(Self::new(name)));
        }
        Ok(Self::new(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::borrow::Borrow<str> for TopicName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The index of a partition in its topic, from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PartitionId(i32);

impl PartitionId {
    /// Wraps a raw index.
    #[must_use]
    pub const fn new(raw: i32) -> Self {
        Self(raw)
    }

    /// The raw number.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }
}

impl fmt::Debug for PartitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{}", self.0)
    }
}

impl fmt::Display for PartitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One partition of one topic; shows as `topic-3`, which is also its folder's name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic.
    pub topic: TopicName,
    /// Which of its partitions.
    pub partition: PartitionId,
}

impl TopicPartition {
    /// Joins the two.
    #[must_use]
    pub const fn new(topic: TopicName, partition: PartitionId) -> Self {
        Self { topic, partition }
    }
}

impl fmt::Debug for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString};

    use super::*;

    #[test]
    fn names_follow_kafkas_rules() {
        assert!(TopicName::checked("orders.v1_x-2").is_ok());
        assert_eq!(TopicName::checked(""), Err(InvalidTopicName::Empty));
        assert_eq!(TopicName::checked(".."), Err(InvalidTopicName::Dots(TopicName::new(".."))));
        assert!(matches!(TopicName::checked("a b"), Err(InvalidTopicName::Character(_))));
        assert!(matches!(TopicName::checked("ä"), Err(InvalidTopicName::Character(_))));
        assert!(TopicName::checked(&"x".repeat(249)).is_ok());
        assert!(matches!(TopicName::checked(&"x".repeat(250)), Err(InvalidTopicName::TooLong(_))));
    }

    #[test]
    fn a_partition_shows_as_its_folder() {
        let tp = TopicPartition::new(TopicName::new("a-b"), PartitionId::new(3));
        assert_eq!(tp.to_string(), "a-b-3");
        assert_eq!(format!("{tp:?}"), "a-b-3");
    }
}
