//! Quotas of users, clients and addresses: describe, alter (KIP-546).

use broker_protocol::{
    Str,
    messages::{
        alter_client_quotas_request::{
            AlterClientQuotasRequest, EntityData, EntryData as Alteration, OpData,
        },
        describe_client_quotas_request::{ComponentData, DescribeClientQuotasRequest},
    },
};

use crate::{client::Client, error::ClientError};

/// Whom quotas limit: entity types (`user`, `client-id`, `ip`) with names; no name is the default of the type.
pub type QuotaEntity = Vec<(String, Option<String>)>;

/// Keys and values to set; those without a value are removed.
pub type QuotaValues = Vec<(String, Option<f64>)>;

/// Which entities are asked for, by a part of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuotaMatch {
    /// The one of this name.
    Named(String),
    /// The default.
    Default,
    /// Any.
    Any,
}

/// The quotas of one entity.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityQuotas {
    /// Whom they limit.
    pub entity: QuotaEntity,
    /// Key and value.
    pub values: Vec<(String, f64)>,
}

impl Client {
    /// The quotas of the entities that have all of these parts; `strict`: and no others.
    ///
    /// # Errors
    /// The cluster's, in its own words.
    pub async fn describe_quotas(
        &mut self,
        parts: &[(String, QuotaMatch)],
        strict: bool,
    ) -> Result<Vec<EntityQuotas>, ClientError> {
        let component = |(kind, wanted): &(String, QuotaMatch)| {
            let (match_type, name) = match wanted {
                QuotaMatch::Named(name) => (0, Some(Str::from(name.as_str()))),
                QuotaMatch::Default => (1, None),
                QuotaMatch::Any => (2, None),
            };
            ComponentData { entity_type: Str::from(kind.as_str()), match_type, r#match: name }
        };
        let components = parts.iter().map(component).collect();
        let response = self.any(&DescribeClientQuotasRequest { components, strict }).await?;
        ClientError::check(response.error_code, response.error_message.as_deref())?;
        let text = |text: &Str| text.to_string();
        let entries = response.entries.unwrap_or_default().into_iter().map(|entry| EntityQuotas {
            entity: entry
                .entity
                .iter()
                .map(|part| (text(&part.entity_type), part.entity_name.as_ref().map(text)))
                .collect(),
            values: entry.values.iter().map(|value| (text(&value.key), value.value)).collect(),
        });
        Ok(entries.collect())
    }

    /// Sets quotas of one entity, or removes those without a value; all or none.
    ///
    /// # Errors
    /// The cluster's, in its own words.
    pub async fn alter_quotas(
        &mut self,
        entity: &[(String, Option<String>)],
        values: &[(String, Option<f64>)],
    ) -> Result<(), ClientError> {
        let alteration = (entity.to_vec(), values.to_vec());
        self.alter_each_quotas(&[alteration]).await?.into_iter().collect()
    }

    /// The same of several entities, with what came of each, in their order.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn alter_each_quotas(
        &mut self,
        alterations: &[(QuotaEntity, QuotaValues)],
    ) -> Result<Vec<Result<(), ClientError>>, ClientError> {
        let part = |(kind, name): &(String, Option<String>)| EntityData {
            entity_type: Str::from(kind.as_str()),
            entity_name: name.as_deref().map(Str::from),
        };
        let op = |(key, value): &(String, Option<f64>)| OpData {
            key: Str::from(key.as_str()),
            value: value.unwrap_or(0.0),
            remove: value.is_none(),
        };
        let alteration = |(entity, values): &(QuotaEntity, QuotaValues)| Alteration {
            entity: entity.iter().map(part).collect(),
            ops: values.iter().map(op).collect(),
        };
        let entries = alterations.iter().map(alteration).collect();
        let response = self.controller(&AlterClientQuotasRequest { entries, validate_only: false }).await?;
        let check = |entry: &broker_protocol::messages::alter_client_quotas_response::EntryData| {
            ClientError::check(entry.error_code, entry.error_message.as_deref())
        };
        Ok(response.entries.iter().map(check).collect())
    }
}
