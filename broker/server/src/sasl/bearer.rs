//! Bearers' tokens on one listener: what they must say, and the keys that they are signed with, which are read again and
//! again; or, where its JAAS line opts in, unsecured ones.

mod unsecured;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use broker_config::{Value, Values};
use broker_oauth::{Bearer, DOCUMENT_BYTES_MAX, Expectations, Invalid, Keys, NotTaken, Place, Unsecured};
use broker_sasl::{BearerLogin, BearerRefused, Jaas, Mechanism, Secret};
use broker_tls::{Connector, Options};
use broker_types::{Mono, Timestamp};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{Unusable, of_mechanism, text};

const ENDPOINT: &str = "sasl.oauthbearer.jwks.endpoint.url";
const HANDLER: &str = "sasl.server.callback.handler.class";
const CLASS: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler";
/// How long the keys' server may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Files are looked at so often.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// Keys that tokens name and nobody knows: how many are remembered, how long, and of which length, as in Kafka.
const MISSING_MAX: usize = 16;
const MISSING_FOR: Duration = Duration::from_secs(60);
const MISSING_NAME_MAX: usize = 1000;

/// Who is let in by a token.
#[derive(Debug)]
pub(super) enum BearerCheck {
    /// By these keys.
    Signed { expectations: Expectations, keys: Arc<KeyStore> },
    /// Whoever says that he is somebody.
    Unsecured(Unsecured),
}

impl PartialEq for BearerCheck {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Signed { expectations, keys }, Self::Signed { expectations: others, keys: other }) => {
                expectations == others && keys.settings == other.settings
            }
            (Self::Unsecured(own), Self::Unsecured(others)) => own == others,
            _ => false,
        }
    }
}

impl Eq for BearerCheck {}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Settings {
    place: Place,
    refresh: Duration,
    retry: Duration,
    retry_max: Duration,
}

/// The keys of one document.
#[derive(Debug)]
pub(super) struct KeyStore {
    settings: Settings,
    /// `None`: the place is not encrypted.
    tls: Option<Connector>,
    keys: ArcSwap<Keys>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the document is read next; `None`: at once.
    due: Option<Mono>,
    failures: u32,
    /// Keys that were asked for in vain, and when they may be again.
    missing: Vec<(String, Mono)>,
    /// What the file was when it was read.
    seen: Option<Seen>,
}

type Seen = (SystemTime, u64);

