//! OAUTHBEARER: a token of OAuth 2 (RFC 7628, KIP-255), with the words of Kafka's own server.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString as _},
};

use broker_types::Timestamp;
use bytes::Bytes;

use crate::{Credentials, Failure, Proven, Secret, Step};

/// Between the parts of a message, and alone the client's answer to an error.
const SEPARATOR: char = '\u{1}';

/// Whom a bearer's token lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BearerLogin {
    /// The user.
    pub user: String,
    /// When the token ends.
    pub expires: Timestamp,
}

/// Why a bearer's token lets nobody in, as far as its client hears it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BearerRefused {
    /// It is not taken, whatever the reason.
    Invalid,
    /// It lacks scopes.
    Scope {
        /// All that it must have.
        required: String,
    },
    /// It makes no sense at all.
    Senseless(&'static str),
}

impl BearerRefused {
    /// What the client is answered, if anything.
    fn answer(self) -> Result<String, Failure> {
        match self {
            Self::Invalid => Ok("{\"status\":\"invalid_token\"}".to_string()),
            Self::Scope { required } => {
                Ok(format!("{{\"status\":\"insufficient_scope\", \"scope\":\"{required}\"}}"))
            }
            Self::Senseless(why) => Err(Failure::Senseless(why)),
        }
    }
}

/// The server's side of one exchange.
#[derive(Debug, Default)]
pub(crate) struct Server {
    /// What was answered to a token that was not taken.
    refused: Option<String>,
}

impl Server {
    pub(crate) fn step(&mut self, token: &[u8], credentials: &impl Credentials) -> Result<Step, Failure> {
        if let Some(told) = self.refused.take()
            && token == [1]
        {
            return Err(Failure::Told(told.into()));
        }
        let message = Message::read(&String::from_utf8_lossy(token))?;
        let login = match credentials.bearer(&message.token) {
            Ok(login) => login,
            Err(refused) => {
                let told = refused.answer()?;
                self.refused = Some(told.clone());
                return Ok(Step::Challenge(told.into()));
            }
        };
        if !message.acts_as.is_empty() && message.acts_as != login.user {
            let (asked, user) = (message.acts_as, login.user);
            return Err(Failure::Told(
                format!(
                    "Authentication failed: Client requested an authorization id ({asked}) that is different from the \
                     token's principal name ({user})"
                )
                .into(),
            ));
        }
        let who = Proven { user: login.user, by_token: false, expires: Some(login.expires) };
        Ok(Step::Complete { who, token: Bytes::new() })
    }
}

/// What a client begins with.
#[derive(Debug, PartialEq, Eq)]
struct Message {
    /// Whom to act as, as it came.
    acts_as: String,
    token: String,
}

impl Message {
    fn read(text: &str) -> Result<Self, Failure> {
        let (acts_as, pairs) =
            parts(text).ok_or(Failure::hidden("Invalid OAUTHBEARER client first message"))?;
        let auth = pairs
            .get("auth")
            .ok_or(Failure::hidden("Invalid OAUTHBEARER client first message: 'auth' not specified"))?;
        let (scheme, token) = auth
            .split_once(' ')
            .map(|(scheme, token)| (scheme, token.trim_start_matches(' ')))
            .filter(|(scheme, token)| is_scheme(scheme) && is_token(token))
            .ok_or(Failure::hidden("Invalid OAUTHBEARER client first message: invalid 'auth' format"))?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            // Kafka stumbles over its own words here, and closes.
            return Err(Failure::Senseless("Invalid scheme in OAUTHBEARER client first message"));
        }
        Ok(Self { acts_as: acts_as.to_string(), token: token.to_string() })
    }
}

/// Whom to act as, and the pairs; of those that come twice the last.
fn parts(text: &str) -> Option<(&str, BTreeMap<&str, &str>)> {
    let rest = text.strip_prefix("n,")?;
    let (acts_as, rest) = match rest.strip_prefix("a=") {
        Some(rest) => rest.split_once(',').filter(|(name, _)| is_sasl_name(name))?,
        None => ("", rest.strip_prefix(',')?),
    };
    let inner = rest.strip_prefix(SEPARATOR)?.strip_suffix(SEPARATOR)?;
    if inner.is_empty() {
        return Some((acts_as, BTreeMap::new()));
    }
    let pairs = inner.strip_suffix(SEPARATOR)?.split(SEPARATOR).map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_value = !value.is_empty()
            && value.bytes().all(|byte| matches!(byte, 0x21..=0x7e | b' ' | b'\t' | b'\r' | b'\n'));
        (is_key && is_value).then_some((key, value))
    });
    Some((acts_as, pairs.collect::<Option<_>>()?))
}

