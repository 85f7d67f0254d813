//! The simulated disk's files, folders and what of them is durable.

mod crash;

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
    path::Path,
};

use super::SimFaults;
use crate::disk::DirEntry;

pub(super) type NodeId = usize;
type Names = BTreeMap<String, NodeId>;

const ROOT: NodeId = 0;

#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) data: Vec<u8>,
    synced: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

#[derive(Clone, Debug)]
enum Naming {
    Link(String, NodeId),
    Unlink(String),
    Rename(String, String),
}

#[derive(Clone, Debug, Default)]
struct Folder {
    names: Names,
    synced: Names,
    pending: Vec<Naming>,
}

#[derive(Clone, Debug)]
enum Node {
    File(File),
    Folder(Folder),
}

#[derive(Debug)]
pub(super) struct State {
    nodes: Vec<Node>,
    pub(super) faults: SimFaults,
    pub(super) locks: BTreeSet<NodeId>,
    pub(super) changes: u64,
    powered: bool,
    random: u64,
}

fn error(kind: io::ErrorKind, path: &Path) -> io::Error {
    io::Error::new(kind, path.display().to_string())
}

fn eio() -> io::Error {
    io::Error::from_raw_os_error(rustix::io::Errno::IO.raw_os_error())
}

/// Counts a fault's fuse down; true when it burns out now.
fn burns(fuse: &mut Option<u64>) -> bool {
    match fuse {
        Some(0) => {
            *fuse = None;
            true
        }
        Some(left) => {
            *left -= 1;
            false
        }
        None => false,
    }
}

fn apply_naming(names: &mut Names, naming: &Naming) {
    match naming {
        Naming::Link(name, node) => {
            names.insert(name.clone(), *node);
        }
        Naming::Unlink(name) => {
            names.remove(name);
        }
        Naming::Rename(from, to) => {
            if let Some(node) = names.remove(from) {
                names.insert(to.clone(), node);
            }
        }
    }
}

