//! Users of tests: alice and bob, whose password is their name and `-secret`.

use alloc::format;

use broker_types::Timestamp;
use bytes::Bytes;

use crate::{
    BearerLogin, BearerRefused, Credentials, Login, ScramCredential, ScramMechanism, Secret, TokenKey,
    TokenLogin,
};

pub(crate) struct Users;

impl Credentials for Users {
    fn password(&self, user: &str) -> Option<Secret> {
        ["alice", "bob"].contains(&user).then(|| Secret::new(format!("{user}-secret")))
    }

    fn scram(&self, mechanism: ScramMechanism, user: &str) -> Option<ScramCredential> {
        let password = match user {
            // A name that needs escapes.
            "a=b,c" => Secret::new("a=b,c-secret"),
            _ => self.password(user)?,
        };
        let salt = Bytes::from_static(b"salt");
        Some(ScramCredential::of_password(mechanism, password.reveal(), salt, 4096).unwrap())
    }

    /// `good-` and the user's name; `narrow` lacks scopes, `odd` makes no sense.
    fn bearer(&self, token: &str) -> Result<BearerLogin, BearerRefused> {
        match token {
            "narrow" => Err(BearerRefused::Scope { required: "[A, B]".into() }),
            "odd" => Err(BearerRefused::Senseless("odd")),
            other => match other.strip_prefix("good-") {
                Some(user) => Ok(BearerLogin { user: user.into(), expires: Timestamp::from_millis(9_000) }),
                None => Err(BearerRefused::Invalid),
            },
        }
    }

    /// One token, of alice, up to the sixth second.
    fn token(&self, mechanism: ScramMechanism, id: &str) -> Option<TokenLogin> {
        let credential = (id == TOKEN).then(|| key().credential(mechanism, id).unwrap())?;
        Some(TokenLogin { owner: "alice".into(), credential, expires: Timestamp::from_millis(6_000) })
    }
}

/// The id of a delegation token.
pub(crate) const TOKEN: &str = "token-id";

pub(crate) fn key() -> TokenKey {
    TokenKey::new("cluster's key").unwrap()
}

pub(crate) fn login(user: &str, password: &str) -> Login {
    Login { username: user.into(), password: Secret::new(password), is_token: false }
}
