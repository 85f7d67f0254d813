//! `spec.authentication` of a user. Field names are Strimzi's.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a user says who it is.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.type == 'tls' || (!has(self.validityDays) && !has(self.renewalDays))").message("validityDays and renewalDays are of certificates that are made here: type tls"),
    validation = Rule::new("has(self.validityDays) == has(self.renewalDays)").message("validityDays and renewalDays are given both or neither"),
    validation = Rule::new("!has(self.validityDays) || !has(self.renewalDays) || self.renewalDays < self.validityDays").message("renewalDays must be less than validityDays"),
    validation = Rule::new("self.type == 'scram-sha-512' || !has(self.password)").message("a password is of type scram-sha-512")
)]
pub struct UserAuthentication {
    /// By what.
    #[serde(rename = "type")]
    pub kind: UserAuthenticationType,
    /// Where the password is; one is made when this is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<PasswordSource>,
    /// How long the certificate holds, in days; as `spec.clientsCa` of the cluster has it when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub validity_days: Option<i32>,
    /// How many days before its end it is replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub renewal_days: Option<i32>,
}

/// By what a user says who it is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
pub enum UserAuthenticationType {
    /// By a certificate that is made here.
    #[serde(rename = "tls")]
    Tls,
    /// By a certificate that somebody else makes.
    #[serde(rename = "tls-external")]
    TlsExternal,
    /// By a password.
    #[serde(rename = "scram-sha-512")]
    ScramSha512,
}

/// A password that somebody else chose.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasswordSource {
    /// Where it is.
    pub value_from: ValueFrom,
}

/// Where a value is.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ValueFrom {
    /// An entry of a Secret in the user's namespace.
    pub secret_key_ref: SecretKey,
}

/// An entry of a Secret.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretKey {
    /// The Secret.
    pub name: String,
    /// Its entry.
    pub key: String,
    /// Whether a password is made while there is no such entry.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

impl UserAuthenticationType {
    /// As manifests write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::TlsExternal => "tls-external",
            Self::ScramSha512 => "scram-sha-512",
        }
    }
}