impl BearerCheck {
    /// What the settings of a listener say.
    ///
    /// # Errors
    /// What cannot be used.
    pub(super) fn read(values: &Values, listener: &str, jaas: &Jaas) -> Result<Self, Unusable> {
        let value = |key| of_mechanism(values, listener, Mechanism::OauthBearer, key);
        let set = |key| {
            value(key).and_then(text).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        let refused = |key: &str, reason: String| Unusable { key: key.to_owned(), reason };
        let name = listener.to_lowercase();
        let Some(endpoint) = set(ENDPOINT) else {
            if let Some(unsecured) = unsecured::read(listener, jaas)? {
                return Ok(Self::Unsecured(unsecured));
            }
            return Err(refused(
                ENDPOINT,
                format!(
                    "listener {listener} takes OAUTHBEARER, and nothing says by whose keys. Unsecured tokens, by which anybody \
                     is whoever he says and which Kafka takes then, are taken only where its JAAS line says what they must \
                     say (unsecuredValidator…): set it, with \
                     listener.name.{name}.oauthbearer.{HANDLER}={CLASS}, as Kafka wants it"
                ),
            ));
        };
        let time = |key| {
            let millis = value(key).and_then(Value::as_i64).unwrap_or_default();
            Duration::from_millis(u64::try_from(millis).unwrap_or_default())
        };
        let place = Place::parse(&endpoint).map_err(|error| refused(ENDPOINT, error.to_string()))?;
        let settings = Settings {
            place,
            refresh: time("sasl.oauthbearer.jwks.endpoint.refresh.ms").max(LOOK_INTERVAL),
            retry: time("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms").max(Duration::from_millis(1)),
            retry_max: time("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms"),
        };
        let skew = value("sasl.oauthbearer.clock.skew.seconds").and_then(Value::as_i64).unwrap_or_default();
        let audiences = match value("sasl.oauthbearer.expected.audience") {
            Some(Value::List(audiences)) => audiences.iter().filter(|one| !one.is_empty()).cloned().collect(),
            _ => Vec::new(),
        };
        let expectations = Expectations {
            audiences,
            issuer: set("sasl.oauthbearer.expected.issuer"),
            scope_claim: set("sasl.oauthbearer.scope.claim.name").unwrap_or_else(|| "scope".to_owned()),
            sub_claim: set("sasl.oauthbearer.sub.claim.name").unwrap_or_else(|| "sub".to_owned()),
            skew: Duration::from_secs(u64::try_from(skew).unwrap_or_default()),
        };
        // As in Kafka, whom to trust there is in the JAAS line; whom the system trusts where it is not.
        let option = |key: &str| jaas.bearer_option(key).map(Secret::reveal).map(str::to_owned);
        let tls = settings.place.is_encrypted().then(|| Options::read(option).and_then(Connector::new));
        let tls = tls.transpose().map_err(|error| refused(ENDPOINT, error.to_string()))?;
        let keys = Arc::new(KeyStore::new(settings, tls));
        keys.read_at_start().map_err(|reason| refused(ENDPOINT, reason))?;
        Ok(Self::Signed { expectations, keys })
    }

    /// The same with the keys of another that has read them already, where they are from the same place.
    pub(super) fn with_keys_of(&mut self, other: &Self) {
        let (Self::Signed { keys, .. }, Self::Signed { keys: others, .. }) = (self, other) else { return };
        if keys.settings == others.settings {
            *keys = Arc::clone(others);
        }
    }

    /// The keys that are to be read again and again.
    pub(super) fn keys(&self) -> Option<Arc<KeyStore>> {
        match self {
            Self::Signed { keys, .. } => Some(Arc::clone(keys)),
            Self::Unsecured(_) => None,
        }
    }

    /// Whom a token lets in. A key that is not known has the document read again, for the next who comes.
    pub(super) fn login(
        &self,
        token: &str,
        wall: Timestamp,
        mono: Mono,
        due: &Notify,
    ) -> Result<BearerLogin, BearerRefused> {
        let (expectations, keys) = match self {
            Self::Signed { expectations, keys } => (expectations, keys),
            Self::Unsecured(unsecured) => {
                return unsecured.check(token, wall).map(login).map_err(|reason| {
                    tracing::info!(%reason, "an unsecured bearer's token is not taken");
                    not_taken(reason)
                });
            }
        };
        expectations.check(token, &keys.keys.load(), wall).map(login).map_err(|reason| {
            tracing::info!(%reason, "a bearer's token is not taken");
            if let Invalid::UnknownKey(Some(name)) = &reason
                && keys.ask_for(name, mono)
            {
                due.notify_one();
            }
            BearerRefused::Invalid
        })
    }
}

fn login(bearer: Bearer) -> BearerLogin {
    BearerLogin { user: bearer.user, expires: bearer.expires }
}

fn not_taken(reason: NotTaken) -> BearerRefused {
    match reason {
        NotTaken::Invalid(_) => BearerRefused::Invalid,
        NotTaken::Scope { required } => BearerRefused::Scope { required },
        NotTaken::NoAlgorithm => BearerRefused::Senseless("a token whose header names no algorithm"),
    }
}

impl KeyStore {
    fn new(settings: Settings, tls: Option<Connector>) -> Self {
        Self { settings, tls, keys: ArcSwap::default(), state: Mutex::default() }
    }

    /// A file that cannot be read refuses the start. A server is asked when the node runs: it may come up later.
    fn read_at_start(&self) -> Result<(), String> {
        let Place::File(path) = &self.settings.place else { return Ok(()) };
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        let seen = seen(path).map_err(failed)?;
        if seen.1 > DOCUMENT_BYTES_MAX as u64 {
            return Err(format!("{}: more than {DOCUMENT_BYTES_MAX} bytes", path.display()));
        }
        let document = std::fs::read(path).map_err(failed)?;
        let keys = Keys::read(&document).map_err(|error| format!("{}: {error}", path.display()))?;
        self.keys.store(Arc::new(keys));
        self.state.lock().seen = Some(seen);
        Ok(())
    }

    /// Whether a key that nobody knows is worth another look at the document.
    fn ask_for(&self, name: &str, now: Mono) -> bool {
        if name.len() > MISSING_NAME_MAX {
            return false;
        }
        let mut state = self.state.lock();
        state.missing.retain(|(_, until)| *until > now);
        if state.missing.iter().any(|(missing, _)| missing == name) {
            return false;
        }
        if state.missing.len() >= MISSING_MAX {
            state.missing.remove(0);
        }
        state.missing.push((name.to_owned(), now.plus(MISSING_FOR)));
        state.due = None;
        true
    }

