//! What is written to Secrets is read back as the facts that it was decided for.

use k8s_openapi::{ByteString, api::core::v1::Secret, jiff::Timestamp};
use operator_api::{CertificateAuthority, KafkaCluster};
use operator_plan::{
    certificates::{AuthorityChange, AuthorityFacts, Certificates, LeafRequest, Leaves, Origin, Which},
    names::Names,
};

use super::{Securities, Vault, change, content::Content, facts, kept::Kept};

pub(super) const POD: &str = "c-default-0.pem";
pub(super) const KEYS: &str = "c-cluster-ca";
pub(super) const BUNDLE: &str = "c-cluster-ca-cert";
pub(super) const CERTIFICATES: &str = "c-default-certs";
/// Where somebody else keeps an authority.
pub(super) const GIVEN: &str = "my-ca";

pub(super) struct Shell {
    pub(super) vault: Vault,
    now: Timestamp,
    /// Whether somebody else keeps the authority.
    pub(super) is_given: bool,
}

impl Shell {
    pub(super) fn new() -> Self {
        let now = "2026-01-01T00:00:00Z".parse().expect("a time");
        Self { vault: Vault::default(), now, is_given: false }
    }

    pub(super) fn kept(&self, name: &str) -> Option<&Kept> {
        self.vault.get(name)
    }

    fn put(&mut self, name: &str, content: Content) {
        let mut secret = Secret::default();
        secret.metadata.name = Some(name.to_owned());
        let before = self.kept(name).and_then(|kept| kept.metadata.annotations.clone());
        let annotations = secret.metadata.annotations.insert(before.unwrap_or_default());
        for (annotation, value) in content.annotations {
            match value {
                Some(value) => drop(annotations.insert(annotation.to_owned(), value)),
                None => drop(annotations.remove(annotation)),
            }
        }
        let data = content.data.into_iter().map(|(entry, bytes)| (entry, ByteString(bytes)));
        secret.data = Some(data.collect());
        self.vault.insert(secret);
    }

    fn edit(&mut self, name: &str, entry: &str, bytes: Option<Vec<u8>>) {
        let mut data = self.kept(name).expect("a Secret").data.clone();
        match bytes {
            Some(bytes) => drop(data.insert(entry.to_owned(), bytes)),
            None => drop(data.remove(entry)),
        }
        self.put(name, Content { data, annotations: [].into() });
    }

    pub(super) fn change(&mut self, change: &AuthorityChange) {
        let secrets = change::Secrets {
            private: self.kept(KEYS),
            public: self.kept(BUNDLE),
            given: self.vault.given(GIVEN),
        };
        let content = change::private(secrets, Which::Cluster, change, 365, self.now).expect("a change");
        self.put(KEYS, content);
    }

    pub(super) fn publish(&mut self) {
        let keys = self.kept(KEYS).expect("keys");
        let content = change::public(keys, self.kept(BUNDLE), self.is_given, self.now);
        self.put(BUNDLE, content.expect("a bundle"));
    }

    pub(super) fn issue(&mut self, secret: &str, entry: &str, forget: &[&str]) {
        let request = LeafRequest {
            entry: entry.to_owned(),
            name: "c-kafka".to_owned(),
            hosts: vec!["c-default-0.svc".to_owned()],
        };
        let leaves = Leaves {
            secret: secret.to_owned(),
            pool: None,
            issue: vec![request],
            copy: Vec::new(),
            forget: forget.iter().map(|entry| (*entry).to_owned()).collect(),
            validity_days: 365,
            why: "they are missing",
        };
        let authority = (self.kept(KEYS).expect("keys"), self.kept(BUNDLE));
        let content = change::leaves(authority, self.kept(secret), &leaves, self.now).expect("issued");
        self.put(secret, content);
    }

    pub(super) fn facts(&self) -> Certificates {
        let mut cluster = KafkaCluster::new("c", operator_api::KafkaClusterSpec::default());
        cluster.spec.cluster_ca = self.is_given.then(|| CertificateAuthority {
            generate_certificate_authority: Some(false),
            secret_name: Some(GIVEN.to_owned()),
            ..CertificateAuthority::default()
        });
        facts(&self.vault, &cluster, &names())
    }

