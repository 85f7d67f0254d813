//! Whether a broker would start with what it will be told. One that would not is never told so: what runs, runs on.

use broker_config::{BrokerConfig, ConfigError, LagConfig};

use super::Invalid;
use crate::{conditions::Warning, objects, validated::ValidatedCluster};

/// Our own keys are not read as Kafka's.
const OWN_PREFIX: &str = "klamm.";

/// Reads the properties of the first node of each pool as a broker does. Gives what would be accepted without effect.
pub(super) fn check(cluster: &ValidatedCluster) -> Result<Vec<Warning>, Invalid> {
    let mut ignored = Vec::new();
    for pool in &cluster.pools {
        let Some(node_id) = pool.node_ids.first() else { continue };
        let mut properties = objects::properties(cluster, pool);
        let pod = cluster.names.pod(&pool.name, *node_id);
        let own = objects::own_properties(cluster, pool, &pod, &node_id.to_string());
        properties.extend(own.map(|(key, value)| (key.to_owned(), value)));
        LagConfig::read(&properties).map_err(|errors| invalid(cluster, &errors))?;
        properties.retain(|key, _| !key.starts_with(OWN_PREFIX));
        match BrokerConfig::from_properties(&properties) {
            Ok((_, warnings)) => ignored.extend(warnings.iter().map(ToString::to_string)),
            Err(errors) => return Err(invalid(cluster, &errors)),
        }
    }
    ignored.sort();
    ignored.dedup();
    let warning = (!ignored.is_empty()).then(|| Warning::new("IgnoredConfig", ignored.join("; ")));
    Ok(warning.into_iter().collect())
}

/// All faults as one, at the field of the first key that is the user's.
fn invalid(cluster: &ValidatedCluster, errors: &[ConfigError]) -> Invalid {
    let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
    let text = texts.join("; ");
    let key = cluster.properties.keys().filter(|key| text.contains(key.as_str())).max_by_key(|key| key.len());
    let field =
        key.map_or_else(|| "spec.kafka.config".to_owned(), |key| format!("spec.kafka.config['{key}']"));
    Invalid::new(field, text)
}
