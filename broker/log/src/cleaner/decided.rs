//! Up to where transactions were decided by markers that no loss of power can take back.
//!
//! A round lets a record go for a committed one, and those of aborted transactions. Were the marker lost then, the
//! transaction would be open again and could end the other way. So a round stays before the first transaction whose marker
//! is not synced. Which that is, is noted at a few moments (a roll, a flush of all, the opening) and holds as soon as
//! the recovery point passes the log's end of that moment.

use broker_types::Offset;

use crate::{disk::Disk, log::Log};

/// What was noted; few entries, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// The log's end, and the first record of a transaction that was open then, else the end.
    noted: Vec<(Offset, Offset)>,
}

impl Decided {
    /// Notes that the log ends at `end` and its first open transaction begins at `open`. What lies before the last note
    /// that holds by `synced` is of no use any more.
    pub(crate) fn note(&mut self, end: Offset, open: Option<Offset>, synced: Offset) {
        let holding = self.noted.partition_point(|(at, _)| *at <= synced).saturating_sub(1);
        self.noted.drain(..holding);
        self.noted.retain(|(at, _)| *at < end);
        self.noted.push((end, open.map_or(end, |open| open.min(end))));
    }

    /// The log was cut to `end`.
    pub(crate) fn cut(&mut self, end: Offset) {
        self.noted.retain(|(at, _)| *at <= end);
    }

    /// Every transaction that begins before it is decided, and that is synced; `None`: nothing is known.
    pub(super) fn synced_to(&self, synced: Offset) -> Option<Offset> {
        let known = self.noted.partition_point(|(at, _)| *at <= synced);
        Some(self.noted[known.checked_sub(1)?].1)
    }
}

impl<D: Disk> Log<D> {
    /// Notes which transactions are open at the end of the log.
    pub(crate) fn note_decided(&mut self) {
        self.decided.note(self.end, self.producers.first_open(), self.recovery_point);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: i64) -> Offset {
        Offset::new(offset)
    }

    #[test]
    fn a_note_holds_once_all_before_it_is_synced() {
        let mut decided = Decided::default();
        assert_eq!(decided.synced_to(at(100)), None);
        decided.note(at(10), Some(at(7)), at(0));
        decided.note(at(20), None, at(0));
        decided.note(at(30), Some(at(24)), at(0));
        let known = |synced| decided.synced_to(at(synced)).map(Offset::get);
        assert_eq!(
            [9, 10, 19, 20, 29, 30].map(known),
            [None, Some(7), Some(7), Some(20), Some(20), Some(24)]
        );
    }

    #[test]
    fn few_notes_are_kept_and_a_cut_takes_those_behind_it() {
        let mut decided = Decided::default();
        for end in 1..1000 {
            decided.note(at(end), None, at(end - 1));
        }
        assert!(decided.noted.len() <= 3);
        decided.cut(at(998));
        assert_eq!(decided.synced_to(at(2000)), Some(at(998)));
        decided.note(at(998), Some(at(5)), at(0));
        assert_eq!(decided.synced_to(at(2000)), Some(at(5)), "the newer note of an offset holds");
    }
}
