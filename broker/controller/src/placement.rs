//! Where the replicas of new partitions go.
//!
//! As Kafka's striped placement: replicas are spread over racks first (partition n starts at rack n), over the brokers
//! of a rack second (each partition starts one broker further), and use fenced brokers only when a rack has no other
//! left; the leader, the first replica, is never on a fenced one. Starting points are random, and the order of brokers is
//! shuffled once every broker has had its turn, so that the same sets do not repeat.

use alloc::{collections::BTreeMap, vec::Vec};

use broker_metadata::Image;
use broker_protocol::Str;
use broker_types::{BrokerId, Random};

/// Why partitions cannot be placed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlacementError {
    /// Zero or fewer replicas are asked for.
    #[error("Invalid replication factor {0}: the replication factor must be positive.")]
    NotPositive(i16),
    /// No broker could lead.
    #[error("All brokers are currently fenced, or have all their log directories cordoned.")]
    NoneUsable,
    /// More replicas than brokers.
    #[error(
        "The target replication factor of {wanted} cannot be reached because only {brokers} broker(s) are registered \
         or some brokers have all their log directories cordoned."
    )]
    TooFew {
        /// The replication factor.
        wanted: i16,
        /// How many brokers may get replicas.
        brokers: usize,
    },
}

/// Chooses replicas for so many partitions, the first of each to lead.
///
/// # Errors
/// Too few brokers, or none that could lead.
pub(crate) fn place(
    image: &Image,
    random: &mut Random,
    partitions: usize,
    replication_factor: i16,
) -> Result<Vec<Vec<BrokerId>>, PlacementError> {
    let replicas = usize::try_from(replication_factor).unwrap_or(0);
    if replicas == 0 {
        return Err(PlacementError::NotPositive(replication_factor));
    }
    let mut racks = Racks::new(image, random);
    if racks.unfenced == 0 {
        return Err(PlacementError::NoneUsable);
    }
    if replicas > racks.brokers {
        return Err(PlacementError::TooFew { wanted: replication_factor, brokers: racks.brokers });
    }
    Ok((0..partitions).map(|_| racks.place(random, replicas)).collect())
}

/// Brokers of a rack that are dealt out in a circle, from another start for each partition.
#[derive(Debug, Default)]
struct Circle {
    brokers: Vec<BrokerId>,
    start: usize,
    dealt: usize,
    round: usize,
}

impl Circle {
    fn next(&mut self, round: usize) -> Option<BrokerId> {
        let length = self.brokers.len();
        if self.round != round {
            self.round = round;
            self.dealt = 0;
            self.start = (self.start + 1).checked_rem(length)?;
        }
        if self.dealt == length {
            return None;
        }
        let broker = self.brokers.get((self.start + self.dealt) % length).copied();
        self.dealt += 1;
        broker
    }
}

#[derive(Debug, Default)]
struct Rack {
    fenced: Circle,
    unfenced: Circle,
}

impl Rack {
    fn next(&mut self, round: usize) -> Option<BrokerId> {
        self.unfenced.next(round).or_else(|| self.fenced.next(round))
    }
}

#[derive(Debug)]
struct Racks {
    racks: Vec<Rack>,
    /// How many brokers may get replicas, and how many of these may lead.
    brokers: usize,
    unfenced: usize,
    /// The rack that the next partition starts at.
    start: usize,
    round: usize,
}

impl Racks {
    fn new(image: &Image, random: &mut Random) -> Self {
        let mut by_name: BTreeMap<Option<Str>, Rack> = BTreeMap::new();
        let (mut brokers, mut unfenced) = (0, 0);
        let usable =
            |broker: &&broker_metadata::Broker| !broker.in_controlled_shutdown && broker.has_uncordoned_dir();
        for broker in image.cluster().brokers().values().filter(usable) {
            let rack = by_name.entry(broker.rack.clone()).or_default();
            let circle = if broker.fenced { &mut rack.fenced } else { &mut rack.unfenced };
            circle.brokers.push(broker.id);
            brokers += 1;
            unfenced += usize::from(!broker.fenced);
        }
        let mut racks: Vec<_> = by_name.into_values().collect();
        for rack in &mut racks {
            rack.fenced.start = random.index(rack.fenced.brokers.len());
            rack.unfenced.start = random.index(rack.unfenced.brokers.len());
        }
        let start = random.index(racks.len());
        Self { racks, brokers, unfenced, start, round: 0 }
    }

    fn place(&mut self, random: &mut Random, replicas: usize) -> Vec<BrokerId> {
        // Every leader has had its turn. With one leader there is nothing to shuffle, and the round must not start
        // again, or the circle would be empty.
        if self.round == self.unfenced && self.unfenced > 1 {
            self.shuffle(random);
            self.round = 0;
        }
        let count = self.racks.len();
        if self.start >= count {
            self.start = 0;
        }
        let mut chosen = Vec::with_capacity(replicas);
        let mut leader_rack = None;
        for step in 0..count {
            let index = (self.start + step) % count;
            if let Some(leader) = self.racks[index].unfenced.next(self.round) {
                chosen.push(leader);
                leader_rack = Some(index);
                break;
            }
        }
        let mut index = self.start;
        let mut without = 0;
        // Ends: there are at least as many brokers as replicas, and each lap deals one of each rack that has any.
        while chosen.len() < replicas && without <= count {
            if leader_rack == Some(index) {
                leader_rack = None;
            } else if let Some(broker) = self.racks[index].next(self.round) {
                chosen.push(broker);
                without = 0;
            } else {
                without += 1;
            }
            index = (index + 1) % count;
        }
        self.round += 1;
        self.start += 1;
        chosen
    }

    fn shuffle(&mut self, random: &mut Random) {
        random.shuffle(&mut self.racks);
        for rack in &mut self.racks {
            random.shuffle(&mut rack.fenced.brokers);
            random.shuffle(&mut rack.unfenced.brokers);
        }
    }
}

#[cfg(test)]
mod tests;
