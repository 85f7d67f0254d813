//! Authorities of somebody else: what can be used, and whom it lets in.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};

use super::NotGiven;
use crate::{
    Authority, Certificate, PkiError, UnixSeconds, Validity, above, certificates,
    tests::{DAY, handshake, issued, now},
};

/// An authority of the company, in PEM.
struct Company(CertifiedIssuer<'static, KeyPair>);

impl Company {
    fn params(name: &str, is_ca: IsCa) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = is_ca;
        params
    }

    fn root(name: &str, constraints: BasicConstraints) -> Self {
        let params = Self::params(name, IsCa::Ca(constraints));
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn below(&self, name: &str, is_ca: IsCa) -> Self {
        self.with(Self::params(name, is_ca))
    }

    fn with(&self, params: CertificateParams) -> Self {
        Self(CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.0).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn key(&self) -> String {
        self.0.key().serialize_pem()
    }
}

const ANY: IsCa = IsCa::Ca(BasicConstraints::Unconstrained);

fn subjects(all: &[Certificate]) -> Vec<&str> {
    all.iter().map(|one| one.subject.as_str()).collect()
}

#[test]
fn what_it_issues_is_shown_with_all_that_is_between_it_and_the_root() {
    let root = Company::root("root", BasicConstraints::Unconstrained);
    let between = root.below("between", ANY);
    let own = between.below("kafka", IsCa::Ca(BasicConstraints::Constrained(0)));
    let chain = format!("{}{}", own.pem(), between.pem());
    let (authority, vouching) = Authority::given(&chain, &own.key(), &root.pem()).unwrap();
    assert_eq!(subjects(&vouching), ["CN=between", "CN=root"]);
    let pair = issued(&authority.below(&vouching));
    let shown = certificates(&pair.chain()).unwrap();
    assert_eq!(subjects(&shown[1..]), ["CN=kafka", "CN=between"], "and no root");
    // Whoever believes only the root believes it, and whoever believes only the one that issues.
    handshake(&pair, &pair, &root.pem(), "c-default-0.svc").unwrap();
    handshake(&pair, &pair, &own.pem(), "c-default-0.svc").unwrap();
    // The order of the others does not matter, and neither does a root among them.
    let mixed = format!("{}{}{}", own.pem(), root.pem(), between.pem());
    assert_eq!(Authority::given(&mixed, &own.key(), "").unwrap().1, vouching);
}

#[test]
fn a_stranger_of_the_same_root_is_neither_a_node_nor_a_user() {
    let root = Company::root("root", BasicConstraints::Unconstrained);
    let (ours, theirs) = (root.below("kafka", ANY), root.below("theirs", ANY));
    let given = |one: &Company| {
        let (authority, vouching) = Authority::given(&one.pem(), &one.key(), &root.pem()).unwrap();
        authority.below(&vouching)
    };
    let (ours_issues, theirs_issues) = (given(&ours), given(&theirs));
    let (node, stranger) = (issued(&ours_issues), issued(&theirs_issues));
    let validity = Validity::starting(now(), DAY);
    let user = theirs_issues.issue_user("admin", validity).unwrap();
    assert!(certificates(&stranger.chain()).unwrap().len() == 2, "it shows its chain");
    handshake(&node, &node, &ours.pem(), "c-default-0.svc").unwrap();
    for other in [&stranger, &user] {
        assert!(handshake(&node, other, &ours.pem(), "c-default-0.svc").is_err());
    }
    assert!(handshake(&stranger, &node, &ours.pem(), "c-default-0.svc").is_err(), "nor is it a server");
    handshake(&node, &stranger, &root.pem(), "c-default-0.svc").unwrap();
}

#[test]
fn what_cannot_be_used_is_told() {
    let root = Company::root("root", BasicConstraints::Constrained(1));
    let of = |chain: &str, key: &str| Authority::given(chain, key, &root.pem()).map(drop).unwrap_err();
    let own = root.below("kafka", ANY);
    assert_eq!(of(&own.pem(), &root.key()), NotGiven::Mismatch);
    assert_eq!(of("", &own.key()), NotGiven::Entry("tls.crt", PkiError::NoCertificate));
    assert_eq!(of(&own.pem(), ""), NotGiven::Entry("tls.key", PkiError::Key));
    let broken = Authority::given(&own.pem(), &own.key(), "x").map(drop);
    assert_eq!(broken, Err(NotGiven::Entry("ca.crt", PkiError::NoCertificate)));
    let leaf = root.below("leaf", IsCa::NoCa);
    assert_eq!(of(&leaf.pem(), &leaf.key()), NotGiven::NoAuthority("CN=leaf".to_owned()));
    let mut unable = Company::params("unable", ANY);
    unable.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let unable = root.with(unable);
    assert_eq!(of(&unable.pem(), &unable.key()), NotGiven::NoSignatures("CN=unable".to_owned()));
    let narrow = root.below("narrow", IsCa::Ca(BasicConstraints::Constrained(0)));
    let below = narrow.below("below", ANY);
    let said = of(&format!("{}{}", below.pem(), narrow.pem()), &below.key()).to_string();
    assert_eq!(said, "'CN=narrow' allows no authority 1 below it (path length), and 'CN=below' is there");
    // As deep as it allows: one below it that has one below it.
    let between = root.below("between", ANY);
    let deep = between.below("deep", ANY);
    let said = of(&format!("{}{}", deep.pem(), between.pem()), &deep.key()).to_string();
    assert!(said.starts_with("'CN=root' allows no authority 2 below it"), "{said}");
}

#[test]
fn keys_are_taken_in_pkcs8_and_others_are_refused_by_their_way() {
    let rsa = include_str!("rsa.crt");
    let (authority, vouching) = Authority::given(rsa, include_str!("rsa.pem"), rsa).unwrap();
    assert_eq!(vouching, []);
    let validity = Validity::starting(UnixSeconds::new(now().get()), DAY);
    let pair = authority.issue_user("alice", validity).unwrap();
    assert!(pair.certificate().is_signed_by(&certificates(rsa).unwrap()[0]));
    for other in [include_str!("rsa-pkcs1.pem"), include_str!("sec1.pem")] {
        let said = Authority::given(rsa, other, rsa).map(drop).unwrap_err().to_string();
        assert!(said.starts_with("tls.key: ") && said.contains("encoding: PKCS8"), "{said}");
    }
}

#[test]
fn a_chain_that_leads_nowhere_ends() {
    let root = Company::root("root", BasicConstraints::Unconstrained);
    let own = root.below("kafka", ANY);
    let own = certificates(&own.pem()).unwrap().remove(0);
    assert_eq!(above(&own, &[]), []);
    assert_eq!(above(&own, std::slice::from_ref(&own)), []);
    let other = Company::root("other", BasicConstraints::Unconstrained);
    assert_eq!(above(&own, &certificates(&other.pem()).unwrap()), []);
}
