//! The name in a certificate, written as Java's `X500Principal.getName()` does: RFC 2253, which is what rules, bindings and
//! super users are written with.

use rustls::pki_types::CertificateDer;
use x509_parser::{
    der_parser::asn1_rs::{Any, ToDer as _},
    prelude::{FromDer as _, X509Certificate},
    x509::AttributeTypeAndValue,
};

/// Types with a word of their own; others are written as numbers.
const KEYWORDS: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

/// Whom a certificate is for; `None` when it does not read.
pub(crate) fn subject(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let mut names = Vec::new();
    for relative in parsed.subject().iter_rdn() {
        let parts: Option<Vec<String>> = relative.iter().map(part).collect();
        names.push(parts?.join("+"));
    }
    names.reverse();
    Some(names.join(","))
}

/// The alternative names of a certificate, to be compared.
pub(crate) fn alternatives(certificate: &CertificateDer<'_>) -> Vec<String> {
    let Ok((_, parsed)) = X509Certificate::from_der(certificate) else { return Vec::new() };
    let Ok(Some(names)) = parsed.subject_alternative_name() else { return Vec::new() };
    names.value.general_names.iter().map(ToString::to_string).collect()
}

/// Whether a certificate holds at this time, in seconds since 1970.
pub(crate) fn is_valid_at(certificate: &CertificateDer<'_>, seconds: u64) -> bool {
    let Ok((_, parsed)) = X509Certificate::from_der(certificate) else { return false };
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let validity = parsed.validity();
    (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&seconds)
}

/// When a certificate ends, in seconds since 1970.
pub(crate) fn ends(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    Some(parsed.validity().not_after.timestamp())
}

fn part(one: &AttributeTypeAndValue<'_>) -> Option<String> {
    let number = one.attr_type().to_id_string();
    let keyword = KEYWORDS.iter().find(|(known, _)| *known == number).map(|(_, keyword)| *keyword);
    match (keyword, text(one.attr_value())) {
        (Some(keyword), Some(text)) => Some(format!("{keyword}={}", escaped(&text))),
        (keyword, _) => {
            let bytes = one.attr_value().to_der_vec().ok()?;
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            Some(format!("{}=#{hex}", keyword.unwrap_or(&number)))
        }
    }
}

/// The characters of a value that is a text.
fn text(value: &Any<'_>) -> Option<String> {
    match value.tag().0 {
        // UTF8String.
        12 => std::str::from_utf8(value.data).ok().map(str::to_owned),
        // PrintableString, IA5String, GeneralString.
        19 | 22 | 27 => Some(
            value
                .data
                .iter()
                .map(|byte| if byte.is_ascii() { char::from(*byte) } else { '\u{fffd}' })
                .collect(),
        ),
        // T61String, which is taken for Latin-1.
        20 => Some(value.data.iter().copied().map(char::from).collect()),
        // UniversalString.
        28 => value
            .data
            .chunks(4)
            .map(|unit| char::from_u32(u32::from_be_bytes(unit.try_into().ok()?)))
            .collect(),
        // BMPString.
        30 => {
            let units = value.data.chunks(2).map(|unit| Some(u16::from_be_bytes(unit.try_into().ok()?)));
            String::from_utf16(&units.collect::<Option<Vec<_>>>()?).ok()
        }
        _ => None,
    }
}

fn escaped(text: &str) -> String {
    let blank = |c: char| c == ' ' || c == '\r';
    let count = text.chars().count();
    let lead = text.chars().take_while(|c| blank(*c)).count();
    let trail = count - text.chars().rev().take_while(|c| blank(*c)).count();
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        match c {
            '\0' => out.push_str("\\00"),
            ',' | '=' | '+' | '<' | '>' | '#' | ';' | '"' | '\\' => out.extend(['\\', c]),
            _ if at < lead || at >= trail => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
