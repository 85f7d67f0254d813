//! Secrets of certificates for tests, and nodes that load them when they are told to. Digests and keys are plain text here,
//! so that a test sees who trusts whom.

use std::collections::BTreeMap;

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::World;
use crate::certificates::{
    AuthorityChange, AuthorityFacts, CertificateAction, CertificateFacts, Certificates, GivenFacts, InUse,
    LeafFacts, Leaves, NodesTold, Origin, PrivateFacts, PublicFacts, Which,
};

/// What a node has loaded: its certificate, and what it trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loaded {
    pub(crate) keystore: String,
    pub(crate) cluster: String,
    pub(crate) clients: String,
}

pub(crate) fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days * 24)
}

pub(crate) fn authority(all: &mut Certificates, which: Which) -> &mut AuthorityFacts {
    match which {
        Which::Cluster => &mut all.cluster,
        Which::Clients => &mut all.clients,
    }
}

fn made(which: Which, generation: u32, now: Timestamp, validity: i64) -> CertificateFacts {
    let key_id = format!("{}{generation}", which.word());
    CertificateFacts {
        fingerprint: format!("{key_id}@{now}"),
        key_id,
        subject: format!("O=klamm.dev, CN={}-ca v{generation}", which.word()),
        names: [].into(),
        made_at: now,
        not_after: now + days(validity),
    }
}

/// Does what the operator's shell does.
pub(crate) fn certify(all: &mut Certificates, action: &CertificateAction, now: Timestamp) {
    match action {
        CertificateAction::Change { which, change, validity_days, has_owner, .. } => {
            let facts = authority(all, *which);
            let bundle = facts.public.clone().unwrap_or_default().bundle;
            let given = facts.given.clone();
            let private = facts.private.get_or_insert_default();
            private.has_owner = *has_owner;
            let offered = || given.clone().expect("a Secret").expect("it can be used").certificate;
            let make = |from: &Origin| match from {
                Origin::Made { generation } => made(*which, *generation, now, *validity_days),
                Origin::Given => offered(),
            };
            if *change == AuthorityChange::TakeOver {
                private.current = Some(offered());
            }
            change_private(private, change, bundle, make);
            // Who vouches for one of somebody else's is called by its key.
            let trusted = private.current.iter().chain(&private.next).chain(&private.previous);
            let others = trusted.filter_map(|one| one.subject.strip_prefix("CN=given-"));
            private.above = others.map(above).collect();
        }
        CertificateAction::Publish { which, has_owner, is_apart } => {
            publish(authority(all, *which), (*has_owner, *is_apart), now);
        }
        CertificateAction::Issue(leaves) => issue(all, leaves, now),
    }
}

fn change_private(
    private: &mut PrivateFacts,
    change: &AuthorityChange,
    bundle: Vec<CertificateFacts>,
    make: impl Fn(&Origin) -> CertificateFacts,
) {
    match change {
        AuthorityChange::Create { from } => {
            (private.current, private.has_key) = (Some(make(from)), true);
        }
        AuthorityChange::Begin { from, keep } => {
            let known = private.previous.drain(..).chain(private.current.clone()).chain(bundle);
            let mut kept: Vec<_> = known.filter(|one| keep.contains(&one.fingerprint)).collect();
            kept.dedup();
            private.previous = kept;
            private.next = Some(make(from));
            private.current = private.current.take().filter(|_| private.has_key);
            private.replace_asked = false;
        }
        AuthorityChange::Promote => {
            let old = private.current.take();
            private.previous = old.into_iter().chain(private.previous.drain(..)).collect();
            (private.current, private.has_key) = (private.next.take(), true);
        }
        AuthorityChange::Forget { keep } => {
            private.previous.retain(|one| keep.contains(&one.fingerprint));
            private.forget_asked = false;
        }
        AuthorityChange::Renew => {
            let generation = private.current.as_ref().and_then(|one| one.generation()).expect("a number");
            private.current = Some(make(&Origin::Made { generation }));
        }
        AuthorityChange::TakeOver | AuthorityChange::Tend => {}
    }
}

/// What vouches for the authority of this key that somebody else gives.
fn above(key: &str) -> String {
    format!("root-of-{key}@0")
}

/// Keeps an authority as cert-manager does, with a root above it.
pub(crate) fn give(facts: &mut AuthorityFacts, key_id: &str, now: Timestamp, validity: SignedDuration) {
    let certificate = CertificateFacts {
        fingerprint: format!("{key_id}@{now}"),
        key_id: key_id.to_owned(),
        subject: format!("CN=given-{key_id}"),
        names: [].into(),
        made_at: now,
        not_after: now + validity,
    };
    let (above, keys_above) = (vec![above(key_id)], [format!("root-of-{key_id}")].into());
    facts.given = Some(Ok(GivenFacts { certificate, above, keys_above, has_root: true }));
}

