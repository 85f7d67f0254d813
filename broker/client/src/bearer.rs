//! Where tokens of OAuth 2 come from, as the settings of Kafka's clients say it (KIP-768, KIP-1139).

use std::time::Duration;

use broker_oauth::{Credentials, Place, TokenMaker, TokenSource, TokenSourceSettings};
use broker_sasl::{Jaas, Secret};
use broker_tls::{Connector, Options};

const ENDPOINT: &str = "sasl.oauthbearer.token.endpoint.url";
const HANDLER: &str = "sasl.login.callback.handler.class";
/// The one that gets tokens, and the one that makes unsecured ones, which Kafka takes where nothing is said.
const HANDLER_NAME: &str = "OAuthBearerLoginCallbackHandler";
const UNSECURED_NAME: &str = "OAuthBearerUnsecuredLoginCallbackHandler";
/// How options begin that say what is in an unsecured token.
const UNSECURED_PREFIX: &str = "unsecuredLogin";
const JAAS: &str = "sasl.jaas.config";
const PACKAGE: &str = "org.apache.kafka.common.security.oauthbearer.";
/// How long a token endpoint may take where nothing is said.
const PATIENCE: Duration = Duration::from_secs(10);

/// A setting by which no tokens can be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {reason}")]
pub struct BearerError {
    /// Which.
    pub key: &'static str,
    /// Why.
    pub reason: String,
}

/// Where tokens come from.
///
/// # Errors
/// A setting that cannot be used, or is missing.
pub(crate) fn source(
    jaas: &Jaas,
    setting: impl Fn(&str) -> Option<String>,
) -> Result<TokenSource, BearerError> {
    let refused = |key, reason: String| BearerError { key, reason };
    let set = |key: &str| setting(key).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let is_unsecured = jaas.bearer_options().any(|(name, _)| name.starts_with(UNSECURED_PREFIX));
    let makes_own = is_unsecured && set(ENDPOINT).is_none();
    if let Some(class) = set(HANDLER) {
        let name = class.strip_prefix(PACKAGE).and_then(|name| name.rsplit('.').next());
        let built = if makes_own { UNSECURED_NAME } else { HANDLER_NAME };
        if name != Some(built) {
            let reason =
                format!("Java classes cannot be loaded here: {PACKAGE}{HANDLER_NAME} is built, not {class}");
            return Err(refused(HANDLER, reason));
        }
    }
    if makes_own {
        let options = jaas.bearer_options().map(|(name, value)| (name, value.reveal()));
        let maker = TokenMaker::new(options).map_err(|error| refused(JAAS, error.to_string()))?;
        return Ok(TokenSource::unsecured(maker));
    }
    let endpoint = set(ENDPOINT).ok_or_else(|| {
        let reason = "not set: where tokens come from, a URL of https:, http: or file:. Unsecured tokens, by which anybody \
                      is whoever he says, are made without it where the JAAS line says what is in them \
                      (unsecuredLoginStringClaim_sub=\"name\")";
        refused(ENDPOINT, reason.to_owned())
    })?;
    let place = Place::parse(&endpoint).map_err(|error| refused(ENDPOINT, error.to_string()))?;
    // The newer keys, or as before in the JAAS line.
    let either =
        |key, option| set(key).or_else(|| jaas.bearer_option(option).map(Secret::reveal).map(str::to_owned));
    let id = either("sasl.oauthbearer.client.credentials.client.id", "clientId");
    let secret = either("sasl.oauthbearer.client.credentials.client.secret", "clientSecret");
    let credentials = id.zip(secret).map(|(id, secret)| Credentials { id, secret });
    if credentials.is_none() && matches!(place, Place::Url(_)) {
        let key = "sasl.oauthbearer.client.credentials.client.id";
        let reason = "the token endpoint wants it, and sasl.oauthbearer.client.credentials.client.secret; or clientId and \
                      clientSecret in the JAAS line";
        return Err(refused(key, reason.to_owned()));
    }
    let option = |key: &str| jaas.bearer_option(key).map(|value| value.reveal().to_owned());
    let tls = place.is_encrypted().then(|| Options::read(option).and_then(Connector::new));
    let tls = tls.transpose().map_err(|error| refused(ENDPOINT, error.to_string()))?;
    let time = |key| set(key).and_then(|text| text.parse().ok()).map_or(PATIENCE, Duration::from_millis);
    let settings = TokenSourceSettings {
        place,
        credentials,
        scope: either("sasl.oauthbearer.scope", "scope"),
        encodes_header: set("sasl.oauthbearer.header.urlencode").is_some_and(|text| text == "true"),
        connect_timeout: time("sasl.login.connect.timeout.ms"),
        read_timeout: time("sasl.login.read.timeout.ms"),
    };
    Ok(TokenSource::new(settings, tls))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required";

    fn read(options: &str, settings: &[(&str, &str)]) -> Result<TokenSource, String> {
        let jaas = Jaas::parse(&format!("{LINE} {options};")).unwrap();
        let setting =
            |key: &str| settings.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned());
        source(&jaas, setting).map_err(|error| error.to_string())
    }

    #[test]
    fn tokens_come_from_where_kafka_s_clients_are_told() {
        let file = (ENDPOINT, "file:/run/token");
        let url = (ENDPOINT, "https://idp.example/token");
        let class = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler";
        assert!(read("", &[file, (HANDLER, class)]).is_ok());
        assert!(read("clientId=\"a\" clientSecret=\"b\"", &[url]).is_ok());
        let keys = [
            ("sasl.oauthbearer.client.credentials.client.id", "a"),
            ("sasl.oauthbearer.client.credentials.client.secret", "b"),
        ];
        assert!(read("", &[url, keys[0], keys[1]]).is_ok());
        // Whom to believe is of no matter where nothing is encrypted: an image has no authorities.
        let nobody = "ssl.truststore.type=\"PEM\" ssl.truststore.location=\"/nowhere\"";
        assert!(read(nobody, &[file]).is_ok());
        assert!(read(nobody, &[(ENDPOINT, "http://idp.example/token"), keys[0], keys[1]]).is_ok());
        assert!(read(nobody, &[url, keys[0], keys[1]]).unwrap_err().contains("/nowhere"));
        let alice = "unsecuredLoginStringClaim_sub=\"alice\"";
        assert!(read(alice, &[]).is_ok());
        let unsecured = "org.apache.kafka.common.security.oauthbearer.internals.unsecured.OAuthBearerUnsecuredLoginCallbackHandler";
        assert!(read(alice, &[(HANDLER, unsecured)]).is_ok());
        assert!(read("", &[file, (HANDLER, unsecured)]).is_err());
        let nobody = read("unsecuredLoginLifetimeSeconds=\"60\"", &[]).unwrap_err();
        assert_eq!(nobody, "sasl.jaas.config: unsecuredLoginStringClaim_sub: nobody to log in as");
        for (settings, expected) in [
            (&[][..], "sasl.oauthbearer.token.endpoint.url: not set"),
            (&[(ENDPOINT, "ftp://x")], "sasl.oauthbearer.token.endpoint.url: a URL of file:"),
            (&[url, keys[0]], "sasl.oauthbearer.client.credentials.client.id: "),
            (&[file, (HANDLER, "org.example.Own")], "sasl.login.callback.handler.class: Java classes"),
        ] {
            let error = read("", settings).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
