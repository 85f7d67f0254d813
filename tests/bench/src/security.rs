//! What it costs that nobody reads along, and that not everybody may do everything, or as much as he likes.

mod acls;
mod handshakes;
mod quotas;
mod small;
mod tls;

use anyhow::Result;
use tests_compat::{Authority, Encrypted, Spec, Stores, Trust};

use crate::options::{Options, Part};
use crate::report::Report;

/// Certificates for brokers, and whom their clients believe.
#[derive(Debug)]
struct Protection {
    stores: Stores,
    trust: Trust,
}

impl Protection {
    fn new() -> Result<Self> {
        let authority = Authority::new("authority")?;
        let stores = Stores::new()?;
        stores.write("broker.pem", authority.issue("broker")?.pem())?;
        Ok(Self { stores, trust: authority.trust()? })
    }

    /// Adds a listener with TLS.
    fn add_to(&self, spec: Spec) -> Result<Spec> {
        let keys = self.stores.named("broker.pem")?;
        Ok(spec.ssl(Encrypted::Clients).set("ssl.keystore.type", "PEM").set("ssl.keystore.location", &keys))
    }
}

/// What needs all cores.
pub(crate) fn run_on_all_cores(options: &Options, report: &mut Report) -> Result<()> {
    if options.wants_part(Part::Handshakes) {
        handshakes::run(options, report)?;
    }
    Ok(())
}

/// What runs with the broker on one core.
pub(crate) fn run(options: &Options, report: &mut Report) -> Result<()> {
    if options.wants_part(Part::Tls) {
        tls::run(options, report)?;
    }
    if options.wants_part(Part::Acls) {
        acls::run(options, report)?;
    }
    if options.wants_part(Part::Quotas) {
        quotas::run(options, report)?;
    }
    Ok(())
}
