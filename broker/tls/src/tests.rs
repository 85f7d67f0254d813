//! Both ends against each other, in memory: who believes whom.

use rustls::{ClientConnection, ServerConnection, pki_types::ServerName};

use crate::{
    Acceptor, Changes, Connector, Digest, Refreshed, TlsError,
    testing::{Authority, Issued, pem_options},
};

/// Has both speak until they agree; else what the one says that does not.
fn agree(acceptor: &Acceptor, connector: &Connector, host: &str) -> Result<Option<String>, String> {
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let mut client = ClientConnection::new(connector.config(), name).unwrap();
    let mut server = acceptor.accept().unwrap();
    for _ in 0..10 {
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes).unwrap();
        }
        take(&mut server, &bytes)?;
        let mut bytes = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut bytes).unwrap();
        }
        let mut bytes = &bytes[..];
        while !bytes.is_empty() {
            client.read_tls(&mut bytes).unwrap();
            client.process_new_packets().map_err(|error| format!("client: {error}"))?;
        }
    }
    assert!(!client.is_handshaking() && !server.is_handshaking());
    acceptor.name_of(&server).map_err(|error| error.to_string())
}

fn take(server: &mut ServerConnection, mut bytes: &[u8]) -> Result<(), String> {
    while !bytes.is_empty() {
        server.read_tls(&mut bytes).unwrap();
        server.process_new_packets().map_err(|error| format!("server: {error}"))?;
    }
    Ok(())
}

fn acceptor(own: &Issued, trusted: &str, more: &[(&str, &str)]) -> Acceptor {
    Acceptor::new(pem_options(Some(own), trusted, more)).unwrap()
}

fn connector(own: Option<&Issued>, trusted: &str, more: &[(&str, &str)]) -> Connector {
    Connector::new(pem_options(own, trusted, more)).unwrap()
}

const REQUIRED: (&str, &str) = ("ssl.client.auth", "required");
const REQUESTED: (&str, &str) = ("ssl.client.auth", "requested");

#[test]
fn clients_are_asked_as_the_settings_say() {
    let authority = Authority::new();
    let (server, alice) = (authority.issue("server", &["localhost"]), authority.issue("alice", &[]));
    let (trusted, other) = (authority.pem(), Authority::new());
    let known = connector(Some(&alice), &trusted, &[]);
    let nobody = connector(None, &trusted, &[]);
    let foreign = connector(Some(&other.issue("alice", &[])), &trusted, &[]);
    let expired = connector(Some(&authority.issue_expired("alice")), &trusted, &[]);
    let name = Ok(Some("CN=alice".to_owned()));

    let none = acceptor(&server, &trusted, &[]);
    assert_eq!(agree(&none, &known, "localhost"), Ok(None), "it is not asked");
    let requested = acceptor(&server, &trusted, &[REQUESTED]);
    assert_eq!(agree(&requested, &known, "localhost"), name);
    assert_eq!(agree(&requested, &nobody, "localhost"), Ok(None));
    let required = acceptor(&server, &trusted, &[REQUIRED]);
    assert_eq!(agree(&required, &known, "localhost"), name);
    for (client, reason) in [
        (&nobody, "server: peer sent no certificates"),
        (&foreign, "server: invalid peer certificate"),
        (&expired, "server: invalid peer certificate"),
    ] {
        let said = agree(&required, client, "localhost").unwrap_err();
        assert!(said.starts_with(reason), "{said}");
    }
    assert!(agree(&requested, &foreign, "localhost").is_err(), "what is shown must hold");
}

#[test]
fn servers_must_be_who_they_were_looked_for_as() {
    let authority = Authority::new();
    let server = acceptor(&authority.issue("server", &["localhost", "127.0.0.1"]), &authority.pem(), &[]);
    let careful = connector(None, &authority.pem(), &[]);
    assert_eq!(agree(&server, &careful, "localhost"), Ok(None));
    assert_eq!(agree(&server, &careful, "127.0.0.1"), Ok(None));
    let said = agree(&server, &careful, "elsewhere.example").unwrap_err();
    assert!(said.contains("not valid for name"), "{said}");
    let careless = connector(None, &authority.pem(), &[("ssl.endpoint.identification.algorithm", "")]);
    assert_eq!(agree(&server, &careless, "elsewhere.example"), Ok(None));
    let distrusting = connector(None, &Authority::new().pem(), &[]);
    assert!(agree(&server, &distrusting, "localhost").unwrap_err().starts_with("client: "));
    let old = acceptor(&authority.issue_expired("server"), &authority.pem(), &[]);
    assert!(agree(&old, &careless, "localhost").unwrap_err().starts_with("client: "));
}

