//! An authority that somebody else keeps: what becomes of it in the Secrets, and what of it is believed by whom.

use k8s_openapi::{ByteString, api::core::v1::Secret};
use operator_plan::certificates::{AuthorityChange, GivenFacts, Origin};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use super::{
    Securities,
    facts::all,
    tests::{BUNDLE, CERTIFICATES, GIVEN, KEYS, POD, Shell, names},
};

type Issued = CertifiedIssuer<'static, KeyPair>;

fn params(name: &str, is_ca: IsCa) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = is_ca;
    params
}

const ANY: IsCa = IsCa::Ca(BasicConstraints::Unconstrained);

fn root() -> Issued {
    CertifiedIssuer::self_signed(params("root", ANY), KeyPair::generate().expect("a key")).expect("a root")
}

fn below(above: &Issued, name: &str, is_ca: IsCa) -> Issued {
    let key = KeyPair::generate().expect("a key");
    CertifiedIssuer::signed_by(params(name, is_ca), key, above).expect("an authority")
}

/// Writes the Secret as cert-manager does.
fn keep(shell: &mut Shell, entries: &[(&str, String)]) {
    let mut secret = Secret::default();
    secret.metadata.name = Some(GIVEN.to_owned());
    let data = entries.iter().map(|(name, text)| ((*name).to_owned(), ByteString(text.as_bytes().to_vec())));
    secret.data = Some(data.collect());
    shell.vault.give(secret);
    shell.is_given = true;
}

fn keep_issuer(shell: &mut Shell, issuer: &Issued, between: &Issued, root: &Issued) {
    let chain = format!("{}{}", issuer.pem(), between.pem());
    let key = issuer.key().serialize_pem();
    keep(shell, &[("tls.crt", chain), ("tls.key", key), ("ca.crt", root.pem())]);
}

fn offered(shell: &Shell) -> Result<GivenFacts, String> {
    shell.cluster().given.expect("it is stated")
}

fn names_in(shell: &Shell, secret: &str, entry: &str) -> Vec<String> {
    let text = shell.kept(secret).expect("a Secret").text(entry).to_owned();
    all(&text).iter().map(|one| one.common_name()).collect()
}

#[test]
fn it_is_copied_and_nodes_believe_only_who_issues() {
    let mut shell = Shell::new();
    let root = root();
    let between = below(&root, "between", ANY);
    keep_issuer(&mut shell, &below(&between, "kafka", ANY), &between, &root);
    let given = offered(&shell).expect("it can be used");
    assert!(given.has_root && given.above.len() == 2);
    shell.change(&AuthorityChange::Create { from: Origin::Given });
    shell.publish();
    shell.issue(CERTIFICATES, POD, &[]);
    let facts = shell.facts();
    let (public, private) = (facts.cluster.public.expect("a bundle"), facts.cluster.private.expect("keys"));
    assert_eq!(private.current.as_ref(), Some(&given.certificate));
    assert!(private.has_key && public.is_untouched && public.is_apart);
    assert_eq!((public.bundle, &public.above), (vec![given.certificate], &private.above));
    assert_eq!(names_in(&shell, BUNDLE, "issuers.crt"), ["kafka"], "what nodes believe");
    assert_eq!(names_in(&shell, BUNDLE, "ca.crt"), ["kafka", "between", "root"], "what clients believe");
    assert_ne!(public.digest, public.digest_of_clients);
    assert_eq!(names_in(&shell, CERTIFICATES, POD)[1..], ["kafka", "between"], "shown with its chain");
    let leaf = facts.issued[CERTIFICATES].leaves[POD].clone().expect("a certificate");
    assert_eq!(leaf.signed_by, private.current.map(|one| one.key_id));
    // What is at the Secret later changes nothing by itself.
    shell.vault = std::mem::take(&mut shell.vault);
    keep(&mut shell, &[]);
    assert_eq!(offered(&shell), Err("it has no entry tls.crt".to_owned()));
    assert!(shell.cluster().private.expect("keys").has_key);
}

#[test]
fn a_key_is_changed_over_to_and_who_vouched_for_the_former_goes_with_it() {
    let mut shell = Shell::new();
    shell.change(&AuthorityChange::Create { from: Origin::Made { generation: 0 } });
    shell.publish();
    let (first, second) = (root(), root());
    let between = [below(&first, "between 1", ANY), below(&second, "between 2", ANY)];
    let issuers = [below(&between[0], "kafka 1", ANY), below(&between[1], "kafka 2", ANY)];
    keep_issuer(&mut shell, &issuers[0], &between[0], &first);
    shell.change(&AuthorityChange::Begin { from: Origin::Given, keep: Vec::new() });
    shell.publish();
    assert_eq!(names_in(&shell, BUNDLE, "issuers.crt"), ["cluster-ca v0", "kafka 1"]);
    shell.change(&AuthorityChange::Promote);
    shell.change(&AuthorityChange::Forget { keep: Vec::new() });
    shell.publish();
    keep_issuer(&mut shell, &issuers[1], &between[1], &second);
    shell.change(&AuthorityChange::Begin { from: Origin::Given, keep: Vec::new() });
    shell.publish();
    assert_eq!(names_in(&shell, BUNDLE, "issuers.crt"), ["kafka 1", "kafka 2"]);
    assert_eq!(names_in(&shell, KEYS, "chain.crt"), ["between 1", "root", "between 2", "root"]);
    shell.issue(CERTIFICATES, POD, &[]);
    assert_eq!(names_in(&shell, CERTIFICATES, POD)[1..], ["kafka 1", "between 1"], "the former issues on");
    shell.change(&AuthorityChange::Promote);
    shell.change(&AuthorityChange::Forget { keep: Vec::new() });
    shell.publish();
    assert_eq!(names_in(&shell, BUNDLE, "ca.crt"), ["kafka 2", "between 2", "root"]);
    let facts = shell.cluster();
    assert_eq!(facts.public.expect("a bundle").above, facts.private.expect("keys").above);
    // And back: nobody above is trusted any more once the former is forgotten.
    shell.change(&AuthorityChange::Begin { from: Origin::Made { generation: 1 }, keep: Vec::new() });
    shell.change(&AuthorityChange::Promote);
    assert!(shell.kept(KEYS).expect("keys").data.contains_key("chain.crt"));
    shell.change(&AuthorityChange::Forget { keep: Vec::new() });
    assert_eq!(shell.kept(KEYS).expect("keys").data.keys().collect::<Vec<_>>(), ["ca.crt", "ca.key"]);
}

