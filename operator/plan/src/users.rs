//! What a `KafkaUser` asks of its Kafka cluster, and what its Secret is to hold.
//!
//! `plan` compares the resource with what Kafka and the Secret have, and gives the changes in order; the shell, which alone
//! knows keys and passwords, carries them out and then asks `status` what to report.
//!
//! ```text
//! Secret (key, password: the truth) -> Kafka (ACLs, quotas, SCRAM credential) -> note in the Secret of what Kafka was given
//! ```
//! A password that was just made up is noted with the Secret itself, ahead of Kafka: the shell then forgets what it gave Kafka
//! before, and so gives it this one however the steps are interrupted.
//!
//! Invariants: no key and no password is in here; a user holds in Kafka exactly what its resource says, under both names that
//! it can have there (`name` and `CN=name`); a password is in the Secret before Kafka gets it; a resource that is paused,
//! unmanaged or in conflict with an older one changes nothing; a Secret that is not ours is never touched.

mod acls;
mod certificate;
mod credential;
mod quotas;
mod rules;
mod secret;
mod status;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::jiff::Timestamp;
use operator_api::{
    DeletionPolicy, KafkaUser, ListenerAuthentication, USER_FINALIZER, UserAuthenticationType,
};

pub use crate::standing::{Failure, Standing};
use crate::{certificates::CertificateFacts, claims::Bound as _, conditions::Warning};
pub use acls::Acl;
pub use credential::{ITERATIONS, Mechanism, PasswordFacts, Reference};
pub use rules::UserRules;
pub use secret::{Material, SecretFacts};
pub use status::status;

/// Nobody looks at ACLs.
const UNAUTHORIZED: &str = "AuthorizationDisabled";

/// The longest common name of a certificate (RFC 5280), and so the longest name of a user that has one.
const CERTIFIED_NAME_MAX: usize = 64;

/// What Kafka has of one principal `User:<name>`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObservedPrincipal {
    /// Its ACLs; `None` where Kafka says that nobody looks at any.
    pub acls: Option<BTreeSet<Acl>>,
    /// Its own quotas, whatever the client id.
    pub quotas: BTreeMap<String, f64>,
    /// How often its passwords were hashed.
    pub credentials: BTreeMap<Mechanism, i32>,
}

/// What of one principal is to be changed in Kafka.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PrincipalChange {
    /// Mechanisms whose passwords go.
    pub forget: BTreeSet<Mechanism>,
    /// ACLs that are added.
    pub create: BTreeSet<Acl>,
    /// ACLs that go.
    pub delete: BTreeSet<Acl>,
    /// Quotas that are set, or taken away.
    pub quotas: BTreeMap<String, Option<f64>>,
    /// Whether Kafka is given the password of the Secret.
    pub sets_password: bool,
}

impl PrincipalChange {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// One change, in the order in which they are made.
#[derive(Clone, Debug, PartialEq)]
pub enum UserAction {
    /// Puts our finalizer on the resource, before anything that deletion would have to undo.
    AddFinalizer,
    /// Writes the Secret.
    Store {
        /// What is new in it.
        material: Material,
        /// Why, for people.
        why: &'static str,
        /// Whether Kafka has its password by now; of a new one, whether it gets that next.
        is_password_set: bool,
    },
    /// Changes a principal in Kafka.
    Change {
        /// Its name, without its type.
        principal: String,
        /// How.
        change: PrincipalChange,
    },
    /// Lets the resource go.
    RemoveFinalizer,
}

/// What was read for one user.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// What Kafka has under the user's bare name.
    pub plain: &'a ObservedPrincipal,
    /// What Kafka has under the name of its certificate.
    pub certified: &'a ObservedPrincipal,
    /// The Secret of the user's name, if there is one.
    pub secret: Option<&'a SecretFacts>,
    /// The password that somebody else chose; `None` where none is stated.
    pub reference: Option<&'a Reference>,
    /// The certificate of the key that issues for users, where there is one.
    pub issuer: Option<&'a CertificateFacts>,
    /// Whether Kafka was given the password lately: what others gave it since cannot be told from ours.
    pub is_asserted: bool,
    /// Now.
    pub now: Timestamp,
}

