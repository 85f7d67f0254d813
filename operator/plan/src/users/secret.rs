//! The Secret of a user, as facts: nothing in here is secret.

use super::{PasswordFacts, Seen, UserAction, UserPlan};
use crate::certificates::LeafFacts;

/// What the Secret of a user's name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretFacts {
    /// Whether it was made here for this user.
    pub is_ours: bool,
    /// Its certificate, when that and its key read and belong together.
    pub leaf: Option<LeafFacts>,
    /// Its password.
    pub password: Option<PasswordFacts>,
    /// Whether it holds nothing.
    pub is_empty: bool,
    /// Whether all else in it follows from its key or password, and it is labelled as it should be.
    pub is_as_wanted: bool,
}

/// What a Secret gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Material {
    /// The key or the password that it has; all else is made anew of it.
    Kept,
    /// A new key with a certificate.
    Certificate {
        /// How long that holds.
        validity_days: i64,
    },
    /// A password that is made up.
    NewPassword,
    /// The password that somebody else chose.
    StatedPassword,
    /// Nothing: what was in it goes.
    Nothing,
}

/// A user without a Secret: one that it had holds nothing any more. Nothing is ever deleted.
pub(super) fn empty(seen: &Seen<'_>, plan: &mut UserPlan) {
    if seen.secret.is_some_and(|secret| secret.is_ours && !secret.is_empty) {
        let why = "the user has no key and no password any more";
        plan.actions.push(UserAction::Store { material: Material::Nothing, why, is_password_set: false });
    }
}
