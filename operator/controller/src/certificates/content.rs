//! What the data of a Secret becomes by a change.

use std::collections::BTreeMap;

use operator_pki::sha256;

use super::kept::Data;

/// SHA-256 of all data, entry by entry.
pub(crate) fn digest_of_content(data: &Data) -> String {
    let parts: BTreeMap<_, _> = data.iter().map(|(entry, bytes)| (entry, sha256(bytes))).collect();
    let text: String = parts.iter().map(|(entry, digest)| format!("{entry} {digest}\n")).collect();
    sha256(text.as_bytes())
}

/// What is to be written: data, and annotations that are set or taken off.
pub(super) struct Content {
    pub(super) data: Data,
    pub(super) annotations: BTreeMap<&'static str, Option<String>>,
}
