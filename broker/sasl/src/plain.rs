//! PLAIN: the password itself (RFC 4616), with the words of Kafka's own server.

use alloc::{format, string::String, vec::Vec};

use bytes::Bytes;

use crate::{Credentials, Failure, Proven, Secret, Step};

/// Fields of the message: whom to act as, who it is, the password.
const FIELDS: usize = 3;

pub(crate) fn check(token: &[u8], credentials: &impl Credentials) -> Result<Step, Failure> {
    let text = String::from_utf8_lossy(token);
    let fields: Vec<_> = text.splitn(FIELDS + 1, '\0').collect();
    let [acts_as, user, password] = fields[..] else {
        let text = format!("Invalid SASL/PLAIN response: expected {FIELDS} tokens, got {}", fields.len());
        return Err(Failure::Told(text.into()));
    };
    if user.is_empty() {
        return Err(Failure::told("Authentication failed: username not specified"));
    }
    if password.is_empty() {
        return Err(Failure::told("Authentication failed: password not specified"));
    }
    let password = Secret::new(password);
    // Compared with itself where there is no such user: the answer takes as long.
    let expected = credentials.password(user);
    let is_right = expected.as_ref().unwrap_or(&password) == &password;
    if !is_right || expected.is_none() {
        return Err(Failure::told("Authentication failed: Invalid username or password"));
    }
    if !acts_as.is_empty() && acts_as != user {
        return Err(Failure::told(
            "Authentication failed: Client requested an authorization id that is different from username",
        ));
    }
    Ok(Step::Complete { who: Proven::user(user.into()), token: Bytes::new() })
}

/// What a client sends.
pub(crate) fn message(user: &str, password: &Secret) -> Bytes {
    format!("\0{user}\0{}", password.reveal()).into()
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;
    use crate::testing::Users;

    fn checked(token: &[u8]) -> Result<Step, String> {
        check(token, &Users).map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_right_password_lets_its_user_in() {
        let complete = Step::Complete { who: Proven::user("alice".into()), token: Bytes::new() };
        assert_eq!(checked(b"\0alice\0alice-secret"), Ok(complete.clone()));
        assert_eq!(checked(b"alice\0alice\0alice-secret"), Ok(complete.clone()));
        assert_eq!(checked(&message("alice", &Secret::new("alice-secret"))), Ok(complete));
    }

    #[test]
    fn anything_else_is_refused_in_kafka_s_words() {
        let wrong = "Authentication failed: Invalid username or password";
        for (token, expected) in [
            (&b""[..], "Invalid SASL/PLAIN response: expected 3 tokens, got 1"),
            (b"a\0b", "Invalid SASL/PLAIN response: expected 3 tokens, got 2"),
            (b"\0alice\0alice-secret\0", "Invalid SASL/PLAIN response: expected 3 tokens, got 4"),
            (b"\0\0\0\0\0\0", "Invalid SASL/PLAIN response: expected 3 tokens, got 4"),
            (b"\0\0x", "Authentication failed: username not specified"),
            (b"\0alice\0", "Authentication failed: password not specified"),
            (b"\0alice\0bob-secret", wrong),
            (b"\0eve\0alice-secret", wrong),
            (b"\0\xff\xfe\0\xff", wrong),
            (
                b"bob\0alice\0alice-secret",
                "Authentication failed: Client requested an authorization id that is different from username",
            ),
        ] {
            assert_eq!(checked(token), Err(expected.to_string()), "{token:?}");
        }
    }
}