/// What to do for one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct UserPlan {
    /// The changes, in order.
    pub actions: Vec<UserAction>,
    /// How the resource stands.
    pub standing: Standing,
    /// What is doubtful.
    pub warnings: Vec<Warning>,
    /// When its certificate ends, where it has one that is made here.
    pub certificate: Option<CertificateEnd>,
}

/// When the certificate of a user ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateEnd {
    /// When.
    pub not_after: Timestamp,
    /// Whether it should have been replaced by now: half of the days before its end in which that is done are over.
    pub is_late: bool,
}

impl UserPlan {
    fn nothing(standing: Standing) -> Self {
        Self { actions: Vec::new(), standing, warnings: Vec::new(), certificate: None }
    }

    fn refused(reason: &'static str, message: impl Into<String>) -> Self {
        Self::nothing(Standing::Refused { reason, message: message.into() })
    }

    fn change(&mut self, principal: &str, change: PrincipalChange) {
        if !change.is_nothing() {
            self.actions.push(UserAction::Change { principal: principal.to_owned(), change });
        }
    }
}

/// The two names that Kafka can know a user by: its own, and that of its certificate.
#[must_use]
pub fn principals(user: &KafkaUser) -> [String; 2] {
    let name = user.claimed();
    [name.to_owned(), format!("CN={name}")]
}

/// Whether a Secret is made for the user.
#[must_use]
pub fn has_secret(user: &KafkaUser) -> bool {
    matches!(user.authentication(), Some(UserAuthenticationType::Tls | UserAuthenticationType::ScramSha512))
}

/// Whether deleting the resource deletes what Kafka has of the user, and its Secret.
#[must_use]
pub fn goes_with_its_resource(user: &KafkaUser) -> bool {
    user.spec.deletion_policy.unwrap_or_default() == DeletionPolicy::Delete
}

/// Whether the plan for `user` depends on what Kafka has; where not, nobody needs to be asked.
#[must_use]
pub fn concerns_kafka(user: &KafkaUser, rival: Option<&str>) -> bool {
    let is_kept = user.is_going() && (!user.has_finalizer(USER_FINALIZER) || !goes_with_its_resource(user));
    !user.is_paused() && user.is_managed() && rival.is_none() && !is_kept
}

/// What to do with a resource that asks for nothing of Kafka: `None` when it does, and `plan` says what.
#[must_use]
pub fn plan_without_kafka(user: &KafkaUser, rival: Option<&str>) -> Option<UserPlan> {
    if concerns_kafka(user, rival) {
        return None;
    }
    if user.is_going() {
        let mut plan = UserPlan::nothing(Standing::Going);
        if user.has_finalizer(USER_FINALIZER) {
            plan.actions.push(UserAction::RemoveFinalizer);
        }
        return Some(plan);
    }
    if user.is_paused() {
        return Some(UserPlan::nothing(Standing::Paused));
    }
    let rival = rival.filter(|_| user.is_managed());
    Some(rival.map_or_else(
        || UserPlan::nothing(Standing::Unmanaged),
        |rival| {
            let message = format!("user '{}' is managed by the KafkaUser {rival}", user.claimed());
            UserPlan::refused("ResourceConflict", message)
        },
    ))
}

/// What `user` asks for, given what was read.
#[must_use]
pub fn plan(user: &KafkaUser, seen: &Seen<'_>, rules: &UserRules) -> UserPlan {
    if user.is_going() {
        return going(user, seen);
    }
    if let Err(refused) = check(user, seen, rules) {
        return refused;
    }
    let mut plan = UserPlan::nothing(Standing::Managed);
    plan.warnings.extend(no_listener(user, rules));
    plan.warnings.extend(not_looked_at(user, rules));
    match (goes_with_its_resource(user), user.has_finalizer(USER_FINALIZER)) {
        (true, false) => plan.actions.push(UserAction::AddFinalizer),
        (false, true) => plan.actions.push(UserAction::RemoveFinalizer),
        (true, true) | (false, false) => {}
    }
    let [plain, certified] = principals(user);
    let is_certified = user.username() == certified;
    let (other_name, other) = if is_certified { (&plain, seen.plain) } else { (&certified, seen.certified) };
    let own = if is_certified { seen.certified } else { seen.plain };
    // What it had by its other name is nobody's now.
    plan.change(other_name, nothing_left(other));
    let mut change = PrincipalChange {
        quotas: quotas::change(&quotas::wanted(user), &own.quotas),
        ..acls::change(&acls::wanted(user), own.acls.as_ref())
    };
    match user.authentication() {
        Some(UserAuthenticationType::ScramSha512) => credential::plan(user, seen, change, &mut plan),
        kind => {
            change.forget = own.credentials.keys().copied().collect();
            if kind == Some(UserAuthenticationType::Tls) {
                certificate::plan(user, seen, rules, &mut plan);
            } else {
                secret::empty(seen, &mut plan);
            }
            plan.change(&user.username(), change);
        }
    }
    plan
}

