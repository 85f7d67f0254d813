//! What the members of a group saw, judged at the end: every record that was written, and twice only where a member
//! died before it had committed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use anyhow::{Result, ensure};
use serde::Deserialize;
use tests_compat::{Broker, Program};

use super::PARTITIONS;
use super::source::Source;

/// The topic and the group of those that read in turns.
pub(super) const TURNS: &str = "turns";

/// A record's place.
pub(super) type Place = (i32, i64);

/// Shared by all members of a group.
#[derive(Clone, Debug, Default)]
pub(super) struct Sightings(Arc<Mutex<Vec<(String, Place)>>>);

impl Sightings {
    /// A member saw the record at a place.
    pub(super) fn add(&self, member: &str, place: Place) {
        self.0.lock().expect("no panic while it is held").push((member.to_owned(), place));
    }

    /// How many different records were seen.
    pub(super) fn distinct(&self) -> usize {
        self.all().into_iter().map(|(_, place)| place).collect::<BTreeSet<_>>().len()
    }

    fn all(&self) -> Vec<(String, Place)> {
        self.0.lock().expect("no panic while it is held").clone()
    }

    /// The first offset that somebody saw in a partition.
    pub(super) fn first_of(&self, partition: i32) -> Option<i64> {
        self.all().into_iter().find(|(_, place)| place.0 == partition).map(|(_, place)| place.1)
    }

    /// Who saw anything.
    pub(super) fn members(&self) -> BTreeSet<String> {
        self.all().into_iter().map(|(member, _)| member).collect()
    }

    /// Every record of `written` (the number in each partition) was seen once. Those that died without a commit for
    /// them, `lost`, were seen by somebody else too. Each member saw a partition in order.
    ///
    /// # Errors
    /// With the first record that is not so.
    pub(super) fn judge(&self, written: &[i64], lost: &BTreeSet<Place>) -> Result<()> {
        let all = self.all();
        let mut counts: BTreeMap<Place, Vec<&str>> = BTreeMap::new();
        let mut last: BTreeMap<(&str, i32), i64> = BTreeMap::new();
        for (member, (partition, offset)) in &all {
            counts.entry((*partition, *offset)).or_default().push(member);
            let before = last.insert((member, *partition), *offset);
            ensure!(before < Some(*offset), "{member} saw {offset} of {partition} after {before:?}");
        }
        for (partition, count) in (0..).zip(written) {
            for offset in 0..*count {
                let seen = counts.remove(&(partition, offset)).unwrap_or_default();
                let expected = if lost.contains(&(partition, offset)) { 2 } else { 1 };
                ensure!(
                    seen.len() == expected,
                    "{offset} of partition {partition}: seen by {seen:?}, {expected} times expected"
                );
            }
        }
        ensure!(counts.is_empty(), "seen and never written: {counts:?}");
        Ok(())
    }
}

/// Lets a foreign program read while a producer writes: it has three members that join one after the other, of which
/// the first leaves early, and prints what each saw. All hand over in order, so every record is seen once.
/// Its classic group is empty then.
pub(super) fn reads_in_turns(
    broker: &Broker,
    program: impl FnOnce(&str, &str) -> Result<Program>,
) -> Result<()> {
    sees_all_in_turns(broker, program)?;
    let view = broker.describe_group(TURNS)?;
    ensure!(view.state == "Empty" && view.protocol_type == "consumer", "{view:?}");
    Ok(())
}

/// The same with a group of any kind, which is called [`TURNS`].
pub(super) fn sees_all_in_turns(
    broker: &Broker,
    program: impl FnOnce(&str, &str) -> Result<Program>,
) -> Result<()> {
    let topic = TURNS;
    broker.create_topic(topic, PARTITIONS, &[])?;
    let source = Source::start(&broker.bootstrap(), topic)?;
    let text = program(topic, "3000")?.stdout()?;
    source.finish()?;
    let sightings = Sightings::default();
    let mut written = vec![0; usize::try_from(PARTITIONS)?];
    for line in text.lines() {
        let seen: Sighting = serde_json::from_str(line)?;
        let count = &mut written[usize::try_from(seen.partition)?];
        *count = seen.offset.saturating_add(1).max(*count);
        sightings.add(&seen.member, (seen.partition, seen.offset));
    }
    // More was written than they have read: each partition as far as somebody came.
    sightings.judge(&written, &BTreeSet::new())?;
    ensure!(sightings.members().len() == 3, "{:?} have read something", sightings.members());
    for (partition, count) in (0..).zip(&written) {
        let committed = broker.committed(topic, topic, partition)?;
        ensure!(committed == Some(*count), "{committed:?} of {count} of {partition} is committed");
    }
    Ok(())
}

/// A line of a foreign program.
#[derive(Debug, Deserialize)]
struct Sighting {
    member: String,
    partition: i32,
    offset: i64,
}

#[test]
fn a_record_twice_a_missing_one_and_disorder_are_found() {
    let judged = |seen: &[(&str, Place)], lost: &[Place]| {
        let sightings = Sightings::default();
        seen.iter().for_each(|(member, place)| sightings.add(member, *place));
        sightings.judge(&[2], &lost.iter().copied().collect()).is_ok()
    };
    assert!(judged(&[("a", (0, 0)), ("b", (0, 1))], &[]));
    assert!(judged(&[("a", (0, 0)), ("b", (0, 0)), ("b", (0, 1))], &[(0, 0)]));
    assert!(!judged(&[("a", (0, 0)), ("b", (0, 0)), ("b", (0, 1))], &[]), "twice");
    assert!(!judged(&[("a", (0, 0))], &[]), "missing");
    assert!(!judged(&[("a", (0, 1)), ("a", (0, 0))], &[]), "disorder");
    assert!(!judged(&[("a", (0, 0)), ("a", (0, 1)), ("a", (0, 2))], &[]), "never written");
}
