//! Why tokens are refused.

/// Why a token lets nobody in. Nothing of the token is in it but names, cut short.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// More than is read.
    #[error("a token of {0} bytes")]
    TooLarge(usize),
    /// Not three parts with JSON.
    #[error("no signed token in its compact form")]
    Format,
    /// A header that must be understood.
    #[error("the token's header wants extensions to be understood (crit)")]
    Critical,
    /// `none`, a shared key, or unknown.
    #[error("the algorithm {0:?} is not taken")]
    Algorithm(String),
    /// No key of the document is meant.
    #[error("no key for the token, which names {0:?}")]
    UnknownKey(Option<String>),
    /// Another key signed it, or something else.
    #[error("the signature is wrong")]
    Signature,
    /// A claim that is not there.
    #[error("no claim {0}")]
    Missing(String),
    /// A claim that cannot be.
    #[error("a claim {0} that cannot be")]
    Claim(String),
    /// It is over.
    #[error("the token has expired")]
    Expired,
    /// It has not begun.
    #[error("the token is not valid yet")]
    NotYet,
    /// It ends before it begins.
    #[error("the token ends before it begins")]
    Backwards,
    /// It is for somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// It is of somebody else.
    #[error("the token is of another issuer")]
    Issuer,
}
