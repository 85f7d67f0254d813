//! Unsecured tokens that a client makes for itself, by the options `unsecuredLogin…` of its JAAS line.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use broker_types::Timestamp;
use serde_json::{Map, Number, Value};

use super::Claims;

const PRINCIPAL: &str = "unsecuredLoginPrincipalClaimName";
const LIFETIME: &str = "unsecuredLoginLifetimeSeconds";
const TEXT: &str = "unsecuredLoginStringClaim_";
const NUMBER: &str = "unsecuredLoginNumberClaim_";
const LIST: &str = "unsecuredLoginListClaim_";
/// Set by the maker itself.
const RESERVED: [&str; 2] = ["iat", "exp"];
/// How long a token lasts where nothing is said.
const LIFETIME_SECONDS: i64 = 3600;

/// Why no tokens can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{option}: {reason}")]
pub struct Unmakable {
    /// The option of the JAAS line.
    pub option: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Makes unsecured tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenMaker {
    claims: Map<String, Value>,
    lifetime_seconds: i64,
}

impl TokenMaker {
    /// By the options of a JAAS line.
    ///
    /// # Errors
    /// An option that says nothing, or nobody to log in as.
    pub fn new<'a>(options: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Self, Unmakable> {
        let refused =
            |option: &str, reason: &str| Unmakable { option: option.to_owned(), reason: reason.to_owned() };
        let (mut claims, mut lifetime_seconds, mut principal) = (Map::new(), LIFETIME_SECONDS, "sub");
        for (option, text) in options {
            let mut set = |name: &str, value| {
                if RESERVED.contains(&name) {
                    return Err(refused(option, &format!("Cannot explicitly set the '{name}' claim")));
                }
                if !name.is_empty() {
                    claims.insert(name.to_owned(), value);
                }
                Ok(())
            };
            if let Some(name) = option.strip_prefix(TEXT) {
                set(name, Value::from(text))?;
            } else if let Some(name) = option.strip_prefix(NUMBER) {
                let number = text.trim().parse().ok().and_then(Number::from_f64);
                set(name, Value::from(number.ok_or_else(|| refused(option, "no number"))?))?;
            } else if let Some(name) = option.strip_prefix(LIST) {
                set(name, list(text))?;
            } else if option == LIFETIME {
                lifetime_seconds = text.parse().map_err(|_| refused(option, "no whole number of seconds"))?;
            } else if option == PRINCIPAL && !text.trim().is_empty() {
                principal = text.trim();
            }
        }
        let known = Claims(claims);
        let user = known.text(principal).ok().flatten().filter(|user| !user.trim().is_empty());
        if user.is_none() {
            let option = format!("{TEXT}{principal}");
            return Err(Unmakable { option, reason: "nobody to log in as".to_owned() });
        }
        Ok(Self { claims: known.0, lifetime_seconds })
    }

    /// A token that begins now.
    #[must_use]
    pub fn token(&self, now: Timestamp) -> String {
        let now = now.as_millis() as f64 / 1000.0;
        let mut claims = self.claims.clone();
        claims.insert("iat".to_owned(), Value::from(now));
        claims.insert("exp".to_owned(), Value::from(now + self.lifetime_seconds as f64));
        let encoded = |json: &str| URL_SAFE_NO_PAD.encode(json);
        format!("{}.{}.", encoded("{\"alg\":\"none\"}"), encoded(&Value::Object(claims).to_string()))
    }
}

/// A list whose first letter parts its elements.
fn list(text: &str) -> Value {
    let mut letters = text.chars();
    let Some(parts) = letters.next().filter(|_| !letters.as_str().is_empty()) else {
        return Value::Array(Vec::new());
    };
    let mut elements: Vec<&str> = letters.as_str().split(parts).collect();
    // Java leaves out what is empty at the end, and says once that something was.
    let has_empty = elements.iter().any(|element| element.is_empty());
    while elements.last().is_some_and(|last| last.is_empty()) {
        elements.pop();
    }
    elements.extend(has_empty.then_some(""));
    Value::from(elements)
}