#[test]
fn a_certificate_that_is_trusted_itself_needs_nobody_to_vouch_for_it() {
    let (server, client) = (Issued::self_signed("server"), Issued::self_signed("client"));
    let both = format!("{}{}", server.certificate.pem(), client.certificate.pem());
    let accepting = acceptor(&server, &both, &[REQUIRED]);
    let known = connector(Some(&client), &both, &[]);
    assert_eq!(agree(&accepting, &known, "localhost"), Ok(Some("CN=client".to_owned())));
    let other = connector(Some(&Issued::self_signed("client")), &both, &[]);
    assert!(agree(&accepting, &other, "localhost").is_err());
}

#[test]
fn versions_and_suites_are_those_that_both_have() {
    let authority = Authority::new();
    let own = authority.issue("server", &["localhost"]);
    let new = acceptor(&own, &authority.pem(), &[("ssl.enabled.protocols", "TLSv1.3")]);
    let old = connector(None, &authority.pem(), &[("ssl.enabled.protocols", "TLSv1.2")]);
    assert!(agree(&new, &old, "localhost").is_err());
    let suite = ("ssl.cipher.suites", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_UNKNOWN");
    let narrow = connector(None, &authority.pem(), &[suite, ("ssl.enabled.protocols", "TLSv1.2")]);
    assert_eq!(agree(&acceptor(&own, &authority.pem(), &[]), &narrow, "localhost"), Ok(None));
    let unknown = pem_options(None, &authority.pem(), &[("ssl.cipher.suites", "TLS_UNKNOWN")]);
    let said = Connector::new(unknown).unwrap_err().to_string();
    assert_eq!(said, "ssl.cipher.suites: none of TLS_UNKNOWN is supported");
}

#[test]
fn names_are_mapped_or_refused() {
    let authority = Authority::new();
    let own = authority.issue("server", &["localhost"]);
    let rules = ("ssl.principal.mapping.rules", "RULE:^CN=a(.*)$/$1/U");
    let accepting = acceptor(&own, &authority.pem(), &[REQUIRED, rules]);
    let by = |name: &str| connector(Some(&authority.issue(name, &[])), &authority.pem(), &[]);
    assert_eq!(agree(&accepting, &by("alice"), "localhost"), Ok(Some("LICE".to_owned())));
    let said = agree(&accepting, &by("bob"), "localhost").unwrap_err();
    assert_eq!(said, "Failed to map name for 'CN=bob' based on SSL principal mapping rules.");
}

#[test]
fn files_are_taken_up_when_they_hold_and_told_once_when_not() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.pem");
    let write = |text: &str| {
        let beside = folder.path().join("beside");
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(&beside, &path).unwrap();
    };
    let place = path.to_str().unwrap();
    let options =
        || crate::testing::options(&[("ssl.keystore.type", "PEM"), ("ssl.keystore.location", place)]);
    let first = authority.issue("server", &["localhost"]);
    write(&first.pem());
    let accepting = Acceptor::new(options()).unwrap();
    let (none, any) = (Changes::default(), Changes { subject: true, alternatives: true });
    let client = connector(None, &authority.pem(), &[]);
    assert_eq!(accepting.refresh(options(), none), Ok(Refreshed::Unchanged));

    write("-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n");
    assert!(matches!(accepting.refresh(options(), none), Err(TlsError::Keys(_))));
    assert_eq!(accepting.refresh(options(), none), Ok(Refreshed::Unchanged), "it is told once");
    assert_eq!(agree(&accepting, &client, "localhost"), Ok(None), "the old one stays");

    let other = authority.issue("server", &["localhost"]);
    write(&format!("{}{}", first.certificate.pem(), other.key.serialize_pem()));
    assert!(matches!(accepting.refresh(options(), none), Err(TlsError::Pair(_))), "the key is another's");

    write(&authority.issue("renamed", &["localhost"]).pem());
    let said = accepting.refresh(options(), none).unwrap_err().to_string();
    assert_eq!(
        said,
        "Keystore DistinguishedName does not match: existing={DN=CN=server}, new={DN=CN=renamed}"
    );
    write(&authority.issue("server", &["elsewhere"]).pem());
    assert!(matches!(accepting.refresh(options(), none), Err(TlsError::LacksNames(_))));
    assert!(matches!(accepting.check(&options(), none), Err(TlsError::LacksNames(_))));
    assert_eq!(accepting.check(&options(), any), Ok(()));

    let next = Authority::new();
    write(&next.issue("server", &["localhost", "more"]).pem());
    assert_eq!(accepting.refresh(options(), none), Ok(Refreshed::Replaced));
    assert!(agree(&accepting, &client, "localhost").is_err());
    assert_eq!(agree(&accepting, &connector(None, &next.pem(), &[]), "localhost"), Ok(None));
}

