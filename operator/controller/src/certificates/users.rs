//! Asks what the users of a cluster have of certificates: reads their resources and Secrets, a page at a time. Only while an
//! authority that issued for them is replaced.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Resource, ResourceExt as _, api::ListParams, core::DeserializeGuard};
use operator_api::{COMPONENT_LABEL, KafkaUser, USER_COMPONENT, UserAuthenticationType};
use operator_pki::{certificates, short_digest};
use operator_plan::{
    certificates::{LeafFacts, UserHas, UsersTold},
    claims::{ObjectName, cluster_of},
    names::Names,
};
use serde::de::DeserializeOwned;

use super::{Issuer, facts::of, kept::Kept};
use crate::{context::Context, error::ReconcileError};

/// How many are read with one request.
const PAGE: u32 = 100;
/// The entry of a user's Secret.
const CERTIFICATE: &str = "user.crt";

/// What those users have that show certificates.
pub(crate) async fn ask(context: &Context, names: &Names) -> Result<UsersTold, ReconcileError> {
    let cluster = ObjectName { namespace: names.namespace().to_owned(), name: names.cluster().to_owned() };
    let known = context.user_wakes.names_of(&cluster);
    let namespaces: BTreeSet<_> =
        known.iter().map(|user| &user.namespace).chain([&cluster.namespace]).collect();
    let issuer = context.issuers.of_or_read(&context.client, names).await;
    let issuer = issuer.map_err(ReconcileError::api("reading the authorities of a cluster"))?;
    let mut told = UsersTold::new();
    for namespace in namespaces {
        let api = Api::namespaced(context.client.clone(), namespace);
        let mut users = BTreeMap::new();
        each(&api, ListParams::default(), |user: DeserializeGuard<KafkaUser>| {
            let user = user.0.ok().filter(|user| cluster_of(user).as_ref() == Some(&cluster));
            users.extend(user.and_then(|user| Some((user.name_any(), has(&user)?))));
        })
        .await?;
        let api = Api::namespaced(context.client.clone(), namespace);
        let of_users = ListParams::default().labels(&format!("{COMPONENT_LABEL}={USER_COMPONENT}"));
        each(&api, of_users, |secret: Secret| {
            if let Some(UserHas::Own(leaf)) = users.get_mut(&secret.name_any()) {
                *leaf = leaf_of(&Kept::from(secret), &issuer);
            }
        })
        .await?;
        told.extend(users.into_iter().map(|(name, has)| (format!("{namespace}/{name}"), has)));
    }
    Ok(told)
}

/// What a user has whose Secret was not read yet; `None` for one that shows no certificate.
fn has(user: &KafkaUser) -> Option<UserHas> {
    match user.authentication()? {
        UserAuthenticationType::Tls => Some(UserHas::Own(None)),
        UserAuthenticationType::TlsExternal => Some(UserHas::External),
        UserAuthenticationType::ScramSha512 => None,
    }
}

fn leaf_of(kept: &Kept, issuer: &Issuer) -> Option<LeafFacts> {
    let chain = kept.text(CERTIFICATE);
    let certificate = certificates(chain).ok()?.into_iter().next()?;
    Some(LeafFacts {
        certificate: of(&certificate),
        signed_by: issuer.signer(&certificate),
        digest: short_digest(chain.as_bytes()),
    })
}

async fn each<K>(api: &Api<K>, mut which: ListParams, mut take: impl FnMut(K)) -> Result<(), ReconcileError>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + std::fmt::Debug,
{
    which.limit = Some(PAGE);
    loop {
        let doing = || format!("reading each {}", K::kind(&()));
        let page = api.list(&which).await.map_err(ReconcileError::api(doing()))?;
        let more = page.metadata.continue_.clone().filter(|more| !more.is_empty());
        page.items.into_iter().for_each(&mut take);
        match more {
            Some(more) => which.continue_token = Some(more),
            None => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use operator_pki::{Authority, UnixSeconds, Validity};
    use serde_json::json;

    use super::*;

    #[test]
    fn users_that_show_certificates_are_told_by_what_they_have() {
        let of_type = |spec: serde_json::Value| {
            let user = json!({
                "apiVersion": "klamm.dev/v1alpha1", "kind": "KafkaUser", "metadata": {"name": "alice"}, "spec": spec
            });
            has(&serde_json::from_value(user).expect("a user"))
        };
        assert_eq!(of_type(json!({"authentication": {"type": "tls"}})), Some(UserHas::Own(None)));
        assert_eq!(of_type(json!({"authentication": {"type": "tls-external"}})), Some(UserHas::External));
        assert_eq!(of_type(json!({"authentication": {"type": "scram-sha-512"}})), None);
        assert_eq!(of_type(json!({})), None);
    }

    #[test]
    fn a_certificate_is_told_with_the_key_that_signed_it_where_that_is_known() {
        let now = UnixSeconds::new(crate::clock::now().0.as_second());
        let validity = Validity::starting(now, 86_400);
        let authority = |name: &str| Authority::new(name, validity).expect("an authority");
        let (known, stranger) = (authority("clients-ca v1"), authority("clients-ca v0"));
        let issuer = Issuer { known: vec![known.certificate().clone()], ..Issuer::default() };
        let told = |authority: &Authority| {
            let pair = authority.issue_user("alice", validity).expect("a certificate");
            let data = [(CERTIFICATE.to_owned(), pair.chain().into_bytes())].into();
            leaf_of(&Kept { metadata: Default::default(), data }, &issuer).expect("a certificate")
        };
        let leaf = told(&known);
        assert_eq!(leaf.signed_by.as_ref(), Some(&known.certificate().key_id));
        assert_eq!(leaf.certificate.subject, "CN=alice");
        assert_eq!(told(&stranger).signed_by, None);
        let empty = Kept { metadata: Default::default(), data: Default::default() };
        assert_eq!(leaf_of(&empty, &issuer), None);
    }
}
