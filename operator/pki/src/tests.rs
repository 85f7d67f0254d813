//! What is made holds in handshakes of the broker's own TLS.

use std::io::{Read as _, Write as _};

use broker_tls::{Acceptor, Connector, Options};
use rustls::{ClientConnection, Connection};

use crate::{Authority, Certificate, Pair, PkiError, Request, UnixSeconds, Validity, certificates};

pub(crate) const DAY: i64 = 86_400;

pub(crate) fn now() -> UnixSeconds {
    // The clock that handshakes look at.
    let now = rustls::pki_types::UnixTime::now();
    UnixSeconds::new(now.as_secs().try_into().unwrap())
}

fn authority(name: &str) -> Authority {
    Authority::new(name, Validity::starting(now(), 365 * DAY)).unwrap()
}

pub(crate) fn issued(authority: &Authority) -> Pair {
    let request = Request { name: "c-kafka".to_owned(), hosts: vec!["c-default-0.svc".to_owned()] };
    authority.issue(&request, Validity::starting(now(), 30 * DAY)).unwrap()
}

fn options(pair: &Pair, trusted: &str, auth: &str) -> Options {
    let entries = [
        ("ssl.keystore.type", "PEM"),
        ("ssl.keystore.key", pair.reveal()),
        ("ssl.keystore.certificate.chain", pair.reveal()),
        ("ssl.truststore.type", "PEM"),
        ("ssl.truststore.certificates", trusted),
        ("ssl.client.auth", auth),
    ];
    Options::read(|key| entries.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned()))
        .unwrap()
}

/// A handshake in memory of an end that has `server` and one that has `client`; both believe `trusted`.
pub(crate) fn handshake(
    server: &Pair,
    client: &Pair,
    trusted: &str,
    host: &str,
) -> Result<Option<String>, rustls::Error> {
    let acceptor = Acceptor::new(options(server, trusted, "required")).unwrap();
    let connector = Connector::new(options(client, trusted, "none")).unwrap();
    let name = host.to_owned().try_into().unwrap();
    let mut session = acceptor.accept().unwrap();
    let mut client = ClientConnection::new(connector.config(), name).unwrap();
    let mut wire = Vec::new();
    while session.is_handshaking() || client.is_handshaking() {
        client.write_tls(&mut wire).unwrap();
        session.read_tls(&mut std::mem::take(&mut wire).as_slice()).unwrap();
        session.process_new_packets()?;
        session.write_tls(&mut wire).unwrap();
        client.read_tls(&mut std::mem::take(&mut wire).as_slice()).unwrap();
        client.process_new_packets()?;
    }
    let mut client = Connection::from(client);
    client.writer().write_all(b"x").unwrap();
    client.write_tls(&mut wire).unwrap();
    session.read_tls(&mut wire.as_slice()).unwrap();
    session.process_new_packets()?;
    session.reader().read_exact(&mut [0]).unwrap();
    Ok(acceptor.name_of(&session).unwrap())
}

#[test]
fn what_an_authority_issues_is_believed_at_both_ends() {
    let authority = authority("cluster-ca v0");
    let (server, client) = (issued(&authority), issued(&authority));
    let name = handshake(&server, &client, authority.certificate().pem(), "c-default-0.svc");
    assert_eq!(name.unwrap().as_deref(), Some("CN=c-kafka,O=klamm.dev"));
    let elsewhere = handshake(&server, &client, authority.certificate().pem(), "other");
    assert!(elsewhere.is_err(), "the host must be one that it is for");
    let other = self::authority("cluster-ca v0");
    assert!(handshake(&server, &client, other.certificate().pem(), "c-default-0.svc").is_err());
}

#[test]
fn a_renewed_authority_vouches_for_what_was_issued_before() {
    let authority = authority("cluster-ca v0");
    let before = (issued(&authority), authority.certificate().clone());
    let renewed = authority.renewed(Validity::starting(now(), 700 * DAY)).unwrap();
    assert_eq!(renewed.certificate().key_id, before.1.key_id);
    assert_eq!(renewed.certificate().subject, before.1.subject);
    assert!(renewed.certificate().not_after > before.1.not_after);
    assert_ne!(renewed.certificate().pem(), before.1.pem());
    assert!(before.0.certificate().is_signed_by(renewed.certificate()));
    let after = issued(&renewed);
    handshake(&before.0, &after, renewed.certificate().pem(), "c-default-0.svc").unwrap();
    handshake(&after, &before.0, before.1.pem(), "c-default-0.svc").unwrap();
}

#[test]
fn two_authorities_in_one_bundle_are_both_believed() {
    let (old, new) = (authority("cluster-ca v0"), authority("cluster-ca v1"));
    let bundle = format!("{}{}", old.certificate().pem(), new.certificate().pem());
    handshake(&issued(&old), &issued(&new), &bundle, "c-default-0.svc").unwrap();
    handshake(&issued(&new), &issued(&old), &bundle, "c-default-0.svc").unwrap();
    let read = certificates(&bundle).unwrap();
    assert_eq!(read, [old.certificate().clone(), new.certificate().clone()]);
    assert!(!read[0].is_signed_by(&read[1]) && read[0].is_self_signed());
}

