//! Whether users still need an authority that issues no more.

use std::collections::BTreeMap;

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::LeafFacts;

/// What a user has to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserHas {
    /// A certificate that somebody else makes.
    External,
    /// What is in its Secret; `None` while there is no certificate.
    Own(Option<LeafFacts>),
}

/// What the users of a cluster have that show certificates, by their names.
pub type UsersTold = BTreeMap<String, UserHas>;

/// Whether nobody needs the keys any more that issued before `key_id`, which is trusted beside them since `since`.
///
/// # Errors
/// Who does, for people.
pub(super) fn are_over(
    told: &UsersTold,
    key_id: &str,
    (since, overlap): (Timestamp, SignedDuration),
    now: Timestamp,
) -> Result<(), String> {
    for (name, has) in told {
        let UserHas::Own(leaf) = has else { continue };
        let leaf = leaf.as_ref().filter(|leaf| leaf.signed_by.as_deref() == Some(key_id));
        let Some(LeafFacts { certificate, .. }) = leaf else {
            return Err(format!("user {name} has no certificate of the new key yet"));
        };
        // One before it has ended by now, where it was as long: so who gets new ones often holds nothing up.
        let length = certificate.not_after.duration_since(certificate.made_at);
        if now.duration_since(certificate.made_at) < overlap && now.duration_since(since) < length {
            return Err(format!(
                "user {name} got its certificate of the new key only at {}",
                certificate.made_at
            ));
        }
    }
    let external: Vec<_> =
        told.iter().filter(|(_, has)| **has == UserHas::External).map(|(name, _)| name).collect();
    external.first().map_or(Ok(()), |name| {
        let count = external.len();
        Err(format!("{count} users, such as {name}, have certificates that others make, by whichever key"))
    })
}
