// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AddPartitionsToTxnRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `AddPartitionsToTxnRequest`, key 24, versions 0-5, flexible 3+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnRequest {
    /// `Transactions`: versions 4+.
    pub transactions: Vec<AddPartitionsToTxnTransaction>,
    /// `V3AndBelowTransactionalId`: versions 0-3, transactionalId.
    pub v3_and_below_transactional_id: Str,
    /// `V3AndBelowProducerId`: versions 0-3, producerId.
    pub v3_and_below_producer_id: i64,
    /// `V3AndBelowProducerEpoch`: versions 0-3.
    pub v3_and_below_producer_epoch: i16,
    /// `V3AndBelowTopics`: versions 0-3.
    pub v3_and_below_topics: Vec<AddPartitionsToTxnTopic>,
}

impl Message for AddPartitionsToTxnRequest {
    const NAME: &'static str = "AddPartitionsToTxnRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        let transactions = if v >= 4 {
            r.array(true, 14, "Transactions", |r| AddPartitionsToTxnTransaction::decode(r, v))?
        } else {
            Vec::new()
        };
        let v3_and_below_transactional_id =
            if v <= 3 { r.str(flexible, "V3AndBelowTransactionalId")? } else { Str::EMPTY };
        let v3_and_below_producer_id = if v <= 3 { r.i64("V3AndBelowProducerId")? } else { 0 };
        let v3_and_below_producer_epoch = if v <= 3 { r.i16("V3AndBelowProducerEpoch")? } else { 0 };
        let v3_and_below_topics = if v <= 3 {
            r.array(flexible, 2, "V3AndBelowTopics", |r| AddPartitionsToTxnTopic::decode(r, v))?
        } else {
            Vec::new()
        };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            transactions,
            v3_and_below_transactional_id,
            v3_and_below_producer_id,
            v3_and_below_producer_epoch,
            v3_and_below_topics,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        if v >= 4 {
            w.array(true, &self.transactions, "Transactions", |w, it| it.encode(w, v))?;
        } else if !self.transactions.is_empty() {
            return Err(EncodeError::not_in_version("Transactions", v));
        }
        if v <= 3 {
            w.str(flexible, &self.v3_and_below_transactional_id, "V3AndBelowTransactionalId")?;
        } else if !self.v3_and_below_transactional_id.is_empty() {
            return Err(EncodeError::not_in_version("V3AndBelowTransactionalId", v));
        }
        if v <= 3 {
            w.i64(self.v3_and_below_producer_id);
        } else if self.v3_and_below_producer_id != 0 {
            return Err(EncodeError::not_in_version("V3AndBelowProducerId", v));
        }
        if v <= 3 {
            w.i16(self.v3_and_below_producer_epoch);
        } else if self.v3_and_below_producer_epoch != 0 {
            return Err(EncodeError::not_in_version("V3AndBelowProducerEpoch", v));
        }
        if v <= 3 {
            w.array(flexible, &self.v3_and_below_topics, "V3AndBelowTopics", |w, it| it.encode(w, v))?;
        } else if !self.v3_and_below_topics.is_empty() {
            return Err(EncodeError::not_in_version("V3AndBelowTopics", v));
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for AddPartitionsToTxnRequest {
    const KEY: ApiKey = ApiKey::AddPartitionsToTxn;
    type Response = super::AddPartitionsToTxnResponse;
}

/// Part of [`AddPartitionsToTxnRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnTransaction {
    /// `TransactionalId`: versions 4+, transactionalId.
    pub transactional_id: Str,
    /// `ProducerId`: versions 4+, producerId.
    pub producer_id: i64,
    /// `ProducerEpoch`: versions 4+.
    pub producer_epoch: i16,
    /// `VerifyOnly`: versions 4+.
    pub verify_only: bool,
    /// `Topics`: versions 4+.
    pub topics: Vec<AddPartitionsToTxnTopic>,
}

impl AddPartitionsToTxnTransaction {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let transactional_id = r.str(true, "TransactionalId")?;
        let producer_id = r.i64("ProducerId")?;
        let producer_epoch = r.i16("ProducerEpoch")?;
        let verify_only = r.bool("VerifyOnly")?;
        let topics = r.array(true, 3, "Topics", |r| AddPartitionsToTxnTopic::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { transactional_id, producer_id, producer_epoch, verify_only, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.transactional_id, "TransactionalId")?;
        w.run::<11>().with(self.producer_id).with(self.producer_epoch).with(self.verify_only);
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`AddPartitionsToTxnRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddPartitionsToTxnTopic {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<i32>,
}

impl AddPartitionsToTxnTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 3;
        let name = r.str(flexible, "Name")?;
        let partitions = r.fixed_array(flexible, "Partitions")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 3;
        w.str(flexible, &self.name, "Name")?;
        w.fixed_array(flexible, &self.partitions, "Partitions")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
