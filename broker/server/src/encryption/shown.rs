//! What is in use, as metrics: when certificates end, and which files are loaded. A digest tells files apart and shows
//! nothing of them.

use prometheus::{Encoder as _, IntGaugeVec, Opts, Registry, TextEncoder};

use super::Encryption;

impl Encryption {
    /// The metrics in the text format of Prometheus; nothing where nothing is encrypted. They are made anew each time: a
    /// digest that is over leaves no label behind.
    ///
    /// # Errors
    /// When they cannot be encoded.
    pub(crate) fn metrics(&self) -> Result<Vec<u8>, prometheus::Error> {
        let registry = Registry::new();
        let ends = IntGaugeVec::new(
            Opts::new(
                "klamm_tls_certificate_not_after_seconds",
                "When the certificate in use ends, in seconds since 1970",
            ),
            &["listener"],
        )?;
        let material = IntGaugeVec::new(
            Opts::new("klamm_tls_material", "Digests of the keys and of the trusted certificates in use"),
            &["listener", "keystore", "truststore"],
        )?;
        registry.register(Box::new(ends.clone()))?;
        registry.register(Box::new(material.clone()))?;
        for (listener, in_use) in self.in_use() {
            if let Some(seconds) = in_use.not_after {
                ends.with_label_values(&[listener]).set(seconds);
            }
            let text = |digest: Option<broker_tls::Digest>| {
                digest.map(|digest| digest.to_string()).unwrap_or_default()
            };
            let (keystore, truststore) = (text(in_use.keystore), text(in_use.truststore));
            material.with_label_values(&[listener, &keystore, &truststore]).set(1);
        }
        let mut out = Vec::new();
        TextEncoder::new().encode(&registry.gather(), &mut out)?;
        Ok(out)
    }
}
