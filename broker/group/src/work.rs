//! What one request or tick does.

use alloc::{string::String, sync::Arc, vec::Vec};

use broker_coordinator::Replies;
use broker_protocol::Str;
use broker_types::{GroupId, Now, Offset, Random, ReplyId, Uuid};

use crate::{
    ConsumerGroup, Group, GroupRecord, MemberId, Metadata, Reader, Response, Settings, State, timers::Timers,
};

/// The means of a decision, and what comes of it.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    pub(crate) now: Now,
    pub(crate) settings: &'a Settings,
    pub(crate) metadata: &'a dyn Metadata,
    /// In whose name topics are looked up by pattern; `None`: in nobody's, so none are.
    pub(crate) reader: Option<Reader>,
    /// The state before this decision.
    pub(crate) base: &'a State,
    /// The state with the first records of this decision, as many as there were when it was looked at last.
    pub(crate) draft: Option<(State, usize)>,
    pub(crate) timers: &'a mut Timers,
    pub(crate) random: &'a mut Random,
    /// To be written.
    pub(crate) records: Vec<GroupRecord>,
    /// To be answered once everything is committed.
    pub(crate) replies: Replies<Response>,
}

impl Work<'_> {
    pub(crate) fn reply(&mut self, reply: ReplyId, response: Response) {
        self.replies.push((reply, response));
    }

    /// The state with everything that this decision has written so far.
    pub(crate) fn state(&mut self) -> &State {
        if self.records.is_empty() {
            return self.base;
        }
        let (state, seen) = self.draft.get_or_insert_with(|| (self.base.clone(), 0));
        for record in &self.records[*seen..] {
            state.replay(Offset::MAX, record);
        }
        *seen = self.records.len();
        state
    }

    /// A KIP-848 group with everything that this decision has written so far.
    pub(crate) fn consumer_group(&mut self, id: &GroupId) -> Option<Arc<ConsumerGroup>> {
        match self.state().group(id.as_str()) {
            Some(Group::Consumer(group)) => Some(Arc::clone(group)),
            _ => None,
        }
    }

    /// Takes back what was written after there were `records` records.
    pub(crate) fn undo(&mut self, records: usize) {
        self.records.truncate(records);
        self.draft = None;
    }

    /// A fresh member id: the prefix and a random uuid, as Kafka draws them.
    pub(crate) fn member_id(&mut self, prefix: &str) -> MemberId {
        MemberId::new(Str::from(alloc::format!("{prefix}-{}", self.uuid())))
    }

    /// A random uuid in the form that Java prints (RFC 4122, version 4).
    fn uuid(&mut self) -> String {
        let mut bytes = self.random.bytes();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        hyphenated(&Uuid::from_bytes(bytes))
    }
}

fn hyphenated(uuid: &Uuid) -> String {
    use core::fmt::Write as _;
    let mut text = String::with_capacity(36);
    for (index, byte) in uuid.as_bytes().iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // A String takes everything.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_id_is_a_prefix_and_a_random_uuid() {
        let (settings, mut timers, mut random) =
            (Settings::default(), Timers::default(), Random::from_seed([1, 2, 3, 4]));
        let (state, topics) = (State::default(), crate::testing::Topics::default());
        let mut work = Work {
            now: Now::default(),
            settings: &settings,
            metadata: &topics,
            reader: None,
            base: &state,
            draft: None,
            timers: &mut timers,
            random: &mut random,
            records: Vec::new(),
            replies: Vec::new(),
        };
        let (first, second) = (work.member_id("client"), work.member_id("client"));
        assert_ne!(first, second);
        let uuid = first.as_str().strip_prefix("client-").expect("the prefix");
        let parts: Vec<_> = uuid.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(uuid.as_bytes()[14], b'4');
    }
}
