//! What the Secrets say: facts about certificates. Nothing here is secret.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::jiff::Timestamp;

use super::Which;
use crate::names::Names;

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Tells certificates apart: a digest of it.
    pub fingerprint: String,
    /// Which key it is of.
    pub key_id: String,
    /// Its subject.
    pub subject: String,
    /// The hosts that it is for.
    pub names: BTreeSet<String>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends.
    pub not_after: Timestamp,
}

impl CertificateFacts {
    /// The number in the name of an authority that was made here, such as 3 of `CN=cluster-ca v3`.
    pub(crate) fn generation(&self) -> Option<u32> {
        self.subject.rsplit_once(" v")?.1.parse().ok()
    }
}

/// A certificate that was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafFacts {
    /// What it says.
    pub certificate: CertificateFacts,
    /// The key that signed it, where that is of an authority that is known here.
    pub signed_by: Option<String>,
    /// What a node that has loaded its file says of it.
    pub digest: String,
}

/// A certificate that the user gives to a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFacts {
    /// The certificates, as PEM.
    pub chain: String,
    /// What a node that has loaded it with its key says of it.
    pub digest: String,
}

/// An authority that somebody else keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenFacts {
    /// Its certificate.
    pub certificate: CertificateFacts,
    /// Who vouches for it, by fingerprint, the nearest first.
    pub above: Vec<String>,
    /// The keys of these.
    pub keys_above: BTreeSet<String>,
    /// Whether the last of them, or itself, is a root: some clients believe nothing else.
    pub has_root: bool,
}

/// The public Secret of an authority.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicFacts {
    /// What nodes are to trust.
    pub bundle: Vec<CertificateFacts>,
    /// Who vouches for these, by fingerprint: clients trust them too.
    pub above: BTreeSet<String>,
    /// Whether it says apart what nodes trust.
    pub is_apart: bool,
    /// What clients are to trust, as text.
    pub pem: String,
    /// What a node that has loaded the bundle says of it.
    pub digest: String,
    /// What a node says that has loaded what clients trust, as it does until it is restarted for what is told apart.
    pub digest_of_clients: String,
    /// Whether all of it is as it was written.
    pub is_untouched: bool,
    /// Since when it says what it says.
    pub since: Option<Timestamp>,
    /// Whether somebody wants the certificate renewed.
    pub renew_asked: bool,
    /// Whether it goes with the cluster.
    pub has_owner: bool,
}

/// The private Secret of an authority.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrivateFacts {
    /// The certificate of the key that issues.
    pub current: Option<CertificateFacts>,
    /// Whether that key is there.
    pub has_key: bool,
    /// The certificate of the key that will, with that key.
    pub next: Option<CertificateFacts>,
    /// Those of the keys that did.
    pub previous: Vec<CertificateFacts>,
    /// Who vouches for any of these, by fingerprint.
    pub above: BTreeSet<String>,
    /// Whether somebody wants the key replaced.
    pub replace_asked: bool,
    /// Whether somebody wants the keys forgotten that issued before.
    pub forget_asked: bool,
    /// Whether it goes with the cluster.
    pub has_owner: bool,
    /// What in it cannot be read.
    pub problem: Option<String>,
}

/// The Secrets of an authority.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorityFacts {
    /// What everybody may see.
    pub public: Option<PublicFacts>,
    /// The keys.
    pub private: Option<PrivateFacts>,
    /// What somebody else keeps, or why it cannot be used; `None` where nobody is stated to.
    pub given: Option<Result<GivenFacts, String>>,
}

impl AuthorityFacts {
    /// What somebody else keeps and can be used.
    pub(crate) fn offered(&self) -> Option<&GivenFacts> {
        self.given.as_ref()?.as_ref().ok()
    }
}

/// A Secret of certificates that were issued, by entry; `None` for an entry that is not what it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeafSecretFacts {
    /// The entries.
    pub leaves: BTreeMap<String, Option<LeafFacts>>,
}

/// The Secrets of a cluster that hold certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificates {
    /// The authority of nodes.
    pub cluster: AuthorityFacts,
    /// The authority of users.
    pub clients: AuthorityFacts,
    /// What was issued, by the name of the Secret.
    pub issued: BTreeMap<String, LeafSecretFacts>,
    /// What the user gives, by listener; an error: why it cannot be used.
    pub own: BTreeMap<String, Result<OwnFacts, String>>,
}

impl Certificates {
    /// The Secrets of one authority.
    #[must_use]
    pub const fn of(&self, which: Which) -> &AuthorityFacts {
        match which {
            Which::Cluster => &self.cluster,
            Which::Clients => &self.clients,
        }
    }

    /// When each certificate ends: its Secret, its entry there, and seconds since 1970.
    #[must_use]
    pub fn ends(&self, names: &Names) -> Vec<(String, String, i64)> {
        let mut ends = Vec::new();
        for which in Which::ALL {
            let private = self.of(which).private.as_ref();
            let current = private.and_then(|private| private.current.as_ref());
            let secret = names.authority_public(which);
            ends.extend(current.map(|one| (secret, "ca.crt".to_owned(), one.not_after.as_second())));
        }
        for (secret, found) in &self.issued {
            let leaves = found.leaves.iter().filter_map(|(entry, leaf)| Some((entry, leaf.as_ref()?)));
            ends.extend(leaves.map(|(entry, leaf)| {
                (secret.clone(), entry.clone(), leaf.certificate.not_after.as_second())
            }));
        }
        ends
    }

    /// All that was issued and reads.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = &LeafFacts> {
        self.issued.values().flat_map(|secret| secret.leaves.values()).flatten()
    }
}
