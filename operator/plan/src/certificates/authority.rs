//! What comes next for one authority.

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use operator_api::ReplacementPhase;

use super::{
    AuthorityFacts, CertificateFacts, Maker, PrivateFacts, PublicFacts, Which, due::due, nodes,
    step::Context, users,
};

/// How long clients have to take up what changed: Kubernetes brings files to pods within about a minute.
pub(super) const GRACE: SignedDuration = SignedDuration::from_secs(120);

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is made.
    Made {
        /// The number in its name.
        generation: u32,
    },
    /// It is taken from the Secret where somebody else keeps it.
    Given,
}

/// A change of the private Secret of an authority: one write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorityChange {
    /// Has a first key.
    Create {
        /// Where it comes from.
        from: Origin,
    },
    /// Has a next key, which is trusted and does not issue yet.
    Begin {
        /// Where it comes from.
        from: Origin,
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
    /// Takes the certificate of the same key over, and who vouches for it, from where somebody else keeps them.
    TakeOver,
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
    if !context.stated.of(which).maker.is_kept() {
        return AuthorityStep { issuer, ..AuthorityStep::default() };
    }
    let private = facts.private.clone().unwrap_or_default();
    if issuer.is_none() && private.next.is_none() {
        return AuthorityStep { change: anew(context, which), ..AuthorityStep::default() };
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
    let (stated, facts) = (context.stated.of(which), context.certificates.of(which));
    let is_owned = public.has_owner == stated.has_owner;
    let is_told_apart = public.is_apart == stated.is_apart
        && facts.private.as_ref().is_none_or(|private| private.above == public.above);
    public.is_untouched && is_owned && is_told_apart && public.bundle == bundle(facts)
}

/// A first key, or where certificates are out whose key is gone, the next one after them. `None` while somebody else is to
/// give it and does not.
fn anew(context: &Context<'_>, which: Which) -> Option<(AuthorityChange, &'static str)> {
    let facts = context.certificates.of(which);
    let offered = facts.offered().map(|given| given.certificate.key_id.as_str());
    let private = facts.private.iter().flat_map(|private| private.current.iter().chain(&private.previous));
    let public = facts.public.iter().flat_map(|public| &public.bundle);
    let known: Vec<_> = private.chain(public).collect();
    let mut keep: Vec<_> = known
        .iter()
        .filter(|one| {
            let is_needed = which == Which::Clients || context.has_issued(&one.key_id);
            one.not_after > context.now && is_needed && offered != Some(&one.key_id)
        })
        .map(|one| one.fingerprint.clone())
        .collect();
    keep.sort();
    keep.dedup();
    let generation = known.iter().filter_map(|one| one.generation()).max().map_or(0, |last| last + 1);
    let from = match context.stated.of(which).maker {
        Maker::Secret(_) => offered.map(|_| Origin::Given)?,
        Maker::Operator | Maker::User => Origin::Made { generation },
    };
    Some(if keep.is_empty() {
        (AuthorityChange::Create { from }, "there is none")
    } else {
        (AuthorityChange::Begin { from, keep }, "its private key is gone")
    })
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
    trusted_everywhere(context, which, public)
}

/// Whether all nodes have loaded this bundle.
pub(super) fn trusted_everywhere(
    context: &Context<'_>,
    which: Which,
    public: &PublicFacts,
) -> Result<(), Waits> {
    // A pod of before what nodes trust was told apart has loaded what clients trust, which is more.
    let is_loaded = |digest: &String| *digest == public.digest || *digest == public.digest_of_clients;
    let is_of = |listener: &str| match which {
        Which::Cluster => nodes::is_own(listener),
        Which::Clients => nodes::asks_clients(context.cluster, listener),
    };
    context.all_nodes("does not trust the new key yet", |_, in_use| {
        let mut mine = in_use.iter().filter(|one| is_of(&one.listener)).peekable();
        (mine.peek().is_some() || which == Which::Clients) && mine.all(|one| is_loaded(&one.truststore))
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
