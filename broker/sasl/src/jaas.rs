//! JAAS lines: `module flag name="value" …;` (KIP-85), with Kafka's words for what is wrong with one.

#[cfg(test)]
mod tests;
mod tokens;

use alloc::{
    collections::BTreeMap,
    string::{String, ToString as _},
};
use core::fmt;

use self::tokens::{Token, Tokens};
use crate::Secret;

const PLAIN: &str = "org.apache.kafka.common.security.plain.PlainLoginModule";
const SCRAM: &str = "org.apache.kafka.common.security.scram.ScramLoginModule";
const BEARER: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";
/// What begins an option that gives a user of PLAIN its password.
const USER_PREFIX: &str = "user_";
/// The modules that Kafka refuses, unless a system property of Java allows them.
const DISALLOWED: [&str; 2] =
    ["com.sun.security.auth.module.JndiLoginModule", "com.sun.security.auth.module.LdapLoginModule"];

/// A JAAS line that was read. Its debug form shows no option.
#[derive(Clone, PartialEq, Eq)]
pub struct Jaas {
    module: Module,
    options: BTreeMap<String, Secret>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Module {
    Plain,
    Scram,
    Bearer,
}

/// Why a JAAS line is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JaasError {
    /// Nothing in it.
    #[error("Login module not specified in JAAS config")]
    Empty,
    /// It ends behind the module.
    #[error("Login module control flag not specified in JAAS config")]
    NoFlag,
    /// Something that is no word is in the flag's place.
    #[error("Login module control flag is not available in the JAAS config")]
    FlagIsNoWord,
    /// Not one of the four.
    #[error("Invalid login module control flag '{0}' in JAAS config")]
    Flag(String),
    /// An option without value.
    #[error("Value not specified for key '{0}' in JAAS config")]
    NoValue(String),
    /// It does not end where it should.
    #[error("JAAS config entry not terminated by semi-colon")]
    NoEnd,
    /// More than one module.
    #[error("JAAS config property contains {0} login modules, should be 1 module")]
    Modules(usize),
    /// A module that Kafka refuses.
    #[error(
        "{0} is not allowed. Update System property 'org.apache.kafka.disallowed.login.modules' to allow {0}"
    )]
    Disallowed(String),
    /// A module that is not built in.
    #[error("No LoginModule found for {0}")]
    Unknown(String),
    /// Nobody to log in as.
    #[error("{0} not specified in JAAS config")]
    NoLogin(&'static str),
}

/// Who logs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The user, or the id of a delegation token.
    pub username: String,
    /// The password, or the token's.
    pub password: Secret,
    /// Whether it is a delegation token (KIP-48).
    pub is_token: bool,
}

impl Jaas {
    /// Reads a line.
    ///
    /// # Errors
    /// Kafka's words for what is wrong.
    pub fn parse(line: &str) -> Result<Self, JaasError> {
        let mut tokens = Tokens::new(line);
        let mut modules = 0;
        let mut first = None;
        while let Some(token) = tokens.next() {
            let entry = entry(token, &mut tokens)?;
            modules += 1;
            first.get_or_insert(entry);
        }
        let (name, options) = first.ok_or(JaasError::Empty)?;
        if modules > 1 {
            return Err(JaasError::Modules(modules));
        }
        let module = match &*name {
            PLAIN => Module::Plain,
            SCRAM => Module::Scram,
            BEARER => Module::Bearer,
            name if DISALLOWED.contains(&name) => return Err(JaasError::Disallowed(name.to_string())),
            _ => return Err(JaasError::Unknown(name)),
        };
        Ok(Self { module, options })
    }

    /// The password that a line of PLAIN gives a user.
    #[must_use]
    pub fn password(&self, user: &str) -> Option<&Secret> {
        let mut key = String::from(USER_PREFIX);
        key.push_str(user);
        self.options.get(&key).filter(|_| self.module == Module::Plain)
    }

    /// An option of a line of OAUTHBEARER.
    #[must_use]
    pub fn bearer_option(&self, name: &str) -> Option<&Secret> {
        self.options.get(name).filter(|_| self.module == Module::Bearer)
    }

    /// Every option of a line of OAUTHBEARER, by name.
    pub fn bearer_options(&self) -> impl Iterator<Item = (&str, &Secret)> {
        let own = self.options.iter().filter(|_| self.module == Module::Bearer);
        own.map(|(name, value)| (name.as_str(), value))
    }

    /// What a line of OAUTHBEARER has its client say besides the token: the options that begin with `extension_`.
    #[must_use]
    pub fn extensions(&self) -> BTreeMap<String, String> {
        let own = self.options.iter().filter(|_| self.module == Module::Bearer);
        own.filter_map(|(name, value)| {
            Some((name.strip_prefix("extension_")?.to_string(), value.reveal().to_string()))
        })
        .collect()
    }

    /// Who logs in with this line.
    ///
    /// # Errors
    /// When it does not say so.
    pub fn login(&self) -> Result<Login, JaasError> {
        let option = |name| self.options.get(name).ok_or(JaasError::NoLogin(name));
        let is_token = self.module == Module::Scram
            && self.options.get("tokenauth").is_some_and(|value| value.reveal().eq_ignore_ascii_case("true"));
        Ok(Login {
            username: option("username")?.reveal().to_string(),
            password: option("password")?.clone(),
            is_token,
        })
    }
}

type Entry = (String, BTreeMap<String, Secret>);

fn entry(module: Token, tokens: &mut Tokens<'_>) -> Result<Entry, JaasError> {
    let name = module.word().unwrap_or_default();
    let flag = tokens.next().ok_or(JaasError::NoFlag)?.word().ok_or(JaasError::FlagIsNoWord)?;
    if !["required", "requisite", "sufficient", "optional"].contains(&&*flag.to_lowercase()) {
        return Err(JaasError::Flag(flag));
    }
    let mut options = BTreeMap::new();
    loop {
        let key = match tokens.next() {
            None => return Err(JaasError::NoEnd),
            Some(Token::Other(';')) => return Ok((name, options)),
            Some(token) => token.word().unwrap_or_else(|| "null".to_string()),
        };
        let is_assigned = tokens.next() == Some(Token::Other('='));
        let value = if is_assigned { tokens.next().and_then(Token::word) } else { None };
        let value = value.ok_or_else(|| JaasError::NoValue(key.clone()))?;
        options.insert(key, Secret::new(value));
    }
}

impl fmt::Debug for Jaas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jaas").field("module", &self.module).field("options", &self.options.len()).finish()
    }
}
