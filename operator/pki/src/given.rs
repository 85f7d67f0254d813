//! An authority that somebody else makes, such as cert-manager: a key, its certificate with what is between it and the root, and
//! the root. What is wrong with it is told before anything is issued that nobody would believe.

use crate::{Authority, Certificate, PkiError, certificate::above, certificates, sha256};

/// What is wrong with an authority that somebody else makes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotGiven {
    /// The certificates do not read.
    #[error("{0}: {1}")]
    Entry(&'static str, PkiError),
    /// The first certificate is of another key.
    #[error("tls.key is not the key of the first certificate in tls.crt")]
    Mismatch,
    /// It may not sign others.
    #[error("'{0}' in tls.crt is not the certificate of an authority (CA:TRUE): isCA is to be true")]
    NoAuthority(String),
    /// It may sign others, but not certificates.
    #[error("'{0}' in tls.crt may sign no certificates: its usages are to have 'cert sign'")]
    NoSignatures(String),
    /// One above it allows no authority this far down.
    #[error("'{above}' allows no authority {depth} below it (path length), and '{below}' is there")]
    PathLength {
        /// Who allows too little.
        above: String,
        /// The one that is too far down.
        below: String,
        /// How far.
        depth: usize,
    },
    /// One above it may sign nothing.
    #[error("'{0}', which vouches for it, is not the certificate of an authority (CA:TRUE)")]
    AboveNoAuthority(String),
}

impl From<NotGiven> for PkiError {
    fn from(why: NotGiven) -> Self {
        Self::Given(why.to_string())
    }
}

impl Authority {
    /// One that somebody else makes: `tls.crt` (its certificate, and those between it and the root), `tls.key` and `ca.crt`
    /// (the root; may be empty) of a Secret, as cert-manager writes it. Gives what vouches for it too, the nearest first.
    ///
    /// # Errors
    /// What in it cannot be used.
    pub fn given(chain: &str, key: &str, root: &str) -> Result<(Self, Vec<Certificate>), NotGiven> {
        let all = certificates(chain).map_err(|error| NotGiven::Entry("tls.crt", error))?;
        let key = crate::pair::key(key).map_err(|error| NotGiven::Entry("tls.key", error))?;
        let roots = match root.trim() {
            "" => Vec::new(),
            _ => certificates(root).map_err(|error| NotGiven::Entry("ca.crt", error))?,
        };
        let mut others = all.into_iter();
        let own = others.next().ok_or(NotGiven::Entry("tls.crt", PkiError::NoCertificate))?;
        if own.key_id != sha256(key.public_key_raw()) {
            return Err(NotGiven::Mismatch);
        }
        if !own.is_authority {
            return Err(NotGiven::NoAuthority(own.subject));
        }
        if !own.signs_certificates {
            return Err(NotGiven::NoSignatures(own.subject));
        }
        let known: Vec<_> = others.chain(roots).collect();
        let above = above(&own, &known);
        for (depth, one) in (1_usize..).zip(&above) {
            if !one.is_authority {
                return Err(NotGiven::AboveNoAuthority(one.subject.clone()));
            }
            if one.path_length.is_some_and(|allowed| allowed < depth) {
                let (above, below) = (one.subject.clone(), own.subject);
                return Err(NotGiven::PathLength { above, below, depth });
            }
        }
        Ok((Self::with(own, key), above))
    }
}

#[cfg(test)]
mod tests;
