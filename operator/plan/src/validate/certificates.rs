//! `spec.clusterCa`, `spec.clientsCa`, `spec.maintenanceTimeWindows`.

use k8s_openapi::jiff::SignedDuration;
use operator_api::CertificateAuthority;

use super::Invalid;
use crate::{
    certificates::{ValidatedAuthority, ValidatedCertificates, Which, Window},
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
        authority(which, &stated.clone().unwrap_or_default())
    };
    Ok(ValidatedCertificates {
        cluster: read(Which::Cluster, &spec.cluster_ca)?,
        clients: read(Which::Clients, &spec.clients_ca)?,
        windows: windows.collect::<Result<_, _>>()?,
    })
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
        is_generated: stated.generate_certificate_authority.unwrap_or(true),
        has_owner: stated.generate_secret_owner_reference.unwrap_or(true),
        validity_days: validity.into(),
        renewal_days: renewal.into(),
        policy: stated.certificate_expiration_policy.unwrap_or_default(),
        overlap: SignedDuration::from_secs(overlap),
    })
}

/// How long certificates hold that this authority issues, and how long before their end they are replaced, in days.
pub(crate) fn days(which: Which, stated: &CertificateAuthority) -> Result<(i64, i64), Invalid> {
    authority(which, stated).map(|authority| (authority.validity_days, authority.renewal_days))
}

/// Whether the authorities that the user gives are there.
pub(crate) fn are_given(cluster: &ValidatedCluster, observed: &Observed) -> Result<(), Invalid> {
    let mut given = Which::ALL.into_iter().filter(|which| !cluster.certificates.of(*which).is_generated);
    given.try_for_each(|which| self::given(observed, which))
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
