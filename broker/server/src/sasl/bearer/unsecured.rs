//! Unsecured tokens on a listener: taken only where its JAAS line says so, as the suites of Kafka's clients write it.

use broker_oauth::Unsecured;
use broker_sasl::{Jaas, Secret};

use super::Unusable;

/// How the options begin by which a line opts in.
const OPTS_IN: &str = "unsecured";
const USER_CLAIM: &str = "unsecuredValidatorPrincipalClaimName";
const SCOPE_CLAIM: &str = "unsecuredValidatorScopeClaimName";
const SCOPES: &str = "unsecuredValidatorRequiredScope";
const SKEW: &str = "unsecuredValidatorAllowableClockSkewMs";

/// What unsecured tokens must say; `None` where a listener's line does not opt in.
///
/// # Errors
/// An option that says nothing, where Kafka refuses every token.
pub(super) fn read(listener: &str, jaas: &Jaas) -> Result<Option<Unsecured>, Unusable> {
    if !jaas.bearer_options().any(|(name, _)| name.starts_with(OPTS_IN)) {
        return Ok(None);
    }
    let name = listener.to_lowercase();
    let refused = |reason: String| Unusable {
        key: format!("listener.name.{name}.oauthbearer.sasl.jaas.config"),
        reason,
    };
    let option =
        |key| jaas.bearer_option(key).map(Secret::reveal).map(str::trim).filter(|text| !text.is_empty());
    let skew = option(SKEW).map(str::parse::<i32>).transpose();
    let skew = skew.map_err(|error| refused(format!("{SKEW}: {error}")))?.unwrap_or_default();
    let skew_ms = u32::try_from(skew)
        .map_err(|_| refused(format!("{SKEW}: Allowable clock skew millis must not be negative: {skew}")))?;
    let scopes = Unsecured::scopes(option(SCOPES).unwrap_or_default());
    let required_scopes = scopes.map_err(|reason| refused(format!("{SCOPES}: {reason}")))?;
    tracing::warn!(
        listener,
        "UNSECURED TOKENS: whoever reaches this listener is whoever he says, as its JAAS line asks for. For tests only: set \
         sasl.oauthbearer.jwks.endpoint.url to let in those whom an identity provider knows"
    );
    Ok(Some(Unsecured {
        user_claim: option(USER_CLAIM).unwrap_or("sub").to_owned(),
        scope_claim: option(SCOPE_CLAIM).unwrap_or("scope").to_owned(),
        required_scopes,
        skew_ms,
    }))
}
