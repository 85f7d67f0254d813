//! DescribeClientQuotas: the quotas of the entities that a filter matches (KIP-546). Any broker answers.

use std::{collections::BTreeMap, sync::Arc};

use broker_metadata::QuotaEntity;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DescribeClientQuotasRequest, DescribeClientQuotasResponse,
        describe_client_quotas_request::ComponentData,
        describe_client_quotas_response::{EntityData, EntryData, ValueData},
    },
};

use crate::{authorizer::Operation, broker::Broker, context::RequestContext};

const ENTITY_TYPES: [&str; 3] = ["user", "client-id", "ip"];

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DescribeClientQuotasRequest,
) -> DescribeClientQuotasResponse {
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::DescribeConfigs) {
        return refused(denied, None);
    }
    let filter = match Filter::of(request) {
        Ok(filter) => filter,
        Err(error) => return refused(error.code(), Some(&error.to_string())),
    };
    let image = broker.image();
    let quotas = image.client_quotas().by_entity().iter();
    let entries =
        quotas.filter(|(entity, _)| filter.matches(entity)).map(|(entity, values)| entry(entity, values));
    DescribeClientQuotasResponse {
        // As Kafka: no message is an empty one.
        error_message: Some(Str::EMPTY),
        entries: Some(entries.collect()),
        ..DescribeClientQuotasResponse::default()
    }
}

/// As Kafka: of who is denied nothing is said beside the code.
fn refused(code: ErrorCode, message: Option<&str>) -> DescribeClientQuotasResponse {
    DescribeClientQuotasResponse {
        error_code: code.code(),
        error_message: message.map(Str::from),
        entries: None,
        ..DescribeClientQuotasResponse::default()
    }
}

fn entry(entity: &QuotaEntity, values: &[(Str, f64)]) -> EntryData {
    let part = |(kind, name): &(Str, Option<Str>)| EntityData {
        entity_type: kind.clone(),
        entity_name: name.clone(),
    };
    let value = |(key, value): &(Str, f64)| ValueData { key: key.clone(), value: *value };
    EntryData {
        entity: entity.parts().iter().map(part).collect(),
        values: values.iter().map(value).collect(),
    }
}

/// Why a filter cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum FilterError {
    #[error("Invalid empty entity type.")]
    NoType,
    #[error("Entity type {0} cannot appear more than once in the filter.")]
    Twice(Str),
    #[error("Unsupported entity type {0}")]
    UnknownType(Str),
    #[error("Request specified MATCH_TYPE_EXACT, but set match string to null.")]
    NoName,
    #[error("Request specified {0}, but also specified a match string.")]
    NeedlessName(&'static str),
    #[error("Unknown match type {0}")]
    UnknownMatch(i8),
    #[error(
        "Invalid entity filter component combination. IP filter component should not be used with user or clientId \
         filter component."
    )]
    IpWithOthers,
}

impl FilterError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownType(_) => ErrorCode::UnsupportedVersion,
            _ => ErrorCode::InvalidRequest,
        }
    }
}

/// What a part of an entity must be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Named(Str),
    Default,
    Any,
}

/// Which entities are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Filter {
    /// By entity type.
    parts: BTreeMap<Str, Wanted>,
    /// Entities with other parts as well do not match.
    is_strict: bool,
}

impl Filter {
    fn of(request: DescribeClientQuotasRequest) -> Result<Self, FilterError> {
        let mut parts = BTreeMap::new();
        for component in request.components {
            let kind = component.entity_type.clone();
            if kind.is_empty() {
                return Err(FilterError::NoType);
            }
            if parts.contains_key(&kind) {
                return Err(FilterError::Twice(kind));
            }
            if !ENTITY_TYPES.contains(&kind.as_str()) {
                return Err(FilterError::UnknownType(kind));
            }
            parts.insert(kind, wanted(component)?);
        }
        if parts.len() > 1 && parts.keys().any(|kind| kind == "ip") {
            return Err(FilterError::IpWithOthers);
        }
        Ok(Self { parts, is_strict: request.strict })
    }

    fn matches(&self, entity: &QuotaEntity) -> bool {
        let has = |(kind, wanted): (&Str, &Wanted)| {
            let part = entity.parts().iter().find(|(own, _)| own == kind);
            part.is_some_and(|(_, name)| match wanted {
                Wanted::Named(wanted) => name.as_ref() == Some(wanted),
                Wanted::Default => name.is_none(),
                Wanted::Any => true,
            })
        };
        (!self.is_strict || entity.parts().len() == self.parts.len()) && self.parts.iter().all(has)
    }
}

fn wanted(component: ComponentData) -> Result<Wanted, FilterError> {
    match (component.match_type, component.r#match) {
        (0, Some(name)) => Ok(Wanted::Named(name)),
        (0, None) => Err(FilterError::NoName),
        (1, None) => Ok(Wanted::Default),
        (1, Some(_)) => Err(FilterError::NeedlessName("MATCH_TYPE_DEFAULT")),
        (2, None) => Ok(Wanted::Any),
        (2, Some(_)) => Err(FilterError::NeedlessName("MATCH_TYPE_SPECIFIED")),
        (other, _) => Err(FilterError::UnknownMatch(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(kind: &str, match_type: i8, name: Option<&str>) -> ComponentData {
        ComponentData { entity_type: Str::from(kind), match_type, r#match: name.map(Str::from) }
    }

    fn filter(components: Vec<ComponentData>, strict: bool) -> Result<Filter, String> {
        Filter::of(DescribeClientQuotasRequest { components, strict }).map_err(|error| error.to_string())
    }

    fn entity(parts: &[(&str, Option<&str>)]) -> QuotaEntity {
        QuotaEntity::new(parts.iter().map(|(kind, name)| (Str::from(*kind), name.map(Str::from))).collect())
    }

    #[test]
    fn a_strict_filter_wants_no_other_parts() {
        let (user, both) =
            (entity(&[("user", Some("a"))]), entity(&[("user", Some("a")), ("client-id", None)]));
        let named = |strict| filter(vec![component("user", 0, Some("a"))], strict).unwrap();
        assert!(named(false).matches(&user) && named(false).matches(&both));
        assert!(named(true).matches(&user) && !named(true).matches(&both));
        let default = filter(vec![component("client-id", 1, None)], false).unwrap();
        assert!(default.matches(&both) && !default.matches(&user));
        assert!(filter(Vec::new(), false).unwrap().matches(&user));
        assert!(!filter(Vec::new(), true).unwrap().matches(&user));
    }

    #[test]
    fn filters_that_cannot_be_are_told_apart() {
        let refused = [
            (vec![component("", 0, Some("a"))], "Invalid empty entity type."),
            (vec![component("group", 0, Some("a"))], "Unsupported entity type group"),
            (vec![component("user", 3, None)], "Unknown match type 3"),
            (
                vec![component("user", 2, None), component("user", 2, None)],
                "Entity type user cannot appear more than once in the filter.",
            ),
        ];
        for (components, text) in refused {
            assert_eq!(filter(components, false).unwrap_err(), text);
        }
        let ip = vec![component("ip", 2, None), component("user", 2, None)];
        assert!(filter(ip, false).unwrap_err().starts_with("Invalid entity filter component combination."));
    }
}
