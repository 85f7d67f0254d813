//! Certificates of a cluster: its two authorities, and what they issue. Decisions only: what is in the Secrets comes as
//! facts, keys never do.
//!
//! ```text
//! private Secret (truth) -> bundle in the public Secret (trust) -> certificates of nodes and of the operator
//! ```
//! A key is replaced with an overlap of trust; each step is one write of the private Secret, and all else follows from it,
//! so that stopping anywhere is harmless:
//! 1. `next` is made: the bundle has both keys, the old one still issues.
//! 2. When every node says that it has loaded that bundle, and clients had time to, `next` becomes the one that issues.
//! 3. When every node says that it shows a certificate of the new key, and some time more has gone by, the old one is
//!    taken out of the bundle.
//!
//! Users do not say what they use. Their former authority is trusted until all of their Secrets have certificates of the new
//! key, and for a time that is stated after that; it stays where users have certificates that others make.
//!
//! An authority that somebody else keeps in a Secret (cert-manager) is taken over from there by the same steps: `next` is what
//! that Secret has, not what is made here. Nodes believe what issues, and nobody above it; clients believe the root too.
//!
//! A certificate that is renewed with its key needs none of this: whoever trusts the one believes what the other issued.

mod authority;
mod due;
#[cfg(test)]
mod given_tests;
mod leaves;
mod nodes;
mod observed;
mod step;
#[cfg(test)]
mod tests;
mod users;
mod window;

pub use authority::{AuthorityChange, Origin};
pub(crate) use due::{is_due, may_renew};
pub(crate) use leaves::{GAIN_MIN, ORGANIZATION, SUBJECT_OF_OPERATOR};
pub use leaves::{LeafRequest, Leaves};
pub(crate) use nodes::own_entry;
pub use nodes::{InUse, NodesTold};
pub use observed::{
    AuthorityFacts, CertificateFacts, Certificates, GivenFacts, LeafFacts, LeafSecretFacts, OwnFacts,
    PrivateFacts, PublicFacts,
};
pub(crate) use step::{DAY_SECONDS, Step};
pub use users::{UserHas, UsersTold};
pub use window::{NotAWindow, Window};

use k8s_openapi::jiff::SignedDuration;
use operator_api::ExpirationPolicy;

/// The entry of a public Secret with what nodes trust, where that is told apart: who issues, and nobody above it.
pub const ISSUERS: &str = "issuers.crt";

/// One of a cluster's authorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// Vouches for nodes, and for the operator.
    Cluster,
    /// Vouches for users.
    Clients,
}

impl Which {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Cluster, Self::Clients];

    /// What people call it: `cluster` or `clients`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Clients => "clients",
        }
    }

    /// The field that states it.
    pub(crate) const fn field(self) -> &'static str {
        match self {
            Self::Cluster => "spec.clusterCa",
            Self::Clients => "spec.clientsCa",
        }
    }
}

/// One change of the certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateAction {
    /// Changes the private Secret of an authority.
    Change {
        /// Which.
        which: Which,
        /// How.
        change: AuthorityChange,
        /// How long a certificate that is made holds.
        validity_days: i64,
        /// Whether its Secrets go with the cluster.
        has_owner: bool,
        /// Why, for people.
        why: &'static str,
    },
    /// Makes the public Secret of an authority say what the private one has.
    Publish {
        /// Which.
        which: Which,
        /// Whether it goes with the cluster.
        has_owner: bool,
        /// Whether it says apart what nodes trust.
        is_apart: bool,
    },
    /// Issues certificates of the cluster's authority.
    Issue(Leaves),
}

/// Who makes an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Maker {
    /// The operator.
    Operator,
    /// The user, who keeps both Secrets.
    User,
    /// Somebody else, such as cert-manager, who keeps it in the Secret of this name.
    Secret(String),
}

impl Maker {
    /// Whether the operator keeps both Secrets, whoever makes what is in them.
    pub(crate) fn is_kept(&self) -> bool {
        *self != Self::User
    }
}

/// What is stated of an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatedAuthority {
    /// Who makes it.
    pub maker: Maker,
    /// Whether nodes are told apart from clients what to trust. That is in the template of pods: it stays once it was so.
    pub is_apart: bool,
    /// Whether its Secrets go with the cluster.
    pub has_owner: bool,
    /// How long certificates hold, in days.
    pub validity_days: i64,
    /// How many days before its end a certificate is replaced.
    pub renewal_days: i64,
    /// What is done then to the authority itself.
    pub policy: ExpirationPolicy,
    /// How long users have to take up certificates of a new key.
    pub overlap: SignedDuration,
}

/// What is stated of a cluster's certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatedCertificates {
    /// The authority of nodes.
    pub cluster: ValidatedAuthority,
    /// The authority of users.
    pub clients: ValidatedAuthority,
    /// When certificates that near their end may be replaced; at any time when there are none.
    pub windows: Vec<Window>,
}

impl ValidatedCertificates {
    /// What is stated of one.
    #[must_use]
    pub const fn of(&self, which: Which) -> &ValidatedAuthority {
        match which {
            Which::Cluster => &self.cluster,
            Which::Clients => &self.clients,
        }
    }
}
