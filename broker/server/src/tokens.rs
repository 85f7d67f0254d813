//! Delegation tokens on this node (KIP-48): what the file says of them, and whom they let in.
//!
//! What proves a token's password is made when it is first used, not when the token is: hashing takes milliseconds, and most
//! tokens log in to few brokers.

use std::{collections::BTreeMap, time::Duration};

use broker_config::{Value, Values};
use broker_controller::TokenSettings;
use broker_metadata::Image;
use broker_protocol::Str;
use broker_sasl::{ScramCredential, ScramMechanism, TokenKey, TokenLogin};
use bytes::Bytes;
use parking_lot::Mutex;

/// What is kept of tokens that were used.
const CREDENTIALS_MAX: usize = 10_000;

type Credentials = BTreeMap<(ScramMechanism, Str), ScramCredential>;

/// The tokens that log in here.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    key: Option<TokenKey>,
    used: Mutex<Credentials>,
}

/// What the file says of tokens; `None`: there are none.
pub(crate) fn settings(values: &Values) -> Option<TokenSettings> {
    let time = |key| {
        let millis = values.get(key).and_then(Value::as_i64).unwrap_or_default();
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    };
    Some(TokenSettings {
        key: key(values)?,
        lifetime_max: time("delegation.token.max.lifetime.ms"),
        renewal: time("delegation.token.expiry.time.ms"),
        check_interval: time("delegation.token.expiry.check.interval.ms"),
    })
}

fn key(values: &Values) -> Option<TokenKey> {
    match values.get("delegation.token.secret.key") {
        Some(Value::Password(key)) => TokenKey::new(key.reveal()),
        _ => None,
    }
}

impl Tokens {
    pub(crate) fn new(values: &Values) -> Self {
        Self { key: key(values), used: Mutex::default() }
    }

    /// The secret part of a token; `None` without a key.
    pub(crate) fn hmac(&self, id: &str) -> Option<Bytes> {
        Some(self.key.as_ref()?.hmac(id))
    }

    /// Whether there are any.
    pub(crate) fn are_there(&self) -> bool {
        self.key.is_some()
    }

    /// Whom the token of this id lets in.
    pub(crate) fn login(&self, image: &Image, mechanism: ScramMechanism, id: &str) -> Option<TokenLogin> {
        let key = self.key.as_ref()?;
        let token = image.tokens().by_id().get(id)?;
        let owner = token.owner.split_once(':').map_or(token.owner.as_str(), |(_, name)| name);
        let credential = self.credential(image, key, (mechanism, Str::from(id)))?;
        Some(TokenLogin { owner: owner.to_owned(), credential, expires: token.expires })
    }

    fn credential(
        &self,
        image: &Image,
        key: &TokenKey,
        of: (ScramMechanism, Str),
    ) -> Option<ScramCredential> {
        if let Some(used) = self.used.lock().get(&of) {
            return Some(used.clone());
        }
        let credential = key.credential(of.0, &of.1).ok()?;
        let mut used = self.used.lock();
        if used.len() >= CREDENTIALS_MAX {
            used.retain(|(_, id), _| image.tokens().by_id().contains_key(id));
        }
        if used.len() >= CREDENTIALS_MAX {
            used.clear();
        }
        used.insert(of, credential.clone());
        Some(credential)
    }
}

#[cfg(test)]
mod tests {
    use broker_config::BrokerConfig;
    use broker_protocol::records::metadata::{
        DelegationTokenRecord, MetadataRecord, RemoveDelegationTokenRecord,
    };
    use broker_types::{Offset, Timestamp};

    use super::*;

    fn values(key: &str) -> Values {
        let file = [
            ("process.roles", "broker,controller"),
            ("node.id", "1"),
            ("controller.quorum.bootstrap.servers", "127.0.0.1:1"),
            ("listeners", "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:1"),
            ("controller.listener.names", "CONTROLLER"),
            ("delegation.token.secret.key", key),
        ];
        let file = file.map(|(key, value)| (key.to_owned(), value.to_owned()));
        BrokerConfig::from_properties(&file.into()).unwrap().0.values
    }

    #[test]
    fn a_token_lets_its_owner_in_while_it_is_there() {
        let tokens = Tokens::new(&values("key"));
        let mut image = Image::default();
        let token = DelegationTokenRecord {
            owner: Str::from("User:a:b"),
            token_id: Str::from("id"),
            expiration_timestamp: 5,
            ..DelegationTokenRecord::default()
        };
        let login = |image: &Image, mechanism| tokens.login(image, mechanism, "id");
        assert_eq!(login(&image, ScramMechanism::Sha256), None);
        image.apply(Offset::ZERO, &MetadataRecord::DelegationToken(token));
        for mechanism in ScramMechanism::ALL {
            let found = login(&image, mechanism).unwrap();
            assert_eq!((&*found.owner, found.expires), ("a:b", Timestamp::from_millis(5)));
            let credential = TokenKey::new("key").unwrap().credential(mechanism, "id");
            assert_eq!(Ok(found.credential), credential);
            assert_eq!(Tokens::new(&values("")).login(&image, mechanism, "id"), None);
        }
        let removal = RemoveDelegationTokenRecord { token_id: Str::from("id") };
        image.apply(Offset::ZERO.next(), &MetadataRecord::RemoveDelegationToken(removal));
        assert_eq!(login(&image, ScramMechanism::Sha256), None);
    }

    #[test]
    fn the_file_says_how_long_tokens_last() {
        assert_eq!(settings(&values("")), None);
        let settings = settings(&values("key")).unwrap();
        let day = Duration::from_secs(86_400);
        assert_eq!((settings.lifetime_max, settings.renewal), (7 * day, day));
        assert_eq!(settings.check_interval, day / 24);
    }
}
