//! The four messages (RFC 5802 section 7), read as Kafka reads them: extensions are taken and passed over, a reserved
//! one is not refused, and what is signed is made anew from what was understood.

use alloc::{
    borrow::Cow,
    format,
    string::{String, ToString as _},
    vec::Vec,
};

use base64::{
    Engine as _, alphabet,
    engine::{GeneralPurpose, GeneralPurposeConfig},
};

/// Java's decoder does not look at the bits that are left over.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// What the client begins with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ClientFirst {
    /// Whom to act as, as it came; empty for oneself.
    pub(super) acts_as: String,
    /// The user's name with its escapes.
    pub(super) sasl_name: String,
    pub(super) nonce: String,
    pub(super) extensions: Vec<(String, String)>,
}

impl ClientFirst {
    pub(super) fn read(token: &[u8]) -> Option<Self> {
        let rest = ascii(token)?.strip_prefix("n,")?;
        let (acts_as, rest) = match rest.strip_prefix("a=") {
            Some(rest) => rest.split_once(',').filter(|(name, _)| is_sasl_name(name))?,
            None => ("", rest.strip_prefix(',')?),
        };
        let (name, rest) = without_reserved(rest)?.strip_prefix("n=")?.split_once(',')?;
        let mut parts = rest.strip_prefix("r=")?.split(',');
        let nonce = parts.next().filter(|nonce| is_printable(nonce))?;
        let extensions: Option<Vec<_>> = parts.map(extension).collect();
        is_sasl_name(name).then_some(Self {
            acts_as: acts_as.to_string(),
            sasl_name: name.to_string(),
            nonce: nonce.to_string(),
            extensions: extensions?,
        })
    }

    /// What is signed of it.
    pub(super) fn bare(&self) -> String {
        let mut text = format!("n={},r={}", self.sasl_name, self.nonce);
        for (name, value) in &self.extensions {
            text += &format!(",{name}={value}");
        }
        text
    }

    pub(super) fn text(&self) -> String {
        format!("n,{},{}", self.acts_as, self.bare())
    }

    /// Whether the name is a delegation token's id.
    pub(super) fn is_of_token(&self) -> bool {
        let named = self.extensions.iter().rev().find(|(name, _)| name == TOKEN_AUTH);
        named.is_some_and(|(_, value)| value.eq_ignore_ascii_case("true"))
    }
}

/// The extension that says that the name is a delegation token's id (KIP-48).
pub(super) const TOKEN_AUTH: &str = "tokenauth";

/// What the server answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ServerFirst {
    /// The client's, and the server's behind it.
    pub(super) nonce: String,
    pub(super) salt: Vec<u8>,
    pub(super) iterations: i32,
}

impl ServerFirst {
    pub(super) fn read(token: &[u8]) -> Option<Self> {
        let mut parts = without_reserved(ascii(token)?)?.split(',');
        let nonce = parts.next()?.strip_prefix("r=").filter(|nonce| is_printable(nonce))?;
        let salt = base64(parts.next()?.strip_prefix("s=")?)?;
        let iterations = parts.next()?.strip_prefix("i=")?;
        let iterations = iterations.bytes().all(|byte| byte.is_ascii_digit()).then_some(iterations)?;
        let iterations = iterations.parse().ok().filter(|iterations| *iterations > 0)?;
        parts.all(|part| extension(part).is_some()).then_some(Self {
            nonce: nonce.to_string(),
            salt,
            iterations,
        })
    }

    pub(super) fn text(&self) -> String {
        format!("r={},s={},i={}", self.nonce, BASE64.encode(&self.salt), self.iterations)
    }
}

/// The client's proof.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ClientFinal {
    pub(super) channel_binding: Vec<u8>,
    pub(super) nonce: String,
    pub(super) proof: Vec<u8>,
}

impl ClientFinal {
    pub(super) fn read(token: &[u8]) -> Option<Self> {
        let (before, proof) = ascii(token)?.rsplit_once(",p=")?;
        let mut parts = before.split(',');
        let channel_binding = base64(parts.next()?.strip_prefix("c=")?)?;
        let nonce = parts.next()?.strip_prefix("r=").filter(|nonce| is_printable(nonce))?;
        let proof = base64(proof)?;
        parts.all(|part| extension(part).is_some()).then_some(Self {
            channel_binding,
            nonce: nonce.to_string(),
            proof,
        })
    }

    /// What is signed of it.
    pub(super) fn without_proof(&self) -> String {
        format!("c={},r={}", BASE64.encode(&self.channel_binding), self.nonce)
    }

    pub(super) fn text(&self) -> String {
        format!("{},p={}", self.without_proof(), BASE64.encode(&self.proof))
    }
}

/// The end of an exchange.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ServerFinal {
    /// The server's own proof.
    Signature(Vec<u8>),
    /// Why it refuses.
    Error(String),
}

impl ServerFinal {
    pub(super) fn read(token: &[u8]) -> Option<Self> {
        let text = ascii(token)?;
        if let Some(error) = text.strip_prefix("e=") {
            let is_value = !error.is_empty() && !error.contains(['=', ',', '\0']);
            return is_value.then(|| Self::Error(error.to_string()));
        }
        let mut parts = text.split(',');
        let signature = base64(parts.next()?.strip_prefix("v=")?)?;
        parts.all(|part| extension(part).is_some()).then_some(Self::Signature(signature))
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Signature(signature) => format!("v={}", BASE64.encode(signature)),
            Self::Error(error) => format!("e={error}"),
        }
    }
}

/// What both sides sign.
pub(super) fn signed(first: &ClientFirst, server: &ServerFirst, last: &ClientFinal) -> String {
    format!("{},{},{}", first.bare(), server.text(), last.without_proof())
}

/// A name with what would end it written otherwise.
pub(super) fn escaped(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

/// The name that was meant.
pub(super) fn unescaped(sasl_name: &str) -> Cow<'_, str> {
    if sasl_name.contains('=') {
        Cow::Owned(sasl_name.replace("=2C", ",").replace("=3D", "="))
    } else {
        Cow::Borrowed(sasl_name)
    }
}

fn ascii(token: &[u8]) -> Option<&str> {
    core::str::from_utf8(token).ok().filter(|text| text.is_ascii())
}

fn without_reserved(text: &str) -> Option<&str> {
    match text.strip_prefix("m=") {
        Some(rest) => rest.split_once(',').filter(|(value, _)| is_value(value)).map(|(_, rest)| rest),
        None => Some(text),
    }
}

fn extension(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_name && is_value(value)).then(|| (name.to_string(), value.to_string()))
}

fn is_value(text: &str) -> bool {
    !text.is_empty() && !text.contains(['\0', ','])
}

fn is_printable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

fn is_sasl_name(text: &str) -> bool {
    is_value(text) && !text.replace("=2C", "").replace("=3D", "").contains('=')
}

fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}
