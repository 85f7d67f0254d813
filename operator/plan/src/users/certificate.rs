//! The certificate of a user: when it is issued, and when anew.

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use operator_api::KafkaUser;

use super::{CertificateEnd, Material, Seen, UserAction, UserPlan, UserRules};
use crate::{
    certificates::{CertificateFacts, DAY_SECONDS, GAIN_MIN, LeafFacts, is_due, may_renew},
    claims::Bound as _,
    conditions::Warning,
};

/// Adds what is to be done about the certificate.
pub(super) fn plan(user: &KafkaUser, seen: &Seen<'_>, rules: &UserRules, plan: &mut UserPlan) {
    let Some(issuer) = seen.issuer else {
        let message = format!("the clients CA of the KafkaCluster {} cannot issue now", rules.cluster);
        return plan.standing.refuse("NoAuthority", message);
    };
    let (validity_days, renewal_days) = days(user, rules);
    let action = match why(user, seen, rules, issuer, (validity_days, renewal_days)) {
        Some(why) => Some((Material::Certificate { validity_days }, why)),
        None => {
            let is_as_wanted = seen.secret.is_some_and(|secret| secret.is_as_wanted);
            (!is_as_wanted).then_some((Material::Kept, "it is not as it should be"))
        }
    };
    let is_new = matches!(action, Some((Material::Certificate { .. }, _)));
    if let Some((material, why)) = action {
        plan.actions.push(UserAction::Store { material, why, is_password_set: false });
    }
    let leaf = seen.secret.and_then(|secret| secret.leaf.as_ref()).filter(|_| !is_new);
    let Some(LeafFacts { certificate, .. }) = leaf else {
        let not_after = next_end(seen, issuer, validity_days);
        plan.certificate = Some(CertificateEnd { not_after, is_late: false });
        return;
    };
    let is_late = is_due(certificate, renewal_days / 2, seen.now);
    plan.certificate = Some(CertificateEnd { not_after: certificate.not_after, is_late });
    plan.warnings.extend(is_late.then(|| ends(seen, rules, certificate)));
}

/// When a certificate ends that is issued now: none holds longer than its authority.
fn next_end(seen: &Seen<'_>, issuer: &CertificateFacts, validity_days: i64) -> Timestamp {
    let longest = SignedDuration::from_secs(validity_days.saturating_mul(DAY_SECONDS));
    seen.now.saturating_add(longest).unwrap_or(seen.now).min(issuer.not_after)
}

fn days(user: &KafkaUser, rules: &UserRules) -> (i64, i64) {
    let stated = user.spec.authentication.as_ref();
    let validity = stated.and_then(|stated| stated.validity_days);
    let renewal = stated.and_then(|stated| stated.renewal_days);
    (validity.map_or(rules.validity_days, i64::from), renewal.map_or(rules.renewal_days, i64::from))
}

/// Why a certificate is issued.
fn why(
    user: &KafkaUser,
    seen: &Seen<'_>,
    rules: &UserRules,
    issuer: &CertificateFacts,
    (validity_days, renewal_days): (i64, i64),
) -> Option<&'static str> {
    let Some(leaf) = seen.secret.and_then(|secret| secret.leaf.as_ref()) else {
        return Some("there is no certificate with its key");
    };
    let certificate = &leaf.certificate;
    if certificate.subject != format!("CN={}", user.claimed()) {
        return Some("it is for another name");
    }
    if leaf.signed_by.as_ref() != Some(&issuer.key_id) {
        return Some("another key issues");
    }
    if !is_due(certificate, renewal_days, seen.now) || !may_renew(certificate, &rules.windows, seen.now) {
        return None;
    }
    // One that would end no later is not worth issuing.
    let next_end = next_end(seen, issuer, validity_days);
    (next_end.duration_since(certificate.not_after) > GAIN_MIN).then_some("it nears its end")
}

/// A certificate that should have been replaced by now.
fn ends(seen: &Seen<'_>, rules: &UserRules, certificate: &CertificateFacts) -> Warning {
    let ends = if certificate.not_after > seen.now { "ends" } else { "has ended" };
    let why = if rules.windows.is_empty() {
        "; the clients CA ends no later"
    } else {
        "; it may be replaced in maintenanceTimeWindows"
    };
    Warning::new("CertificateEnds", format!("the certificate {ends} at {}{why}", certificate.not_after))
}
