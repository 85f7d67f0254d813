//! Whom a token lets in: its signature, then what it says (RFC 7519), with the rules of Kafka's validator.

use std::{collections::BTreeSet, time::Duration};

use broker_types::Timestamp;
use serde_json::{Map, Value};

use crate::{algorithm::Algorithm, invalid::Invalid, jwks::Keys, jws::Jws};

/// What a token must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectations {
    /// The audiences of which it must name one; none: it must name none.
    pub audiences: Vec<String>,
    /// The issuer that it must name.
    pub issuer: Option<String>,
    /// The claim that holds its scopes.
    pub scope_claim: String,
    /// The claim that holds the user.
    pub sub_claim: String,
    /// The difference of clocks that is forgiven.
    pub skew: Duration,
}

/// Whom a token lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// The user.
    pub user: String,
    /// When the token ends.
    pub expires: Timestamp,
}

/// What of a name is told.
const NAME_MAX: usize = 100;

impl Expectations {
    /// Whom a token lets in.
    ///
    /// # Errors
    /// Why nobody.
    pub fn check(&self, token: &str, keys: &Keys, now: Timestamp) -> Result<Bearer, Invalid> {
        let jws = Jws::read(token.trim())?;
        verify(&jws, keys)?;
        let claims = Claims(&jws.claims);
        let expires = self.times(&claims, now)?;
        self.audience(&claims)?;
        if let Some(expected) = &self.issuer
            && claims.text("iss")?.as_ref() != Some(expected)
        {
            return Err(Invalid::Issuer);
        }
        claims.scopes(&self.scope_claim)?;
        let user = claims.text(&self.sub_claim)?.ok_or_else(|| Invalid::Missing(self.sub_claim.clone()))?;
        let user = user.trim().to_owned();
        if user.is_empty() {
            return Err(Invalid::Claim(self.sub_claim.clone()));
        }
        Ok(Bearer { user, expires })
    }

    /// When it ends; it has begun.
    fn times(&self, claims: &Claims<'_>, now: Timestamp) -> Result<Timestamp, Invalid> {
        let expires = claims.time("exp")?.ok_or_else(|| Invalid::Missing("exp".to_owned()))?;
        let issued = claims.time("iat")?.ok_or_else(|| Invalid::Missing("iat".to_owned()))?;
        let begins = claims.time("nbf")?;
        if now.minus(self.skew) >= expires {
            return Err(Invalid::Expired);
        }
        if begins.is_some_and(|begins| now.plus(self.skew) < begins) {
            return Err(Invalid::NotYet);
        }
        if expires < issued || begins.is_some_and(|begins| expires < begins) {
            return Err(Invalid::Backwards);
        }
        Ok(expires)
    }

    fn audience(&self, claims: &Claims<'_>) -> Result<(), Invalid> {
        let named: Vec<&str> = match claims.0.get("aud") {
            None | Some(Value::Null) if self.audiences.is_empty() => return Ok(()),
            None | Some(Value::Null) => return Err(Invalid::Missing("aud".to_owned())),
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            Some(_) => return Err(Invalid::Claim("aud".to_owned())),
        };
        let is_meant = named.iter().any(|one| self.audiences.iter().any(|expected| expected == one));
        is_meant.then_some(()).ok_or(Invalid::Audience)
    }
}

fn verify(jws: &Jws<'_>, keys: &Keys) -> Result<(), Invalid> {
    let cut = |name: &str| name.chars().take(NAME_MAX).collect::<String>();
    let (name, id) = (&*jws.header.alg, jws.header.kid.as_deref());
    let algorithm = Algorithm::from_name(name).ok_or_else(|| Invalid::Algorithm(cut(name)))?;
    let mut meant = keys.of(algorithm, name, id).peekable();
    if meant.peek().is_none() {
        return Err(Invalid::UnknownKey(id.map(cut)));
    }
    // A token that names no key may be of any; ours are few enough to be tried.
    let is_valid = meant.any(|key| algorithm.is_valid(&key.public, jws.signed, &jws.signature));
    is_valid.then_some(()).ok_or(Invalid::Signature)
}

struct Claims<'a>(&'a Map<String, Value>);

impl Claims<'_> {
    fn text(&self, name: &str) -> Result<Option<String>, Invalid> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Invalid::Claim(name.to_owned())),
        }
    }

    /// A time in seconds since 1970, whole ones: what is behind the point is cut off.
    fn time(&self, name: &str) -> Result<Option<Timestamp>, Invalid> {
        let invalid = || Invalid::Claim(name.to_owned());
        let seconds = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Number(number)) => match number.as_i64() {
                Some(seconds) => seconds,
                // As far as it fits: a float this large has no fraction.
                None => number
                    .as_f64()
                    .filter(|float| float.abs() < 9.0e15)
                    .map(|float| float as i64)
                    .ok_or_else(invalid)?,
            },
            Some(_) => return Err(invalid()),
        };
        if seconds < 0 {
            return Err(invalid());
        }
        Ok(Some(Timestamp::from_millis(seconds.checked_mul(1000).ok_or_else(invalid)?)))
    }

    /// Scopes, which nothing asks for, must at least be such.
    fn scopes(&self, name: &str) -> Result<(), Invalid> {
        let invalid = || Invalid::Claim(name.to_owned());
        let scopes: Vec<&str> = match self.0.get(name) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => {
                all.iter().map(Value::as_str).collect::<Option<_>>().ok_or_else(invalid)?
            }
            _ => return Ok(()),
        };
        let mut seen = BTreeSet::new();
        let is_good = scopes.iter().all(|scope| !scope.trim().is_empty() && seen.insert(scope.trim()));
        is_good.then_some(()).ok_or_else(invalid)
    }
}

#[cfg(test)]
mod tests;
