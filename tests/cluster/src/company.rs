//! A company's authorities: what cert-manager writes to Secrets, played by a test.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::json;

use crate::{kube::Kube, zoned::CLUSTER};

/// An authority, or what one issued.
type Issued = CertifiedIssuer<'static, KeyPair>;

/// A root, and one authority between it and those of everybody.
#[derive(Debug)]
pub struct Company {
    root: Issued,
    between: Issued,
}

fn params(name: &str, is_ca: IsCa) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = is_ca;
    params
}

const AUTHORITY: IsCa = IsCa::Ca(BasicConstraints::Unconstrained);

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

impl Default for Company {
    fn default() -> Self {
        let root = CertifiedIssuer::self_signed(params("company", AUTHORITY), key()).expect("a root");
        let between = CertifiedIssuer::signed_by(params("department", AUTHORITY), key(), &root);
        Self { root, between: between.expect("an authority") }
    }
}

impl Company {
    /// Writes the Secret with an authority of a new key, as cert-manager does of a `Certificate` with `isCA: true`.
    pub fn write(&self, kube: &Kube, namespace: &str, secret: &str) {
        let own = CertifiedIssuer::signed_by(params(secret, AUTHORITY), key(), &self.between);
        let own = own.expect("an authority");
        let manifest = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/tls",
            "metadata": { "name": secret, "labels": { "klamm.dev/cluster": CLUSTER } },
            "stringData": {
                "tls.crt": format!("{}{}", own.pem(), self.between.pem()),
                "tls.key": own.key().serialize_pem(),
                "ca.crt": self.root.pem(),
            },
        });
        kube.apply(namespace, &manifest.to_string()).expect("a Secret");
    }

    /// A certificate of somebody else of the company, with its chain and its key in one text.
    pub fn stranger(&self, name: &str) -> String {
        let other = CertifiedIssuer::signed_by(params("others", AUTHORITY), key(), &self.between);
        let other = other.expect("an authority");
        let own = CertifiedIssuer::signed_by(params(name, IsCa::NoCa), key(), &other).expect("a certificate");
        format!("{}{}{}{}", own.pem(), other.pem(), self.between.pem(), own.key().serialize_pem())
    }
}