fn apply_write(data: &mut Vec<u8>, position: usize, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    if data.len() < position + bytes.len() {
        data.resize(position + bytes.len(), 0);
    }
    data[position..position + bytes.len()].copy_from_slice(bytes);
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            nodes: vec![Node::Folder(Folder::default())],
            faults: SimFaults::default(),
            locks: BTreeSet::new(),
            changes: 0,
            powered: true,
            random: seed,
        }
    }

    /// SplitMix64.
    fn draw(&mut self, below: usize) -> usize {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let mixed = mixed ^ (mixed >> 31);
        usize::try_from(mixed % below.max(1) as u64).unwrap_or(0)
    }

    fn folder(&mut self, node: NodeId) -> io::Result<&mut Folder> {
        match &mut self.nodes[node] {
            Node::Folder(folder) => Ok(folder),
            Node::File(_) => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    pub(super) fn file(&mut self, node: NodeId) -> io::Result<&mut File> {
        match &mut self.nodes[node] {
            Node::File(file) => Ok(file),
            Node::Folder(_) => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    pub(super) fn find(&mut self, path: &Path) -> io::Result<NodeId> {
        let mut node = ROOT;
        for part in path.iter().filter(|part| *part != "/") {
            let names = &self.folder(node)?.names;
            let found = names.get(&*part.to_string_lossy());
            node = *found.ok_or_else(|| error(io::ErrorKind::NotFound, path))?;
        }
        Ok(node)
    }

    /// The folder of `path` and the last name.
    fn place(&mut self, path: &Path) -> io::Result<(NodeId, String)> {
        let folder = self.find(path.parent().unwrap_or(Path::new("")))?;
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        Ok((folder, name.to_string_lossy().into_owned()))
    }

    pub(super) fn before_read(&mut self) -> io::Result<()> {
        if !self.powered || burns(&mut self.faults.read_fails_after) { Err(eio()) } else { Ok(()) }
    }

    fn before_change(&mut self) -> io::Result<()> {
        self.changes += 1;
        if burns(&mut self.faults.power_fails_after) {
            self.powered = false;
        }
        if self.powered { Ok(()) } else { Err(eio()) }
    }

    fn name(&mut self, folder: NodeId, naming: Naming) -> io::Result<()> {
        let folder = self.folder(folder)?;
        apply_naming(&mut folder.names, &naming);
        folder.pending.push(naming);
        Ok(())
    }

    pub(super) fn create(&mut self, path: &Path, durable: bool) -> io::Result<NodeId> {
        let (folder, name) = self.place(path)?;
        if let Some(&node) = self.folder(folder)?.names.get(&name) {
            return Ok(node);
        }
        self.before_change()?;
        let node = self.nodes.len();
        self.nodes.push(Node::File(File { data: Vec::new(), synced: Vec::new(), pending: Vec::new() }));
        if durable {
            self.folder(folder)?.synced.insert(name.clone(), node);
        }
        self.name(folder, Naming::Link(name, node))?;
        Ok(node)
    }

    pub(super) fn create_dir(&mut self, path: &Path) -> io::Result<()> {
        let (folder, name) = self.place(path)?;
        if self.folder(folder)?.names.contains_key(&name) {
            return Err(error(io::ErrorKind::AlreadyExists, path));
        }
        self.before_change()?;
        self.nodes.push(Node::Folder(Folder::default()));
        let node = self.nodes.len() - 1;
        self.name(folder, Naming::Link(name, node))
    }

    pub(super) fn unlink(&mut self, path: &Path, folder_wanted: bool) -> io::Result<()> {
        let (folder, name) = self.place(path)?;
        let node = self.find(path)?;
        match &self.nodes[node] {
            Node::Folder(inner) if folder_wanted && !inner.names.is_empty() => {
                return Err(error(io::ErrorKind::DirectoryNotEmpty, path));
            }
            Node::Folder(_) if !folder_wanted => return Err(error(io::ErrorKind::IsADirectory, path)),
            Node::File(_) if folder_wanted => return Err(error(io::ErrorKind::NotADirectory, path)),
            _ => {}
        }
        self.before_change()?;
        self.name(folder, Naming::Unlink(name))
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.find(from)?;
        let ((old_folder, old), (folder, new)) = (self.place(from)?, self.place(to)?);
        if old_folder != folder {
            return Err(error(io::ErrorKind::CrossesDevices, to));
        }
        self.before_change()?;
        self.name(folder, Naming::Rename(old, new))
    }

    pub(super) fn list(&mut self, path: &Path) -> io::Result<Vec<DirEntry>> {
        self.before_read()?;
        let node = self.find(path)?;
        let names = self.folder(node)?.names.clone();
        let is_dir = |node: NodeId| matches!(self.nodes[node], Node::Folder(_));
        Ok(names.into_iter().map(|(name, node)| DirEntry { name, is_dir: is_dir(node) }).collect())
    }

    pub(super) fn used_bytes(&self) -> u64 {
        self.folder_bytes(ROOT)
    }

    fn folder_bytes(&self, node: NodeId) -> u64 {
        let Node::Folder(folder) = &self.nodes[node] else { return 0 };
        let size = |&node: &NodeId| match &self.nodes[node] {
            Node::File(file) => file.data.len() as u64,
            Node::Folder(_) => self.folder_bytes(node),
        };
        folder.names.values().map(size).sum()
    }

    pub(super) fn write(&mut self, node: NodeId, bytes: &[u8], position: u64) -> io::Result<()> {
        self.before_change()?;
        let position = usize::try_from(position).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let mut room = bytes.len();
        let mut failure = None;
        if burns(&mut self.faults.write_fails_after) {
            (room, failure) = (bytes.len() / 2, Some(eio()));
        } else if let Some(capacity) = self.faults.capacity_bytes {
            let free = capacity.saturating_sub(self.used_bytes());
            if free < bytes.len() as u64 {
                (room, failure) =
                    (usize::try_from(free).unwrap_or(0), Some(io::ErrorKind::StorageFull.into()));
            }
        }
        let file = self.file(node)?;
        apply_write(&mut file.data, position, &bytes[..room]);
        file.pending.push(Change::Write(position, bytes[..room].to_vec()));
        failure.map_or(Ok(()), Err)
    }

    pub(super) fn truncate(&mut self, node: NodeId, length: u64) -> io::Result<()> {
        self.before_change()?;
        let length = usize::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let file = self.file(node)?;
        file.data.resize(length, 0);
        file.pending.push(Change::Truncate(length));
        Ok(())
    }

    pub(super) fn put(&mut self, node: NodeId, content: &[u8]) -> io::Result<()> {
        let file = self.file(node)?;
        file.data = content.to_vec();
        file.synced = content.to_vec();
        file.pending.clear();
        Ok(())
    }

    pub(super) fn sync_data(&mut self, node: NodeId) -> io::Result<()> {
        self.before_change()?;
        if burns(&mut self.faults.sync_fails_after) {
            // As Linux does: the error is told once, and the dirty pages count as clean from then on.
            self.file(node)?.pending.clear();
            return Err(eio());
        }
        if self.faults.ignore_sync_data {
            return Ok(());
        }
        let file = self.file(node)?;
        file.synced = file.data.clone();
        file.pending.clear();
        Ok(())
    }

    pub(super) fn sync_dir(&mut self, path: &Path) -> io::Result<()> {
        self.before_change()?;
        if self.faults.ignore_sync_dir {
            return Ok(());
        }
        let node = self.find(path)?;
        let folder = self.folder(node)?;
        folder.synced = folder.names.clone();
        folder.pending.clear();
        Ok(())
    }

    pub(super) fn sync_volume(&mut self) -> io::Result<()> {
        self.before_change()?;
        let faults = self.faults;
        for node in &mut self.nodes {
            match node {
                Node::File(file) if !faults.ignore_sync_data => {
                    file.synced = file.data.clone();
                    file.pending.clear();
                }
                Node::Folder(folder) if !faults.ignore_sync_dir => {
                    folder.synced = folder.names.clone();
                    folder.pending.clear();
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn hash_folder(&self, node: NodeId, hasher: &mut DefaultHasher) {
        let Node::Folder(folder) = &self.nodes[node] else { return };
        for (name, &child) in &folder.names {
            name.hash(hasher);
            match &self.nodes[child] {
                Node::File(file) => file.data.hash(hasher),
                Node::Folder(_) => self.hash_folder(child, hasher),
            }
        }
    }

    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash_folder(ROOT, &mut hasher);
        hasher.finish()
    }

    pub(super) fn snapshot(&self, seed: u64) -> Self {
        let mut copy = Self { nodes: self.nodes.clone(), ..Self::new(seed) };
        for node in &mut copy.nodes {
            match node {
                Node::File(file) => {
                    file.synced = file.data.clone();
                    file.pending.clear();
                }
                Node::Folder(folder) => {
                    folder.synced = folder.names.clone();
                    folder.pending.clear();
                }
            }
        }
        copy
    }
}
