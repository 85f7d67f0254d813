//! Which certificates of nodes, and of the operator, are issued anew: those that are missing, that were changed, that are
//! for other hosts or of another key, and those that near their end.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use operator_api::Role;

use super::{
    CertificateFacts, LeafFacts, Which, authority,
    nodes::{OPERATOR_ENTRY, entry, hosts, own_entry},
    step::{Context, DAY_SECONDS},
};
use crate::listeners::Node;

/// The organization in all subjects of nodes and of the operator.
pub(crate) const ORGANIZATION: &str = "klamm.dev";

/// The common name of the operator's own certificate.
pub(crate) const SUBJECT_OF_OPERATOR: &str = "cluster-operator";

/// A certificate to be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafRequest {
    /// Its entry in the Secret.
    pub entry: String,
    /// Its common name.
    pub name: String,
    /// The hosts that it is for.
    pub hosts: Vec<String>,
}

/// Changes of one Secret of certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaves {
    /// Its name.
    pub secret: String,
    /// The pool that it is of, if it is.
    pub pool: Option<String>,
    /// What is issued.
    pub issue: Vec<LeafRequest>,
    /// Certificates that the user gives, which are taken over: the listener, and the entry.
    pub copy: Vec<(String, String)>,
    /// Entries that are taken out.
    pub forget: Vec<String>,
    /// How long certificates hold.
    pub validity_days: i64,
    /// Why, for people.
    pub why: &'static str,
}

/// What is wanted of one Secret.
pub(super) struct Wanted {
    pub(super) secret: String,
    pub(super) pool: Option<String>,
    pub(super) leaves: Vec<LeafRequest>,
    /// Certificates that the user gives: the listener, and the entry.
    pub(super) own: Vec<(String, String)>,
}

/// What is wanted of all Secrets: one a pool, and the operator's.
pub(super) fn wanted(context: &Context<'_>) -> Vec<Wanted> {
    let names = &context.cluster.names;
    let pools = context.cluster.pools.iter().map(|pool| {
        let is_broker = pool.has(Role::Broker);
        let nodes = pool.node_ids.iter().map(|id| Node::new(names, &pool.name, *id));
        let leaf = |node: Node| {
            let mut hosts = hosts(names, &node.pod);
            if is_broker {
                hosts.extend(context.addresses.hosts(context.cluster, &node));
            }
            LeafRequest { entry: entry(&node.pod), name: names.shared(), hosts }
        };
        let own = context.cluster.own_certificates.iter().filter(|_| is_broker);
        Wanted {
            own: own.map(|listener| (listener.clone(), own_entry(listener))).collect(),
            secret: names.pool_certificates(&pool.name),
            pool: Some(pool.name.clone()),
            leaves: nodes.map(leaf).collect(),
        }
    });
    let operator = LeafRequest {
        entry: OPERATOR_ENTRY.to_owned(),
        name: SUBJECT_OF_OPERATOR.to_owned(),
        hosts: Vec::new(),
    };
    let operator =
        Wanted { secret: names.operator_certificates(), pool: None, leaves: vec![operator], own: Vec::new() };
    [operator].into_iter().chain(pools).collect()
}