/// Refuses what cannot be: nothing of it is done then.
fn check(user: &KafkaUser, seen: &Seen<'_>, rules: &UserRules) -> Result<(), UserPlan> {
    let name = user.claimed();
    let kind = user.authentication();
    let is_certified =
        matches!(kind, Some(UserAuthenticationType::Tls | UserAuthenticationType::TlsExternal));
    if is_certified && name.len() > CERTIFIED_NAME_MAX {
        let message = format!(
            "metadata.name: '{name}' has {} characters, and the common name of a certificate at most \
             {CERTIFIED_NAME_MAX}: with {} the name must be shorter",
            name.len(),
            kind.map_or("", UserAuthenticationType::word)
        );
        return Err(UserPlan::refused("InvalidUserName", message));
    }
    let is_kept = seen.plain.acls.is_some() && seen.certified.acls.is_some();
    if user.spec.authorization.is_some() && !rules.authorizes && !is_kept {
        let message = format!(
            "spec.authorization: the KafkaCluster {} has no spec.kafka.authorization, and its brokers keep no ACLs ahead of \
             it before they are restarted",
            rules.cluster
        );
        return Err(UserPlan::refused(UNAUTHORIZED, message));
    }
    if has_secret(user) && seen.secret.is_some_and(|secret| !secret.is_ours) {
        let message = format!("Secret {name} is there already and is not this user's: it is left alone");
        return Err(UserPlan::refused("SecretConflict", message));
    }
    if let Some(Reference::Missing(message)) = seen.reference {
        return Err(UserPlan::refused("PasswordMissing", format!("spec.authentication.password: {message}")));
    }
    Ok(())
}

/// ACLs are there before anybody looks at them, so that authorization can be turned on without a gap.
fn not_looked_at(user: &KafkaUser, rules: &UserRules) -> Option<Warning> {
    (user.spec.authorization.is_some() && !rules.authorizes).then(|| {
        let message = format!(
            "the ACLs are kept, and nobody looks at them: everybody may do everything while the KafkaCluster {} has no \
             spec.kafka.authorization",
            rules.cluster
        );
        Warning::new(UNAUTHORIZED, message)
    })
}

fn no_listener(user: &KafkaUser, rules: &UserRules) -> Option<Warning> {
    let kind = user.authentication()?;
    let wanted = match kind {
        UserAuthenticationType::Tls | UserAuthenticationType::TlsExternal => ListenerAuthentication::TLS,
        UserAuthenticationType::ScramSha512 => ListenerAuthentication::SCRAM_SHA_512,
    };
    (!rules.asks_for.contains(wanted)).then(|| {
        let message = format!(
            "no listener of the KafkaCluster {} has authentication of type {wanted}: the user gets in nowhere",
            rules.cluster
        );
        Warning::new("NoListener", message)
    })
}

/// Takes everything away that Kafka has of a principal.
fn nothing_left(observed: &ObservedPrincipal) -> PrincipalChange {
    PrincipalChange {
        forget: observed.credentials.keys().copied().collect(),
        quotas: quotas::change(&BTreeMap::new(), &observed.quotas),
        ..acls::change(&BTreeSet::new(), observed.acls.as_ref())
    }
}

fn going(user: &KafkaUser, seen: &Seen<'_>) -> UserPlan {
    let mut plan = UserPlan::nothing(Standing::Going);
    for (name, observed) in principals(user).iter().zip([seen.plain, seen.certified]) {
        plan.change(name, nothing_left(observed));
    }
    plan.actions.push(UserAction::RemoveFinalizer);
    plan
}
