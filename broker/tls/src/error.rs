//! What can be wrong with keys and settings. No text here shows a password or a key.

/// A store that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No certificate in it.
    #[error("At least one certificate expected, but none found")]
    NoCertificate,
    /// No key in it.
    #[error("Private key not provided")]
    NoKey,
    /// Nobody can tell which is meant.
    #[error("Expected one private key, but found {0}")]
    ManyKeys(usize),
    /// An encrypted key without `ssl.key.password`.
    #[error("the private key is encrypted, and ssl.key.password is not set")]
    KeyNeedsPassword,
    /// The wrong `ssl.key.password`, or a cipher that is not known.
    #[error("the private key does not open with ssl.key.password")]
    KeyPassword,
    /// Not what it says.
    #[error("Private key could not be loaded")]
    KeyUnreadable,
    /// A block without its end.
    #[error("the PEM text ends in the middle of a block")]
    Cut,
    /// A block that is none.
    #[error("a block {0} of the PEM text is not base64")]
    NoBase64(String),
    /// A file that does not read.
    #[error("Failed to load SSL keystore {path}: {reason}")]
    File {
        /// Which.
        path: String,
        /// Why.
        reason: String,
    },
    /// A file in Java's own format.
    #[error(
        "{path} is in Java's own format {format}, which is not read here; convert it: keytool -importkeystore \
         -srckeystore {path} -destkeystore {path}.p12 -deststoretype pkcs12, and set the type to PKCS12"
    )]
    Java {
        /// Which.
        path: String,
        /// JKS or JCEKS.
        format: &'static str,
    },
    /// Larger than any store is.
    #[error("{path} has more than {max} bytes")]
    TooLarge {
        /// Which.
        path: String,
        /// The most that is read.
        max: u64,
    },
    /// A certificate that cannot be trusted.
    #[error("a trusted certificate cannot be used: {0}")]
    Untrustable(String),
}

/// Settings that make no TLS.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// Keys that contradict each other, in Kafka's words.
    #[error("{0}")]
    Together(&'static str),
    /// A value that is none.
    #[error("{key}: {reason}")]
    Value {
        /// The key's name.
        key: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The key store.
    #[error("the key store: {0}")]
    Keys(#[source] StoreError),
    /// The trust store.
    #[error("the trust store: {0}")]
    Trust(#[source] StoreError),
    /// A key that does not fit its certificate, or that is not supported.
    #[error("the key and its certificate cannot be used: {0}")]
    Pair(String),
    /// Keys and trusted certificates of nodes that do not go together.
    #[error(
        "A client SSLEngine created with the provided settings can't connect to a server SSLEngine created with those \
         settings: {0}"
    )]
    Disagree(String),
    /// The same while some nodes have new ones already.
    #[error(
        "nodes with the new keys and certificates and nodes with the old ones would not believe each other: {0}"
    )]
    DisagreeMeanwhile(String),
    /// A new certificate for somebody else.
    #[error("Keystore DistinguishedName does not match: existing={{DN={existing}}}, new={{DN={new}}}")]
    OtherName {
        /// Whose it was.
        existing: String,
        /// Whose it would be.
        new: String,
    },
    /// A new certificate that clients would not accept.
    #[error("Keystore SubjectAltNames do not match: the new certificate lacks {0}")]
    LacksNames(String),
}
