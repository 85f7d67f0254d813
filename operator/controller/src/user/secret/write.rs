//! Writes the Secret of a user, as decided: over the version that was read, or not at all.

use broker_sasl::Secret as Hidden;
use k8s_openapi::{
    ByteString,
    api::core::v1::Secret,
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference},
};
use kube::{
    Resource as _, ResourceExt,
    api::{Patch, PatchParams, PostParams},
};
use operator_api::{
    CLUSTER_LABEL, COMPONENT_LABEL, CONTENT_ANNOTATION, PASSWORD_SET_ANNOTATION, USER_COMPONENT,
};
use operator_pki::{UnixSeconds, Validity, password};
use operator_plan::{
    claims::{cluster_of, object_name},
    users::{Material, goes_with_its_resource},
};
use serde_json::{Map, Value, json};

use super::{MANAGED_BY, Store};
use crate::{
    certificates::{Data, Kept, digest_of_content},
    clock,
    context::FIELD_MANAGER,
    error::ReconcileError,
    user::content::Held,
};

const DAY_SECONDS: i64 = 86_400;

impl Store<'_> {
    /// Writes the Secret, over what was read or not at all. Whether it was written.
    pub(in crate::user) async fn write(
        &mut self,
        material: Material,
        is_set: bool,
    ) -> Result<bool, ReconcileError> {
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
    pub(super) fn labels(&self) -> Value {
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

    pub(super) fn stated_annotations(&self) -> Value {
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
