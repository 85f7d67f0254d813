//! Client quotas: set and removed entity by entity (KIP-546, KIP-612).

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};
use core::fmt::Write as _;

use broker_metadata::{Image, QuotaEntity};
use broker_protocol::{
    Str,
    records::metadata::{
        MetadataRecord,
        client_quota_record::{ClientQuotaRecord, EntityData},
    },
};

use crate::MAX_RECORDS;

/// The entity type of authenticated users.
const USER: &str = "user";
/// The entity type of what clients call themselves.
const CLIENT_ID: &str = "client-id";
/// The entity type of addresses.
const IP: &str = "ip";

/// Quotas to set and to remove. Each entity succeeds or fails on its own.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterClientQuotas {
    /// What to do for each entity, in the order of the request.
    pub alterations: Vec<QuotaAlteration>,
    /// Names of `ip` entities that are no address and no name of one: who asks has looked them up.
    pub unresolvable: BTreeSet<Str>,
    /// Only say what would happen.
    pub validate_only: bool,
}

/// What to do for one entity.
#[derive(Clone, Debug, PartialEq)]
pub struct QuotaAlteration {
    /// Whom the quotas limit.
    pub entity: QuotaEntity,
    /// Key and new value, `None` to remove it.
    pub values: Vec<(Str, Option<f64>)>,
}

/// Why the quotas of an entity stay as they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuotaError {
    /// The request names it twice, or one of its keys.
    #[error("Ignoring duplicate entity ClientQuotaEntity(entries={{{0}}})")]
    Duplicate(String),
    /// It has no parts.
    #[error("Invalid empty client quota entity")]
    NoEntity,
    /// Nothing that has quotas.
    #[error("Unhandled client quota entity type: {0}")]
    EntityType(Str),
    /// An entity without a name that is no default either.
    #[error("Empty {0} not supported")]
    EmptyName(Str),
    /// An address together with a user or a client id.
    #[error("Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId")]
    IpWithOthers,
    /// No address.
    #[error("{0} is not a valid IP or resolvable host.")]
    Address(Str),
    /// No quota of such an entity is called so.
    #[error("Invalid configuration key {0}")]
    Key(Str),
    /// Zero or less.
    #[error("Quota {0} must be greater than 0")]
    NotPositive(Str),
    /// More than the quota's type holds.
    #[error("Proposed value for {key} is too large for {kind}.")]
    TooLarge {
        /// The quota.
        key: Str,
        /// Kafka's name of its type.
        kind: &'static str,
    },
    /// A part of one where only whole ones count.
    #[error("{0} cannot be a fractional value.")]
    Fraction(Str),
    /// More records than one request may write.
    #[error("Unable to perform excessively large batch operation.")]
    TooManyRecords,
}

/// One result for each entity.
pub(crate) type Altered = Vec<(QuotaEntity, Result<(), QuotaError>)>;

/// Sets and removes quotas; what is as asked for already writes nothing. As in Kafka, an entity that comes a second time is
/// refused, but what it asked for first is done.
pub(crate) fn alter(image: &Image, request: &AlterClientQuotas) -> (Vec<MetadataRecord>, Altered) {
    let mut records = Vec::new();
    let mut results: BTreeMap<&QuotaEntity, Result<(), QuotaError>> = BTreeMap::new();
    for alteration in &request.alterations {
        let entity = &alteration.entity;
        let result = if results.contains_key(entity) || has_key_twice(alteration) {
            Err(QuotaError::Duplicate(described(entity)))
        } else {
            changes(image, request, alteration).map(|new| records.extend(new))
        };
        results.insert(entity, result);
        if records.len() > MAX_RECORDS {
            let all = request.alterations.iter().map(|one| &one.entity).collect::<BTreeSet<_>>();
            let refused = |entity: &QuotaEntity| (entity.clone(), Err(QuotaError::TooManyRecords));
            return (Vec::new(), all.into_iter().map(refused).collect());
        }
    }
    if request.validate_only {
        records.clear();
    }
    (records, results.into_iter().map(|(entity, result)| (entity.clone(), result)).collect())
}

fn has_key_twice(alteration: &QuotaAlteration) -> bool {
    let keys: BTreeSet<&Str> = alteration.values.iter().map(|(key, _)| key).collect();
    keys.len() < alteration.values.len()
}

