//! One session: the partitions of one fetcher, in the order in which they are served.

use alloc::vec::Vec;
use core::cmp::Ordering;

use broker_types::{LeaderEpoch, PartitionId, TopicId, TopicName};

/// How a session names a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicKey {
    /// By id, since version 13.
    Id(TopicId),
    /// By name, before.
    Name(TopicName),
}

/// How a request names a topic, without a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicRef<'a> {
    /// By id.
    Id(TopicId),
    /// By name.
    Name(&'a str),
}

impl TopicKey {
    /// The same, borrowed.
    #[must_use]
    pub fn as_ref(&self) -> TopicRef<'_> {
        match self {
            Self::Id(id) => TopicRef::Id(*id),
            Self::Name(name) => TopicRef::Name(name.as_str()),
        }
    }
}

impl TopicRef<'_> {
    fn to_key(self) -> TopicKey {
        match self {
            Self::Id(id) => TopicKey::Id(id),
            Self::Name(name) => TopicKey::Name(TopicName::new(name)),
        }
    }
}

/// What a fetcher asks of one partition, as the request has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The offset to read from; raw, for the partition checks it.
    pub fetch_offset: i64,
    /// The most bytes to return.
    pub max_bytes: i32,
    /// The leader epoch that the fetcher knows (KIP-320).
    pub leader_epoch: Option<LeaderEpoch>,
    /// The epoch of the last record that it has (KIP-595).
    pub last_fetched_epoch: Option<LeaderEpoch>,
    /// A follower's log start offset; -1 from consumers.
    pub log_start_offset: i64,
    /// The high watermark that a follower knows (KIP-1166); the largest number when it does not say.
    pub high_watermark: i64,
}

/// What a fetcher has been told of a partition last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The high watermark; -1 after an error, so that the next answer is sent whatever it is.
    pub high_watermark: i64,
    /// The log start offset.
    pub log_start_offset: i64,
}

/// What a partition would be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How many bytes of records.
    pub records_bytes: usize,
    /// The high watermark.
    pub high_watermark: i64,
    /// The log start offset.
    pub log_start_offset: i64,
    /// Whether it names another replica to read from (KIP-392).
    pub preferred_replica: bool,
    /// Whether it tells of a diverging epoch.
    pub diverging: bool,
    /// Whether it is an error.
    pub error: bool,
}

/// One partition of a session.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The topic.
    pub topic: TopicKey,
    /// The partition.
    pub partition: PartitionId,
    /// What is asked of it.
    pub asked: Asked,
    seen: Seen,
    before: Option<Slot>,
    after: Option<Slot>,
}

impl Entry {
    /// The high watermark that the fetcher was told last; -1 for none.
    #[must_use]
    pub fn told_high_watermark(&self) -> i64 {
        self.seen.high_watermark
    }
}

/// Where a partition is in its session; valid until the session is updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(usize);

/// The partitions of one fetcher. Its order is the order of service: a partition that returned records goes to the
/// end, so that one with much to say does not starve the others.
#[derive(Debug)]
pub struct Session {
    id: i32,
    epoch: i32,
    topic_ids: bool,
    entries: Vec<Entry>,
    /// Entries by topic and partition.
    sorted: Vec<Slot>,
    /// Entries that are no longer used.
    free: Vec<Slot>,
    first: Option<Slot>,
    last: Option<Slot>,
}

impl Session {
    pub(super) fn new<'a>(
        id: i32,
        epoch: i32,
        topic_ids: bool,
        answered: impl ExactSizeIterator<Item = (TopicRef<'a>, PartitionId, Asked, Seen)>,
    ) -> Self {
        let mut session = Self {
            id,
            epoch,
            topic_ids,
            entries: Vec::with_capacity(answered.len()),
            sorted: Vec::with_capacity(answered.len()),
            free: Vec::new(),
            first: None,
            last: None,
        };
        for (topic, partition, asked, seen) in answered {
            session.set(topic, partition, asked, seen, usize::MAX);
        }
        session
    }

