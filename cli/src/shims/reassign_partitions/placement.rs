//! Replicas spread evenly over racks first and over the brokers of a rack second.

use anyhow::{Result, bail};
use broker_types::{BrokerId, Random};

/// Brokers by rack.
#[derive(Debug)]
pub(super) struct Racks(Vec<Vec<BrokerId>>);

impl Racks {
    /// In an order of chance, so that topics of one partition do not all begin at the same broker.
    pub(super) fn new(mut racks: Vec<Vec<BrokerId>>, random: &mut Random) -> Self {
        racks.retain(|rack| !rack.is_empty());
        racks.iter_mut().for_each(|rack| random.shuffle(rack));
        random.shuffle(&mut racks);
        Self(racks)
    }

    /// The replicas of so many partitions, the first of each to lead.
    pub(super) fn place(&self, partitions: usize, factor: usize) -> Result<Vec<Vec<BrokerId>>> {
        let brokers: usize = self.0.iter().map(Vec::len).sum();
        if brokers == 0 {
            bail!("All brokers are currently fenced, or have all their log directories cordoned.");
        }
        if factor > brokers {
            bail!(
                "The target replication factor of {factor} cannot be reached because only {brokers} broker(s) are \
                 registered or some brokers have all their log directories cordoned."
            );
        }
        Ok((0..partitions).map(|partition| self.replicas(partition, factor, brokers)).collect())
    }

    /// Each partition begins one rack further, and one broker further when all racks had their turn; when all brokers
    /// had theirs, the racks are shifted against each other, so that the same sets do not repeat.
    fn replicas(&self, partition: usize, factor: usize, brokers: usize) -> Vec<BrokerId> {
        let racks = self.0.len();
        let mut dealt = vec![0; racks];
        let mut replicas = Vec::with_capacity(factor);
        for step in 0.. {
            if replicas.len() == factor {
                break;
            }
            let at = (partition + step) % racks;
            let rack = &self.0[at];
            if dealt[at] == rack.len() {
                continue;
            }
            let shift = (step % racks) * (partition / brokers);
            replicas.push(rack[(partition / racks + shift + dealt[at]) % rack.len()]);
            dealt[at] += 1;
        }
        replicas
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn racks(sizes: &[i32]) -> Racks {
        let mut next = 0;
        let mut rack = |size: &i32| {
            next += size;
            (next - size..next).map(BrokerId::new).collect()
        };
        Racks::new(sizes.iter().map(&mut rack).collect(), &mut Random::new(7))
    }

    #[test]
    fn leaders_and_replicas_are_spread_evenly_and_racks_differ() {
        let placed = racks(&[3, 3, 3]).place(27, 3).unwrap();
        let (mut leads, mut holds) = (BTreeMap::<_, usize>::new(), BTreeMap::<_, usize>::new());
        for replicas in &placed {
            *leads.entry(replicas[0]).or_default() += 1;
            replicas.iter().for_each(|id| *holds.entry(*id).or_default() += 1);
            let racks: BTreeSet<_> = replicas.iter().map(|id| id.get() / 3).collect();
            assert_eq!(racks.len(), 3, "{replicas:?}");
        }
        assert!(leads.len() == 9 && leads.values().all(|count| *count == 3), "{leads:?}");
        assert!(holds.values().all(|count| *count == 9), "{holds:?}");
        let sets: BTreeSet<BTreeSet<_>> = placed.iter().map(|all| all.iter().copied().collect()).collect();
        assert!(sets.len() > 3, "the same sets again: {sets:?}");
    }

    #[test]
    fn nobody_holds_a_partition_twice_even_where_racks_are_small() {
        for replicas in racks(&[1, 4]).place(20, 4).unwrap() {
            assert_eq!(replicas.iter().collect::<BTreeSet<_>>().len(), 4, "{replicas:?}");
        }
    }

    #[test]
    fn too_few_brokers_are_said() {
        let said = |sizes: &[i32], factor| racks(sizes).place(1, factor).unwrap_err().to_string();
        assert!(said(&[1], 2).starts_with("The target replication factor of 2 cannot be reached"));
        assert!(said(&[], 1).starts_with("All brokers are currently fenced"));
    }
}
