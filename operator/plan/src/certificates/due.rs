//! What is due for an authority while no key of it is being replaced.

use k8s_openapi::jiff::Timestamp;
use operator_api::ExpirationPolicy;

use super::{
    AuthorityChange, CertificateFacts, Maker, Origin, PrivateFacts, PublicFacts, ValidatedAuthority, Which,
    Window,
    leaves::ORGANIZATION,
    step::{Context, DAY_SECONDS},
};

/// What somebody asks for, what somebody else gives, or what time demands.
pub(super) fn due(
    context: &Context<'_>,
    which: Which,
    private: &PrivateFacts,
    public: &PublicFacts,
) -> Option<(AuthorityChange, &'static str)> {
    let stated = context.stated.of(which);
    let current = private.current.as_ref()?;
    let due = match stated.maker {
        Maker::Operator => due_by_us(context, which, (private, public), current),
        Maker::Secret(_) => due_by_others(context, which, private, current),
        Maker::User => None,
    };
    if due.is_some() {
        return due;
    }
    let (stay, ended): (Vec<_>, Vec<_>) =
        private.previous.iter().partition(|one| one.not_after > context.now);
    if !ended.is_empty() {
        let keep = stay.into_iter().map(|one| one.fingerprint.clone()).collect();
        return Some((AuthorityChange::Forget { keep }, "they have ended"));
    }
    (private.has_owner != stated.has_owner).then_some((AuthorityChange::Tend, "its owner changed"))
}

const ASKED: &str = "it was asked for by annotation";

fn due_by_us(
    context: &Context<'_>,
    which: Which,
    (private, public): (&PrivateFacts, &PublicFacts),
    current: &CertificateFacts,
) -> Option<(AuthorityChange, &'static str)> {
    let stated = context.stated.of(which);
    let begin = || {
        let keep = private.previous.iter().map(|one| one.fingerprint.clone()).collect();
        let all = public.bundle.iter().chain(&private.previous).filter_map(CertificateFacts::generation);
        let generation = all.max().map_or(0, |last| last + 1);
        AuthorityChange::Begin { from: Origin::Made { generation }, keep }
    };
    if private.replace_asked {
        return Some((begin(), ASKED));
    }
    if private.forget_asked {
        return Some((AuthorityChange::Forget { keep: Vec::new() }, ASKED));
    }
    if !current.subject.starts_with(&format!("O={ORGANIZATION}, CN={}-ca v", which.word())) {
        return Some((begin(), "the one that there is was not made here"));
    }
    if public.renew_asked {
        return Some((AuthorityChange::Renew, ASKED));
    }
    if context.is_due(current, stated.renewal_days) && context.may_renew(current) {
        let change = match stated.policy {
            ExpirationPolicy::RenewCertificate => AuthorityChange::Renew,
            ExpirationPolicy::ReplaceKey => begin(),
        };
        return Some((change, "its certificate nears its end"));
    }
    None
}

/// What somebody else keeps is taken over when it is another one. Windows do not hold it: whoever made it chose the time.
fn due_by_others(
    context: &Context<'_>,
    which: Which,
    private: &PrivateFacts,
    current: &CertificateFacts,
) -> Option<(AuthorityChange, &'static str)> {
    if private.forget_asked {
        return Some((AuthorityChange::Forget { keep: Vec::new() }, ASKED));
    }
    let given = context.certificates.of(which).offered()?;
    let offered = &given.certificate;
    if offered.not_after <= context.now {
        return None;
    }
    if offered.key_id == current.key_id {
        let is_same = offered.fingerprint == current.fingerprint
            && given.above.iter().all(|one| private.above.contains(one));
        // By another name it would vouch for nothing that was issued before.
        let is_taken = !is_same && offered.subject == current.subject;
        return is_taken.then_some((AuthorityChange::TakeOver, "there is another certificate of its key"));
    }
    // One after the other, or keys would come faster than the former ones go; but none is kept waiting until its end.
    if !private.previous.is_empty() && !context.is_ending(current, context.stated.of(which)) {
        return None;
    }
    let former = private.previous.iter().filter(|one| one.key_id != offered.key_id);
    let keep = former.map(|one| one.fingerprint.clone()).collect();
    Some((AuthorityChange::Begin { from: Origin::Given, keep }, "another key was given"))
}

impl Context<'_> {
    /// Whether a certificate ends within so many days.
    pub(super) fn is_due(&self, one: &CertificateFacts, days: i64) -> bool {
        is_due(one, days, self.now)
    }

    /// Whether a certificate should have been replaced by now. Others renew at two thirds of its time (cert-manager), or as
    /// they were told: half of what is left then is late.
    pub(super) fn is_ending(&self, one: &CertificateFacts, stated: &ValidatedAuthority) -> bool {
        let days = stated.renewal_days / 2;
        match stated.maker {
            Maker::Operator => self.is_due(one, days),
            Maker::User => self.is_due(one, stated.renewal_days),
            Maker::Secret(_) => {
                let length = one.not_after.duration_since(one.made_at).as_secs();
                one.not_after.duration_since(self.now).as_secs() <= (days * DAY_SECONDS).min(length / 6)
            }
        }
    }

    /// Whether a certificate that is due may be replaced now.
    pub(super) fn may_renew(&self, one: &CertificateFacts) -> bool {
        may_renew(one, &self.stated.windows, self.now)
    }
}

/// Whether a certificate ends within so many days.
pub(crate) fn is_due(one: &CertificateFacts, days: i64, now: Timestamp) -> bool {
    one.not_after.duration_since(now).as_secs() <= days.saturating_mul(DAY_SECONDS)
}

/// Whether a certificate that is due may be replaced now. One that has ended waits for no window.
pub(crate) fn may_renew(one: &CertificateFacts, windows: &[Window], now: Timestamp) -> bool {
    windows.is_empty() || one.not_after <= now || windows.iter().any(|one| one.is_open(now))
}
