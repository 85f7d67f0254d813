//! Secrets of certificates: read as facts for decisions, and changed as decided. Keys stay in here: they are in no fact, log
//! line or error.

mod change;
mod content;
mod facts;
mod given;
#[cfg(test)]
mod given_tests;
mod issuers;
mod kept;
mod nodes;
mod own;
mod secure;
#[cfg(test)]
mod tests;
mod users;
mod write;

pub(crate) use content::digest_of_content;
pub(crate) use facts::{facts, of as certificate_facts};
pub(crate) use issuers::{Issuer, Issuers};
pub(crate) use kept::{Data, Kept, Vault, read};
pub(crate) use nodes::ask as ask_nodes;
pub(crate) use secure::Securities;
pub(crate) use users::ask as ask_users;
pub(crate) use write::carry_out;

/// What of Secrets is read and written.
mod entries {
    /// Certificates: of a public Secret all that is trusted, of a private one that of its key.
    pub(super) const CERTIFICATE: &str = "ca.crt";
    /// The key that issues.
    pub(super) const KEY: &str = "ca.key";
    /// The key that will.
    pub(super) const NEXT_KEY: &str = "next.key";
    /// Its certificate.
    pub(super) const NEXT_CERTIFICATE: &str = "next.crt";
    /// The certificates of the keys that did.
    pub(super) const PREVIOUS: &str = "previous.crt";
    /// Who vouches for any of these: whoever is between them and their roots, and the roots.
    pub(super) const CHAIN: &str = "chain.crt";
    /// What nodes trust, where that is told apart.
    pub(super) const ISSUERS: &str = operator_plan::certificates::ISSUERS;
    /// What is trusted, for Java.
    pub(super) const TRUST_STORE: &str = "ca.p12";
    /// Its password.
    pub(super) const PASSWORD: &str = "ca.password";
    /// The operator's own certificate and key.
    pub(super) const OPERATOR: &str = "cluster-operator.pem";
}
