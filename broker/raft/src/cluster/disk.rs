//! The disks of members: what is asked of them is done a while later, or a crash comes first.

use super::*;

#[derive(Debug)]
pub(super) enum DiskWork {
    State(QuorumState),
    Opening(LeaderEpoch),
    Voters,
    Flush(Offset),
    Append(Vec<Record>),
    Truncate(Offset),
    Chunk(Vec<Record>),
    Install(SnapshotId),
}

impl Cluster {
    pub(super) fn disk(&mut self, node: usize, work: DiskWork) {
        let life = self.nodes[node].life;
        self.schedule(4, Item::Done { node, life, work });
        // The worst moment for a crash is while the disk works.
        if self.has_faults && self.random.below(200) == 0 {
            self.schedule(4, Item::Crash { node, life });
            self.schedule(3_000, Item::Start { node, life });
        }
    }

    pub(super) fn done(&mut self, node: usize, work: DiskWork) {
        let one = &mut self.nodes[node];
        let event = match work {
            DiskWork::State(state) => {
                one.state = state;
                Event::StateWritten
            }
            DiskWork::Opening(epoch) => {
                let set = one.raft.as_ref().and_then(|raft| raft.voters_to_log.as_ref());
                one.log.push((epoch, set.map_or(0, set_value)));
                Event::Appended { end: one.end() }
            }
            DiskWork::Voters => {
                let asked =
                    one.raft.as_ref().and_then(|raft| raft.voters_appending.as_ref()).expect("asked for");
                one.log.push((asked.epoch, set_value(&asked.voters)));
                self.covered.voter_changes += 1;
                Event::VotersAppended { end: one.end() }
            }
            DiskWork::Flush(upto) => {
                one.flushed = one.flushed.max(upto.min(one.end()));
                Event::Flushed { upto }
            }
            DiskWork::Append(records) => {
                one.log.extend(records);
                Event::Appended { end: one.end() }
            }
            DiskWork::Truncate(to) => {
                one.log.truncate(index(to) - index(one.log_start));
                one.flushed = one.flushed.min(to);
                self.covered.truncations += 1;
                Event::Truncated
            }
            DiskWork::Chunk(records) => {
                one.partial.extend(records);
                Event::SnapshotChunkWritten
            }
            DiskWork::Install(id) => {
                let content = core::mem::take(&mut one.partial);
                let voters = last_set(&content);
                assert_eq!(content[..], self.committed[..index(id.end)], "a snapshot is what is committed");
                one.snapshot = Some((id, content));
                one.log.clear();
                one.log_start = id.end;
                one.flushed = id.end;
                one.committed = one.committed.max(id.end);
                self.covered.installs += 1;
                Event::SnapshotInstalled { voters }
            }
        };
        self.step(node, event);
    }
}
