//! Users of tests: alice and bob, whose password is their name and `-secret`.

use alloc::format;

use bytes::Bytes;

use crate::{Credentials, Login, ScramCredential, ScramMechanism, Secret};

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
}

pub(crate) fn login(user: &str, password: &str) -> Login {
    Login { username: user.into(), password: Secret::new(password), is_token: false }
}
