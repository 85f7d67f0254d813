//! What comes next for all certificates of a cluster.

use std::collections::BTreeSet;

use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::Timestamp};
use operator_api::AuthorityStatus;

use super::{
    CertificateAction, CertificateFacts, Certificates, Maker, ValidatedCertificates, Which,
    authority::{self, AuthorityStep},
    leaves::{self, Wanted},
    nodes::{NodesTold, entry},
    users::UsersTold,
};
use crate::{
    conditions::Warning,
    listeners::Addresses,
    observed::{Observed, PodState},
    validated::ValidatedCluster,
};

pub(crate) const DAY_SECONDS: i64 = 86_400;

/// What a decision about certificates rests on.
pub(super) struct Context<'a> {
    pub(super) cluster: &'a ValidatedCluster,
    pub(super) stated: &'a ValidatedCertificates,
    pub(super) certificates: &'a Certificates,
    pub(super) pods: &'a [PodState],
    pub(super) told: Option<&'a NodesTold>,
    pub(super) users_told: Option<&'a UsersTold>,
    pub(super) now: Timestamp,
    pub(super) addresses: &'a Addresses,
}

impl Context<'_> {
    /// Whether something that is in use was issued by this key.
    pub(super) fn has_issued(&self, key_id: &str) -> bool {
        self.certificates.leaves().any(|leaf| leaf.signed_by.as_deref() == Some(key_id))
    }

    /// What a node says of its certificate once it has loaded it.
    pub(super) fn digest_of(&self, pod: &str) -> Option<String> {
        let entry = entry(pod);
        let secrets = self.certificates.issued.values();
        secrets.flat_map(|secret| secret.leaves.get(&entry)).flatten().next().map(|leaf| leaf.digest.clone())
    }
}

/// What comes next for all certificates of a cluster.
#[derive(Clone, Debug, Default)]
pub(crate) struct Step {
    /// What is changed, in order.
    pub(crate) actions: Vec<CertificateAction>,
    /// Whether nodes must be asked what they use before there is a next step.
    pub(crate) asks_nodes: bool,
    /// Whether users must be asked what they have, likewise.
    pub(crate) asks_users: bool,
    /// What is waited for.
    pub(crate) waits_for: Option<String>,
    /// What is reported of each authority.
    pub(crate) statuses: Vec<AuthorityStatus>,
    /// What is doubtful.
    pub(crate) warnings: Vec<Warning>,
    /// The pools whose nodes find all that they need to start.
    pub(crate) served_pools: BTreeSet<String>,
}

impl Step {
    pub(crate) fn next(cluster: &ValidatedCluster, observed: &Observed, addresses: &Addresses) -> Self {
        let context = Context {
            cluster,
            stated: &cluster.certificates,
            certificates: &observed.certificates,
            pods: &observed.pods,
            told: observed.nodes_told.as_ref(),
            users_told: observed.users_told.as_ref(),
            now: observed.now.0,
            addresses,
        };
        let mut step = Self::default();
        for which in Which::ALL {
            let issuer = authority::issuer(context.certificates.of(which));
            let next = authority::next(&context, which, leaves::served(&context, issuer.as_ref()));
            step.take(&context, which, &next);
            if which == Which::Cluster {
                step.issue(&context, &next);
            }
        }
        step.served_pools = served_pools(&context);
        step
    }

    fn take(&mut self, context: &Context<'_>, which: Which, next: &AuthorityStep) {
        let stated = context.stated.of(which);
        let (validity_days, has_owner) = (stated.validity_days, stated.has_owner);
        if let Some((change, why)) = next.change.clone() {
            self.actions.push(CertificateAction::Change { which, change, validity_days, has_owner, why });
        }
        if next.publishes {
            let is_apart = stated.is_apart;
            self.actions.push(CertificateAction::Publish { which, has_owner, is_apart });
        }
        self.asks_nodes |= next.asks_nodes && context.told.is_none();
        self.asks_users |= next.asks_users;
        if next.phase.is_some() {
            let why = next.waits_for.as_deref().unwrap_or("the next step is on its way");
            let text = format!("the key of the {} CA is being replaced: {why}", which.word());
            self.waits_for.get_or_insert(text);
        }
        let not_after = next.issuer.as_ref().map(|issuer| Time(issuer.not_after));
        self.statuses.push(AuthorityStatus {
            name: which.word().to_owned(),
            not_after,
            replacement: next.phase,
            waits_for: next.waits_for.clone(),
        });
        let name = format!("the {} CA", which.word());
        let ending = next.issuer.as_ref().filter(|issuer| context.is_ending(issuer, stated));
        self.warnings.extend(ending.map(|issuer| ends(context, &name, issuer)));
    }

    fn issue(&mut self, context: &Context<'_>, cluster: &AuthorityStep) {
        let (all, waits) = leaves::next(context, cluster.issuer.as_ref());
        self.actions.extend(all.into_iter().map(CertificateAction::Issue));
        if let Some((why, asks_nodes)) = waits {
            self.asks_nodes |= asks_nodes && context.told.is_none();
            self.waits_for.get_or_insert(format!("certificates of another key are not issued yet: {why}"));
        }
        let days = context.stated.cluster.renewal_days / 2;
        // What somebody else's authority issues ends with that.
        let is_ending = |one: &CertificateFacts| match context.stated.cluster.maker {
            Maker::Secret(_) => context.is_ending(one, &context.stated.cluster),
            Maker::Operator | Maker::User => context.is_due(one, days),
        };
        for (secret, found) in &context.certificates.issued {
            for (entry, leaf) in &found.leaves {
                let ending = leaf.as_ref().filter(|leaf| is_ending(&leaf.certificate));
                let name = format!("{entry} of Secret {secret}");
                self.warnings.extend(ending.map(|leaf| ends(context, &name, &leaf.certificate)));
            }
        }
    }

    /// Whether nothing is under way.
    pub(crate) fn is_over(&self) -> bool {
        self.actions.is_empty() && self.waits_for.is_none()
    }
}

/// A certificate that should have been replaced by now.
fn ends(context: &Context<'_>, name: &str, one: &CertificateFacts) -> Warning {
    let ends = if one.not_after > context.now { "ends" } else { "has ended" };
    let why =
        if context.stated.windows.is_empty() { "" } else { "; it may be replaced in maintenanceTimeWindows" };
    Warning::new("CertificateEnds", format!("{name} {ends} at {}{why}", one.not_after))
}

fn served_pools(context: &Context<'_>) -> BTreeSet<String> {
    let is_public = |which| {
        let public = context.certificates.of(which).public.as_ref();
        let is_apart = context.stated.of(which).is_apart;
        public.is_some_and(|public| !public.bundle.is_empty() && public.is_apart >= is_apart)
    };
    if !Which::ALL.into_iter().all(is_public) {
        return BTreeSet::new();
    }
    let is_served = |wanted: &Wanted| {
        let found = context.certificates.issued.get(&wanted.secret);
        let has =
            |entry: &String| found.is_some_and(|found| matches!(found.leaves.get(entry), Some(Some(_))));
        wanted.leaves.iter().all(|leaf| has(&leaf.entry)) && wanted.own.iter().all(|(_, entry)| has(entry))
    };
    let served = leaves::wanted(context).into_iter().filter(is_served);
    served.filter_map(|wanted| wanted.pool).collect()
}