    pub(super) fn cluster(&self) -> AuthorityFacts {
        self.facts().cluster
    }

    fn made() -> Self {
        let mut shell = Self::new();
        shell.change(&AuthorityChange::Create { from: Origin::Made { generation: 0 } });
        shell.publish();
        shell.issue(CERTIFICATES, POD, &[]);
        shell
    }
}

pub(super) fn names() -> Names {
    Names::new("c", "ns", "cluster.local")
}

/// The keys of the bundle, in its order, by the generation of their certificate.
fn bundle(facts: &AuthorityFacts) -> Vec<String> {
    let public = facts.public.as_ref().expect("a bundle");
    let last = |subject: &str| subject.rsplit_once(' ').expect("a number").1.to_owned();
    public.bundle.iter().map(|one| last(&one.subject)).collect()
}

#[test]
fn what_is_made_is_what_is_read() {
    let mut shell = Shell::made();
    let facts = shell.facts();
    let (public, private) = (facts.cluster.public.expect("a bundle"), facts.cluster.private.expect("keys"));
    let current = private.current.expect("a certificate");
    assert!(public.is_untouched && private.has_key && private.problem.is_none());
    assert_eq!((public.since, public.bundle), (Some(shell.now), vec![current.clone()]));
    assert_eq!((current.made_at, current.subject.as_str()), (shell.now, "O=klamm.dev, CN=cluster-ca v0"));
    let leaf = facts.issued[CERTIFICATES].leaves[POD].clone().expect("a certificate");
    assert_eq!(leaf.signed_by.as_ref(), Some(&current.key_id));
    assert_eq!(leaf.certificate.subject, "O=klamm.dev, CN=c-kafka");
    assert_eq!(leaf.certificate.not_after, current.not_after);
    let bytes = &shell.kept(CERTIFICATES).expect("a Secret").data[POD];
    assert_eq!(leaf.digest, operator_pki::short_digest(bytes), "as a node tells it of its file");

    shell.edit(BUNDLE, "ca.p12", Some(vec![1]));
    assert!(!shell.cluster().public.expect("a bundle").is_untouched, "edited by hand");
    let before = shell.kept(BUNDLE).expect("a bundle").data["ca.password"].clone();
    shell.now = "2026-01-02T00:00:00Z".parse().expect("a time");
    shell.publish();
    let public = shell.cluster().public.expect("a bundle");
    assert!(public.is_untouched && public.since < Some(shell.now), "it is trusted since it was");
    assert_eq!(shell.kept(BUNDLE).expect("a bundle").data["ca.password"], before);
    shell.edit(CERTIFICATES, POD, Some(b"nothing".to_vec()));
    assert_eq!(shell.facts().issued[CERTIFICATES].leaves[POD], None);
}

#[test]
fn a_key_is_replaced_step_by_step() {
    let mut shell = Shell::made();
    let old = shell.cluster().private.expect("keys").current.expect("a certificate");
    shell.change(&AuthorityChange::Begin { from: Origin::Made { generation: 1 }, keep: Vec::new() });
    shell.publish();
    assert_eq!(bundle(&shell.cluster()), ["v0", "v1"]);
    assert_eq!(shell.cluster().private.expect("keys").current.as_ref(), Some(&old), "the old one issues");
    shell.change(&AuthorityChange::Promote);
    shell.publish();
    assert_eq!(bundle(&shell.cluster()), ["v1", "v0"]);
    let private = shell.cluster().private.expect("keys");
    assert_eq!((private.next, private.previous), (None, vec![old]));
    shell.issue(CERTIFICATES, POD, &[]);
    let leaf = shell.facts().issued[CERTIFICATES].leaves[POD].clone().expect("a certificate");
    assert_eq!(leaf.signed_by, private.current.map(|one| one.key_id));
    shell.change(&AuthorityChange::Forget { keep: Vec::new() });
    shell.publish();
    assert_eq!(bundle(&shell.cluster()), ["v1"]);
    assert_eq!(shell.kept(KEYS).expect("keys").data.keys().collect::<Vec<_>>(), ["ca.crt", "ca.key"]);
}

