//! What each broker draws at random for itself, and what stands for it in the requests and answers that are compared.

use std::ops::Range;

/// How a random part of a text begins that stands for one: it is not masked.
const STANDS_FOR: &str = "5afe5afe";
/// A UUID as text: groups of hexadecimal digits, parted by dashes.
const UUID_GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// Which of both.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Apache,
    Tested,
}

impl Side {
    pub(super) const BOTH: [Self; 2] = [Self::Apache, Self::Tested];
}

/// One drawn thing: the same length on both sides, and in between.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    stands_for: Vec<u8>,
    apache: Vec<u8>,
    tested: Vec<u8>,
}

impl Drawn {
    pub(super) fn new(stands_for: &[u8], [apache, tested]: [Vec<u8>; 2]) -> Self {
        Self { stands_for: stands_for.to_vec(), apache, tested }
    }

    fn of(&self, side: Side) -> &[u8] {
        match side {
            Side::Apache => &self.apache,
            Side::Tested => &self.tested,
        }
    }
}

/// A request as it is sent to one side.
pub(super) fn to(side: Side, drawn: &[Drawn], bytes: &[u8]) -> Vec<u8> {
    drawn.iter().fold(bytes.to_vec(), |bytes, one| replaced(&bytes, &one.stands_for, one.of(side)))
}

/// An answer of one side as it is compared.
pub(super) fn from(side: Side, drawn: &[Drawn], bytes: &[u8]) -> Vec<u8> {
    drawn.iter().fold(bytes.to_vec(), |bytes, one| replaced(&bytes, one.of(side), &one.stands_for))
}

/// A text of the length of a UUID that stands for one.
pub(super) fn uuid(number: usize) -> String {
    format!("{STANDS_FOR}-0000-4000-8000-{number:012}")
}

/// The first UUID after `prefix`.
pub(super) fn uuid_after(prefix: &str, bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    text.match_indices(prefix).find_map(|(at, _)| {
        let rest = &text[at + prefix.len()..];
        uuid_at(rest.as_bytes(), 0).map(|place| rest[place].to_owned())
    })
}

/// Replaces UUIDs that stand for nothing: each broker draws its own for answers that nobody looks into.
pub(super) fn without_uuids(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut masked, mut copied, mut at) = (String::new(), 0, 0);
    while at < bytes.len() {
        match uuid_at(bytes, at) {
            Some(place) if !text[place.clone()].starts_with(STANDS_FOR) => {
                masked.push_str(&text[copied..place.start]);
                masked.push_str("(uuid)");
                (copied, at) = (place.end, place.end);
            }
            _ => at += 1,
        }
    }
    masked.push_str(&text[copied..]);
    masked
}

fn uuid_at(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let mut at = start;
    for (number, length) in UUID_GROUPS.into_iter().enumerate() {
        if number > 0 {
            at += usize::from(*bytes.get(at)? == b'-');
        }
        let group = bytes.get(at..at + length)?;
        if !group.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        at += length;
    }
    // Four dashes, or it is a run of digits.
    (at == start + 36).then_some(start..at)
}

/// Replaces each occurrence of `from`.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(from) {
            result.extend(to);
            rest = after;
        } else {
            result.push(*first);
            rest = after;
        }
    }
    result
}

#[test]
fn only_foreign_uuids_are_masked() {
    let own = uuid(7);
    let text = format!("a-{own}-0f1E2d3c-0000-1111-2222-0123456789ab.");
    assert_eq!(without_uuids(&text), format!("a-{own}-(uuid)."));
    assert_eq!(uuid_after("a-", text.as_bytes()), Some(own));
    assert_eq!(uuid_after("b-", text.as_bytes()), None);
}
