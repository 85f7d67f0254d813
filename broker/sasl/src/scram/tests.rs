use alloc::{format, string::ToString as _, vec::Vec};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use broker_types::Timestamp;
use bytes::Bytes;

use super::{message::*, *};
use crate::{
    Client, ClientFailure, Exchange, Failure, Login, Mechanism, Proven, ScramMechanism, Step,
    testing::{TOKEN, Users, key, login},
};

const RANDOM: [u8; NONCE_BYTES] = [7; NONCE_BYTES];

fn rfc_client(mechanism: ScramMechanism) -> ScramClient {
    ScramClient::new(mechanism, &login("user", "pencil"), "rOprNGfwEbeRWgbNEkqO".into())
}

/// RFC 7677, section 3.
#[test]
fn the_exchange_of_the_rfc() {
    let mut client = rfc_client(ScramMechanism::Sha256);
    assert_eq!(client.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    let challenge = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    let proof = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                 p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    assert_eq!(client.answer(challenge), Ok(Some(Bytes::from(proof))));
    assert_eq!(client.answer(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), Ok(None));
}

/// As other implementations give it.
#[test]
fn the_exchange_with_the_longer_hash() {
    let mut client = rfc_client(ScramMechanism::Sha512);
    let challenge = b"r=rOprNGfwEbeRWgbNEkqO02431b08-2f89-4bad-a4e6-80c0564ec865,\
                      s=Yin2FuHTt/M0kJWb0t9OI32n2VmOGi3m+JfjOvuDF88=,i=4096";
    let proof = "c=biws,r=rOprNGfwEbeRWgbNEkqO02431b08-2f89-4bad-a4e6-80c0564ec865,\
                 p=Hc5yec3NmCD7t+kFRw4/3yD6/F3SQHc7AVYschRja+Bc3sbdjlA0eH1OjJc0DD4ghn1tnXN5/Wr6qm9xmaHt4A==";
    assert_eq!(client.answer(challenge), Ok(Some(Bytes::from(proof))));
    let signature =
        b"v=BQuhnKHqYDwQWS5jAw4sZed+C9KFUALsbrq81bB0mh+bcUUbbMPNNmBIupnS2AmyyDnG5CTBQtkjJ9kyY4kzmw==";
    assert_eq!(client.answer(signature), Ok(None));
}

#[test]
fn a_client_trusts_no_wrong_server() {
    let challenge = |text: &str| rfc_client(ScramMechanism::Sha256).answer(text.as_bytes());
    assert_eq!(challenge("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"), Err(ClientFailure::Nonce));
    for iterations in [1, 4095, 16385, i32::MAX] {
        let text = format!("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i={iterations}");
        assert_eq!(challenge(&text), Err(ClientFailure::Iterations(iterations)));
    }
    for text in ["", "r=a", "r=rOprNGfwEbeRWgbNEkqO,s=!,i=4096", "r=rOprNGfwEbeRWgbNEkqO,s=,i=99999999999"] {
        assert_eq!(challenge(text), Err(ClientFailure::Format), "{text}");
    }
    let mut client = rfc_client(ScramMechanism::Sha256);
    client.answer(b"r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096").unwrap();
    assert_eq!(
        client.answer(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="),
        Err(ClientFailure::Signature)
    );
}

fn exchange(mechanism: ScramMechanism, login: &Login) -> Result<Step, Failure> {
    let (mut client, mut server) =
        (Client::scram(mechanism, login, &[1; NONCE_BYTES]), Exchange::new(Mechanism::Scram(mechanism)));
    let mut token = client.first();
    loop {
        match server.step(&token, &RANDOM, &Users)? {
            Step::Challenge(challenge) => token = client.answer(&challenge).unwrap().unwrap(),
            Step::Complete { who, token } => {
                assert_eq!(client.answer(&token), Ok(None));
                return Ok(Step::Complete { who, token: Bytes::new() });
            }
        }
    }
}

/// A token lets its owner in, by what Kafka's clients make of its secret part.
#[test]
fn a_token_lets_its_owner_in() {
    for mechanism in ScramMechanism::ALL {
        let token = |password: &str| Login { is_token: true, ..login(TOKEN, password) };
        let password = BASE64.encode(key().hmac(TOKEN));
        let expires = Some(Timestamp::from_millis(6_000));
        let who = Proven { user: "alice".into(), by_token: true, expires };
        assert_eq!(exchange(mechanism, &token(&password)), Ok(Step::Complete { who, token: Bytes::new() }));
        let failure = exchange(mechanism, &token("another")).unwrap_err();
        assert_eq!(failure, Failure::hidden("Invalid client credentials"));
        // Without the extension it is no user.
        let failure = exchange(mechanism, &login(TOKEN, &password)).unwrap_err();
        assert_eq!(failure, Failure::hidden("Authentication failed: Invalid user credentials"));
    }
}

#[test]
fn both_sides_agree_or_nobody_is_let_in() {
    for mechanism in ScramMechanism::ALL {
        for user in ["alice", "a=b,c"] {
            let complete = Step::Complete { who: Proven::user(user.into()), token: Bytes::new() };
            assert_eq!(exchange(mechanism, &login(user, &format!("{user}-secret"))), Ok(complete));
        }
        let refused = |user, password| exchange(mechanism, &login(user, password)).unwrap_err();
        assert_eq!(refused("alice", "bob-secret"), Failure::hidden("Invalid client credentials"));
        assert_eq!(refused("eve", "x"), Failure::hidden("Authentication failed: Invalid user credentials"));
        let token = Login { is_token: true, ..login("alice", "alice-secret") };
        let failure = exchange(mechanism, &token).unwrap_err();
        assert_eq!(failure, Failure::Hidden("Token Authentication failed: Invalid tokenId : alice".into()));
    }
}

fn first_step(token: &[u8]) -> Result<Step, Failure> {
    Exchange::new(Mechanism::Scram(ScramMechanism::Sha256)).step(token, &RANDOM, &Users)
}

#[test]
fn a_first_message_is_read_as_kafka_reads_it() {
    for token in ["n,,n=alice,r=x", "n,a=alice,n=alice,r=x", "n,,m=y,n=alice,r=x", "n,,n=alice,r=x,k=v,l==w="]
    {
        assert!(matches!(first_step(token.as_bytes()), Ok(Step::Challenge(_))), "{token}");
    }
    let different = Failure::told(
        "Authentication failed: Client requested an authorization id that is different from username",
    );
    assert_eq!(first_step(b"n,a=bob,n=alice,r=x"), Err(different));
    let malformed = Failure::hidden("Invalid SCRAM client first message format");
    for token in [
        &b""[..],
        b"n,,",
        b"y,,n=alice,r=x",
        b"p=tls-unique,,n=alice,r=x",
        b"n,,n=,r=x",
        b"n,,n=alice,r=",
        b"n,,n=al=ice,r=x",
        b"n,,n=al=2cice,r=x",
        b"n,,n=alice,r=x y",
        b"n,,n=alice,r=x,",
        b"n,,n=alice,r=x,1=2",
        b"n,,n=alice,r=x,k=",
        b"n,,n=al\0ice,r=x",
        b"n,,n=\xc3\xa4,r=x",
        b"n,,n=\xff,r=x",
    ] {
        assert_eq!(first_step(token), Err(malformed.clone()), "{token:?}");
    }
}

fn final_step(token: &dyn Fn(&str) -> Vec<u8>) -> Result<Step, Failure> {
    let mut exchange = Exchange::new(Mechanism::Scram(ScramMechanism::Sha256));
    let Step::Challenge(challenge) = exchange.step(b"n,,n=alice,r=x", &RANDOM, &Users).unwrap() else {
        panic!("no challenge");
    };
    let nonce = ServerFirst::read(&challenge).unwrap().nonce;
    exchange.step(&token(&nonce), &RANDOM, &Users)
}

#[test]
fn a_wrong_proof_is_refused() {
    let wrong = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let with_nonce = |nonce: &str| format!("c=biws,r={nonce},p={wrong}").into_bytes();
    assert_eq!(final_step(&with_nonce), Err(Failure::hidden("Invalid client credentials")));
    for prefix in ["x", "replayed"] {
        let other_nonce = |nonce: &str| format!("c=biws,r={prefix}{nonce},p={wrong}").into_bytes();
        let refused = Failure::hidden("Invalid client nonce in the final client message.");
        assert_eq!(final_step(&other_nonce), Err(refused));
    }
    let short = |nonce: &str| format!("c=biws,r={nonce},p=AAAA").into_bytes();
    assert_eq!(final_step(&short), Err(Failure::Senseless("a proof of another length than the hash")));
    for malformed in ["", "c=biws", "c=biws,r=x", "c=b,r=x,p=AAAA", "c=biws,r=x,p=A", "c=biws,r=x,9=8,p=AAAA"]
    {
        let refused = final_step(&|_: &str| malformed.as_bytes().to_vec());
        assert_eq!(refused, Err(Failure::hidden("Invalid SCRAM client final message format")), "{malformed}");
    }
}

#[test]
fn a_failed_exchange_stays_failed() {
    let mut exchange = Exchange::new(Mechanism::Scram(ScramMechanism::Sha512));
    assert!(exchange.step(b"garbage", &RANDOM, &Users).is_err());
    let again = exchange.step(b"n,,n=alice,r=x", &RANDOM, &Users);
    assert_eq!(again, Err(Failure::Senseless("a token after the end of the exchange")));
}

#[test]
fn an_old_exchange_cannot_be_replayed() {
    let (mut client, mut server) = (rfc_login(), Exchange::new(Mechanism::Scram(ScramMechanism::Sha256)));
    let first = client.first();
    let Ok(Step::Challenge(challenge)) = server.step(&first, &RANDOM, &Users) else { panic!("no challenge") };
    let proof = client.answer(&challenge).unwrap().unwrap();
    assert!(matches!(server.step(&proof, &RANDOM, &Users), Ok(Step::Complete { .. })));
    let mut again = Exchange::new(Mechanism::Scram(ScramMechanism::Sha256));
    again.step(&first, &[8; NONCE_BYTES], &Users).unwrap();
    assert!(again.step(&proof, &[8; NONCE_BYTES], &Users).is_err());
}

fn rfc_login() -> Client {
    let login = login("alice", "alice-secret");
    Client::scram(ScramMechanism::Sha256, &login, &[2; NONCE_BYTES])
}

#[test]
fn a_nonce_is_printable_and_is_all_of_the_randomness() {
    let random: [u8; NONCE_BYTES] = core::array::from_fn(|place| u8::try_from(place * 9).unwrap());
    assert_eq!(nonce(&random), "09ir4dmv8hq3clu7gp2bkt6fo1");
    assert!(nonce(&[255; NONCE_BYTES]).bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(message::unescaped("=3D2C").to_string(), "=2C");
}
