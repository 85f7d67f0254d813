//! The expected names are what Java says of the same certificates.

use rcgen::{CertificateParams, DistinguishedName, DnType, DnValue, KeyPair};

use super::*;
use crate::pem;

const EMAIL: &[u64] = &[1, 2, 840, 113_549, 1, 9, 1];
const SERIAL: &[u64] = &[2, 5, 4, 5];
const STREET: &[u64] = &[2, 5, 4, 9];
const DOMAIN: &[u64] = &[0, 9, 2342, 19_200_300, 100, 1, 25];
const UID: &[u64] = &[0, 9, 2342, 19_200_300, 100, 1, 1];

/// `O=a+OU=b/CN=schlüssel`, with two types in one part of the name.
const TWO_IN_ONE: &str = include_str!("two_in_one.pem");

fn named(parts: &[(DnType, DnValue)]) -> String {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in parts {
        params.distinguished_name.push(kind.clone(), value.clone());
    }
    let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    subject(certificate.der()).unwrap()
}

fn text(text: &str) -> DnValue {
    DnValue::Utf8String(text.to_owned())
}

fn kind(number: &[u64]) -> DnType {
    DnType::CustomDnType(number.to_vec())
}

#[test]
fn parts_are_named_from_the_last_to_the_first() {
    let printable = |text: &str| DnValue::PrintableString(text.try_into().unwrap());
    let name = named(&[
        (DnType::CountryName, printable("US")),
        (DnType::StateOrProvinceName, text("MD")),
        (DnType::LocalityName, text("Fulton")),
        (DnType::OrganizationName, text("mycp")),
        (DnType::OrganizationalUnitName, text("SME")),
        (DnType::CommonName, text("duke")),
    ]);
    assert_eq!(name, "CN=duke,OU=SME,O=mycp,L=Fulton,ST=MD,C=US");
}

#[test]
fn what_would_be_misread_is_escaped() {
    let name = named(&[
        (DnType::OrganizationName, text("Comma, Plus+ and \"Quote\"")),
        (DnType::CommonName, text(" lead and trail  ")),
    ]);
    assert_eq!(name, r#"CN=\ lead and trail\ \ ,O=Comma\, Plus\+ and \"Quote\""#);
    let name = named(&[
        (kind(DOMAIN), DnValue::Ia5String("org".try_into().unwrap())),
        (kind(UID), text("u1")),
        (kind(STREET), text("Main #1;<>=")),
        (DnType::CommonName, text(r"back\slash")),
    ]);
    assert_eq!(name, r"CN=back\\slash,STREET=Main \#1\;\<\>\=,UID=u1,DC=org");
}

#[test]
fn types_without_a_word_are_numbers_and_bytes() {
    let name = named(&[
        (kind(EMAIL), DnValue::Ia5String("a@b.c".try_into().unwrap())),
        (kind(SERIAL), DnValue::PrintableString("7".try_into().unwrap())),
        (DnType::CommonName, text("x")),
    ]);
    assert_eq!(name, "CN=x,2.5.4.5=#130137,1.2.840.113549.1.9.1=#16056140622e63");
}

#[test]
fn two_types_in_one_part_stay_together() {
    let certificates = pem::certificates(TWO_IN_ONE).unwrap();
    assert_eq!(subject(&certificates[0]).as_deref(), Some("CN=schlüssel,O=a+OU=b"));
}

#[test]
fn what_is_no_certificate_has_no_name() {
    assert_eq!(subject(&CertificateDer::from(vec![0x30, 0x03, 1, 2, 3])), None);
    assert!(!is_valid_at(&CertificateDer::from(vec![]), 0));
}