/// A volume of Kubernetes: each file is a link into `..data`, which is a link to a folder, and that is what is swapped.
#[test]
fn the_swapped_links_of_kubernetes_are_noticed_and_what_is_in_use_is_told() {
    let (old, new) = (Authority::new(), Authority::new());
    let volume = tempfile::tempdir().unwrap();
    let at = |name: &str| volume.path().join(name);
    let swap = |version: &str, authority: &Authority| -> String {
        std::fs::create_dir(at(version)).unwrap();
        let pem = authority.issue("server", &["localhost"]).pem();
        std::fs::write(at(version).join("own.pem"), &pem).unwrap();
        std::os::unix::fs::symlink(version, at("..data_tmp")).unwrap();
        std::fs::rename(at("..data_tmp"), at("..data")).unwrap();
        Digest::of(pem.as_bytes()).to_string()
    };
    let first = swap("..1", &old);
    std::os::unix::fs::symlink("..data/own.pem", at("own.pem")).unwrap();
    let place = at("own.pem").to_str().unwrap().to_owned();
    let options =
        || crate::testing::options(&[("ssl.keystore.type", "PEM"), ("ssl.keystore.location", &place)]);
    let accepting = Acceptor::new(options()).unwrap();
    let keystore = || accepting.in_use().keystore.unwrap().to_string();
    assert_eq!((keystore(), accepting.in_use().truststore), (first, None));
    assert!(accepting.in_use().not_after.is_some());
    let second = swap("..2", &new);
    std::fs::remove_dir_all(at("..1")).unwrap();
    assert_eq!(accepting.refresh(options(), Changes::default()), Ok(Refreshed::Replaced));
    assert_eq!(keystore(), second);
    assert_eq!(agree(&accepting, &connector(None, &new.pem(), &[]), "localhost"), Ok(None));

    std::fs::remove_file(at("..data")).unwrap();
    assert!(accepting.refresh(options(), Changes::default()).is_err());
    assert_eq!(keystore(), second, "what is in use is what is told");
}

#[test]
fn a_listener_without_what_it_needs_is_told() {
    let authority = Authority::new();
    let said = Acceptor::new(pem_options(None, &authority.pem(), &[])).unwrap_err().to_string();
    assert_eq!(said, "ssl.keystore.location: a listener with SSL needs a key and a certificate");
}

/// Between nodes, each end of which has `own` and believes `trusted`.
fn between(own: &Issued, trusted: &str, more: &[(&str, &str)]) -> Result<Acceptor, TlsError> {
    Acceptor::between_nodes(pem_options(Some(own), trusted, more))
}

#[test]
fn nodes_must_believe_each_other_from_the_start() {
    let (authority, other) = (Authority::new(), Authority::new());
    let own = authority.issue("node", &["node.example"]);
    assert!(between(&own, &authority.pem(), &[REQUIRED]).is_ok(), "for whom it is, is not looked at");
    let said = between(&own, &other.pem(), &[]).unwrap_err();
    assert!(
        matches!(&said, TlsError::Disagree(reason) if reason.starts_with("the connecting end says: ")),
        "{said}"
    );
    let expired = authority.issue_expired("node");
    assert!(matches!(between(&expired, &authority.pem(), &[]), Err(TlsError::Disagree(_))));
}

#[test]
fn nodes_with_new_keys_and_nodes_with_old_ones_must_believe_each_other() {
    let (before, after) = (Authority::new(), Authority::new());
    let both = format!("{}{}", before.pem(), after.pem());
    let (old, new) = (before.issue("node", &["a"]), after.issue("node", &["a"]));
    let nodes = between(&old, &before.pem(), &[REQUIRED]).unwrap();
    let take = |own: &Issued, trusted: &str| {
        nodes.refresh(pem_options(Some(own), trusted, &[REQUIRED]), Changes::default())
    };
    let at_once = pem_options(Some(&new), &after.pem(), &[REQUIRED]);
    assert!(matches!(nodes.check(&at_once, Changes::default()), Err(TlsError::DisagreeMeanwhile(_))));
    assert!(matches!(take(&new, &after.pem()), Err(TlsError::DisagreeMeanwhile(_))));
    assert_eq!(take(&old, &both), Ok(Refreshed::Replaced));
    assert_eq!(take(&new, &both), Ok(Refreshed::Replaced));
    assert_eq!(take(&new, &after.pem()), Ok(Refreshed::Replaced));
}
