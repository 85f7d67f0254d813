//! The Secret of a user: read as facts for decisions, and written as decided.

mod password;
mod write;

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use broker_sasl::Secret as Hidden;
use k8s_openapi::api::core::v1::Secret;
use kube::{Api, ResourceExt};
use operator_api::{
    COMPONENT_LABEL, CONTENT_ANNOTATION, KafkaUser, PASSWORD_SET_ANNOTATION, SecretKey, USER_COMPONENT,
    UserAuthenticationType,
};
use operator_pki::{Pair, sha256, short_digest};
use operator_plan::{
    certificates::LeafFacts,
    claims::{cluster_of, object_name},
    users::{PasswordFacts, Reference, SecretFacts, goes_with_its_resource, has_secret},
};
use serde_json::Value;

use self::password::{kept_password, stated_password};
use super::{
    content::{self, CERTIFICATE, Held, KEY},
    terms::Terms,
};
use crate::{
    certificates::{Data, Issuer, Kept, certificate_facts, digest_of_content},
    context::Context,
    error::ReconcileError,
};

/// What was read of a user's Secrets, and what its own is made of.
pub(super) struct Store<'a> {
    context: &'a Context,
    user: &'a KafkaUser,
    terms: &'a Terms,
    issuer: Arc<Issuer>,
    kept: Option<Kept>,
    stated: Option<Hidden>,
    reference: Option<Reference>,
}

impl<'a> Store<'a> {
    /// Nothing is read yet.
    pub(super) fn new(
        context: &'a Context,
        user: &'a KafkaUser,
        terms: &'a Terms,
        issuer: Arc<Issuer>,
    ) -> Self {
        Self { context, user, terms, issuer, kept: None, stated: None, reference: None }
    }

    /// What is known of the Secret without reading it. A password that somebody else chose is read each time.
    pub(super) fn remembered(&self) -> Option<Option<SecretFacts>> {
        if self.stated_source().is_some() {
            return None;
        }
        self.context.memory.secrets.remembered(&object_name(self.user), self.basis())
    }

    /// Remembers what the Secret says that was read or written.
    pub(super) fn remember(&self) {
        let version = self.kept.as_ref().and_then(|kept| kept.metadata.resource_version.clone());
        if let (Some(version), Some(facts)) = (version, self.facts()) {
            self.context.memory.secrets.remember(&object_name(self.user), version, self.basis(), facts);
        }
    }

    /// A number of all that the facts depend on beside the Secret.
    fn basis(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let user = (self.user.uid(), self.user.metadata.generation, cluster_of(self.user));
        (user, self.terms.way(self.user), &self.issuer.digest).hash(&mut hasher);
        hasher.finish()
    }

    /// Reads the Secrets. One that nobody can have made yet is not asked for: whoever has made it is met when it is written.
    pub(super) async fn read(&mut self) -> Result<(), ReconcileError> {
        if self.user.spec.authentication.is_none() && self.user.status.is_none() {
            return Ok(());
        }
        if self.remembered() != Some(None) {
            self.kept = self.get(&self.user.name_any()).await?.map(Kept::from);
            if self.kept.as_ref().is_some_and(|kept| !is_labelled(kept)) {
                self.context.memory.secrets.hidden(&object_name(self.user));
            }
        }
        if let Some(key) = self.stated_source() {
            let found = self.get(&key.name).await?.map(Kept::from);
            let (reference, stated) = stated_password(key, found.as_ref());
            self.reference = Some(reference);
            self.stated = stated;
        }
        Ok(())
    }

