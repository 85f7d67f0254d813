//! `spec.clusterCa`, `spec.clientsCa`, `spec.maintenanceTimeWindows`.

use k8s_openapi::jiff::SignedDuration;
use operator_api::CertificateAuthority;

use super::Invalid;
use crate::{
    certificates::{GivenFacts, Maker, ValidatedAuthority, ValidatedCertificates, Which, Window},
    conditions::Warning,
    observed::Observed,
    validated::ValidatedCluster,
};

const VALIDITY_DAYS: i32 = 365;
const RENEWAL_DAYS: i32 = 30;
const OVERLAP_SECONDS: i64 = 86_400;
/// Kubernetes brings files to pods within about a minute.
const OVERLAP_SECONDS_MIN: i64 = 120;

/// Reads what is stated.
pub(super) fn read(observed: &Observed) -> Result<ValidatedCertificates, Invalid> {
    let spec = &observed.cluster.spec;
    let windows = spec.maintenance_time_windows.iter().enumerate().map(|(at, text)| {
        let field = || format!("spec.maintenanceTimeWindows[{at}]");
        Window::parse(text).map_err(|error| Invalid::new(field(), error.to_string()))
    });
    let read = |which: Which, stated: &Option<CertificateAuthority>| {
        let mut authority = authority(which, &stated.clone().unwrap_or_default())?;
        let public = observed.certificates.of(which).public.as_ref();
        authority.is_apart = match authority.maker {
            Maker::Secret(_) => true,
            // Who vouches for a former one is trusted by clients alone for as long as that is trusted.
            Maker::Operator => {
                let private = observed.certificates.of(which).private.as_ref();
                public.is_some_and(|public| public.is_apart)
                    || private.is_some_and(|private| !private.above.is_empty())
            }
            Maker::User => false,
        };
        Ok(authority)
    };
    let (cluster, clients) =
        (read(Which::Cluster, &spec.cluster_ca)?, read(Which::Clients, &spec.clients_ca)?);
    are_two(observed, &cluster, &clients)?;
    Ok(ValidatedCertificates { cluster, clients, windows: windows.collect::<Result<_, _>>()? })
}

/// Whoever is a user must not be believed as a node, and what is taken over must be somebody else's.
fn are_two(
    observed: &Observed,
    cluster: &ValidatedAuthority,
    clients: &ValidatedAuthority,
) -> Result<(), Invalid> {
    let field = |which: Which| format!("{}.secretName", which.field());
    if matches!(cluster.maker, Maker::Secret(_)) && cluster.maker == clients.maker {
        let reason = "is that of spec.clusterCa too: nodes would believe users to be nodes";
        return Err(Invalid::new(field(Which::Clients), reason));
    }
    let (nodes, users) = (
        observed.certificates.of(Which::Cluster).offered(),
        observed.certificates.of(Which::Clients).offered(),
    );
    if let Some((nodes, users)) = nodes.zip(users) {
        let is_below = |one: &GivenFacts, other: &GivenFacts| {
            let key = &other.certificate.key_id;
            one.certificate.key_id == *key || one.keys_above.contains(key)
        };
        // Who trusts an authority believes all that is below it.
        if is_below(users, nodes) {
            let reason =
                "is of the authority of spec.clusterCa, or below it: nodes would believe users to be nodes";
            return Err(Invalid::new(field(Which::Clients), reason));
        }
        if is_below(nodes, users) {
            let reason = "is below the authority of spec.clientsCa: nodes would be believed to be users";
            return Err(Invalid::new(field(Which::Cluster), reason));
        }
    }
    let name = observed.cluster.metadata.name.as_deref().unwrap_or_default();
    for (which, stated) in [(Which::Cluster, cluster), (Which::Clients, clients)] {
        let Maker::Secret(secret) = &stated.maker else { continue };
        let of = |one: Which| format!("{name}-{}-ca", one.word());
        if Which::ALL.iter().any(|one| *secret == of(*one) || *secret == format!("{}-cert", of(*one))) {
            let reason = format!("'{secret}' is where the operator keeps it, and must be another Secret");
            return Err(Invalid::new(field(which), reason));
        }
    }
    Ok(())
}

fn authority(which: Which, stated: &CertificateAuthority) -> Result<ValidatedAuthority, Invalid> {
    let validity = stated.validity_days.unwrap_or(VALIDITY_DAYS);
    // Without a word a short life is renewed early too.
    let renewal = stated.renewal_days.unwrap_or(RENEWAL_DAYS.min((validity / 2).max(1)));
    let field = |name: &str| format!("{}.{name}", which.field());
    if validity < 1 {
        return Err(Invalid::new(field("validityDays"), "at least 1"));
    }
    if renewal < 1 || (renewal >= validity && stated.renewal_days.is_some()) {
        return Err(Invalid::new(field("renewalDays"), "at least 1, and less than validityDays"));
    }
    if which == Which::Cluster && stated.overlap_seconds.is_some() {
        return Err(Invalid::new(field("overlapSeconds"), "is for spec.clientsCa: nodes say what they use"));
    }
    let overlap = stated.overlap_seconds.unwrap_or(OVERLAP_SECONDS);
    if overlap < OVERLAP_SECONDS_MIN {
        return Err(Invalid::new(field("overlapSeconds"), format!("at least {OVERLAP_SECONDS_MIN}")));
    }
    Ok(ValidatedAuthority {
        maker: maker(which, stated)?,
        is_apart: false,
        has_owner: stated.generate_secret_owner_reference.unwrap_or(true),
        validity_days: validity.into(),
        renewal_days: renewal.into(),
        policy: stated.certificate_expiration_policy.unwrap_or_default(),
        overlap: SignedDuration::from_secs(overlap),
    })
}