    /// Its id, for the answer.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.id
    }

    /// How many partitions it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Whether its topics are named by id.
    #[must_use]
    pub fn uses_topic_ids(&self) -> bool {
        self.topic_ids
    }

    /// The partitions in the order of service.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &Entry)> {
        let mut next = self.first;
        core::iter::from_fn(move || {
            let slot = next?;
            let entry = self.entries.get(slot.0)?;
            next = entry.after;
            Some((slot, entry))
        })
    }

    /// One partition.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<&Entry> {
        self.entries.get(slot.0)
    }

    /// Whether an answer has news for the fetcher and must be sent; if so it counts as sent, and a partition with
    /// records goes to the end of the order.
    pub fn answered(&mut self, slot: Slot, answer: &Answer) -> bool {
        let Some(entry) = self.entries.get_mut(slot.0) else { return false };
        let now = Seen {
            high_watermark: if answer.error { -1 } else { answer.high_watermark },
            log_start_offset: answer.log_start_offset,
        };
        let moved = entry.seen.high_watermark != answer.high_watermark
            || entry.seen.log_start_offset != answer.log_start_offset;
        let has_records = answer.records_bytes > 0;
        let news = moved || has_records || answer.preferred_replica || answer.diverging || answer.error;
        if news {
            entry.seen = now;
        }
        if has_records && self.last != Some(slot) {
            self.unlink(slot);
            self.link_last(slot);
        }
        news
    }

    pub(super) fn epoch(&self) -> i32 {
        self.epoch
    }

    pub(super) fn set_epoch(&mut self, epoch: i32) {
        self.epoch = epoch;
    }

    /// Takes what a request says; false when that would be more partitions than there may be.
    pub(super) fn update<'a>(
        &mut self,
        asked: impl IntoIterator<Item = (TopicRef<'a>, PartitionId, Asked)>,
        forgotten: impl IntoIterator<Item = (TopicRef<'a>, PartitionId)>,
        limit: usize,
    ) -> bool {
        // Never told anything: whatever the first answer is, it is news.
        let nothing = Seen { high_watermark: -1, log_start_offset: -1 };
        for (topic, partition, asked) in asked {
            if !self.set(topic, partition, asked, nothing, limit) {
                return false;
            }
        }
        for (topic, partition) in forgotten {
            self.forget(topic, partition);
        }
        true
    }

    fn set(
        &mut self,
        topic: TopicRef,
        partition: PartitionId,
        asked: Asked,
        seen: Seen,
        limit: usize,
    ) -> bool {
        match self.find(topic, partition) {
            Ok(position) => {
                if let Some(entry) = self.sorted.get(position).and_then(|slot| self.entries.get_mut(slot.0)) {
                    entry.asked = asked;
                }
            }
            Err(_) if self.sorted.len() >= limit => return false,
            Err(position) => {
                let entry =
                    Entry { topic: topic.to_key(), partition, asked, seen, before: None, after: None };
                let slot = self.place(entry);
                self.sorted.insert(position, slot);
                self.link_last(slot);
            }
        }
        true
    }

    fn forget(&mut self, topic: TopicRef, partition: PartitionId) {
        if let Ok(position) = self.find(topic, partition) {
            let slot = self.sorted.remove(position);
            self.unlink(slot);
            self.free.push(slot);
        }
    }

    /// The position in `sorted`, or where it would be.
    fn find(&self, topic: TopicRef, partition: PartitionId) -> Result<usize, usize> {
        self.sorted.binary_search_by(|slot| match self.entries.get(slot.0) {
            Some(entry) => entry.topic.as_ref().cmp(&topic).then(entry.partition.cmp(&partition)),
            None => Ordering::Less,
        })
    }

    fn place(&mut self, entry: Entry) -> Slot {
        if let Some(slot) = self.free.pop()
            && let Some(place) = self.entries.get_mut(slot.0)
        {
            *place = entry;
            return slot;
        }
        self.entries.push(entry);
        Slot(self.entries.len() - 1)
    }

    fn link_last(&mut self, slot: Slot) {
        let before = self.last.replace(slot);
        if let Some(entry) = self.entries.get_mut(slot.0) {
            (entry.before, entry.after) = (before, None);
        }
        match before.and_then(|before| self.entries.get_mut(before.0)) {
            Some(entry) => entry.after = Some(slot),
            None => self.first = Some(slot),
        }
    }

    fn unlink(&mut self, slot: Slot) {
        let Some(entry) = self.entries.get(slot.0) else { return };
        let (before, after) = (entry.before, entry.after);
        match before.and_then(|before| self.entries.get_mut(before.0)) {
            Some(entry) => entry.after = after,
            None => self.first = after,
        }
        match after.and_then(|after| self.entries.get_mut(after.0)) {
            Some(entry) => entry.before = before,
            None => self.last = before,
        }
    }
}