/// The records of one entity.
fn changes(
    image: &Image,
    request: &AlterClientQuotas,
    alteration: &QuotaAlteration,
) -> Result<Vec<MetadataRecord>, QuotaError> {
    let kinds = kinds_of(&alteration.entity, &request.unresolvable)?;
    let current = image.client_quotas().by_entity().get(&alteration.entity).map_or(&[][..], Vec::as_slice);
    let mut records = Vec::new();
    for (key, value) in &alteration.values {
        let known = current.iter().find(|(name, _)| name == key).map(|(_, value)| *value);
        match (value, known) {
            (None, None) => {}
            (None, Some(_)) => records.push(record(&alteration.entity, key, None)),
            (Some(value), known) => {
                validate(kinds, key, *value)?;
                if known.is_none_or(|known| known.to_bits() != value.to_bits()) {
                    records.push(record(&alteration.entity, key, Some(*value)));
                }
            }
        }
    }
    Ok(records)
}

/// What a quota's value may be.
#[derive(Clone, Copy)]
enum Kind {
    Double,
    Int,
    Long,
}

type Kinds = &'static [(&'static str, Kind)];

const OF_CLIENTS: Kinds = &[
    ("producer_byte_rate", Kind::Long),
    ("consumer_byte_rate", Kind::Long),
    ("request_percentage", Kind::Double),
    ("controller_mutation_rate", Kind::Double),
];
const OF_ADDRESSES: Kinds = &[("connection_creation_rate", Kind::Int)];

/// The quotas that an entity may have.
fn kinds_of(entity: &QuotaEntity, unresolvable: &BTreeSet<Str>) -> Result<Kinds, QuotaError> {
    if entity.parts().is_empty() {
        return Err(QuotaError::NoEntity);
    }
    for (kind, name) in entity.parts() {
        if ![USER, CLIENT_ID, IP].contains(&kind.as_str()) {
            return Err(QuotaError::EntityType(kind.clone()));
        }
        if name.as_ref().is_some_and(|name| name.is_empty()) {
            return Err(QuotaError::EmptyName(kind.clone()));
        }
    }
    let Some((_, address)) = entity.parts().iter().find(|(kind, _)| kind == IP) else {
        return Ok(OF_CLIENTS);
    };
    if entity.parts().len() > 1 {
        return Err(QuotaError::IpWithOthers);
    }
    match address {
        Some(address) if unresolvable.contains(address) => Err(QuotaError::Address(address.clone())),
        _ => Ok(OF_ADDRESSES),
    }
}

/// 2^63, and the largest of 32 bits.
const LONG_MAX: f64 = 9_223_372_036_854_775_807.0;
const INT_MAX: f64 = 2_147_483_647.0;
/// So much beside a whole number is still taken for it.
const FRACTION_MAX: f64 = 1e-6;

fn validate(kinds: Kinds, key: &Str, value: f64) -> Result<(), QuotaError> {
    let kind = kinds.iter().find(|(name, _)| *key == **name).map(|(_, kind)| *kind);
    let kind = kind.ok_or_else(|| QuotaError::Key(key.clone()))?;
    // As Kafka's comparison: what is no number is let through here, and limits nothing.
    if value <= 0.0 {
        return Err(QuotaError::NotPositive(key.clone()));
    }
    let (max, name) = match kind {
        Kind::Double => return Ok(()),
        Kind::Int => (INT_MAX, "an INT"),
        Kind::Long => (LONG_MAX, "a LONG"),
    };
    if value > max {
        return Err(QuotaError::TooLarge { key: key.clone(), kind: name });
    }
    if value % 1.0 > FRACTION_MAX { Err(QuotaError::Fraction(key.clone())) } else { Ok(()) }
}

fn record(entity: &QuotaEntity, key: &Str, value: Option<f64>) -> MetadataRecord {
    let data = |(kind, name): &(Str, Option<Str>)| EntityData {
        entity_type: kind.clone(),
        entity_name: name.clone(),
    };
    ClientQuotaRecord {
        entity: entity.parts().iter().map(data).collect(),
        key: key.clone(),
        value: value.unwrap_or(0.0),
        remove: value.is_none(),
    }
    .into()
}

/// An entity as Kafka's text of it.
fn described(entity: &QuotaEntity) -> String {
    let mut text = String::new();
    for (kind, name) in entity.parts() {
        let separator = if text.is_empty() { "" } else { ", " };
        let name = name.as_ref().map_or("null", Str::as_str);
        // A string takes whatever is written to it.
        let _written = write!(text, "{separator}{kind}={name}");
    }
    text
}

#[cfg(test)]
mod tests;
