use broker_client::{SaslLogin, Security};
use operator_pki::{Authority, UnixSeconds, Validity};

use super::*;

fn validity() -> Validity {
    let now = crate::clock::now().0.as_second();
    Validity::starting(UnixSeconds::new(now), 86_400)
}

fn authority(name: &str) -> Authority {
    Authority::new(name, validity()).expect("an authority")
}

fn issuer() -> Issuer {
    let clients = authority("clients-ca v0");
    Issuer {
        clients: clients.certificate().pem().to_owned(),
        cluster: authority("cluster-ca v0").certificate().pem().to_owned(),
        authority: Some(clients),
        ..Issuer::default()
    }
}

fn certified(issuer: &Issuer) -> Held {
    let authority = issuer.authority.as_ref().expect("an authority");
    Held::Certificate(authority.issue_user("alice", validity()).expect("a certificate"))
}

fn way(is_encrypted: bool) -> Way {
    Way {
        kind: String::new(),
        is_encrypted,
        bootstrap: "c-kafka-bootstrap.n.svc.cluster.local:9093".to_owned(),
    }
}

fn rendered(held: &Held, way: Option<&Way>, issuer: &Issuer, before: Option<&Kept>) -> Data {
    render("alice", held, way, issuer, before).expect("a Secret")
}

fn names(data: &Data) -> Vec<&str> {
    data.keys().map(String::as_str).collect()
}

/// The properties as a client reads them: what it can use is a way in.
fn client(data: &Data) -> (BTreeMap<String, String>, Security) {
    let text = std::str::from_utf8(&data[PROPERTIES]).expect("text");
    let properties = broker_config::properties::parse(text).expect("properties");
    let security = Security::from_properties(&properties).expect("what a client takes");
    (properties, security)
}

#[test]
fn a_user_with_a_certificate_has_all_that_java_and_others_want() {
    let issuer = issuer();
    let data = rendered(&certified(&issuer), Some(&way(true)), &issuer, None);
    let expected = [CLIENTS, PROPERTIES, CLUSTER, CERTIFICATE, KEY, KEY_STORE, KEY_STORE_PASSWORD];
    assert_eq!(names(&data), expected);
    assert_eq!(data[CLIENTS], issuer.clients.as_bytes(), "who vouches for users, as Strimzi has it");
    let (properties, security) = client(&data);
    assert_eq!(properties["bootstrap.servers"], "c-kafka-bootstrap.n.svc.cluster.local:9093");
    assert_eq!(properties["ssl.truststore.certificates"], issuer.cluster);
    assert!(security.tls.is_some() && security.sasl.is_none());
    assert!(properties.keys().all(|key| !key.ends_with(".location")), "nothing names a file");
}

#[test]
fn a_user_with_a_password_has_it_in_every_form_whatever_is_in_it() {
    let issuer = issuer();
    for text in ["simple", "with \"quotes\" and \\ back=slash;", "#\u{e4}\u{1f600}"] {
        let held = Held::Password(Secret::new(text));
        let data = rendered(&held, Some(&way(true)), &issuer, None);
        assert_eq!(names(&data), [PROPERTIES, CLUSTER, PASSWORD, JAAS]);
        let (_, security) = client(&data);
        let Some(SaslLogin::Scram(_, login)) = security.sasl.as_deref() else {
            panic!("{:?}", security.sasl)
        };
        assert_eq!((login.username.as_str(), login.password.reveal()), ("alice", text));
        let bare = rendered(&held, Some(&way(false)), &issuer, None);
        assert_eq!(names(&bare), [PROPERTIES, PASSWORD, JAAS]);
        assert!(client(&bare).1.tls.is_none());
        assert_eq!(names(&rendered(&held, None, &issuer, None)), [PASSWORD, JAAS], "there is no way in");
    }
}

#[test]
fn what_a_user_has_gives_the_same_text_again_and_another_key_another_store() {
    let issuer = issuer();
    let held = certified(&issuer);
    let first = rendered(&held, Some(&way(true)), &issuer, None);
    let kept = Kept { metadata: Default::default(), data: first.clone() };
    assert_eq!(rendered(&held, Some(&way(true)), &issuer, Some(&kept)), first);
    let other = rendered(&certified(&issuer), Some(&way(true)), &issuer, Some(&kept));
    assert_ne!(other[KEY_STORE], first[KEY_STORE]);
    assert_ne!(other[KEY_STORE_PASSWORD], first[KEY_STORE_PASSWORD]);
    assert!(rendered(&Held::Nothing, Some(&way(true)), &issuer, Some(&kept)).is_empty());
}
