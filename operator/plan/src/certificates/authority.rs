//! What comes next for one authority.

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use operator_api::{ExpirationPolicy, ReplacementPhase};

use super::{
    AuthorityFacts, CertificateFacts, PrivateFacts, PublicFacts, Which, Window, nodes,
    step::{Context, DAY_SECONDS},
    users,
};

/// How long clients have to take up what changed: Kubernetes brings files to pods within about a minute.
pub(super) const GRACE: SignedDuration = SignedDuration::from_secs(120);

/// A change of the private Secret of an authority: one write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorityChange {
    /// Makes the first key.
    Create {
        /// The number in its name.
        generation: u32,
    },
    /// Makes the next key, which is trusted and does not issue yet.
    Begin {
        /// The number in its name.
        generation: u32,
        /// The older certificates that stay trusted, by fingerprint, wherever they are now.
        keep: Vec<String>,
    },
    /// Lets the next key issue; the one that did is trusted on.
    Promote,
    /// Trusts older certificates no more.
    Forget {
        /// All but these, by fingerprint.
        keep: Vec<String>,
    },
    /// Makes a new certificate of the same key.
    Renew,
    /// Changes nothing but whose the Secret is.
    Tend,
}

/// What comes next for an authority.
#[derive(Clone, Debug, Default)]
pub(super) struct AuthorityStep {
    pub(super) change: Option<(AuthorityChange, &'static str)>,
    pub(super) publishes: bool,
    pub(super) phase: Option<ReplacementPhase>,
    /// Why nothing is done at the moment.
    pub(super) waits_for: Option<String>,
    /// Whether nodes must be asked what they use.
    pub(super) asks_nodes: bool,
    /// Whether users must be asked what they have.
    pub(super) asks_users: bool,
    /// Who issues now.
    pub(super) issuer: Option<CertificateFacts>,
}

/// The next step. `served`: whether all that is wanted was issued by the present key, when the last of it was.
pub(super) fn next(context: &Context<'_>, which: Which, served: Result<Timestamp, String>) -> AuthorityStep {
    let facts = context.certificates.of(which);
    let issuer = issuer(facts);
    if !context.stated.of(which).is_generated {
        return AuthorityStep { issuer, ..AuthorityStep::default() };
    }
    let private = facts.private.clone().unwrap_or_default();
    if issuer.is_none() && private.next.is_none() {
        return AuthorityStep { change: Some(anew(context, which)), ..AuthorityStep::default() };
    }
    let step = AuthorityStep { issuer, ..AuthorityStep::default() };
    let phase = phase(which, &private);
    let public = match facts.public.as_ref().filter(|public| is_published(context, which, public)) {
        Some(public) => public,
        None => return AuthorityStep { publishes: true, phase, ..step },
    };
    let waited = match phase {
        Some(ReplacementPhase::Trusting) => is_trusted(context, which, public, step.issuer.as_ref())
            .map(|()| (AuthorityChange::Promote, "all nodes trust the new key")),
        Some(ReplacementPhase::ChangingOver) => is_changed_over(context, served).map(|()| {
            (AuthorityChange::Forget { keep: Vec::new() }, "all nodes show certificates of the new key")
        }),
        None => {
            let step = AuthorityStep { change: due(context, which, &private, public), ..step };
            return if step.change.is_none() { former(context, which, &private, public, step) } else { step };
        }
    };
    match waited {
        Ok(change) => AuthorityStep { change: Some(change), phase, ..step },
        Err(why) => AuthorityStep { phase, asks_nodes: why.asks_nodes, waits_for: Some(why.text), ..step },
    }
}

/// Who issues: the certificate whose key is there.
pub(super) fn issuer(facts: &AuthorityFacts) -> Option<CertificateFacts> {
    let private = facts.private.as_ref()?;
    private.current.clone().filter(|_| private.has_key)
}

fn phase(which: Which, private: &PrivateFacts) -> Option<ReplacementPhase> {
    if private.next.is_some() {
        return Some(ReplacementPhase::Trusting);
    }
    // Users may take long: nobody waits for them, see `former`.
    (which == Which::Cluster && !private.previous.is_empty()).then_some(ReplacementPhase::ChangingOver)
}

/// What is to be trusted: the key that issues, the one that will, those that did.
pub(super) fn bundle(facts: &AuthorityFacts) -> Vec<CertificateFacts> {
    let Some(private) = &facts.private else { return Vec::new() };
    let previous = private.previous.iter().cloned();
    issuer(facts).into_iter().chain(private.next.clone()).chain(previous).collect()
}

fn is_published(context: &Context<'_>, which: Which, public: &PublicFacts) -> bool {
    let is_owned = public.has_owner == context.stated.of(which).has_owner;
    public.is_untouched && is_owned && public.bundle == bundle(context.certificates.of(which))
}

/// A first key, or where certificates are out whose key is gone, the next one after them.
fn anew(context: &Context<'_>, which: Which) -> (AuthorityChange, &'static str) {
    let facts = context.certificates.of(which);
    let private = facts.private.iter().flat_map(|private| private.current.iter().chain(&private.previous));
    let public = facts.public.iter().flat_map(|public| &public.bundle);
    let known: Vec<_> = private.chain(public).collect();
    let mut keep: Vec<_> = known
        .iter()
        .filter(|one| {
            one.not_after > context.now && (which == Which::Clients || context.has_issued(&one.key_id))
        })
        .map(|one| one.fingerprint.clone())
        .collect();
    keep.sort();
    keep.dedup();
    let generation = known.iter().filter_map(|one| one.generation()).max().map_or(0, |last| last + 1);
    if keep.is_empty() {
        (AuthorityChange::Create { generation }, "there is none")
    } else {
        (AuthorityChange::Begin { generation, keep }, "its private key is gone")
    }
}

/// What a reason to wait says, and whether asking nodes would help.
#[derive(Clone, Debug)]
pub(super) struct Waits {
    text: String,
    asks_nodes: bool,
}

impl Waits {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), asks_nodes: false }
    }
}

