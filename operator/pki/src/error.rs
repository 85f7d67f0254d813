//! What can be wrong with keys and certificates. No text here shows a key.

/// What can be wrong with keys and certificates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PkiError {
    /// No certificate in a text.
    #[error("there is no certificate in it")]
    NoCertificate,
    /// A certificate that does not read.
    #[error("a certificate in it cannot be read")]
    Certificate,
    /// A key that does not read, or of a kind that is not known.
    #[error(
        "the key cannot be read: PKCS#8 in PEM (BEGIN PRIVATE KEY; encoding: PKCS8 of cert-manager) with ECDSA P-256, P-384, RSA or Ed25519 can"
    )]
    Key,
    /// A certificate of another key.
    #[error("the certificate is not of this key")]
    Mismatch,
    /// A certificate that cannot sign others.
    #[error("the certificate is not one of an authority (CA:TRUE)")]
    NoAuthority,
    /// A time that calendars do not have.
    #[error("{0} seconds since 1970 is no date")]
    Time(i64),
    /// The system gives no randomness.
    #[error("the system gives no randomness")]
    Random,
    /// A certificate that cannot be made.
    #[error("the certificate cannot be made: {0}")]
    Issue(String),
    /// An authority of somebody else.
    #[error("an authority called '{0}' was not made here and is not renewed here")]
    Name(String),
    /// An authority of somebody else that cannot be used.
    #[error("{0}")]
    Given(String),
    /// A trust store that cannot be made.
    #[error("the trust store cannot be made: {0}")]
    TrustStore(String),
}
