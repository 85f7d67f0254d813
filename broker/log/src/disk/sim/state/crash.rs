//! What a loss of power leaves.

use super::{Change, File, Folder, Node, SimFaults, State, apply_naming, apply_write};

impl State {
    fn surviving_bytes(&mut self, file: &File) -> Vec<u8> {
        let mut data = file.synced.clone();
        for change in &file.pending {
            match change {
                Change::Truncate(length) if self.draw(2) == 0 => data.resize(*length, 0),
                Change::Truncate(_) => {}
                Change::Write(position, bytes) => match self.draw(8) {
                    0..=3 => apply_write(&mut data, *position, bytes),
                    4 | 5 => {}
                    6 => {
                        let kept = self.draw(bytes.len() + 1);
                        apply_write(&mut data, *position, &bytes[..kept]);
                    }
                    _ => {
                        let mut flipped = bytes.clone();
                        let spared = self.faults.unflipped_bytes.min(flipped.len());
                        let bit = spared * 8 + self.draw((flipped.len() - spared) * 8);
                        if let Some(byte) = flipped.get_mut(bit / 8) {
                            *byte ^= 1 << (bit % 8);
                        }
                        apply_write(&mut data, *position, &flipped);
                    }
                },
            }
        }
        data
    }

    pub(in crate::disk::sim) fn crash(&mut self) {
        let mut nodes = std::mem::take(&mut self.nodes);
        for node in &mut nodes {
            match node {
                Node::File(file) => {
                    let data = self.surviving_bytes(file);
                    *file = File { synced: data.clone(), data, pending: Vec::new() };
                }
                Node::Folder(folder) => {
                    let kept = self.draw(folder.pending.len() + 1);
                    let mut names = std::mem::take(&mut folder.synced);
                    folder.pending[..kept].iter().for_each(|naming| apply_naming(&mut names, naming));
                    *folder = Folder { synced: names.clone(), names, pending: Vec::new() };
                }
            }
        }
        self.nodes = nodes;
        self.powered = true;
        self.locks.clear();
        self.faults = SimFaults {
            ignore_sync_data: self.faults.ignore_sync_data,
            ignore_sync_dir: self.faults.ignore_sync_dir,
            unflipped_bytes: self.faults.unflipped_bytes,
            ..SimFaults::default()
        };
    }
}
