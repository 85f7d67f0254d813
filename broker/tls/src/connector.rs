//! The end that connects.

use std::{path::Path, sync::Arc};

use rustls::{ClientConfig, pki_types::CertificateDer};

use crate::{
    error::TlsError,
    live::{Changes, InUse, Live, Refreshed},
    material::Material,
    options::{FileSource, Options, TrustSource},
    store,
    trust::{Servers, Trust},
};

/// Where systems keep the authorities that everybody trusts.
const PUBLIC: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// How connections to others are made. What it is made of may be replaced: connections that begin later use that.
#[derive(Debug)]
pub struct Connector {
    live: Live<ClientConfig>,
}

impl Connector {
    /// Connects as the settings say.
    ///
    /// # Errors
    /// When they name what cannot be used.
    pub fn new(options: Options) -> Result<Self, TlsError> {
        Ok(Self { live: Live::new(options, client_config, |_, _| Ok(()))? })
    }

    /// What the next connection is to be made with.
    #[must_use]
    pub fn config(&self) -> Arc<ClientConfig> {
        self.live.config()
    }

    /// What connections that begin now are made with.
    #[must_use]
    pub fn in_use(&self) -> InUse {
        self.live.in_use()
    }

    /// Looks at the settings and at the files that they name, and uses what is new.
    ///
    /// # Errors
    /// Why what is new cannot be used, once for each that is; what was there before stays.
    pub fn refresh(&self, options: Options, allowed: Changes) -> Result<Refreshed, TlsError> {
        self.live.refresh(options, allowed)
    }
}

pub(crate) fn client_config(options: &Options, material: Material) -> Result<ClientConfig, TlsError> {
    let trusted = match material.trusted {
        Some(trusted) => trusted.certificates,
        None => public()?,
    };
    let trust = Trust::new(trusted, material.provider.clone())?;
    let unusable = |error: rustls::Error| TlsError::Pair(error.to_string());
    let builder = ClientConfig::builder_with_provider(material.provider)
        .with_protocol_versions(&material.versions)
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Servers { trust, checks_names: options.checks_names }));
    match material.keys {
        Some(keys) => builder.with_client_auth_cert(keys.chain, keys.key).map_err(unusable),
        None => Ok(builder.with_no_client_auth()),
    }
}

/// The authorities that the system trusts, as those of the JVM are trusted where nothing is said.
fn public() -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let path = PUBLIC.into_iter().find(|path| Path::new(path).exists());
    let path = path.ok_or_else(|| TlsError::Value {
        key: "ssl.truststore.location",
        reason: "whom to trust is to be said: this system has no list of its own".to_owned(),
    })?;
    let file = FileSource { path: path.into(), is_pem: true, password: None };
    store::trusted(&TrustSource::File(file)).map(|trusted| trusted.certificates).map_err(TlsError::Trust)
}