    /// Where the password is that somebody else chose.
    fn stated_source(&self) -> Option<&'a SecretKey> {
        let source = self.user.spec.authentication.as_ref().and_then(|stated| stated.password.as_ref());
        source.filter(|_| has_secret(self.user)).map(|source| &source.value_from.secret_key_ref)
    }

    async fn get(&self, name: &str) -> Result<Option<Secret>, ReconcileError> {
        self.api().get_opt(name).await.map_err(ReconcileError::api(format!("reading Secret {name}")))
    }

    fn api(&self) -> Api<Secret> {
        Api::namespaced(self.context.client.clone(), &self.user.namespace().unwrap_or_default())
    }

    /// The password that somebody else chose.
    pub(super) fn reference(&self) -> Option<&Reference> {
        self.reference.as_ref()
    }

    /// The user's password, as Kafka is to get it.
    pub(super) fn password(&self) -> Option<Hidden> {
        if self.reference == Some(Reference::Found) {
            return self.stated.clone();
        }
        kept_password(self.kept.as_ref()?)
    }

    /// What the Secret says, where there is one.
    pub(super) fn facts(&self) -> Option<SecretFacts> {
        let kept = self.kept.as_ref()?;
        let pair = self.pair();
        let leaf = pair.as_ref().map(|pair| LeafFacts {
            certificate: certificate_facts(pair.certificate()),
            signed_by: self.issuer.signer(pair.certificate()),
            digest: short_digest(pair.chain().as_bytes()),
        });
        let password = kept_password(kept).map(|password| PasswordFacts {
            is_set: kept.annotation(PASSWORD_SET_ANNOTATION) == Some(&self.note(&password)),
            is_as_stated: self.stated.as_ref().is_none_or(|stated| *stated == password),
        });
        Some(SecretFacts {
            is_ours: self.is_ours(kept),
            is_empty: kept.data.is_empty(),
            is_as_wanted: self.is_as_wanted(kept),
            leaf,
            password,
        })
    }

    /// It is known by our labels also where it outlived its resource, and by its owner also where somebody took them off.
    fn is_ours(&self, kept: &Kept) -> bool {
        is_labelled(kept) || kept.is_owned_by(self.user)
    }

    /// What the user has of its kind, as the Secret has it.
    fn kept(&self) -> Held {
        match self.user.authentication() {
            Some(UserAuthenticationType::Tls) => self.pair().map_or(Held::Nothing, Held::Certificate),
            Some(UserAuthenticationType::ScramSha512) => {
                let password = self.kept.as_ref().and_then(kept_password);
                password.map_or(Held::Nothing, Held::Password)
            }
            Some(UserAuthenticationType::TlsExternal) | None => Held::Nothing,
        }
    }

    fn pair(&self) -> Option<Pair> {
        let kept = self.kept.as_ref()?;
        Pair::read(&format!("{}\n{}", kept.text(CERTIFICATE), kept.text(KEY))).ok()
    }

    /// Tells which password it was, and not which it is; of each user another text.
    fn note(&self, password: &Hidden) -> String {
        let uid = self.user.uid().unwrap_or_default();
        sha256(format!("{uid}:{}", password.reveal()).as_bytes())
    }

    fn is_as_wanted(&self, kept: &Kept) -> bool {
        let is_untouched = kept.annotation(CONTENT_ANNOTATION) == Some(&digest_of_content(&kept.data));
        let has = |found: &Option<std::collections::BTreeMap<String, String>>, wanted: &Value| {
            let wanted = wanted.as_object().into_iter().flatten();
            let found = found.as_ref();
            wanted.into_iter().all(|(name, value)| {
                found.and_then(|found| found.get(name)).map(String::as_str) == value.as_str()
            })
        };
        let is_owned = kept.is_owned_by(self.user) == goes_with_its_resource(self.user);
        is_untouched
            && is_owned
            && has(&kept.metadata.labels, &self.labels())
            && has(&kept.metadata.annotations, &self.stated_annotations())
            && self.render(&self.kept()).is_ok_and(|data| data == kept.data)
    }

    fn render(&self, held: &Held) -> Result<Data, operator_pki::PkiError> {
        let way = self.terms.way(self.user);
        content::render(&self.user.name_any(), held, way, &self.issuer, self.kept.as_ref())
    }
}

const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// Whether it is labelled as a user's that was made here.
fn is_labelled(kept: &Kept) -> bool {
    let has = |name: &str, value: &str| {
        let labels = kept.metadata.labels.as_ref();
        labels.and_then(|labels| labels.get(name)).map(String::as_str) == Some(value)
    };
    has(COMPONENT_LABEL, USER_COMPONENT) && has(MANAGED_BY, "klamm")
}
