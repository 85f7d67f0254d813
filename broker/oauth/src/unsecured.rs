//! Unsecured tokens (RFC 7515, appendix A.5): anybody makes one, so that whoever has one is whoever he says. Kafka's
//! default without a document of keys, for tests of clients; taken by Kafka's rules.

mod maker;
#[cfg(test)]
mod tests;

use base64::{
    Engine as _,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use broker_types::Timestamp;
use serde_json::{Deserializer, Map, Number, Value};

pub use self::maker::{TokenMaker, Unmakable};
use crate::{claims::Bearer, jws::TOKEN_BYTES_MAX};

/// Base 64 of URLs as Java's decoder reads it: padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What unsecured tokens must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsecured {
    /// The claim that holds the user: `unsecuredValidatorPrincipalClaimName`.
    pub user_claim: String,
    /// The claim that holds the scopes: `unsecuredValidatorScopeClaimName`.
    pub scope_claim: String,
    /// The scopes that it must have: `unsecuredValidatorRequiredScope`.
    pub required_scopes: Vec<String>,
    /// The difference of clocks that is forgiven, in milliseconds: `unsecuredValidatorAllowableClockSkewMs`.
    pub skew_ms: u32,
}

/// Why an unsecured token lets nobody in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// It is none, or over.
    #[error("{0}")]
    Invalid(String),
    /// It lacks one of these scopes, as Java writes the list.
    #[error("not all of the scopes {required}")]
    Scope {
        /// All that it must have.
        required: String,
    },
    /// Kafka stumbles over it, and closes the connection.
    #[error("a token whose header names no algorithm")]
    NoAlgorithm,
}

impl NotTaken {
    fn because(text: impl Into<String>) -> Self {
        Self::Invalid(text.into())
    }
}

/// A JSON object, with the values as Kafka reads them.
struct Claims(Map<String, Value>);

impl Unsecured {
    /// Scopes as the option has them: words parted by spaces.
    ///
    /// # Errors
    /// One that is no scope (RFC 6749, section 3.3), in Kafka's words.
    pub fn scopes(text: &str) -> Result<Vec<String>, String> {
        let is_scope =
            |word: &&str| word.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
        let words = text.trim().split(' ').filter(|word| !word.is_empty());
        words
            .map(|word| Some(word).filter(is_scope).ok_or_else(|| format!("Invalid scope value: {word}")))
            .map(|word| word.map(str::to_owned))
            .collect()
    }

    /// Whom a token lets in.
    ///
    /// # Errors
    /// Why nobody.
    pub fn check(&self, token: &str, now: Timestamp) -> Result<Bearer, NotTaken> {
        let claims = read(token)?;
        let scopes = claims.scopes(&self.scope_claim)?;
        let ends = claims.seconds("exp")?.ok_or_else(|| NotTaken::because("no claim exp"))?;
        let user = claims.text(&self.user_claim)?.filter(|user| !user.trim().is_empty());
        let user = user.ok_or_else(|| NotTaken::because(format!("no claim {}", self.user_claim)))?;
        let issued = claims.seconds("iat")?;
        let (now, skew) = (now.as_millis() as f64, f64::from(self.skew_ms));
        if issued.is_some_and(|issued| 1000.0 * issued > now + skew) {
            return Err(NotTaken::because("the token is not valid yet"));
        }
        if now - skew >= 1000.0 * ends {
            return Err(NotTaken::because("the token has expired"));
        }
        if issued.is_some_and(|issued| ends <= issued) {
            return Err(NotTaken::because("the token ends before it begins"));
        }
        if self.required_scopes.iter().any(|required| !scopes.contains(required)) {
            return Err(NotTaken::Scope { required: format!("[{}]", self.required_scopes.join(", ")) });
        }
        // A float beyond what it holds becomes the largest, as in Java.
        Ok(Bearer { user, expires: Timestamp::from_millis((1000.0 * ends).round() as i64) })
    }
}

fn read(token: &str) -> Result<Claims, NotTaken> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(NotTaken::because(format!("a token of {} bytes", token.len())));
    }
    let parts: Vec<_> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Err(NotTaken::because("no token of three parts"));
    };
    if token.contains("..") {
        return Err(NotTaken::because("no token of three parts"));
    }
    let (header, claims) = (Claims::read(header)?, Claims::read(claims)?);
    match header.0.get("alg") {
        None => Err(NotTaken::NoAlgorithm),
        Some(Value::String(name)) if name == "none" && signature.is_empty() => Ok(claims),
        Some(Value::String(name)) if name == "none" => {
            Err(NotTaken::because("an unsecured token with a signature"))
        }
        Some(_) => Err(NotTaken::because("a token that is not unsecured")),
    }
}

impl Claims {
    fn read(part: &str) -> Result<Self, NotTaken> {
        let bytes = BASE64.decode(part).map_err(|_| NotTaken::because("no base 64"))?;
        let mut values = Deserializer::from_slice(&bytes).into_iter::<Value>();
        match values.next() {
            Some(Ok(Value::Object(claims))) => Ok(Self(claims)),
            // What else is JSON has no claims, and so does nothing at all.
            Some(Ok(_)) | None => Ok(Self(Map::new())),
            Some(Err(_)) => Err(NotTaken::because("no JSON")),
        }
    }

    /// A claim that must be a text. What is neither a number nor a list is one to Kafka.
    fn text(&self, name: &str) -> Result<Option<String>, NotTaken> {
        match self.0.get(name) {
            Some(Value::Number(_) | Value::Array(_)) => Err(of_another_kind(name)),
            other => Ok(other.map(as_text)),
        }
    }

    /// A time in seconds since 1970, perhaps with a fraction.
    fn seconds(&self, name: &str) -> Result<Option<f64>, NotTaken> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Number(seconds)) => Ok(Number::as_f64(seconds)),
            Some(_) => Err(of_another_kind(name)),
        }
    }

    fn scopes(&self, name: &str) -> Result<Vec<String>, NotTaken> {
        let all = match self.0.get(name) {
            None => Vec::new(),
            Some(Value::Number(_)) => return Err(of_another_kind(name)),
            Some(Value::Array(all)) => all.iter().map(as_text).collect(),
            Some(one) => vec![as_text(one)],
        };
        Ok(all.iter().map(|scope| scope.trim().to_owned()).filter(|scope| !scope.is_empty()).collect())
    }
}

fn of_another_kind(name: &str) -> NotTaken {
    NotTaken::because(format!("a claim {name} that cannot be"))
}

/// As Java's JSON nodes tell themselves: containers as nothing.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => String::new(),
        other => other.to_string(),
    }
}