fn is_trusted(
    context: &Context<'_>,
    which: Which,
    public: &PublicFacts,
    issuer: Option<&CertificateFacts>,
) -> Result<(), Waits> {
    // When the old one has ended nobody is believed by it: waiting only makes that longer.
    if issuer.is_some_and(|issuer| issuer.not_after <= context.now) {
        return Ok(());
    }
    let until = public.since.unwrap_or(context.now).saturating_add(GRACE).unwrap_or(context.now);
    if context.now < until {
        return Err(Waits::new(format!("clients have until {until} to trust the new key")));
    }
    trusted_everywhere(context, which, &public.digest)
}

/// Whether all nodes have loaded this bundle.
pub(super) fn trusted_everywhere(context: &Context<'_>, which: Which, digest: &str) -> Result<(), Waits> {
    let is_of = |listener: &str| match which {
        Which::Cluster => nodes::is_own(listener),
        Which::Clients => nodes::asks_clients(context.cluster, listener),
    };
    context.all_nodes("does not trust the new key yet", |_, in_use| {
        let mut mine = in_use.iter().filter(|one| is_of(&one.listener)).peekable();
        (mine.peek().is_some() || which == Which::Clients) && mine.all(|one| one.truststore == digest)
    })
}

fn is_changed_over(context: &Context<'_>, served: Result<Timestamp, String>) -> Result<(), Waits> {
    let last = served.map_err(Waits::new)?;
    let until = last.saturating_add(GRACE).unwrap_or(context.now);
    if context.now < until {
        return Err(Waits::new(format!("the old key is trusted until {until}")));
    }
    context.all_nodes("does not show its new certificate yet", |pod, in_use| {
        let digest = context.digest_of(pod);
        let mut ours = in_use.iter().filter(|one| !nodes::has_own(context.cluster, &one.listener)).peekable();
        ours.peek().is_some() && ours.all(|one| Some(&one.keystore) == digest.as_ref())
    })
}

