//! What the data of a Secret becomes by a change.

use k8s_openapi::jiff::Timestamp;
use operator_api::{
    CONTENT_ANNOTATION, FORCE_FORGET_ANNOTATION, FORCE_RENEW_ANNOTATION, FORCE_REPLACE_ANNOTATION,
    TRUSTED_SINCE_ANNOTATION,
};
use operator_pki::{
    Authority, Certificate, PkiError, Request, UnixSeconds, Validity, above, password, trust_store,
};
use operator_plan::certificates::{AuthorityChange, Leaves, Origin, Which};

use super::{
    content::{Content, digest_of_content},
    entries::{
        CERTIFICATE, CHAIN, ISSUERS, KEY, NEXT_CERTIFICATE, NEXT_KEY, PASSWORD, PREVIOUS, TRUST_STORE,
    },
    facts::{all, fingerprint, issuer},
    given,
    kept::{Data, Kept, text},
};

const DAY_SECONDS: i64 = 86_400;

fn validity(now: Timestamp, days: i64) -> Validity {
    Validity::starting(UnixSeconds::new(now.as_second()), days.saturating_mul(DAY_SECONDS))
}

/// The Secrets of an authority that there are.
#[derive(Clone, Copy, Default)]
pub(super) struct Secrets<'a> {
    pub(super) private: Option<&'a Kept>,
    pub(super) public: Option<&'a Kept>,
    /// Where somebody else keeps it.
    pub(super) given: Option<&'a Kept>,
}

impl Secrets<'_> {
    fn given(&self) -> Result<(Authority, Vec<Certificate>), PkiError> {
        Ok(given::read(self.given.ok_or(PkiError::NoCertificate)?)?)
    }
}

/// The private Secret of an authority after a change.
pub(super) fn private(
    secrets: Secrets<'_>,
    which: Which,
    change: &AuthorityChange,
    days: i64,
    now: Timestamp,
) -> Result<Content, PkiError> {
    let Secrets { private, public, .. } = secrets;
    let mut data = private.map(|kept| kept.data.clone()).unwrap_or_default();
    let mut annotations = std::collections::BTreeMap::new();
    let mut vouching = Vec::new();
    let mut make = |from: &Origin| match from {
        Origin::Made { generation } => {
            Authority::new(&format!("{}-ca v{generation}", which.word()), validity(now, days))
        }
        Origin::Given => secrets.given().map(|(authority, above)| {
            vouching = above;
            authority
        }),
    };
    match change {
        AuthorityChange::Create { from } => put(&mut data, (CERTIFICATE, KEY), &make(from)?),
        AuthorityChange::TakeOver => put(&mut data, (CERTIFICATE, KEY), &make(&Origin::Given)?),
        AuthorityChange::Begin { from, keep } => {
            let known = [(private, PREVIOUS), (private, CERTIFICATE), (public, CERTIFICATE)];
            let texts = known.iter().filter_map(|(kept, entry)| Some((*kept)?.text(entry)));
            let mut kept: Vec<Certificate> = Vec::new();
            for one in texts.flat_map(all).filter(|one| keep.contains(&fingerprint(one))) {
                if !kept.contains(&one) {
                    kept.push(one);
                }
            }
            match private.map(|private| issuer(private, public)) {
                Some(Ok(old)) => put(&mut data, (CERTIFICATE, KEY), &old),
                Some(Err(_)) | None => {
                    data.remove(CERTIFICATE);
                    data.remove(KEY);
                }
            }
            put_all(&mut data, PREVIOUS, &kept);
            put(&mut data, (NEXT_CERTIFICATE, NEXT_KEY), &make(from)?);
            annotations.insert(FORCE_REPLACE_ANNOTATION, None);
        }
        AuthorityChange::Promote => {
            let next = Authority::read(text(&data, NEXT_CERTIFICATE), text(&data, NEXT_KEY))?;
            let older: Vec<_> =
                [CERTIFICATE, PREVIOUS].iter().flat_map(|entry| all(text(&data, entry))).collect();
            put_all(&mut data, PREVIOUS, &older);
            put(&mut data, (CERTIFICATE, KEY), &next);
            data.remove(NEXT_CERTIFICATE);
            data.remove(NEXT_KEY);
        }
        AuthorityChange::Forget { keep } => {
            let mut older = all(text(&data, PREVIOUS));
            older.retain(|one| keep.contains(&fingerprint(one)));
            put_all(&mut data, PREVIOUS, &older);
            annotations.insert(FORCE_FORGET_ANNOTATION, None);
        }
        AuthorityChange::Renew => {
            let old = Authority::read(text(&data, CERTIFICATE), text(&data, KEY))?;
            put(&mut data, (CERTIFICATE, KEY), &old.renewed(validity(now, days))?);
        }
        AuthorityChange::Tend => {}
    }
    vouching.extend(all(text(&data, CHAIN)));
    put_vouching(&mut data, &vouching);
    Ok(Content { data, annotations })
}

