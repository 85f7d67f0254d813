//! An authority: a key, and the certificate that others trust.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};

use crate::{Certificate, Pair, PkiError, Validity, above, certificates, pair, random};

/// Who issues: the organization of all subjects.
const ORGANIZATION: &str = "klamm.dev";

/// A key, and the certificate that others trust.
pub struct Authority {
    certificate: Certificate,
    key: KeyPair,
    /// What is shown beside what it issues: itself, and who vouches for it, without the root.
    between: Vec<Certificate>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

/// What a certificate is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its common name.
    pub name: String,
    /// The hosts that it is for.
    pub hosts: Vec<String>,
}

impl Authority {
    /// A new one with a new key (ECDSA P-256) and this common name.
    ///
    /// # Errors
    /// When there is no randomness, or the times are no dates.
    pub fn new(name: &str, validity: Validity) -> Result<Self, PkiError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(issue)?;
        let certificate = self_signed(subject(name), &key, validity)?;
        Ok(Self::with(certificate, key))
    }

    pub(crate) fn with(certificate: Certificate, key: KeyPair) -> Self {
        let between = (!certificate.is_self_signed()).then(|| certificate.clone());
        Self { between: between.into_iter().collect(), certificate, key }
    }

    /// The same, where it is among `known` who vouches for it: that is shown beside what it issues, without the root.
    #[must_use]
    pub fn below(mut self, known: &[Certificate]) -> Self {
        let above = above(&self.certificate, known);
        self.between = [&self.certificate].into_iter().chain(&above).cloned().collect();
        self.between.retain(|one| !one.is_self_signed());
        self
    }

    /// The same key and name with another time: what was issued before is believed by those who trust the new one.
    ///
    /// # Errors
    /// As [`Self::new`], or when it is not one that was made here, by its name.
    pub fn renewed(self, validity: Validity) -> Result<Self, PkiError> {
        let certificate = self_signed(subject(&self.certificate.common_name()), &self.key, validity)?;
        // With another name it would vouch for nothing that was issued before.
        if certificate.subject != self.certificate.subject {
            return Err(PkiError::Name(self.certificate.subject));
        }
        Ok(Self::with(certificate, self.key))
    }

    /// One that was kept: the certificate of `key` among those of `certificates`.
    ///
    /// # Errors
    /// When one of the texts does not read, no certificate is of the key, or the one that is may sign nothing.
    pub fn read(certificates_pem: &str, key: &str) -> Result<Self, PkiError> {
        let key = pair::key(key)?;
        let id = crate::sha256(key.public_key_raw());
        let mut all = certificates(certificates_pem)?.into_iter();
        let certificate = all.find(|certificate| certificate.key_id == id).ok_or(PkiError::Mismatch)?;
        if certificate.is_authority { Ok(Self::with(certificate, key)) } else { Err(PkiError::NoAuthority) }
    }

    /// What others trust.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The key as text. It is a secret.
    #[must_use]
    pub fn reveal_key(&self) -> String {
        self.key.serialize_pem()
    }

    /// Issues a certificate for both ends of connections, with a key of its own. It holds no longer than the authority.
    ///
    /// # Errors
    /// When a host is no name, there is no randomness, or the times are no dates.
    pub fn issue(&self, request: &Request, validity: Validity) -> Result<Pair, PkiError> {
        let mut params = CertificateParams::new(request.hosts.clone()).map_err(issue)?;
        params.distinguished_name = subject(&request.name);
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(params, validity)
    }

    /// Issues a certificate for a user, whose name is all of its subject: `CN=name`. It holds no longer than the authority.
    ///
    /// # Errors
    /// As [`Self::issue`].
    pub fn issue_user(&self, name: &str, validity: Validity) -> Result<Pair, PkiError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(params, validity)
    }

    fn sign(&self, mut params: CertificateParams, validity: Validity) -> Result<Pair, PkiError> {
        let validity = validity.at_most(self.certificate.not_after);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(issue)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        params.use_authority_key_identifier_extension = true;
        during(&mut params, validity)?;
        let issuer = Issuer::from_ca_cert_der(&self.certificate.der().into(), &self.key).map_err(issue)?;
        let leaf = params.signed_by(&key, &issuer).map_err(issue)?;
        // Whoever trusts the root needs what is between it and the leaf.
        let between: String = self.between.iter().map(Certificate::pem).collect();
        Pair::new(&format!("{}{between}", leaf.pem()), &key.serialize_pem())
    }
}

fn self_signed(name: DistinguishedName, key: &KeyPair, validity: Validity) -> Result<Certificate, PkiError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages =
        vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    during(&mut params, validity)?;
    let made = params.self_signed(key).map_err(issue)?;
    certificates(&made.pem())?.into_iter().next().ok_or(PkiError::NoCertificate)
}

fn during(params: &mut CertificateParams, validity: Validity) -> Result<(), PkiError> {
    params.not_before = validity.from.date()?;
    params.not_after = validity.until.date()?;
    params.serial_number = Some(random::serial()?);
    Ok(())
}

fn subject(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::OrganizationName, ORGANIZATION);
    subject.push(DnType::CommonName, name);
    subject
}

/// What rcgen says names kinds of faults, never a key.
fn issue(error: rcgen::Error) -> PkiError {
    PkiError::Issue(error.to_string())
}