impl Context<'_> {
    /// Whether `is_so` of what every node uses.
    fn all_nodes(&self, what: &str, is_so: impl Fn(&str, &[nodes::InUse]) -> bool) -> Result<(), Waits> {
        let Some(told) = self.told else {
            return Err(Waits { text: "nodes are asked what they use".to_owned(), asks_nodes: true });
        };
        nodes::all(self.pods, told, what, is_so).map_err(|text| Waits { text, asks_nodes: true })
    }
}

impl Waits {
    /// What it says.
    pub(super) fn into_parts(self) -> (String, bool) {
        (self.text, self.asks_nodes)
    }
}

/// What somebody asks for, or what time demands.
fn due(
    context: &Context<'_>,
    which: Which,
    private: &PrivateFacts,
    public: &PublicFacts,
) -> Option<(AuthorityChange, &'static str)> {
    let stated = context.stated.of(which);
    let current = private.current.as_ref()?;
    let begin = || {
        let keep = private.previous.iter().map(|one| one.fingerprint.clone()).collect();
        let all = public.bundle.iter().chain(&private.previous).filter_map(CertificateFacts::generation);
        AuthorityChange::Begin { generation: all.max().map_or(0, |last| last + 1), keep }
    };
    let asked = "it was asked for by annotation";
    if private.replace_asked {
        return Some((begin(), asked));
    }
    if private.forget_asked {
        return Some((AuthorityChange::Forget { keep: Vec::new() }, asked));
    }
    if public.renew_asked {
        return Some((AuthorityChange::Renew, asked));
    }
    if context.is_due(current, stated.renewal_days) && context.may_renew(current) {
        let change = match stated.policy {
            ExpirationPolicy::RenewCertificate => AuthorityChange::Renew,
            ExpirationPolicy::ReplaceKey => begin(),
        };
        return Some((change, "its certificate nears its end"));
    }
    let (stay, ended): (Vec<_>, Vec<_>) =
        private.previous.iter().partition(|one| one.not_after > context.now);
    if !ended.is_empty() {
        let keep = stay.into_iter().map(|one| one.fingerprint.clone()).collect();
        return Some((AuthorityChange::Forget { keep }, "they have ended"));
    }
    (private.has_owner != stated.has_owner).then_some((AuthorityChange::Tend, "its owner changed"))
}

/// What becomes of the keys that issued for users before: they are trusted until all have certificates of the present one,
/// and had time to take them up. Nothing is under way meanwhile that others need wait for.
fn former(
    context: &Context<'_>,
    which: Which,
    private: &PrivateFacts,
    public: &PublicFacts,
    step: AuthorityStep,
) -> AuthorityStep {
    let Some(issuer) = step.issuer.as_ref().filter(|_| !private.previous.is_empty()) else { return step };
    let (since, overlap) = (public.since.unwrap_or(context.now), context.stated.of(which).overlap);
    let until = since.saturating_add(overlap).unwrap_or(context.now);
    let waits = |why: String| Some(format!("the former key is trusted on: {why}"));
    if context.now < until {
        return AuthorityStep { waits_for: waits(format!("users have until {until}")), ..step };
    }
    let Some(told) = context.users_told else { return AuthorityStep { asks_users: true, ..step } };
    match users::are_over(told, &issuer.key_id, (since, overlap), context.now) {
        Ok(()) => {
            let change = AuthorityChange::Forget { keep: Vec::new() };
            AuthorityStep { change: Some((change, "all users have certificates of the new key")), ..step }
        }
        Err(why) => AuthorityStep { waits_for: waits(why), ..step },
    }
}

impl Context<'_> {
    /// Whether a certificate ends within so many days.
    pub(super) fn is_due(&self, one: &CertificateFacts, days: i64) -> bool {
        is_due(one, days, self.now)
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
