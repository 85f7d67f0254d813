//! The attribute bits of a batch.

use crate::Codec;

const CODEC_MASK: i16 = 0x07;
const LOG_APPEND_TIME: i16 = 0x08;
const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;
const DELETE_HORIZON: i16 = 0x40;

/// Whose clock a batch's timestamps are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum TimestampType {
    /// The producer's.
    #[default]
    Create,
    /// The leader's at append; then the header's max timestamp holds for every record.
    LogAppend,
}

/// Bits 0-2 codec, 3 timestamp type, 4 transactional, 5 control, 6 delete horizon; the rest is unused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Attributes(i16);

impl Attributes {
    /// No bit set: plain, uncompressed, producer's time.
    pub const NONE: Self = Self(0);

    /// Wraps the raw bits; unknown ones are kept.
    #[must_use]
    pub const fn from_bits(bits: i16) -> Self {
        Self(bits)
    }

    /// The raw bits.
    #[must_use]
    pub const fn bits(self) -> i16 {
        self.0
    }

    /// The codec; `None` when the format does not know it (ids 5 to 7).
    #[must_use]
    pub const fn codec(self) -> Option<Codec> {
        let [_, low] = (self.0 & CODEC_MASK).to_be_bytes();
        Codec::from_id(low)
    }

    /// The three codec bits as they stand.
    #[must_use]
    pub const fn codec_id(self) -> u8 {
        let [_, low] = (self.0 & CODEC_MASK).to_be_bytes();
        low
    }

    /// Whose clock the timestamps are.
    #[must_use]
    pub const fn timestamp_type(self) -> TimestampType {
        if self.0 & LOG_APPEND_TIME == 0 { TimestampType::Create } else { TimestampType::LogAppend }
    }

    /// Whether the batch belongs to a transaction.
    #[must_use]
    pub const fn is_transactional(self) -> bool {
        self.0 & TRANSACTIONAL != 0
    }

    /// Whether the records are control records (markers, quorum records) that consumers never see.
    #[must_use]
    pub const fn is_control(self) -> bool {
        self.0 & CONTROL != 0
    }

    /// Whether the base timestamp holds the time at which tombstones may go (KIP-534).
    #[must_use]
    pub const fn has_delete_horizon(self) -> bool {
        self.0 & DELETE_HORIZON != 0
    }

    /// These bits with another codec.
    #[must_use]
    pub const fn with_codec(self, codec: Codec) -> Self {
        Self((self.0 & !CODEC_MASK) | i16::from_be_bytes([0, codec.id()]))
    }

    /// These bits with another timestamp type.
    #[must_use]
    pub const fn with_timestamp_type(self, timestamp_type: TimestampType) -> Self {
        match timestamp_type {
            TimestampType::Create => Self(self.0 & !LOG_APPEND_TIME),
            TimestampType::LogAppend => Self(self.0 | LOG_APPEND_TIME),
        }
    }

    /// These bits with "transactional" set.
    #[must_use]
    pub const fn with_transactional(self) -> Self {
        Self(self.0 | TRANSACTIONAL)
    }

    /// These bits with "control" set.
    #[must_use]
    pub const fn with_control(self) -> Self {
        Self(self.0 | CONTROL)
    }

    /// These bits with "delete horizon" set.
    #[must_use]
    pub const fn with_delete_horizon(self) -> Self {
        Self(self.0 | DELETE_HORIZON)
    }

    /// These bits with "delete horizon" not set.
    #[must_use]
    pub const fn without_delete_horizon(self) -> Self {
        Self(self.0 & !DELETE_HORIZON)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_lie_where_kafka_puts_them() {
        let all = Attributes::NONE
            .with_codec(Codec::Zstd)
            .with_timestamp_type(TimestampType::LogAppend)
            .with_transactional()
            .with_control()
            .with_delete_horizon();
        assert_eq!(all.bits(), 0x7c);
        assert_eq!(all.codec(), Some(Codec::Zstd));
        assert!(all.is_transactional() && all.is_control() && all.has_delete_horizon());
        assert_eq!(all.with_timestamp_type(TimestampType::Create).bits(), 0x74);
        assert_eq!(all.with_codec(Codec::None).bits(), 0x78);
        assert_eq!(Attributes::from_bits(5).codec(), None);
        for codec in Codec::ALL {
            assert_eq!(Codec::from_id(codec.id()), Some(codec));
            assert_eq!(Codec::from_name(codec.name()), Some(codec));
            assert_eq!(Attributes::NONE.with_codec(codec).codec(), Some(codec));
        }
    }
}