fn maker(which: Which, stated: &CertificateAuthority) -> Result<Maker, Invalid> {
    match (stated.generate_certificate_authority.unwrap_or(true), &stated.secret_name) {
        (true, None) => Ok(Maker::Operator),
        (false, None) => Ok(Maker::User),
        (false, Some(name)) => Ok(Maker::Secret(name.clone())),
        (true, Some(_)) => {
            let field = format!("{}.secretName", which.field());
            Err(Invalid::new(field, "is for generateCertificateAuthority: false"))
        }
    }
}

/// How long certificates hold that this authority issues, and how long before their end they are replaced, in days.
pub(crate) fn days(which: Which, stated: &CertificateAuthority) -> Result<(i64, i64), Invalid> {
    authority(which, stated).map(|authority| (authority.validity_days, authority.renewal_days))
}

/// Whether the authorities that others give are there.
pub(crate) fn are_given(cluster: &ValidatedCluster, observed: &Observed) -> Result<(), Invalid> {
    Which::ALL.into_iter().try_for_each(|which| match &cluster.certificates.of(which).maker {
        Maker::Operator => Ok(()),
        Maker::User => given(observed, which),
        Maker::Secret(secret) => taken(observed, which, secret),
    })
}

/// An authority that somebody else keeps is needed until it was taken over; it is only doubtful afterwards.
fn taken(observed: &Observed, which: Which, secret: &str) -> Result<(), Invalid> {
    let facts = observed.certificates.of(which);
    let is_taken = facts.private.as_ref().is_some_and(|private| private.has_key || private.next.is_some());
    match problem(observed, which) {
        Some(why) if !is_taken => {
            Err(Invalid::new(format!("{}.secretName", which.field()), format!("Secret {secret}: {why}")))
        }
        _ => Ok(()),
    }
}

/// Why what somebody else keeps cannot be used.
fn problem(observed: &Observed, which: Which) -> Option<String> {
    match observed.certificates.of(which).given.as_ref()? {
        Err(why) => Some(why.clone()),
        Ok(given) if given.certificate.not_after <= observed.now.0 => {
            Some(format!("its certificate has ended at {}", given.certificate.not_after))
        }
        Ok(_) => None,
    }
}

/// Warns of authorities that somebody else keeps and that cannot be used, or not by everybody.
pub(super) fn check(cluster: &mut ValidatedCluster, observed: &Observed) {
    for which in Which::ALL {
        let Maker::Secret(secret) = &cluster.certificates.of(which).maker else { continue };
        let offered = observed.certificates.of(which).offered();
        let current =
            observed.certificates.of(which).private.as_ref().and_then(|private| private.current.as_ref());
        let is_renamed = offered.zip(current).is_some_and(|(offered, current)| {
            offered.certificate.key_id == current.key_id && offered.certificate.subject != current.subject
        });
        let why = match problem(observed, which) {
            Some(why) => format!("{why}; what was taken over before is used on"),
            None if is_renamed => {
                "its subject is another one, and its key the same: what was issued would be believed no \
                                   more, so it is not taken over; let it be issued with a new key"
                    .to_owned()
            }
            None if offered.is_some_and(|given| !given.has_root) => {
                "no root is in its ca.crt: clients that use OpenSSL believe only a root".to_owned()
            }
            None => continue,
        };
        let message = format!("{}.secretName: Secret {secret}: {why}", which.field());
        cluster.warnings.push(Warning::new("CertificateAuthority", message));
    }
}

fn given(observed: &Observed, which: Which) -> Result<(), Invalid> {
    let cluster = observed.cluster.metadata.name.as_deref().unwrap_or_default();
    let facts = observed.certificates.of(which);
    let missing = |what: String| {
        let field = format!("{}.generateCertificateAuthority", which.field());
        Err(Invalid::new(field, format!("is false, and {what}")))
    };
    let secret = |suffix: &str| format!("Secret {cluster}-{}-ca{suffix}", which.word());
    if facts.public.as_ref().is_none_or(|public| public.bundle.is_empty()) {
        return missing(format!("{} with certificates in ca.crt is missing", secret("-cert")));
    }
    let Some(private) = &facts.private else {
        return missing(format!("{} with a key in ca.key is missing", secret("")));
    };
    if let Some(problem) = &private.problem {
        return missing(format!("{} cannot be used: {problem}", secret("")));
    }
    if !private.has_key || private.current.is_none() {
        return missing(format!("the key in {} is of no certificate in {}", secret(""), secret("-cert")));
    }
    Ok(())
}