fn is_sasl_name(text: &str) -> bool {
    let plain = text.replace("=2C", "").replace("=3D", "");
    !text.is_empty() && plain.is_ascii() && !plain.contains(['=', '\0'])
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_token(text: &str) -> bool {
    let bare = text.trim_end_matches('=');
    !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_~+/.".contains(&byte))
}

/// What a client sends, with what else it has to say.
pub(crate) fn message(token: &Secret, extensions: &BTreeMap<String, String>) -> Bytes {
    let mut text = format!("n,,{SEPARATOR}auth=Bearer {}{SEPARATOR}", token.reveal());
    for (name, value) in extensions {
        text += &format!("{name}={value}{SEPARATOR}");
    }
    text.push(SEPARATOR);
    text.into()
}

/// What a client answers to an error.
pub(crate) const fn answer_to_error() -> Bytes {
    Bytes::from_static(&[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Users;

    fn step(server: &mut Server, text: &str) -> Result<Step, String> {
        server.step(text.as_bytes(), &Users).map_err(|failure| failure.to_string())
    }

    fn complete(user: &str) -> Step {
        let expires = Some(Timestamp::from_millis(9_000));
        let who = Proven { user: user.into(), by_token: false, expires };
        Step::Complete { who, token: Bytes::new() }
    }

    #[test]
    fn a_good_token_lets_its_user_in() {
        for text in [
            "n,,\u{1}auth=Bearer good-alice\u{1}\u{1}",
            "n,,\u{1}auth=bearer    good-alice\u{1}\u{1}",
            "n,a=alice,\u{1}auth=Bearer good-alice\u{1}\u{1}",
            "n,,\u{1}host=a.b\u{1}port=1\u{1}auth=Bearer good-alice\u{1}x=y =z\u{1}\u{1}",
            "n,,\u{1}auth=Basic x\u{1}auth=Bearer good-alice\u{1}\u{1}",
        ] {
            assert_eq!(step(&mut Server::default(), text), Ok(complete("alice")), "{text:?}");
        }
        let extensions = BTreeMap::from([("a".into(), "b".into()), ("c".into(), "d".into())]);
        let sent = message(&Secret::new("good-alice"), &extensions);
        assert_eq!(sent, "n,,\u{1}auth=Bearer good-alice\u{1}a=b\u{1}c=d\u{1}\u{1}");
        assert_eq!(Server::default().step(&sent, &Users), Ok(complete("alice")));
    }

    #[test]
    fn a_bad_token_is_answered_and_then_refused() {
        let mut server = Server::default();
        let bad = "n,,\u{1}auth=Bearer bad\u{1}\u{1}";
        let error = Ok(Step::Challenge(Bytes::from_static(b"{\"status\":\"invalid_token\"}")));
        assert_eq!(step(&mut server, bad), error);
        // Who has another goes on.
        assert_eq!(step(&mut server, bad), error);
        assert_eq!(step(&mut server, "\u{1}"), Err("{\"status\":\"invalid_token\"}".to_string()));
        assert_eq!(
            step(&mut Server::default(), "\u{1}"),
            Err("Invalid OAUTHBEARER client first message".to_string())
        );
    }

    #[test]
    fn a_token_that_lacks_scopes_is_told_which() {
        let mut server = Server::default();
        let told = "{\"status\":\"insufficient_scope\", \"scope\":\"[A, B]\"}";
        let answered = Ok(Step::Challenge(Bytes::from_static(told.as_bytes())));
        assert_eq!(step(&mut server, "n,,\u{1}auth=Bearer narrow\u{1}\u{1}"), answered);
        assert_eq!(step(&mut server, "\u{1}"), Err(told.to_string()));
        assert_eq!(step(&mut server, "n,,\u{1}auth=Bearer odd\u{1}\u{1}"), Err("odd".to_string()));
    }

    #[test]
    fn what_is_no_message_is_refused_in_kafka_s_words() {
        let first = "Invalid OAUTHBEARER client first message";
        let format = "Invalid OAUTHBEARER client first message: invalid 'auth' format";
        for (text, expected) in [
            ("", first),
            ("n,,", first),
            ("n,,\u{1}", first),
            ("y,,\u{1}auth=Bearer good-alice\u{1}\u{1}", first),
            ("n,,\u{1}auth=Bearer good-alice\u{1}", first),
            ("n,,auth=Bearer good-alice\u{1}\u{1}", first),
            ("n,a=,\u{1}auth=Bearer good-alice\u{1}\u{1}", first),
            ("n,a=x=y,\u{1}auth=Bearer good-alice\u{1}\u{1}", first),
            ("n,,\u{1}auth=Bearer good-alice\u{1}x1=y\u{1}\u{1}", first),
            ("n,,\u{1}auth=Bearer good-alice\u{1}x=\u{1}\u{1}", first),
            ("n,,\u{1}auth=Bearer good-alice\u{1}x=\u{e9}\u{1}\u{1}", first),
            ("n,,\u{1}\u{1}", "Invalid OAUTHBEARER client first message: 'auth' not specified"),
            ("n,,\u{1}auth=good-alice\u{1}\u{1}", format),
            ("n,,\u{1}auth=Bearer \u{1}\u{1}", format),
            ("n,,\u{1}auth=Bearer good alice\u{1}\u{1}", format),
            ("n,,\u{1}auth=Basic good-alice\u{1}\u{1}", "Invalid scheme in OAUTHBEARER client first message"),
            (
                "n,a=bob,\u{1}auth=Bearer good-alice\u{1}\u{1}",
                "Authentication failed: Client requested an authorization id (bob) that is different from the token's \
                 principal name (alice)",
            ),
        ] {
            assert_eq!(step(&mut Server::default(), text), Err(expected.to_string()), "{text:?}");
        }
    }
}
