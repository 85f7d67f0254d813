// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `TransactionLogKey`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `TransactionLogKey`, key 0, versions 0, flexible none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransactionLogKey {
    /// `TransactionalId`: versions 0.
    pub transactional_id: Str,
}

impl Message for TransactionLogKey {
    const NAME: &'static str = "TransactionLogKey";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = None;

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let transactional_id = r.str(false, "TransactionalId")?;
        Ok(Self { transactional_id })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(false, &self.transactional_id, "TransactionalId")?;
        Ok(())
    }
}

impl RecordMessage for TransactionLogKey {
    const TYPE: i16 = 0;
}
