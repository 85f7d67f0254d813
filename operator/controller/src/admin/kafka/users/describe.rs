//! Principals as they are, by three requests.

use std::collections::{BTreeMap, BTreeSet};

use broker_authorizer::{Operation, PatternType, Permission, ResourceType};
use broker_client::{
    Client, ClientError,
    admin::{
        acls::{AclBinding, AclFilter},
        quotas::QuotaMatch,
    },
};
use broker_protocol::ErrorCode;
use operator_plan::users::{Acl, Mechanism, ObservedPrincipal};

use super::{USER, scram, typed};
use crate::admin::{Described, Users};

/// Up to so many names are asked for one by one; for more of them all that there is is read at once.
const FEW: usize = 4;

/// The principals in the order of `names`.
pub(in super::super) async fn all(
    client: &mut Client,
    names: &[&str],
) -> Result<Vec<Described<Users>>, ClientError> {
    let mut acls = acls(client, names).await?;
    let mut quotas = quotas(client, names).await?;
    let mut users = client.scram_users(Some(names)).await?;
    let one = |name: &&str| {
        let of_scram = users.remove(*name).unwrap_or_default();
        let known = [Mechanism::ScramSha256, Mechanism::ScramSha512].into_iter();
        let credentials = known.filter_map(|known| Some((known, *of_scram.get(&scram(known))?)));
        Ok(ObservedPrincipal {
            acls: acls.as_mut().map(|acls| acls.remove(&typed(name)).unwrap_or_default()),
            quotas: quotas.remove(*name).unwrap_or_default(),
            credentials: credentials.collect(),
        })
    };
    Ok(names.iter().map(one).collect())
}

/// ACLs by principal; `None` where there is no authorizer.
async fn acls(
    client: &mut Client,
    names: &[&str],
) -> Result<Option<BTreeMap<String, BTreeSet<Acl>>>, ClientError> {
    let of = |name: &str| AclFilter { principal: Some(typed(name)), ..AclFilter::any() };
    let few = names.iter().map(|name| of(name)).collect();
    let filters: Vec<_> = if names.len() <= FEW { few } else { vec![AclFilter::any()] };
    let mut found: BTreeMap<String, BTreeSet<Acl>> = BTreeMap::new();
    for filter in filters {
        match client.describe_acls(&filter).await {
            Err(error) if error.code() == Some(ErrorCode::SecurityDisabled) => return Ok(None),
            bindings => {
                for binding in bindings? {
                    let acl = acl(&binding);
                    found.entry(binding.principal).or_default().extend(acl);
                }
            }
        }
    }
    Ok(Some(found))
}

/// `None` for one that says what is not known here: no filter names it, so nobody could take it away.
fn acl(binding: &AclBinding) -> Option<Acl> {
    let acl = Acl {
        resource_type: ResourceType::from_code(binding.resource_type),
        pattern_type: PatternType::from_code(binding.pattern_type),
        resource_name: binding.resource_name.clone(),
        host: binding.host.clone(),
        operation: Operation::from_code(binding.operation),
        permission: Permission::from_code(binding.permission),
    };
    let is_known = acl.resource_type != ResourceType::Unknown
        && acl.pattern_type != PatternType::Unknown
        && acl.operation != Operation::Unknown
        && acl.permission != Permission::Unknown;
    is_known.then_some(acl)
}

/// Quotas by user, those of users alone.
async fn quotas(
    client: &mut Client,
    names: &[&str],
) -> Result<BTreeMap<String, BTreeMap<String, f64>>, ClientError> {
    let few = names.iter().map(|name| QuotaMatch::Named((*name).to_owned())).collect();
    let matches: Vec<_> = if names.len() <= FEW { few } else { vec![QuotaMatch::Any] };
    let mut found = BTreeMap::new();
    for wanted in matches {
        for entity in client.describe_quotas(&[(USER.to_owned(), wanted)], true).await? {
            if let [(_, Some(name))] = entity.entity.as_slice() {
                found.insert(name.clone(), entity.values.into_iter().collect());
            }
        }
    }
    Ok(found)
}