    /// Reads the document when it is due; how long until it is again.
    pub(super) async fn refresh(&self, now: Mono) -> Duration {
        let is_file = matches!(self.settings.place, Place::File(_));
        if let Some(due) = self.state.lock().due.filter(|due| *due > now) {
            return due.since(now);
        }
        let found = if is_file && !self.has_changed() { None } else { Some(self.read().await) };
        let mut state = self.state.lock();
        let pause = match found {
            None => LOOK_INTERVAL,
            Some(Ok(keys)) => {
                state.failures = 0;
                if keys != **self.keys.load() {
                    tracing::info!(keys = keys.len(), "the keys of bearers' tokens are read");
                    self.keys.store(Arc::new(keys));
                }
                if is_file { LOOK_INTERVAL } else { self.settings.refresh }
            }
            Some(Err(error)) => {
                tracing::warn!(%error, "the keys of bearers' tokens cannot be read; those that there are stay");
                state.failures = state.failures.saturating_add(1);
                let factor = 1 << (state.failures - 1).min(16);
                let pause = self.settings.retry.saturating_mul(factor).min(self.settings.retry_max);
                if is_file { LOOK_INTERVAL } else { pause.max(self.settings.retry) }
            }
        };
        state.due = Some(now.plus(pause));
        pause
    }

    async fn read(&self) -> Result<Keys, String> {
        let document = self
            .settings
            .place
            .fetch(self.tls.as_ref(), PATIENCE)
            .await
            .map_err(|error| error.to_string())?;
        Keys::read(&document).map_err(|error| error.to_string())
    }

    /// Whether the file is another than when it was read last.
    fn has_changed(&self) -> bool {
        let Place::File(path) = &self.settings.place else { return true };
        let seen = seen(path).ok();
        let mut state = self.state.lock();
        let has_changed = seen != state.seen;
        state.seen = seen;
        has_changed
    }
}

fn seen(path: &Path) -> std::io::Result<Seen> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.modified()?, metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(place: &str) -> KeyStore {
        let settings = Settings {
            place: Place::parse(place).unwrap(),
            refresh: Duration::from_secs(3600),
            retry: Duration::from_millis(100),
            retry_max: Duration::from_millis(250),
        };
        KeyStore::new(settings, None)
    }

    const EMPTY: &[u8] = b"{\"keys\":[]}";
    const ONE: &[u8] =
        b"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}";

    fn at(seconds: u64) -> Mono {
        Mono::from_micros(seconds * 1_000_000)
    }

    #[tokio::test]
    async fn a_file_is_read_again_when_it_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jwks.json");
        std::fs::write(&path, EMPTY).unwrap();
        let store = store(&format!("file:{}", path.display()));
        store.read_at_start().unwrap();
        assert_eq!(store.refresh(at(1)).await, LOOK_INTERVAL);
        std::fs::write(&path, ONE).unwrap();
        assert_eq!((store.refresh(at(1)).await, store.keys.load().len()), (LOOK_INTERVAL, 0));
        assert_eq!((store.refresh(at(2)).await, store.keys.load().len()), (LOOK_INTERVAL, 1));
        // What is no document changes nothing.
        std::fs::write(&path, b"garbage").unwrap();
        assert_eq!((store.refresh(at(3)).await, store.keys.load().len()), (LOOK_INTERVAL, 1));
        assert!(store.read_at_start().unwrap_err().contains("no document of keys"));
        std::fs::remove_file(&path).unwrap();
        assert!(store.read_at_start().is_err());
    }

    #[tokio::test]
    async fn a_server_is_asked_again_after_longer_and_longer_pauses() {
        // Nobody listens there.
        let store = store("http://127.0.0.1:1/keys");
        let mut pauses = Vec::new();
        for second in 1..=4 {
            pauses.push(store.refresh(at(second)).await.as_millis());
        }
        assert_eq!(pauses, [100, 200, 250, 250]);
    }

    #[test]
    fn a_key_that_nobody_knows_is_asked_for_once_in_a_minute() {
        let store = store("http://127.0.0.1:1/keys");
        assert!(store.ask_for("one", at(0)) && !store.ask_for("one", at(59)));
        assert!(store.ask_for("one", at(60)));
        assert!(!store.ask_for(&"x".repeat(MISSING_NAME_MAX + 1), at(60)));
        for name in 0..MISSING_MAX {
            assert!(store.ask_for(&name.to_string(), at(61)));
        }
        assert_eq!(store.state.lock().missing.len(), MISSING_MAX);
    }
}