fn put(data: &mut Data, (certificate, key): (&str, &str), authority: &Authority) {
    data.insert(certificate.to_owned(), authority.certificate().pem().as_bytes().to_vec());
    data.insert(key.to_owned(), authority.reveal_key().into_bytes());
}

fn put_all(data: &mut Data, entry: &str, all: &[Certificate]) {
    let text: String = all.iter().map(Certificate::pem).collect();
    if text.is_empty() {
        data.remove(entry);
    } else {
        data.insert(entry.to_owned(), text.into_bytes());
    }
}

/// Keeps of `known` who vouches for an authority that is trusted, and nobody else.
fn put_vouching(data: &mut Data, known: &[Certificate]) {
    let entries = [CERTIFICATE, NEXT_CERTIFICATE, PREVIOUS];
    let trusted: Vec<_> = entries.iter().flat_map(|entry| all(text(data, entry))).collect();
    let mut vouching: Vec<Certificate> = Vec::new();
    for one in trusted.iter().flat_map(|one| above(one, known)) {
        if !trusted.contains(&one) && !vouching.contains(&one) {
            vouching.push(one);
        }
    }
    put_all(data, CHAIN, &vouching);
}

/// The public Secret of an authority, as its private one has it. `is_apart`: it says apart what nodes trust.
pub(super) fn public(
    private: &Kept,
    public: Option<&Kept>,
    is_apart: bool,
    now: Timestamp,
) -> Result<Content, PkiError> {
    let issuer = Authority::read(private.text(CERTIFICATE), private.text(KEY)).ok();
    let next = Authority::read(private.text(NEXT_CERTIFICATE), private.text(NEXT_KEY)).ok();
    let own = issuer.iter().chain(&next).map(|authority| authority.certificate().clone());
    let mut trusted: Vec<_> = own.chain(all(private.text(PREVIOUS))).collect();
    let issuers: String = trusted.iter().map(Certificate::pem).collect();
    trusted.extend(all(private.text(CHAIN)).into_iter().filter(|_| is_apart));
    let bundle: String = trusted.iter().map(Certificate::pem).collect();
    let before = public.map(|kept| kept.text(CERTIFICATE)).unwrap_or_default();
    let is_new = bundle != before;
    let password = match public.map(|kept| kept.text(PASSWORD)).filter(|known| !known.is_empty()) {
        Some(known) => known.to_owned(),
        None => password()?,
    };
    let store = trust_store(&trusted, &password)?;
    let entries =
        [(CERTIFICATE, bundle.into_bytes()), (TRUST_STORE, store), (PASSWORD, password.into_bytes())];
    let apart = is_apart.then(|| (ISSUERS, issuers.into_bytes()));
    let entries = entries.into_iter().chain(apart);
    let data: Data = entries.map(|(entry, bytes)| (entry.to_owned(), bytes)).collect();
    let mut annotations =
        std::collections::BTreeMap::from([(CONTENT_ANNOTATION, Some(digest_of_content(&data)))]);
    if is_new {
        annotations.insert(TRUSTED_SINCE_ANNOTATION, Some(now.to_string()));
    }
    // A wish is fulfilled by a certificate that was not there before.
    if issuer.is_some_and(|issuer| !all(before).contains(issuer.certificate())) {
        annotations.insert(FORCE_RENEW_ANNOTATION, None);
    }
    Ok(Content { data, annotations })
}

/// A Secret of certificates with those that are issued now.
pub(super) fn leaves(
    (private, public): (&Kept, Option<&Kept>),
    secret: Option<&Kept>,
    leaves: &Leaves,
    now: Timestamp,
) -> Result<Content, PkiError> {
    let authority = issuer(private, public)?;
    let mut data = secret.map(|kept| kept.data.clone()).unwrap_or_default();
    data.retain(|entry, _| !leaves.forget.contains(entry));
    for leaf in &leaves.issue {
        let request = Request { name: leaf.name.clone(), hosts: leaf.hosts.clone() };
        let pair = authority.issue(&request, validity(now, leaves.validity_days))?;
        data.insert(leaf.entry.clone(), pair.reveal().as_bytes().to_vec());
    }
    Ok(Content { data, annotations: std::collections::BTreeMap::new() })
}
