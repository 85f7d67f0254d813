//! The names of a map that a given name begins with, without a look at the others.

use core::ops::Bound;

use crate::bindings::{Names, Principals};

/// From the longest such name to the shortest. Each step is one look-up: it gives a name, or shortens what is looked for.
#[derive(Clone, Debug)]
pub(crate) struct Prefixes<'a> {
    names: Option<&'a Names>,
    of: &'a str,
    to: Bound<&'a str>,
}

impl<'a> Prefixes<'a> {
    pub(crate) fn new(names: Option<&'a Names>, of: &'a str) -> Self {
        Self { names, of, to: Bound::Included(of) }
    }
}

impl<'a> Iterator for Prefixes<'a> {
    type Item = (&'a str, &'a Principals);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let below: (Bound<&str>, Bound<&str>) = (Bound::Unbounded, self.to);
            let (name, principals) = self.names?.range::<str, _>(below).next_back()?;
            let name: &'a str = name;
            if self.of.starts_with(name) {
                self.to = Bound::Excluded(name);
                return Some((name, principals));
            }
            // Whatever is between that and the part that both share is no beginning either.
            self.to = Bound::Included(shared(self.of, name));
        }
    }
}

/// What `name` and `other` have in common at their beginning.
fn shared<'a>(name: &'a str, other: &str) -> &'a str {
    let same = name.char_indices().zip(other.chars()).find(|((_, own), theirs)| own != theirs);
    same.map_or_else(|| &name[..name.len().min(other.len())], |((at, _), _)| &name[..at])
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use broker_protocol::Str;

    use super::*;

    fn prefixes<'a>(names: &'a Names, of: &'a str) -> Vec<&'a str> {
        Prefixes::new(Some(names), of).map(|(name, _)| name).collect()
    }

    #[test]
    fn the_beginnings_of_a_name_are_found_among_others() {
        let all = ["", "a", "ab", "abc", "abd", "b", "aa", "é", "éa", "è", "abcd", "z"];
        let names: Names = all.iter().map(|name| (Str::from(*name), Principals::default())).collect();
        assert_eq!(prefixes(&names, "abcc"), ["abc", "ab", "a", ""]);
        assert_eq!(prefixes(&names, "ab"), ["ab", "a", ""]);
        assert_eq!(prefixes(&names, "éab"), ["éa", "é", ""]);
        assert_eq!(prefixes(&names, "ê"), [""]);
        assert_eq!(prefixes(&names, "0"), [""]);
        assert_eq!(prefixes(&names, "zz"), ["z", ""]);
        assert_eq!(Prefixes::new(None, "a").count(), 0);
    }

    #[test]
    fn every_name_finds_what_a_look_at_all_finds() {
        let letters = ["", "a", "b", "é"];
        let mut words: Vec<alloc::string::String> = Vec::new();
        for a in letters {
            for b in letters {
                for c in letters {
                    words.push([a, b, c].concat());
                }
            }
        }
        for skip in 1..7 {
            let kept = || words.iter().step_by(skip);
            let names: Names = kept().map(|name| (Str::from(name.as_str()), Principals::default())).collect();
            for word in &words {
                let mut expected: Vec<&str> =
                    kept().map(alloc::string::String::as_str).filter(|name| word.starts_with(name)).collect();
                expected.sort_unstable();
                expected.dedup();
                expected.reverse();
                assert_eq!(prefixes(&names, word), expected);
            }
        }
    }
}
