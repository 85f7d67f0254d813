//! The way of requests and answers between members: late, twice, or never.

use super::*;

impl Cluster {
    pub(super) fn copies(&mut self, from: usize, to: usize) -> u32 {
        let is_cut = self.cut.is_some_and(|cut| (cut == from) != (cut == to));
        if is_cut || self.random.below(1000) < self.loss {
            0
        } else if self.random.below(1000) < self.loss / 4 {
            2
        } else {
            1
        }
    }

    pub(super) fn respond(&mut self, node: usize, reply: ReplyId, answer: Answer) {
        let one = &mut self.nodes[node];
        let to = one.replies.remove(&reply).expect("answered once");
        if to.0 == NODES {
            return;
        }
        let (mut records, mut size) = (vec![], 0);
        match &answer.outcome {
            Outcome::Records { from, upto, .. } => records = one.read(*from, *upto),
            Outcome::SnapshotChunk { id, position } => {
                let (have, content) = one.snapshot.as_ref().expect("a snapshot");
                assert_eq!(have, id);
                size = content.len() as u64;
                let position = usize::try_from(*position).unwrap();
                records = content.iter().skip(position).take(9).copied().collect();
            }
            _ => {}
        }
        for _ in 0..self.copies(node, to.0) {
            let (answer, records) = (answer.clone(), records.clone());
            self.schedule(30, Item::Answer { to, from: node, answer, records, size });
        }
    }

    pub(super) fn answer(
        &mut self,
        node: usize,
        correlation: Correlation,
        from: usize,
        answer: Answer,
        records: Vec<Record>,
        size: u64,
    ) {
        let held = HeldBytes(self.seq);
        self.seq += 1;
        let length = records.len() as u64;
        let event = match answer.outcome {
            Outcome::Records { from: first, high_watermark, .. } => {
                let mut epochs = EpochHistory::default();
                let mut starts = vec![];
                for (place, (epoch, _)) in records.iter().enumerate() {
                    if place == 0 || epochs.last() != *epoch {
                        epochs.assign(*epoch, at(index(first) + place));
                        starts.push((*epoch, at(index(first) + place)));
                    }
                }
                let sets = records.iter().enumerate().filter_map(|(place, (_, value))| {
                    value_set(*value).map(|set| (at(index(first) + place + 1), set))
                });
                let voters = sets.collect();
                let end = at(index(first) + records.len());
                let fetched = Fetched { bytes: held, end, epochs: starts, voters, high_watermark };
                let leader = answer.leader.expect("a leader answers");
                Event::Fetched { correlation, epoch: answer.epoch, leader, records: fetched }
            }
            Outcome::SnapshotChunk { .. } => Event::SnapshotChunk { correlation, bytes: held, length, size },
            _ => {
                let from = BrokerId::new(i32::try_from(from).unwrap());
                self.step(node, Event::Answered { correlation, from, answer });
                return;
            }
        };
        self.nodes[node].held.insert(held.0, records);
        self.step(node, event);
    }
}
