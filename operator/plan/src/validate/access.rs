//! `spec.kafka.authorization`.

use operator_api::KafkaAuthorization;

use super::Invalid;

/// Reads what is stated.
pub(super) fn read(stated: Option<&KafkaAuthorization>) -> Result<Option<KafkaAuthorization>, Invalid> {
    let Some(stated) = stated else { return Ok(None) };
    if stated.kind != KafkaAuthorization::SIMPLE {
        let reason = format!("'{}' is not built: {} is", stated.kind, KafkaAuthorization::SIMPLE);
        return Err(Invalid::new("spec.kafka.authorization.type", reason));
    }
    for (at, name) in stated.super_users.iter().enumerate() {
        // Names are separated by semicolons, which no name can have.
        if name.trim().is_empty() || name.contains([';', '\n', '\r']) {
            let reason = format!("'{}' is no name of a user", name.escape_debug());
            return Err(Invalid::new(format!("spec.kafka.authorization.superUsers[{at}]"), reason));
        }
    }
    Ok(Some(stated.clone()))
}
