//! Quotas of users, clients and addresses (KIP-546).

use alloc::{vec, vec::Vec};

use broker_protocol::{
    Str,
    records::metadata::client_quota_record::{ClientQuotaRecord, EntityData},
};

use crate::{Change, Map};

/// Whom a quota limits: entity types (`user`, `client-id`, `ip`) with names, sorted by type; no name is the default
/// of that type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuotaEntity(Vec<(Str, Option<Str>)>);

impl QuotaEntity {
    /// An entity of these parts.
    #[must_use]
    pub fn new(mut parts: Vec<(Str, Option<Str>)>) -> Self {
        parts.sort();
        Self(parts)
    }

    /// Type and name, sorted by type.
    #[must_use]
    pub fn parts(&self) -> &[(Str, Option<Str>)] {
        &self.0
    }

    fn to_data(&self) -> Vec<EntityData> {
        let data = |(kind, name): &(Str, Option<Str>)| EntityData {
            entity_type: kind.clone(),
            entity_name: name.clone(),
        };
        self.0.iter().map(data).collect()
    }
}

/// Every quota by entity and key (`producer_byte_rate`, `request_percentage`, …).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientQuotas {
    by_entity: Map<QuotaEntity, Vec<(Str, f64)>>,
}

impl ClientQuotas {
    /// The quotas by entity; each a list of key and value, sorted by key.
    #[must_use]
    pub fn by_entity(&self) -> &Map<QuotaEntity, Vec<(Str, f64)>> {
        &self.by_entity
    }

    pub(crate) fn replay(&mut self, record: &ClientQuotaRecord) -> Change {
        let part =
            |data: &EntityData| (data.entity_type.detached(), data.entity_name.as_ref().map(Str::detached));
        let entity = QuotaEntity::new(record.entity.iter().map(part).collect());
        let mut quotas = self.by_entity.get(&entity).cloned().unwrap_or_default();
        match quotas.binary_search_by(|(key, _)| key.cmp(&record.key)) {
            Ok(index) if record.remove => {
                quotas.remove(index);
            }
            Ok(index) => {
                quotas.splice(index..=index, vec![(record.key.detached(), record.value)]).for_each(drop)
            }
            Err(_) if record.remove => {}
            Err(index) => quotas.insert(index, (record.key.detached(), record.value)),
        }
        if quotas.is_empty() {
            self.by_entity.remove_mut(&entity);
        } else {
            self.by_entity.insert_mut(entity.clone(), quotas);
        }
        Change::ClientQuota(entity)
    }

    pub(crate) fn to_records(&self) -> impl Iterator<Item = ClientQuotaRecord> {
        self.by_entity.iter().flat_map(|(entity, quotas)| {
            quotas.iter().map(|(key, value)| ClientQuotaRecord {
                entity: entity.to_data(),
                key: key.clone(),
                value: *value,
                remove: false,
            })
        })
    }
}
