//! Which password a Secret has.

use broker_sasl::Secret as Hidden;
use operator_api::SecretKey;
use operator_plan::users::Reference;

use crate::{certificates::Kept, user::content::PASSWORD};

/// The longest password that is taken over.
const PASSWORD_BYTES_MAX: usize = 1024;

/// Whether a password can be one: a text of one line, which others may write into files.
fn is_password(text: &str) -> bool {
    !text.is_empty() && text.len() <= PASSWORD_BYTES_MAX && !text.chars().any(char::is_control)
}

pub(super) fn kept_password(kept: &Kept) -> Option<Hidden> {
    let text = kept.text(PASSWORD);
    is_password(text).then(|| Hidden::new(text))
}

pub(super) fn stated_password(key: &SecretKey, secret: Option<&Kept>) -> (Reference, Option<Hidden>) {
    let SecretKey { name, key, optional } = key;
    let entry = secret.and_then(|secret| secret.data.get(key));
    let Some(bytes) = entry else {
        let what = if secret.is_some() { format!("has no entry {key}") } else { "is not there".to_owned() };
        let missing = Reference::Missing(format!("Secret {name} {what}"));
        return (if *optional { Reference::Absent } else { missing }, None);
    };
    match std::str::from_utf8(bytes).ok().filter(|text| is_password(text)) {
        Some(text) => (Reference::Found, Some(Hidden::new(text))),
        None => {
            let why = format!(
                "entry {key} of Secret {name} is no password: a text of one line, of at most {PASSWORD_BYTES_MAX} bytes"
            );
            (Reference::Missing(why), None)
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

    use super::*;
    use crate::certificates::Data;

    #[test]
    fn a_stated_password_is_a_text_of_one_line_or_refused_by_its_place() {
        let key = |optional| SecretKey { name: "p".to_owned(), key: "k".to_owned(), optional };
        let secret = |bytes: &[u8]| {
            let data = [("k".to_owned(), bytes.to_vec())].into();
            Kept { metadata: ObjectMeta::default(), data }
        };
        let of = |kept: Option<&Kept>, optional| stated_password(&key(optional), kept);
        let (found, password) = of(Some(&secret(b"a b")), false);
        assert_eq!((found, password.expect("a password").reveal()), (Reference::Found, "a b"));
        let empty = Kept { metadata: ObjectMeta::default(), data: Data::new() };
        for (kept, why) in [(None, "Secret p is not there"), (Some(&empty), "Secret p has no entry k")] {
            assert_eq!(of(kept, false), (Reference::Missing(why.to_owned()), None));
            assert_eq!(of(kept, true), (Reference::Absent, None));
        }
        let long = vec![b'a'; PASSWORD_BYTES_MAX + 1];
        for bytes in [b"".as_slice(), b"two\nlines", b"\xff", b"tab\t", &long] {
            let (reference, password) = of(Some(&secret(bytes)), true);
            let Reference::Missing(why) = reference else { panic!("{bytes:?}") };
            assert!(why.starts_with("entry k of Secret p is no password") && password.is_none());
        }
    }
}
