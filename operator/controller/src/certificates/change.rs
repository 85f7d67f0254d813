//! What the data of a Secret becomes by a change.

use k8s_openapi::jiff::Timestamp;
use operator_api::{
    CONTENT_ANNOTATION, FORCE_FORGET_ANNOTATION, FORCE_RENEW_ANNOTATION, FORCE_REPLACE_ANNOTATION,
    TRUSTED_SINCE_ANNOTATION,
};
use operator_pki::{Authority, Certificate, PkiError, Request, UnixSeconds, Validity, password, trust_store};
use operator_plan::certificates::{AuthorityChange, Leaves, Which};

use super::{
    content::{Content, digest_of_content},
    entries::{CERTIFICATE, KEY, NEXT_CERTIFICATE, NEXT_KEY, PASSWORD, PREVIOUS, TRUST_STORE},
    facts::{all, fingerprint, issuer},
    kept::{Data, Kept, text},
};

const DAY_SECONDS: i64 = 86_400;

fn validity(now: Timestamp, days: i64) -> Validity {
    Validity::starting(UnixSeconds::new(now.as_second()), days.saturating_mul(DAY_SECONDS))
}

/// The private Secret of an authority after a change.
pub(super) fn private(
    (private, public): (Option<&Kept>, Option<&Kept>),
    which: Which,
    change: &AuthorityChange,
    days: i64,
    now: Timestamp,
) -> Result<Content, PkiError> {
    let mut data = private.map(|kept| kept.data.clone()).unwrap_or_default();
    let mut annotations = std::collections::BTreeMap::new();
    let make =
        |generation: &u32| Authority::new(&format!("{}-ca v{generation}", which.word()), validity(now, days));
    match change {
        AuthorityChange::Create { generation } => put(&mut data, (CERTIFICATE, KEY), &make(generation)?),
        AuthorityChange::Begin { generation, keep } => {
            let known = [(private, PREVIOUS), (private, CERTIFICATE), (public, CERTIFICATE)];
            let texts = known.iter().filter_map(|(kept, entry)| Some((*kept)?.text(entry)));
            let mut kept: Vec<Certificate> = Vec::new();
            for one in texts.flat_map(all).filter(|one| keep.contains(&fingerprint(one))) {
                if !kept.contains(&one) {
                    kept.push(one);
                }
            }
            if Authority::read(text(&data, CERTIFICATE), text(&data, KEY)).is_err() {
                data.remove(CERTIFICATE);
                data.remove(KEY);
            }
            put_previous(&mut data, &kept);
            put(&mut data, (NEXT_CERTIFICATE, NEXT_KEY), &make(generation)?);
            annotations.insert(FORCE_REPLACE_ANNOTATION, None);
        }
        AuthorityChange::Promote => {
            let next = Authority::read(text(&data, NEXT_CERTIFICATE), text(&data, NEXT_KEY))?;
            let older: Vec<_> =
                [CERTIFICATE, PREVIOUS].iter().flat_map(|entry| all(text(&data, entry))).collect();
            put_previous(&mut data, &older);
            put(&mut data, (CERTIFICATE, KEY), &next);
            data.remove(NEXT_CERTIFICATE);
            data.remove(NEXT_KEY);
        }
        AuthorityChange::Forget { keep } => {
            let mut older = all(text(&data, PREVIOUS));
            older.retain(|one| keep.contains(&fingerprint(one)));
            put_previous(&mut data, &older);
            annotations.insert(FORCE_FORGET_ANNOTATION, None);
        }
        AuthorityChange::Renew => {
            let old = Authority::read(text(&data, CERTIFICATE), text(&data, KEY))?;
            put(&mut data, (CERTIFICATE, KEY), &old.renewed(validity(now, days))?);
        }
        AuthorityChange::Tend => {}
    }
    Ok(Content { data, annotations })
}

fn put(data: &mut Data, (certificate, key): (&str, &str), authority: &Authority) {
    data.insert(certificate.to_owned(), authority.certificate().pem().as_bytes().to_vec());
    data.insert(key.to_owned(), authority.reveal_key().into_bytes());
}

fn put_previous(data: &mut Data, all: &[Certificate]) {
    let text: String = all.iter().map(Certificate::pem).collect();
    if text.is_empty() {
        data.remove(PREVIOUS);
    } else {
        data.insert(PREVIOUS.to_owned(), text.into_bytes());
    }
}

/// The public Secret of an authority, as its private one has it.
pub(super) fn public(private: &Kept, public: Option<&Kept>, now: Timestamp) -> Result<Content, PkiError> {
    let issuer = Authority::read(private.text(CERTIFICATE), private.text(KEY)).ok();
    let next = Authority::read(private.text(NEXT_CERTIFICATE), private.text(NEXT_KEY)).ok();
    let own = issuer.iter().chain(&next).map(|authority| authority.certificate().clone());
    let trusted: Vec<_> = own.chain(all(private.text(PREVIOUS))).collect();
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
    let data: Data = entries.into_iter().map(|(entry, bytes)| (entry.to_owned(), bytes)).collect();
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