#[test]
fn a_key_that_is_gone_leaves_its_certificate_trusted() {
    let mut shell = Shell::made();
    let old = shell.cluster().public.expect("a bundle").bundle[0].fingerprint.clone();
    shell.edit(KEYS, "ca.key", Some(b"nothing".to_vec()));
    let private = shell.cluster().private.expect("keys");
    assert!(!private.has_key && private.current.is_some() && private.problem.is_some());
    shell.change(&AuthorityChange::Begin { from: Origin::Made { generation: 1 }, keep: vec![old] });
    shell.publish();
    assert_eq!(bundle(&shell.cluster()), ["v1", "v0"]);
    let leaf = shell.facts().issued[CERTIFICATES].leaves[POD].clone().expect("a certificate");
    let older = shell.cluster().private.expect("keys").previous[0].key_id.clone();
    assert_eq!(leaf.signed_by, Some(older), "who signed what is out is known");
    shell.change(&AuthorityChange::Promote);
    assert!(shell.cluster().private.expect("keys").has_key);
}

#[test]
fn a_renewal_fulfils_the_wish_for_one() {
    let mut shell = Shell::made();
    let before = shell.cluster().public.expect("a bundle");
    shell.now = "2026-06-01T00:00:00Z".parse().expect("a time");
    shell.change(&AuthorityChange::Renew);
    shell.publish();
    let after = shell.cluster().public.expect("a bundle");
    assert_eq!(after.bundle[0].key_id, before.bundle[0].key_id);
    assert!(after.bundle[0].not_after > before.bundle[0].not_after);
    let content = change::public(shell.kept(KEYS).expect("keys"), shell.kept(BUNDLE), false, shell.now);
    let content = content.expect("a bundle");
    assert!(!content.annotations.contains_key(operator_api::FORCE_RENEW_ANNOTATION), "nothing new, no wish");
    let leaf = shell.facts().issued[CERTIFICATES].leaves[POD].clone().expect("a certificate");
    assert_eq!(leaf.signed_by, Some(after.bundle[0].key_id.clone()), "what was issued before holds");
}

#[test]
fn an_authority_of_the_users_has_its_certificate_in_the_public_secret() {
    let mut shell = Shell::made();
    shell.edit(KEYS, "ca.crt", None);
    let private = shell.cluster().private.expect("keys");
    assert!(private.has_key && private.current.is_some());
    shell.issue(CERTIFICATES, "other.pem", &[POD]);
    let leaves = &shell.facts().issued[CERTIFICATES].leaves;
    assert_eq!(leaves.keys().collect::<Vec<_>>(), ["other.pem"]);
}

#[test]
fn the_operator_connects_anew_when_its_certificate_or_the_bundle_changes() {
    let mut shell = Shell::made();
    shell.issue("c-cluster-operator-certs", "cluster-operator.pem", &[]);
    let securities = Securities::default();
    assert!(!securities.learn(&names(), &shell.vault), "there was no connection before");
    assert!(!securities.learn(&names(), &shell.vault));
    assert!(securities.of("ns", "c").is_some_and(|security| security.tls.is_some()));
    shell.change(&AuthorityChange::Begin { from: Origin::Made { generation: 1 }, keep: Vec::new() });
    shell.publish();
    assert!(securities.learn(&names(), &shell.vault));
    shell.edit(BUNDLE, "ca.crt", Some(b"nothing".to_vec()));
    assert!(!securities.learn(&names(), &shell.vault), "what cannot be used changes nothing");
    securities.forget(&names());
    assert!(securities.of("ns", "c").is_none());
}

#[test]
fn nothing_secret_is_shown() {
    let shell = Shell::made();
    let shown = format!("{:?} {:?} {:?}", shell.vault, shell.facts(), Securities::default());
    assert!(!shown.contains("PRIVATE KEY"), "{shown}");
    assert!(shown.contains(KEYS));
}