/// The changes of all Secrets, and whether an issue waits for nodes to be asked.
pub(super) fn next(
    context: &Context<'_>,
    issuer: Option<&CertificateFacts>,
) -> (Vec<Leaves>, Option<(String, bool)>) {
    let Some(issuer) = issuer else { return (Vec::new(), None) };
    let (mut all, mut waits) = (Vec::new(), None);
    for Wanted { secret, pool, leaves, own } in wanted(context) {
        let found = context.certificates.issued.get(&secret);
        let found = found.map(|found| &found.leaves).cloned().unwrap_or_default();
        let entries = leaves.iter().map(|leaf| &leaf.entry).chain(own.iter().map(|(_, entry)| entry));
        let kept: BTreeSet<_> = entries.cloned().collect();
        let mut issue = Vec::new();
        let mut reason = "they are no longer needed";
        for leaf in leaves {
            match why(context, &leaf, found.get(&leaf.entry).and_then(Option::as_ref), issuer) {
                Ok(Some(why)) => {
                    reason = why;
                    issue.push(leaf);
                }
                Ok(None) => {}
                Err(why) => waits = Some(why),
            }
        }
        let is_other = |(listener, entry): &(String, String)| {
            let Some(Ok(given)) = context.certificates.own.get(listener) else { return false };
            let taken = found.get(entry).and_then(Option::as_ref);
            taken.is_none_or(|taken| taken.digest != given.digest)
        };
        let copy: Vec<_> = own.into_iter().filter(is_other).collect();
        if issue.is_empty() && !copy.is_empty() {
            reason = "a listener's own certificate changed";
        }
        let forget: Vec<_> = found.into_keys().filter(|entry| !kept.contains(entry)).collect();
        let is_missing = !context.certificates.issued.contains_key(&secret);
        if !issue.is_empty() || !copy.is_empty() || !forget.is_empty() || is_missing {
            let validity_days = context.stated.cluster.validity_days;
            all.push(Leaves { secret, pool, issue, copy, forget, validity_days, why: reason });
        }
    }
    (all, waits)
}

/// Why a certificate is issued anew; an error: why not yet.
fn why(
    context: &Context<'_>,
    wanted: &LeafRequest,
    found: Option<&LeafFacts>,
    issuer: &CertificateFacts,
) -> Result<Option<&'static str>, (String, bool)> {
    let Some(found) = found else { return Ok(Some("they are missing")) };
    let certificate = &found.certificate;
    if certificate.subject != format!("O={ORGANIZATION}, CN={}", wanted.name)
        || certificate.names != wanted.hosts.iter().cloned().collect()
    {
        return Ok(Some("they are for other names"));
    }
    if found.signed_by.as_ref() != Some(&issuer.key_id) {
        // With an authority of the user's nothing else makes sure that nodes trust it first.
        let facts = &context.certificates.cluster;
        if let Some(public) = facts.public.as_ref().filter(|_| !context.stated.cluster.maker.is_kept()) {
            authority::trusted_everywhere(context, Which::Cluster, public)
                .map_err(authority::Waits::into_parts)?;
        }
        return Ok(Some("another key issues"));
    }
    let stated = &context.stated.cluster;
    let is_due = context.is_due(certificate, stated.renewal_days) && context.may_renew(certificate);
    // Nothing holds longer than its authority: one that would end no later is not worth issuing.
    let longest = SignedDuration::from_secs(stated.validity_days.saturating_mul(DAY_SECONDS));
    let next_end = context.now.saturating_add(longest).unwrap_or(context.now).min(issuer.not_after);
    let gains = next_end.duration_since(certificate.not_after) > GAIN_MIN;
    Ok((is_due && gains).then_some("they near their end"))
}

/// How much longer a new certificate must hold than the old one.
pub(crate) const GAIN_MIN: SignedDuration = SignedDuration::from_hours(1);

/// When the last of all that is wanted was issued.
///
/// # Errors
/// What was not issued by the present key yet.
pub(super) fn served(context: &Context<'_>, issuer: Option<&CertificateFacts>) -> Result<Timestamp, String> {
    let mut last = Timestamp::UNIX_EPOCH;
    for Wanted { secret, leaves, .. } in wanted(context) {
        let none = BTreeMap::new();
        let found = context.certificates.issued.get(&secret).map_or(&none, |found| &found.leaves);
        for leaf in leaves {
            let of_issuer = found.get(&leaf.entry).and_then(Option::as_ref).filter(|found| {
                issuer.is_some_and(|issuer| found.signed_by.as_ref() == Some(&issuer.key_id))
            });
            let Some(of_issuer) = of_issuer else {
                return Err(format!("{} of Secret {secret} is not issued by the new key yet", leaf.entry));
            };
            last = last.max(of_issuer.certificate.made_at);
        }
    }
    Ok(last)
}
