//! Who decides who may do what. Kafka hands the file to the authorizer, which has keys of its own: they are not among the
//! broker's.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::Values;
use crate::layers::Texts;

pub(super) const CLASS: &str = "authorizer.class.name";
pub(super) const SUPER_USERS: &str = "super.users";
const ALLOW_EVERYONE: &str = "allow.everyone.if.no.acl.found";
/// The one that Kafka brings, and that is built in.
pub(super) const STANDARD: &str = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

/// What `StandardAuthorizer` reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Principals that may do everything, as `type:name`, separated by semicolons.
    pub super_users: String,
    /// `true`: what has no access control entry is everybody's.
    pub allow_everyone: String,
}

/// `None` without a class.
pub(super) fn access(values: &Values, file: &Texts) -> Option<Access> {
    let text = |key| file.get(key).cloned().unwrap_or_default();
    (class(values) == STANDARD)
        .then(|| Access { super_users: text(SUPER_USERS), allow_everyone: text(ALLOW_EVERYONE) })
}

/// Who may keep access control entries ahead of an authorizer: `super.users`, where no class is named. Kafka looks at it only
/// with an authorizer, and keeps no entry without one.
pub(super) fn acl_keepers(values: &Values, file: &Texts) -> String {
    let named = file.get(SUPER_USERS).filter(|_| class(values).is_empty());
    named.cloned().unwrap_or_default()
}

pub(super) fn class(values: &Values) -> String {
    values.text(CLASS).unwrap_or_default().trim().to_owned()
}

/// Whether a key is one of the authorizer's own.
pub(super) fn is_of_authorizer(key: &str) -> bool {
    [SUPER_USERS, ALLOW_EVERYONE].contains(&key)
}