#[test]
fn what_is_kept_is_read_back() {
    let made = authority("cluster-ca v7");
    let kept = Authority::read(made.certificate().pem(), &made.reveal_key()).unwrap();
    assert_eq!(kept.certificate(), made.certificate());
    assert_eq!(kept.certificate().subject, "O=klamm.dev, CN=cluster-ca v7");
    let pair = issued(&kept);
    assert!(pair.certificate().is_signed_by(made.certificate()));
    assert_eq!(Pair::read(pair.reveal()).unwrap(), pair);
    let Certificate { names, not_after, .. } = pair.certificate();
    assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), ["c-default-0.svc"]);
    assert_eq!(not_after.get(), not_after.get().min(now().get() + 30 * DAY));
}

#[test]
fn nothing_holds_longer_than_its_authority() {
    let short = Authority::new("cluster-ca v0", Validity::starting(now(), 5 * DAY)).unwrap();
    assert_eq!(issued(&short).certificate().not_after, short.certificate().not_after);
}

#[test]
fn what_does_not_fit_or_read_is_told() {
    let (one, other) = (authority("a"), authority("b"));
    let read = |certificate: &str, key: &str| Authority::read(certificate, key).map(drop);
    assert_eq!(read(one.certificate().pem(), &other.reveal_key()), Err(PkiError::Mismatch));
    assert_eq!(read("nothing", &one.reveal_key()), Err(PkiError::NoCertificate));
    assert_eq!(read(one.certificate().pem(), "nothing"), Err(PkiError::Key));
    let leaf = issued(&one);
    assert_eq!(read(leaf.reveal(), leaf.reveal()), Err(PkiError::NoAuthority));
    let (cut, _) = leaf.reveal().split_at(leaf.reveal().len() - 60);
    assert_eq!(Pair::read(cut).map(drop), Err(PkiError::Certificate));
    let mixed = format!("{}{}", one.certificate().pem(), other.reveal_key());
    assert_eq!(Pair::read(&mixed).map(drop), Err(PkiError::Mismatch));
    let broken = one.certificate().pem().replacen("MII", "AAA", 1);
    assert_eq!(certificates(&broken).map(drop), Err(PkiError::Certificate));
    let key = one.reveal_key();
    let secret = key.lines().nth(1).unwrap();
    assert!(!format!("{one:?} {leaf:?}").contains(secret) && !format!("{leaf:?}").contains("PRIVATE"));
}

#[test]
fn a_trust_store_opens_with_its_password() {
    let (one, other) = (authority("cluster-ca v0"), authority("cluster-ca v0"));
    let trusted = [one.certificate().clone(), other.certificate().clone()];
    let password = crate::password().unwrap();
    assert_eq!((password.len(), password == crate::password().unwrap()), (20, false));
    let bytes = crate::trust_store(&trusted, &password).unwrap();
    let policy = p12_keystore::Pkcs12ImportPolicy::Strict;
    let read = p12_keystore::KeyStore::from_pkcs12(&bytes, &password, policy).unwrap();
    assert_eq!(read.entries_len(), 2);
    assert!(p12_keystore::KeyStore::from_pkcs12(&bytes, "other", policy).is_err());
}

#[test]
fn files_are_told_apart_by_their_digest() {
    assert_eq!(crate::short_digest(b"abc"), "ba7816bf8f01cfea");
    assert_eq!(&crate::sha256(b"abc")[..16], "ba7816bf8f01cfea");
}

#[test]
fn a_user_is_known_by_its_name_alone_and_vouches_for_no_host() {
    let (nodes, users) = (authority("cluster-ca v0"), authority("clients-ca v0"));
    let user = users.issue_user("alice", Validity::starting(now(), 30 * DAY)).unwrap();
    assert_eq!(user.certificate().subject, "CN=alice");
    assert!(user.certificate().is_signed_by(users.certificate()) && !user.certificate().is_authority);
    let trusted = format!("{}{}", nodes.certificate().pem(), users.certificate().pem());
    let name = handshake(&issued(&nodes), &user, &trusted, "c-default-0.svc");
    assert_eq!(name.unwrap().as_deref(), Some("CN=alice"));
    assert!(handshake(&user, &user, &trusted, "alice").is_err(), "it is for no server");
}

#[test]
fn a_pair_comes_apart_and_a_key_store_of_it_opens_with_its_password() {
    let pair = authority("clients-ca v0").issue_user("alice", Validity::starting(now(), DAY)).unwrap();
    let (chain, key) = (pair.chain(), pair.reveal_key());
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----") && !chain.contains("KEY"));
    assert_eq!(Pair::read(&format!("{chain}{key}")).unwrap().certificate(), pair.certificate());
    let bytes = crate::key_store(&pair, "alice", "open sesame").unwrap();
    let options = |password: &'static str| {
        let file = tempfile(&bytes);
        let read = Options::read(|key| match key {
            "ssl.keystore.type" => Some("PKCS12".to_owned()),
            "ssl.keystore.location" => Some(file.clone()),
            "ssl.keystore.password" => Some(password.to_owned()),
            _ => None,
        });
        read.and_then(Connector::new)
    };
    assert!(options("open sesame").is_ok());
    assert!(options("guess").is_err());
}

fn tempfile(bytes: &[u8]) -> String {
    let path = std::env::temp_dir().join(format!("klamm-pki-{}.p12", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    path.to_string_lossy().into_owned()
}
