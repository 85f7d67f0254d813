//! What is reported of a user after its plan was carried out, or was not.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use operator_api::{KafkaUser, KafkaUserStatus};

use super::{Failure, Standing, UserPlan, has_secret};
use crate::{
    claims::Bound as _,
    conditions::{Wanted, merge},
};

/// The status of `user`. `failure` is what kept its plan from being carried out. What was known stays known while nobody
/// can be asked.
#[must_use]
pub fn status(
    user: &KafkaUser,
    plan: Option<&UserPlan>,
    failure: Option<&Failure>,
    now: &Time,
) -> KafkaUserStatus {
    let before = user.status.clone().unwrap_or_default();
    let standing = plan.map_or(&Standing::Managed, |plan| &plan.standing);
    let mut wanted = vec![standing.condition(failure, "Changing")];
    wanted.extend(plan.into_iter().flat_map(|plan| &plan.warnings).map(Wanted::warning));
    let is_done = *standing == Standing::Managed && plan.is_some() && failure.is_none();
    let (username, secret) = if is_done {
        (Some(user.username()), has_secret(user).then(|| user.claimed().to_owned()))
    } else {
        (before.username, before.secret)
    };
    KafkaUserStatus {
        conditions: merge(&before.conditions, &wanted, user.metadata.generation, now),
        observed_generation: user.metadata.generation,
        username,
        secret,
    }
}
