//! Whom one end believes.
//!
//! As in Java a certificate is believed when one that is trusted vouches for it, or when it is itself among the trusted:
//! self-signed certificates of brokers and clients are put into trust stores as they are.

use std::{fmt, sync::Arc};

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::{
        ParsedCertificate, WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};

use crate::{
    error::{StoreError, TlsError},
    name,
    options::ClientAuth,
};

/// The trusted certificates.
pub(crate) struct Trust {
    exactly: Vec<CertificateDer<'static>>,
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust").field("certificates", &self.exactly.len()).finish_non_exhaustive()
    }
}

impl Trust {
    pub(crate) fn new(
        trusted: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in &trusted {
            let unusable = |error: Error| TlsError::Trust(StoreError::Untrustable(error.to_string()));
            roots.add(certificate.clone()).map_err(unusable)?;
        }
        Ok(Self { exactly: trusted, roots: Arc::new(roots), provider })
    }

    /// Whether a certificate is trusted as it is; one whose time is over is not.
    fn is_exactly(&self, certificate: &CertificateDer<'_>, now: UnixTime) -> Result<bool, Error> {
        if !self.exactly.iter().any(|trusted| trusted.as_ref() == certificate.as_ref()) {
            return Ok(false);
        }
        if name::is_valid_at(certificate, now.as_secs()) {
            return Ok(true);
        }
        Err(Error::InvalidCertificate(CertificateError::Expired))
    }
}

/// Believes servers.
#[derive(Debug)]
pub(crate) struct Servers {
    pub(crate) trust: Trust,
    /// Whether the certificate must be for the name that was asked for.
    pub(crate) checks_names: bool,
}

impl ServerCertVerifier for Servers {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        let trust = &self.trust;
        if !trust.is_exactly(certificate, now)? {
            let algorithms = trust.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&parsed, &trust.roots, intermediates, now, algorithms)?;
        }
        if self.checks_names {
            verify_server_name(&parsed, name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.trust.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.trust.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Believes clients.
#[derive(Debug)]
pub(crate) struct Clients {
    trust: Trust,
    inner: Arc<dyn ClientCertVerifier>,
}

impl Clients {
    /// Those that show a certificate, and the others where they need not.
    pub(crate) fn new(trust: Trust, auth: ClientAuth) -> Result<Self, TlsError> {
        let builder =
            WebPkiClientVerifier::builder_with_provider(trust.roots.clone(), trust.provider.clone());
        let builder = if auth == ClientAuth::Required { builder } else { builder.allow_unauthenticated() };
        let untrustable = |error: rustls::server::VerifierBuilderError| {
            TlsError::Trust(StoreError::Untrustable(error.to_string()))
        };
        Ok(Self { inner: builder.build().map_err(untrustable)?, trust })
    }
}

impl ClientCertVerifier for Clients {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        self.inner.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.inner.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if self.trust.is_exactly(certificate, now)? {
            return Ok(ClientCertVerified::assertion());
        }
        self.inner.verify_client_cert(certificate, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
