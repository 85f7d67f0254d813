//! What a user's Secret holds, by what the user has.

use std::collections::BTreeMap;

use broker_sasl::Secret;
use operator_pki::{Pair, PkiError, key_store, password};

use super::{
    properties::{line, quoted},
    terms::Way,
};
use crate::certificates::{Data, Issuer, Kept};

pub(super) const CERTIFICATE: &str = "user.crt";
pub(super) const KEY: &str = "user.key";
const KEY_STORE: &str = "user.p12";
const KEY_STORE_PASSWORD: &str = "user.password";
pub(super) const PASSWORD: &str = "password";
const JAAS: &str = "sasl.jaas.config";
/// Who vouches for users.
const CLIENTS: &str = "ca.crt";
/// Who vouches for brokers.
const CLUSTER: &str = "cluster-ca.crt";
const PROPERTIES: &str = "client.properties";

/// What a user has. Shows nothing of it where it is printed.
#[derive(Clone)]
pub(super) enum Held {
    Certificate(Pair),
    Password(Secret),
    Nothing,
}

/// All entries. A key store is taken over from `before` where that is of the same key: each is another text.
pub(super) fn render(
    user: &str,
    held: &Held,
    way: Option<&Way>,
    issuer: &Issuer,
    before: Option<&Kept>,
) -> Result<Data, PkiError> {
    let mut texts = BTreeMap::new();
    let mut data = Data::new();
    match held {
        Held::Nothing => return Ok(data),
        Held::Certificate(pair) => {
            let (chain, key) = (pair.chain(), pair.reveal_key());
            let same = before.filter(|kept| kept.text(CERTIFICATE) == chain && kept.text(KEY) == key);
            let same = same
                .and_then(|kept| Some((kept.data.get(KEY_STORE)?.clone(), kept.text(KEY_STORE_PASSWORD))));
            let (store, opens) = match same.filter(|(_, opens)| !opens.is_empty()) {
                Some((store, opens)) => (store, opens.to_owned()),
                None => {
                    let opens = password()?;
                    (key_store(pair, user, &opens)?, opens)
                }
            };
            data.insert(KEY_STORE.to_owned(), store);
            texts.insert(KEY_STORE_PASSWORD, opens);
            texts.insert(CLIENTS, issuer.clients.clone());
            texts.insert(CERTIFICATE, chain);
            texts.insert(KEY, key);
        }
        Held::Password(password) => {
            texts.insert(PASSWORD, password.reveal().to_owned());
            texts.insert(JAAS, jaas(user, password));
        }
    }
    if let Some(way) = way {
        texts.insert(PROPERTIES, client_properties(user, held, way, issuer));
        if way.is_encrypted {
            texts.insert(CLUSTER, issuer.cluster.clone());
        }
    }
    data.extend(texts.into_iter().map(|(entry, text)| (entry.to_owned(), text.into_bytes())));
    Ok(data)
}

fn jaas(user: &str, password: &Secret) -> String {
    let (user, password) = (quoted(user), quoted(password.reveal()));
    format!(
        "org.apache.kafka.common.security.scram.ScramLoginModule required username={user} password={password};"
    )
}

/// What any client of Kafka's takes as it is, wherever it is mounted: nothing in it names a file.
fn client_properties(user: &str, held: &Held, way: &Way, issuer: &Issuer) -> String {
    let protocol = match (held, way.is_encrypted) {
        (Held::Password(_), true) => "SASL_SSL",
        (Held::Password(_), false) => "SASL_PLAINTEXT",
        (Held::Certificate(_) | Held::Nothing, _) => "SSL",
    };
    let mut text = "# Written by the operator from the KafkaUser; changes here do not stay.\n".to_owned();
    text += &line("bootstrap.servers", &way.bootstrap);
    text += &line("security.protocol", protocol);
    match held {
        Held::Password(password) => {
            text += &line("sasl.mechanism", "SCRAM-SHA-512");
            text += &line(JAAS, &jaas(user, password));
        }
        Held::Certificate(pair) => {
            text += &line("ssl.keystore.type", "PEM");
            text += &line("ssl.keystore.key", &pair.reveal_key());
            text += &line("ssl.keystore.certificate.chain", &pair.chain());
        }
        Held::Nothing => {}
    }
    if way.is_encrypted {
        text += &line("ssl.truststore.type", "PEM");
        text += &line("ssl.truststore.certificates", &issuer.cluster);
    }
    text
}

#[cfg(test)]
mod tests;
