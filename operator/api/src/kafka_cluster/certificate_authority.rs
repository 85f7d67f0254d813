//! `spec.clusterCa`, `spec.clientsCa`: who vouches for nodes, and for users. Field names are Strimzi's.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An authority: made and kept by the operator, or given by the user.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("!has(self.secretName) || (has(self.generateCertificateAuthority) && !self.generateCertificateAuthority)").message("secretName is for generateCertificateAuthority: false"),
    validation = Rule::new("!has(self.validityDays) || !has(self.renewalDays) || self.renewalDays < self.validityDays").message("renewalDays must be less than validityDays")
)]
pub struct CertificateAuthority {
    /// Whether the operator makes it. With `false` its two Secrets must be there: `ca.crt` in the one, `ca.key` in the
    /// other. `true` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate_certificate_authority: Option<bool>,
    /// The Secret in which cert-manager, or somebody else, keeps an authority: `tls.crt`, `tls.key` and `ca.crt`. It is taken
    /// over from there, and what is there later is changed over to. With `generateCertificateAuthority: false` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub secret_name: Option<String>,
    /// Whether its Secrets go with the cluster. `true` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate_secret_owner_reference: Option<bool>,
    /// How long certificates hold, in days; 365 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub validity_days: Option<i32>,
    /// How many days before its end a certificate is replaced; 30 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub renewal_days: Option<i32>,
    /// What is done then to the authority itself; `renew-certificate` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_expiration_policy: Option<ExpirationPolicy>,
    /// How long users have to take up certificates of a new key before the former one is trusted no more, in seconds; a day
    /// when not given. For `spec.clientsCa` alone: nodes say themselves what they use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 120))]
    pub overlap_seconds: Option<i64>,
}

/// What is done when an authority's certificate nears its end.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExpirationPolicy {
    /// A new certificate of the same key.
    #[default]
    RenewCertificate,
    /// A new key; both are trusted while everything changes over.
    ReplaceKey,
}

/// How far an authority is.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthorityStatus {
    /// `cluster` or `clients`.
    pub name: String,
    /// When its certificate ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>,
    /// How far the replacement of its key is; none is under way when this is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<ReplacementPhase>,
    /// What that waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
}

/// How far the replacement of an authority's key is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
pub enum ReplacementPhase {
    /// Nodes and clients learn to trust the new key; the old one still vouches.
    Trusting,
    /// The new key vouches; the old one is trusted until everybody shows a certificate of the new one.
    ChangingOver,
}
