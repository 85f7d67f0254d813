//! A configuration of TLS that is replaced while it is in use.
//!
//! Invariant: what is in use was loaded whole. What does not load, or is for somebody else, is told once and changes nothing.

use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rustls::pki_types::CertificateDer;

use crate::{
    digest::Digest,
    error::TlsError,
    material::{Material, Stamp},
    name,
    options::Options,
};

/// How a new certificate may differ from the one that it replaces (`ssl.allow.dn.changes`, `ssl.allow.san.changes`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// It may be for another name.
    pub subject: bool,
    /// It may lack alternative names.
    pub alternatives: bool,
}

/// What became of a look at the settings and the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// There is nothing new.
    Unchanged,
    /// Connections that begin from now on use what is new.
    Replaced,
}

/// How a configuration is made of what was loaded.
pub(crate) type Build<C> = fn(&Options, Material) -> Result<C, TlsError>;

/// Whether what is used by some may be replaced by what others use already.
pub(crate) type Follow<C> = fn(before: &C, after: &C) -> Result<(), TlsError>;

#[derive(Debug)]
pub(crate) struct Live<C> {
    config: ArcSwap<C>,
    state: Mutex<State>,
    build: Build<C>,
    follow: Follow<C>,
}

#[derive(Debug)]
struct State {
    seen: Seen,
    certificate: Option<CertificateDer<'static>>,
    in_use: InUse,
}

/// What is in use, told apart without showing it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct InUse {
    /// Of the key and its certificates.
    pub keystore: Option<Digest>,
    /// Of what is trusted.
    pub truststore: Option<Digest>,
    /// When the certificate ends, in seconds since 1970.
    pub not_after: Option<i64>,
}

/// What was looked at last, whether it could be used or not.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    options: Options,
    stamps: Vec<Option<Stamp>>,
}

impl Seen {
    fn now(options: Options) -> Self {
        let stamps = options.files().map(|path| Stamp::of(path)).collect();
        Self { options, stamps }
    }
}

impl<C> Live<C> {
    pub(crate) fn new(options: Options, build: Build<C>, follow: Follow<C>) -> Result<Self, TlsError> {
        let seen = Seen::now(options);
        let Loaded { config, certificate, in_use } = load(&seen.options, build)?;
        let config = ArcSwap::from_pointee(config);
        Ok(Self { config, state: Mutex::new(State { seen, certificate, in_use }), build, follow })
    }

    pub(crate) fn config(&self) -> Arc<C> {
        self.config.load_full()
    }

    pub(crate) fn in_use(&self) -> InUse {
        self.state.lock().in_use
    }

    /// Whether these settings could be used from now on.
    pub(crate) fn check(&self, options: &Options, allowed: Changes) -> Result<C, TlsError> {
        let Loaded { config, certificate, .. } = load(options, self.build)?;
        let before = self.state.lock().certificate.clone();
        compatible(before.as_ref(), certificate.as_ref(), allowed)?;
        (self.follow)(&self.config.load(), &config)?;
        Ok(config)
    }

    /// Looks at the settings and the files, and uses what is new. Files are looked at before they are read: what is written
    /// in between is seen the next time.
    pub(crate) fn refresh(&self, options: Options, allowed: Changes) -> Result<Refreshed, TlsError> {
        let seen = Seen::now(options);
        let mut state = self.state.lock();
        if state.seen == seen {
            return Ok(Refreshed::Unchanged);
        }
        state.seen = seen;
        let Loaded { config, certificate, in_use } = load(&state.seen.options, self.build)?;
        compatible(state.certificate.as_ref(), certificate.as_ref(), allowed)?;
        (self.follow)(&self.config.load(), &config)?;
        (state.certificate, state.in_use) = (certificate, in_use);
        self.config.store(Arc::new(config));
        Ok(Refreshed::Replaced)
    }
}

struct Loaded<C> {
    config: C,
    certificate: Option<CertificateDer<'static>>,
    in_use: InUse,
}

fn load<C>(options: &Options, build: Build<C>) -> Result<Loaded<C>, TlsError> {
    let material = Material::load(options)?;
    let certificate = material.keys.as_ref().and_then(|keys| keys.chain.first().cloned());
    let in_use = InUse {
        keystore: material.keys.as_ref().map(|keys| keys.digest),
        truststore: material.trusted.as_ref().map(|trusted| trusted.digest),
        not_after: certificate.as_ref().and_then(name::ends),
    };
    Ok(Loaded { config: build(options, material)?, certificate, in_use })
}

/// As Kafka demands it of a store that replaces another.
fn compatible(
    before: Option<&CertificateDer<'static>>,
    after: Option<&CertificateDer<'static>>,
    allowed: Changes,
) -> Result<(), TlsError> {
    let (before, after) = match (before, after) {
        (Some(before), Some(after)) => (before, after),
        (None, None) => return Ok(()),
        (None, Some(_)) => {
            return Err(TlsError::Together(
                "Cannot add SSL keystore to an existing listener for which no keystore was configured.",
            ));
        }
        (Some(_), None) => {
            return Err(TlsError::Together(
                "Cannot remove the SSL keystore from an existing listener for which a keystore was configured.",
            ));
        }
    };
    let subject = |certificate| name::subject(certificate).unwrap_or_default();
    let (existing, new) = (subject(before), subject(after));
    if !allowed.subject && !existing.eq_ignore_ascii_case(&new) {
        return Err(TlsError::OtherName { existing, new });
    }
    let names = name::alternatives(after);
    let lacking: Vec<_> =
        name::alternatives(before).into_iter().filter(|name| !names.contains(name)).collect();
    if !allowed.alternatives && !lacking.is_empty() {
        return Err(TlsError::LacksNames(lacking.join(", ")));
    }
    Ok(())
}