fn publish(facts: &mut AuthorityFacts, (has_owner, is_apart): (bool, bool), now: Timestamp) {
    let private = facts.private.clone().expect("a private Secret");
    let issuer = private.current.filter(|_| private.has_key);
    let bundle: Vec<_> = issuer.clone().into_iter().chain(private.next).chain(private.previous).collect();
    let before = facts.public.take().unwrap_or_default();
    let issuers: Vec<_> = bundle.iter().map(|one| one.fingerprint.clone()).collect();
    let pem = issuers.iter().chain(&private.above).cloned().collect::<Vec<_>>().join(" ");
    facts.public = Some(PublicFacts {
        digest: if is_apart { issuers.join(" ") } else { pem.clone() },
        digest_of_clients: pem.clone(),
        above: private.above,
        is_apart,
        since: if pem == before.pem { before.since } else { Some(now) },
        renew_asked: before.renew_asked && issuer.is_some_and(|issuer| before.bundle.contains(&issuer)),
        pem,
        bundle,
        is_untouched: true,
        has_owner,
    });
}

fn issue(all: &mut Certificates, leaves: &Leaves, now: Timestamp) {
    let private = all.cluster.private.clone().expect("a private Secret");
    let issuer = private.current.filter(|_| private.has_key).expect("an issuer");
    let secret = all.issued.entry(leaves.secret.clone()).or_default();
    for request in &leaves.issue {
        let certificate = CertificateFacts {
            fingerprint: format!("{}@{now}", request.entry),
            key_id: format!("{}@{now}", request.entry),
            subject: format!("O=klamm.dev, CN={}", request.name),
            names: request.hosts.iter().cloned().collect(),
            made_at: now,
            not_after: (now + days(leaves.validity_days)).min(issuer.not_after),
        };
        let digest = format!("{} by {}", certificate.fingerprint, issuer.key_id);
        let leaf = LeafFacts { certificate, signed_by: Some(issuer.key_id.clone()), digest };
        secret.leaves.insert(request.entry.clone(), Some(leaf));
    }
    for (listener, entry) in &leaves.copy {
        let own = all.own[listener].clone().expect("it can be used");
        let certificate = CertificateFacts {
            fingerprint: own.digest.clone(),
            key_id: own.digest.clone(),
            subject: "CN=own".to_owned(),
            names: [].into(),
            made_at: now,
            not_after: now + days(3650),
        };
        let leaf = LeafFacts { certificate, signed_by: None, digest: own.digest };
        secret.leaves.insert(entry.clone(), Some(leaf));
    }
    secret.leaves.retain(|entry, _| !leaves.forget.contains(entry));
}

impl World {
    pub(crate) fn certificates(&mut self, which: Which) -> &mut AuthorityFacts {
        authority(&mut self.observed.certificates, which)
    }

    pub(crate) fn pass(&mut self, time: SignedDuration) {
        self.observed.now.0 += time;
    }

    /// Kubernetes brings the files to this pod, and the node loads them.
    pub(crate) fn load(&mut self, pod: &str) {
        let all = &self.observed.certificates;
        let entry = format!("{pod}.pem");
        let leaves = all.issued.values().find_map(|secret| secret.leaves.get(&entry));
        let loaded = Loaded {
            keystore: leaves.and_then(Option::as_ref).map(|leaf| leaf.digest.clone()).unwrap_or_default(),
            cluster: all.cluster.public.clone().unwrap_or_default().digest,
            clients: all.clients.public.clone().unwrap_or_default().digest,
        };
        self.loaded.insert(pod.to_owned(), loaded);
    }

    pub(crate) fn load_all(&mut self) {
        let pods: Vec<_> = self.observed.pods.iter().map(|pod| pod.name.clone()).collect();
        pods.iter().for_each(|pod| self.load(pod));
    }

    pub(crate) fn told(&self) -> NodesTold {
        let row = |listener: &str, keystore: &str, truststore: &str| InUse {
            listener: listener.to_owned(),
            keystore: keystore.to_owned(),
            truststore: truststore.to_owned(),
        };
        let rows = |loaded: &Loaded| {
            vec![
                row("CONTROLPLANE", &loaded.keystore, &loaded.cluster),
                row("REPLICATION", &loaded.keystore, &loaded.cluster),
                row("SECURE", &loaded.keystore, &loaded.clients),
            ]
        };
        let pods = self.observed.pods.iter();
        pods.map(|pod| (pod.name.clone(), self.loaded.get(&pod.name).map(rows))).collect::<BTreeMap<_, _>>()
    }
}
