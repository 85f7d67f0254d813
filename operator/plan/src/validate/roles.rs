//! A pool whose roles change: what its nodes cannot give up at once they keep for a while.
//!
//! A node becomes a controller, or a broker too, by a restart. A controller that is to be one no longer first loses its
//! vote; a broker keeps its role, for its copies of partitions would be lost with it.

use operator_api::{BROKER_ROLE_LABEL, CONTROLLER_ROLE_LABEL, Role};

use super::{Invalid, shrink::replicas};
use crate::{kafka::Ask, observed::Observed};

/// What the nodes `ids` of the pool in StatefulSet `object` do: what is stated, and what they cannot give up yet.
/// `field` names the pool.
pub(super) fn held(
    observed: &Observed,
    object: &str,
    stated: &[Role],
    ids: &[i32],
    field: &str,
) -> Result<Vec<Role>, Invalid> {
    let mut roles = stated.to_vec();
    if replicas(observed, object) == 0 {
        return Ok(roles);
    }
    let has = |label: &str| {
        let labels = observed.live.get("StatefulSet", object)?.pointer("/spec/template/metadata/labels")?;
        Some(labels.get(label)?.as_str()? == "true")
    };
    if has(BROKER_ROLE_LABEL) == Some(true) && !stated.contains(&Role::Broker) {
        let reason = "brokers stay brokers, for they hold copies of partitions: make another pool without that role, then \
                      scale this one to 0, which moves its copies away";
        return Err(Invalid::new(format!("{field}.roles"), reason));
    }
    if has(CONTROLLER_ROLE_LABEL) == Some(true) && !stated.contains(&Role::Controller) {
        let known = (observed.kafka.asked >= Ask::Quorum).then_some(observed.kafka.told.as_ref());
        let may_vote = match known {
            Some(Ok(state)) => ids.iter().any(|id| state.quorum.voters.contains_key(id)),
            _ => true,
        };
        if may_vote {
            roles.push(Role::Controller);
        }
    }
    Ok(roles)
}
