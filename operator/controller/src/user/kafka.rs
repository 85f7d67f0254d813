//! Carries out what was decided for a user, in its order.

use futures::future::try_join;
use kube::ResourceExt as _;
use operator_api::KafkaUser;
use operator_plan::{
    claims::object_name,
    users::{self, Reference, SecretFacts, Seen, UserAction, UserPlan},
};

use super::{secret::Store, terms::Terms};
use crate::{
    admin::{Desk, UserChange, Users},
    bound::{Interrupted, finalizer},
    clock,
    context::Context,
};

/// What was done, and the resource as it is since.
pub(super) struct Done {
    pub(super) user: KafkaUser,
    pub(super) plan: UserPlan,
    /// Whether something changed meanwhile: it is to be looked at again at once.
    pub(super) is_outdated: bool,
}

/// Reads, plans, carries out.
pub(super) async fn bring_about(
    context: &Context,
    desk: &Desk<Users>,
    user: &KafkaUser,
    terms: &Terms,
    issuer: std::sync::Arc<crate::certificates::Issuer>,
) -> Result<Done, Interrupted> {
    let [plain, certified] = users::principals(user);
    let (plain, certified) = try_join(desk.describe(&plain), desk.describe(&certified)).await?;
    let own = object_name(user);
    let authority = issuer.facts();
    let plan_of = |secret: Option<&SecretFacts>, reference: Option<&Reference>| {
        let seen = Seen {
            plain: &plain,
            certified: &certified,
            secret,
            reference,
            issuer: authority.as_ref(),
            is_asserted: context.memory.is_asserted(&own),
            now: clock::now().0,
        };
        users::plan(user, &seen, &terms.rules)
    };
    let mut store = Store::new(context, user, terms, issuer);
    if let Some(secret) = store.remembered() {
        let plan = plan_of(secret.as_ref(), None);
        if plan.actions.is_empty() {
            return Ok(Done { user: user.clone(), plan, is_outdated: false });
        }
    }
    store.read().await?;
    let plan = plan_of(store.facts().as_ref(), store.reference());
    let mut done = Done { user: user.clone(), plan, is_outdated: false };
    for action in done.plan.actions.clone() {
        match action {
            UserAction::AddFinalizer => {
                done.user = finalizer::add(context, &done.user).await?.unwrap_or(done.user);
            }
            UserAction::RemoveFinalizer => {
                done.user = finalizer::remove(context, &done.user).await?.unwrap_or(done.user);
            }
            UserAction::Store { material, why, is_password_set } => {
                tracing::info!(user = user.name_any(), ?material, why, "Secret written");
                if !store.write(material, is_password_set).await? {
                    done.is_outdated = true;
                    return Ok(done);
                }
            }
            UserAction::Change { principal, change } => {
                tracing::info!(user = principal, ?change, "changed");
                let password = store.password();
                desk.carry_out(&principal, &[UserChange::new(&change, password.as_ref())]).await?;
                if change.sets_password {
                    context.memory.assert(own.clone());
                }
            }
        }
    }
    store.remember();
    Ok(done)
}