/// A shell that has taken over the authority `kafka` below a root: both of these too.
fn taken_over() -> (Shell, Issued, Issued) {
    let mut shell = Shell::new();
    let root = root();
    let own = below(&root, "kafka", ANY);
    let key = own.key().serialize_pem();
    keep(&mut shell, &[("tls.crt", own.pem()), ("tls.key", key), ("ca.crt", root.pem())]);
    shell.change(&AuthorityChange::Create { from: Origin::Given });
    shell.publish();
    (shell, root, own)
}

#[test]
fn a_renewed_certificate_is_taken_over_with_its_key() {
    let (mut shell, root, own) = taken_over();
    let key = own.key().serialize_pem();
    shell.issue(CERTIFICATES, POD, &[]);
    let before = shell.cluster().private.expect("keys").current.expect("a certificate");
    let renewed = params("kafka", ANY).signed_by(own.key(), &root).expect("a certificate");
    keep(&mut shell, &[("tls.crt", renewed.pem()), ("tls.key", key), ("ca.crt", root.pem())]);
    shell.change(&AuthorityChange::TakeOver);
    shell.publish();
    let after = shell.cluster().private.expect("keys").current.expect("a certificate");
    assert_eq!((&after.key_id, &after.subject), (&before.key_id, &before.subject));
    assert_ne!(after.fingerprint, before.fingerprint);
    let leaf = shell.facts().issued[CERTIFICATES].leaves[POD].clone().expect("a certificate");
    assert_eq!(leaf.signed_by, Some(after.key_id), "what was issued before holds");
}

#[test]
fn what_cannot_be_used_is_told_by_its_entry_and_shows_no_key() {
    let mut shell = Shell::new();
    shell.is_given = true;
    assert_eq!(offered(&shell), Err("it is missing".to_owned()));
    let root = root();
    let own = below(&root, "kafka", ANY);
    let key = own.key().serialize_pem();
    let sec1 = key.replace("BEGIN PRIVATE KEY", "BEGIN EC PRIVATE KEY");
    let leaf = below(&root, "leaf", IsCa::NoCa);
    let cases = [
        (own.pem(), String::new(), "it has no entry tls.key"),
        (own.pem(), root.key().serialize_pem(), "tls.key is not the key of the first certificate in tls.crt"),
        (
            leaf.pem(),
            leaf.key().serialize_pem(),
            "'CN=leaf' in tls.crt is not the certificate of an authority",
        ),
        (own.pem(), sec1[..sec1.len() - 60].to_owned(), "tls.key: the key cannot be read: PKCS#8"),
    ];
    for (chain, key, expected) in cases {
        keep(&mut shell, &[("tls.crt", chain), ("tls.key", key.clone()), ("ca.crt", root.pem())]);
        let why = offered(&shell).expect_err("it cannot be used");
        assert!(why.starts_with(expected), "{expected}: {why}");
        assert!(!key.lines().nth(1).is_some_and(|secret| why.contains(secret)), "{why}");
    }
}

#[test]
fn the_operator_believes_only_who_issues_either() {
    let (mut shell, _, own) = taken_over();
    let key = own.key().serialize_pem();
    shell.issue("c-cluster-operator-certs", "cluster-operator.pem", &[]);
    let securities = Securities::default();
    securities.learn(&names(), &shell.vault);
    assert!(securities.of("ns", "c").is_some_and(|security| security.tls.is_some()));
    // Another root above the same authority: it is nothing to the operator.
    let other = CertifiedIssuer::self_signed(params("root", ANY), KeyPair::generate().expect("a key"));
    let other = other.expect("a root");
    let own = params("kafka", ANY).signed_by(own.key(), &other).expect("a certificate");
    let before = names_in(&shell, BUNDLE, "issuers.crt");
    keep(&mut shell, &[("tls.crt", own.pem()), ("tls.key", key), ("ca.crt", other.pem())]);
    shell.change(&AuthorityChange::TakeOver);
    shell.publish();
    assert_eq!(names_in(&shell, BUNDLE, "issuers.crt"), before);
    assert!(securities.learn(&names(), &shell.vault), "the certificate is another");
}
