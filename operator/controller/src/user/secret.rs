//! The Secret of a user: read as facts for decisions, and written as decided.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use broker_sasl::Secret as Hidden;
use k8s_openapi::{
    ByteString,
    api::core::v1::Secret,
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference},
};
use kube::{
    Api, Resource as _, ResourceExt,
    api::{Patch, PatchParams, PostParams},
};
use operator_api::{
    CLUSTER_LABEL, COMPONENT_LABEL, CONTENT_ANNOTATION, KafkaUser, PASSWORD_SET_ANNOTATION, SecretKey,
    USER_COMPONENT, UserAuthenticationType,
};
use operator_pki::{Pair, UnixSeconds, Validity, password, sha256, short_digest};
use operator_plan::{
    certificates::LeafFacts,
    claims::{cluster_of, object_name},
    users::{Material, PasswordFacts, Reference, SecretFacts, goes_with_its_resource, has_secret},
};
use serde_json::{Map, Value, json};

use super::{
    content::{self, CERTIFICATE, Held, KEY, PASSWORD},
    terms::Terms,
};
use crate::{
    certificates::{Data, Issuer, Kept, certificate_facts, digest_of_content},
    clock,
    context::{Context, FIELD_MANAGER},
    error::ReconcileError,
};

const DAY_SECONDS: i64 = 86_400;
/// The longest password that is taken over.
const PASSWORD_BYTES_MAX: usize = 1024;

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

    /// Writes the Secret, over what was read or not at all. Whether it was written.
    pub(super) async fn write(&mut self, material: Material, is_set: bool) -> Result<bool, ReconcileError> {
        let name = self.user.name_any();
        let cannot = |source| ReconcileError::Certificate { name: self.user.name_any(), source };
        let held = self.held(material).map_err(cannot)?;
        let data = self.render(&held).map_err(cannot)?;
        let mut annotations = self.stated_annotations().as_object().cloned().unwrap_or_default();
        annotations.insert(CONTENT_ANNOTATION.to_owned(), json!(digest_of_content(&data)));
        let note = match &held {
            Held::Password(password) if is_set => json!(self.note(password)),
            _ => Value::Null,
        };
        annotations.insert(PASSWORD_SET_ANNOTATION.to_owned(), note);
        let own = object_name(self.user);
        if material == Material::NewPassword {
            self.context.memory.retract(&own);
        }
        self.context.metrics.wrote("Secret");
        self.context.memory.secrets.begin_to_write(&own);
        let written = match &self.kept {
            Some(kept) => self.replace(kept, &data, &annotations).await,
            None => self.create(&data, &annotations).await,
        };
        let version = written.as_ref().ok().and_then(ResourceExt::resource_version);
        let is_overtaken = self.context.memory.secrets.wrote(&own, version);
        match written {
            // It came or changed since it was looked for: what it says now is decided about at the next look.
            Err(kube::Error::Api(status)) if status.code == 409 => {
                if self.kept.is_none() {
                    self.context.memory.secrets.hidden(&own);
                }
                tracing::info!(secret = name, "changed meanwhile");
                Ok(false)
            }
            written => {
                let written = written.map_err(ReconcileError::api(format!("Secret {name}")))?;
                self.kept = Some(Kept::from(written));
                Ok(!is_overtaken)
            }
        }
    }

    fn held(&self, material: Material) -> Result<Held, operator_pki::PkiError> {
        Ok(match material {
            Material::Kept => self.kept(),
            Material::Nothing => Held::Nothing,
            Material::NewPassword => Held::Password(Hidden::new(password()?)),
            Material::StatedPassword => self.stated.clone().map_or(Held::Nothing, Held::Password),
            Material::Certificate { validity_days } => match &self.issuer.authority {
                Some(authority) => {
                    let now = UnixSeconds::new(clock::now().0.as_second());
                    let validity = Validity::starting(now, validity_days.saturating_mul(DAY_SECONDS));
                    Held::Certificate(authority.issue_user(&self.user.name_any(), validity)?)
                }
                None => self.kept(),
            },
        })
    }

    async fn create(&self, data: &Data, annotations: &Map<String, Value>) -> Result<Secret, kube::Error> {
        let texts = |map: &Map<String, Value>| {
            let texts =
                map.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
            texts.collect()
        };
        let data = data.iter().map(|(entry, bytes)| (entry.clone(), ByteString(bytes.clone())));
        let secret = Secret {
            metadata: ObjectMeta {
                name: Some(self.user.name_any()),
                labels: self.labels().as_object().map(texts),
                annotations: Some(texts(annotations)),
                owner_references: goes_with_its_resource(self.user).then(|| vec![self.owner()]),
                ..ObjectMeta::default()
            },
            data: Some(data.collect()),
            ..Secret::default()
        };
        let parameters =
            PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
        self.api().create(&parameters, &secret).await
    }

    async fn replace(
        &self,
        kept: &Kept,
        data: &Data,
        annotations: &Map<String, Value>,
    ) -> Result<Secret, kube::Error> {
        let mut entries: Map<String, Value> =
            kept.data.keys().map(|entry| (entry.clone(), Value::Null)).collect();
        entries.extend(data.iter().map(|(entry, bytes)| (entry.clone(), json!(ByteString(bytes.clone())))));
        let others = kept.metadata.owner_references.iter().flatten();
        let mut owners: Vec<_> =
            others.filter(|owner| Some(&owner.uid) != self.user.uid().as_ref()).cloned().collect();
        owners.extend(goes_with_its_resource(self.user).then(|| self.owner()));
        let patch = json!({
            "metadata": {
                // Over what was read, or not at all.
                "resourceVersion": kept.metadata.resource_version,
                "labels": self.labels(),
                "annotations": annotations,
                "ownerReferences": owners,
            },
            "data": entries,
        });
        let parameters =
            PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
        self.api().patch(&self.user.name_any(), &parameters, &Patch::Merge(patch)).await
    }

    /// Our labels over the user's: a Secret that lost ours would be lost.
    fn labels(&self) -> Value {
        let template = self.user.spec.template.as_ref().and_then(|template| template.secret.as_ref());
        let stated = template.and_then(|secret| secret.metadata.as_ref()).map(|metadata| &metadata.labels);
        let mut labels = json!(stated.cloned().unwrap_or_default());
        let cluster = cluster_of(self.user).map(|of| of.name).unwrap_or_default();
        for (name, value) in [
            (CLUSTER_LABEL, cluster.as_str()),
            (COMPONENT_LABEL, USER_COMPONENT),
            ("app.kubernetes.io/name", "kafka"),
            ("app.kubernetes.io/instance", cluster.as_str()),
            (MANAGED_BY, "klamm"),
        ] {
            labels[name] = json!(value);
        }
        labels
    }

    fn stated_annotations(&self) -> Value {
        let template = self.user.spec.template.as_ref().and_then(|template| template.secret.as_ref());
        let stated =
            template.and_then(|secret| secret.metadata.as_ref()).map(|metadata| metadata.annotations.clone());
        let mut stated = stated.unwrap_or_default();
        stated.retain(|name, _| name != CONTENT_ANNOTATION && name != PASSWORD_SET_ANNOTATION);
        json!(stated)
    }

    fn owner(&self) -> OwnerReference {
        let owner = self.user.controller_owner_ref(&()).unwrap_or_default();
        OwnerReference { block_owner_deletion: Some(false), ..owner }
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

/// Whether a password can be one: a text of one line, which others may write into files.
fn is_password(text: &str) -> bool {
    !text.is_empty() && text.len() <= PASSWORD_BYTES_MAX && !text.chars().any(char::is_control)
}

fn kept_password(kept: &Kept) -> Option<Hidden> {
    let text = kept.text(PASSWORD);
    is_password(text).then(|| Hidden::new(text))
}

fn stated_password(key: &SecretKey, secret: Option<&Kept>) -> (Reference, Option<Hidden>) {
    let SecretKey { name, key, optional } = key;
    let entry = secret.and_then(|secret| secret.data.get(key));
    let Some(bytes) = entry else {
        let what = if secret.is_some() { format!("has no entry {key}") } else { "is not there".to_owned() };
        let missing = Reference::Missing(format!("Secret {name} {what}"));
        return (if *optional { Reference::Absent } else { missing }, None);
    };
    match std::str::from_utf8(bytes).ok().filter(|text| is_password(text)) {
        Some(text) => (Reference::Found, Some(Hidden::new(text))),
        None => {
            let why = format!(
                "entry {key} of Secret {name} is no password: a text of one line, of at most {PASSWORD_BYTES_MAX} bytes"
            );
            (Reference::Missing(why), None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stated_password_is_a_text_of_one_line_or_refused_by_its_place() {
        let key = |optional| SecretKey { name: "p".to_owned(), key: "k".to_owned(), optional };
        let secret = |bytes: &[u8]| {
            let data = [("k".to_owned(), bytes.to_vec())].into();
            Kept { metadata: ObjectMeta::default(), data }
        };
        let of = |kept: Option<&Kept>, optional| stated_password(&key(optional), kept);
        let (found, password) = of(Some(&secret(b"a b")), false);
        assert_eq!((found, password.expect("a password").reveal()), (Reference::Found, "a b"));
        let empty = Kept { metadata: ObjectMeta::default(), data: Data::new() };
        for (kept, why) in [(None, "Secret p is not there"), (Some(&empty), "Secret p has no entry k")] {
            assert_eq!(of(kept, false), (Reference::Missing(why.to_owned()), None));
            assert_eq!(of(kept, true), (Reference::Absent, None));
        }
        let long = vec![b'a'; PASSWORD_BYTES_MAX + 1];
        for bytes in [b"".as_slice(), b"two\nlines", b"\xff", b"tab\t", &long] {
            let (reference, password) = of(Some(&secret(bytes)), true);
            let Reference::Missing(why) = reference else { panic!("{bytes:?}") };
            assert!(why.starts_with("entry k of Secret p is no password") && password.is_none());
        }
    }
}
