//! The password of a user. Kafka tells how often it was hashed, never which it is: what Kafka was given last is noted in the
//! Secret, by a digest.

use operator_api::KafkaUser;

use super::{Material, PrincipalChange, Seen, UserAction, UserPlan};

/// How often passwords are hashed: Kafka's default, and Strimzi's.
pub const ITERATIONS: i32 = 4096;

/// The hashes that Kafka keeps of passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mechanism {
    /// SCRAM-SHA-256, which users here do not have.
    ScramSha256,
    /// SCRAM-SHA-512.
    ScramSha512,
}

/// A password in the Secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordFacts {
    /// Whether it is the one that Kafka was given last.
    pub is_set: bool,
    /// Whether it is the one that somebody else chose, where one is stated.
    pub is_as_stated: bool,
}

/// A password that somebody else chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// It is there.
    Found,
    /// It may be missing, and is: one is made.
    Absent,
    /// It is missing, or is none: why.
    Missing(String),
}

/// Adds what is to be done about the password to what else is to be changed.
pub(super) fn plan(user: &KafkaUser, seen: &Seen<'_>, mut change: PrincipalChange, plan: &mut UserPlan) {
    let is_stated = seen.reference == Some(&Reference::Found);
    let known = seen.secret.and_then(|secret| secret.password);
    let (material, why) = match known {
        None if is_stated => (Material::StatedPassword, "the stated password is new"),
        None => (Material::NewPassword, "there is no password"),
        Some(known) if is_stated && !known.is_as_stated => {
            (Material::StatedPassword, "the stated password changed")
        }
        Some(_) => (Material::Kept, "it is not as it should be"),
    };
    let is_kept = material == Material::Kept;
    let has_it = seen.plain.credentials.get(&Mechanism::ScramSha512) == Some(&ITERATIONS);
    change.sets_password =
        !is_kept || !has_it || !seen.is_asserted || known.is_none_or(|known| !known.is_set);
    let others = seen.plain.credentials.keys().filter(|mechanism| **mechanism != Mechanism::ScramSha512);
    change.forget = others.copied().collect();
    let is_noted = is_kept && known.is_some_and(|known| known.is_set);
    let is_written = is_kept && seen.secret.is_some_and(|secret| secret.is_as_wanted);
    // What nobody else has must be kept before it is used: it could be lost otherwise.
    if material == Material::NewPassword {
        plan.actions.push(UserAction::Store { material, why, is_password_set: true });
    }
    plan.change(&user.username(), change);
    if material != Material::NewPassword && !(is_noted && is_written) {
        plan.actions.push(UserAction::Store { material, why, is_password_set: true });
    }
}
