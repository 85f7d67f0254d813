//! Certificates and keys as text: `-----BEGIN X-----`, base64, `-----END X-----`.
//!
//! Read as leniently as Kafka does: what is between the blocks is passed over, and a block may be one line, as it is
//! where it stands in a properties file.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::StoreError;

/// One block.
struct Block<'a> {
    label: &'a str,
    bytes: Vec<u8>,
}

/// The certificates of a text, in their order.
///
/// # Errors
/// When there is none, or one is not base64.
pub(crate) fn certificates(text: &str) -> Result<Vec<CertificateDer<'static>>, StoreError> {
    let all: Vec<_> = blocks(text)?
        .into_iter()
        .filter(|block| block.label.ends_with("CERTIFICATE"))
        .map(|block| CertificateDer::from(block.bytes))
        .collect();
    if all.is_empty() { Err(StoreError::NoCertificate) } else { Ok(all) }
}

/// The one private key of a text.
///
/// # Errors
/// When there is none or more than one, or it does not open with `password`.
pub(crate) fn private_key(text: &str, password: Option<&str>) -> Result<PrivateKeyDer<'static>, StoreError> {
    let mut keys = blocks(text)?.into_iter().filter(|block| block.label.ends_with("PRIVATE KEY"));
    let (key, more) = (keys.next().ok_or(StoreError::NoKey)?, keys.count());
    if more > 0 {
        return Err(StoreError::ManyKeys(more + 1));
    }
    match (key.label, password) {
        ("ENCRYPTED PRIVATE KEY", None) => Err(StoreError::KeyNeedsPassword),
        ("ENCRYPTED PRIVATE KEY", Some(password)) => decrypted(&key.bytes, password),
        ("RSA PRIVATE KEY", _) => Ok(PrivateKeyDer::Pkcs1(key.bytes.into())),
        ("EC PRIVATE KEY", _) => Ok(PrivateKeyDer::Sec1(key.bytes.into())),
        _ => Ok(PrivateKeyDer::Pkcs8(key.bytes.into())),
    }
}

fn decrypted(bytes: &[u8], password: &str) -> Result<PrivateKeyDer<'static>, StoreError> {
    let sealed = pkcs8::EncryptedPrivateKeyInfoRef::try_from(bytes).map_err(|_| StoreError::KeyUnreadable)?;
    let key = sealed.decrypt(password).map_err(|_| StoreError::KeyPassword)?;
    Ok(PrivateKeyDer::Pkcs8(key.as_bytes().to_vec().into()))
}

fn blocks(text: &str) -> Result<Vec<Block<'_>>, StoreError> {
    const BEGIN: &str = "-----BEGIN ";
    const END: &str = "-----END ";
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, from)) = rest.split_once(BEGIN) {
        let (label, from) = from.split_once("-----").ok_or(StoreError::Cut)?;
        let (body, from) = from.split_once(END).ok_or(StoreError::Cut)?;
        rest = from;
        // Lines with a colon are headers of old formats.
        let base64: String = body.lines().filter(|line| !line.contains(':')).collect();
        let base64: String = base64.chars().filter(|c| !c.is_whitespace()).collect();
        let bytes = STANDARD.decode(base64).map_err(|_| StoreError::NoBase64(label.to_owned()))?;
        blocks.push(Block { label, bytes });
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "-----BEGIN CERTIFICATE-----\nAAEC\nAwQ=\n-----END CERTIFICATE-----\n";

    #[test]
    fn blocks_are_found_among_other_text_and_on_one_line() {
        let text =
            format!("subject=CN\n{ONE}more\n-----BEGIN CERTIFICATE----- BQY= -----END CERTIFICATE-----");
        let found = certificates(&text).unwrap();
        assert_eq!(found, [CertificateDer::from(vec![0, 1, 2, 3, 4]), CertificateDer::from(vec![5, 6])]);
    }

    #[test]
    fn what_is_no_certificate_or_key_is_told() {
        assert!(matches!(certificates("nothing"), Err(StoreError::NoCertificate)));
        assert!(matches!(private_key(ONE, None), Err(StoreError::NoKey)));
        assert!(matches!(certificates("-----BEGIN CERTIFICATE-----\nAAEC"), Err(StoreError::Cut)));
        let broken = ONE.replace("AAEC", "A?EC");
        assert!(matches!(certificates(&broken), Err(StoreError::NoBase64(label)) if label == "CERTIFICATE"));
        let key = "-----BEGIN PRIVATE KEY-----\nAAEC\n-----END PRIVATE KEY-----\n";
        assert!(matches!(private_key(&format!("{key}{key}"), None), Err(StoreError::ManyKeys(2))));
        let sealed = key.replace("PRIVATE", "ENCRYPTED PRIVATE");
        assert!(matches!(private_key(&sealed, None), Err(StoreError::KeyNeedsPassword)));
        assert!(matches!(private_key(&sealed, Some("x")), Err(StoreError::KeyUnreadable)));
    }
}
