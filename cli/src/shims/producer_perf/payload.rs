//! What the records hold.

use std::cell::Cell;

use anyhow::{Result, bail};

use crate::shims::subcommands::Parsed;

/// The records of a test.
#[derive(Debug)]
pub(super) enum Payload {
    /// Letters, so many.
    Letters(usize, Dice),
    /// Drawn from these.
    Drawn(Vec<Vec<u8>>, Dice),
    /// Numbers from 0 on.
    Numbers,
}

/// Chance from the same seed each time (SplitMix64), so that two runs write the same.
#[derive(Debug, Default)]
pub(super) struct Dice(Cell<u64>);

impl Dice {
    fn below(&self, limit: usize) -> usize {
        self.0.set(self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        let mut mixed = self.0.get();
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let drawn = (mixed ^ (mixed >> 31)) % (limit.max(1) as u64);
        usize::try_from(drawn).unwrap_or_default()
    }
}

impl Payload {
    /// What the arguments say; a file is read, and that is told.
    pub(super) fn of(parsed: &Parsed) -> Result<Self> {
        if let Some(path) = parsed.value("--payload-file") {
            let absolute = std::path::absolute(path)?;
            println!("Reading payloads from: {}", absolute.display());
            let text = std::fs::read_to_string(path).unwrap_or_default();
            if text.is_empty() {
                bail!("File does not exist or empty file provided.");
            }
            let delimiter = match parsed.value("--payload-delimiter") {
                None | Some("\\n") => "\n",
                Some(delimiter) => delimiter,
            };
            let payloads = split(&text, delimiter)?;
            println!("Number of records read: {}", payloads.len());
            return Ok(Self::Drawn(payloads, Dice::default()));
        }
        Ok(match parsed.number("--record-size") {
            Some(size) => Self::Letters(size, Dice::default()),
            None => Self::Numbers,
        })
    }

    pub(super) fn next(&self, number: u64) -> Vec<u8> {
        match self {
            Self::Letters(size, dice) => (0..*size).map(|_| LETTERS[dice.below(LETTERS.len())]).collect(),
            Self::Drawn(payloads, dice) => {
                payloads.get(dice.below(payloads.len())).cloned().unwrap_or_default()
            }
            Self::Numbers => number.to_string().into_bytes(),
        }
    }
}

const LETTERS: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The texts between delimiters, which are regular expressions; nothing comes after the last one.
fn split(text: &str, delimiter: &str) -> Result<Vec<Vec<u8>>> {
    let delimiter = regex_lite::Regex::new(delimiter)?;
    let mut parts: Vec<_> = delimiter.split(text).map(|part| part.as_bytes().to_vec()).collect();
    if parts.last().is_some_and(Vec::is_empty) {
        parts.pop();
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_cut_at_their_delimiter() {
        let cut = |text, delimiter| {
            let parts = split(text, delimiter).unwrap();
            parts.into_iter().map(|part| String::from_utf8(part).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(cut("a\nb\n", "\n"), ["a", "b"]);
        assert_eq!(cut("a,1\nb", ",|\n"), ["a", "1", "b"]);
    }

    #[test]
    fn letters_are_the_same_each_time() {
        let letters = || Payload::Letters(20, Dice::default()).next(0);
        assert_eq!(letters(), letters());
        assert!(letters().iter().all(u8::is_ascii_uppercase) && letters().len() == 20);
        assert_eq!(Payload::Numbers.next(7), b"7");
    }
}
