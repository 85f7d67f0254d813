// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ListTransactionsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `ListTransactionsRequest`, key 66, versions 0-2, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct ListTransactionsRequest {
    /// `StateFilters`: versions 0+.
    pub state_filters: Vec<Str>,
    /// `ProducerIdFilters`: versions 0+, producerId.
    pub producer_id_filters: Vec<i64>,
    /// `DurationFilter`: versions 1+, default -1.
    pub duration_filter: i64,
    /// `TransactionalIdPattern`: versions 2+, null 2+, default null.
    pub transactional_id_pattern: Option<Str>,
}

impl Default for ListTransactionsRequest {
    fn default() -> Self {
        Self {
            state_filters: Vec::new(),
            producer_id_filters: Vec::new(),
            duration_filter: -1,
            transactional_id_pattern: None,
        }
    }
}

impl Message for ListTransactionsRequest {
    const NAME: &'static str = "ListTransactionsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let state_filters = r.array(true, 1, "StateFilters", |r| r.str(true, "StateFilters"))?;
        let producer_id_filters = r.fixed_array(true, "ProducerIdFilters")?;
        let duration_filter = if v >= 1 { r.i64("DurationFilter")? } else { -1 };
        let transactional_id_pattern =
            if v >= 2 { r.nullable_str(true, "TransactionalIdPattern")? } else { None };
        r.no_tags()?;
        Ok(Self { state_filters, producer_id_filters, duration_filter, transactional_id_pattern })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.array(true, &self.state_filters, "StateFilters", |w, it| w.str(true, it, "StateFilters"))?;
        w.fixed_array(true, &self.producer_id_filters, "ProducerIdFilters")?;
        if v >= 1 {
            w.i64(self.duration_filter);
        } else if self.duration_filter != -1 {
            return Err(EncodeError::not_in_version("DurationFilter", v));
        }
        if v >= 2 {
            w.nullable_str(true, self.transactional_id_pattern.as_ref(), "TransactionalIdPattern")?;
        } else if self.transactional_id_pattern.is_some() {
            return Err(EncodeError::not_in_version("TransactionalIdPattern", v));
        }
        w.uvarint(0);
        Ok(())
    }
}

impl Request for ListTransactionsRequest {
    const KEY: ApiKey = ApiKey::ListTransactions;
    type Response = super::ListTransactionsResponse;
}
