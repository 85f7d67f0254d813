//! The machine: requests and ticks in, records and replies out.

use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};

use broker_coordinator::{Outcome, Replies, Shard};
use broker_types::{GroupId, Mono, Now, Offset, Random, ReplyId};

use crate::{
    Group, GroupRecord, Metadata, Request, Response, Settings, State,
    classic::LiveGroup,
    consumer::ConsumerLive,
    offsets::Expiry,
    timers::{Timer, Timers},
    work::Work,
};

/// How many places of the queue one tick looks at; what is left comes with the next one, at once.
const TIMERS_PER_TICK: usize = 1_000;

/// The coordinator of the groups of one partition of `__consumer_offsets`. Its hard state is [`State`]; what it holds
/// itself dies with its leadership.
#[derive(Debug)]
pub struct GroupCoordinator {
    settings: Settings,
    metadata: Arc<dyn Metadata>,
    random: Random,
    timers: Timers,
    live: Live,
}

/// Soft state: the groups that have, or had, members since this leadership began.
#[derive(Debug, Default)]
pub(crate) struct Live {
    /// Every classic group with members is here; one that is not has none.
    pub(crate) classic: BTreeMap<GroupId, LiveGroup>,
    /// Every KIP-848 group with members is here.
    pub(crate) consumer: BTreeMap<GroupId, ConsumerLive>,
    pub(crate) expiry: Expiry,
}

impl GroupCoordinator {
    /// A coordinator that does not lead. The seed makes member ids; it must be fresh randomness in every life of the
    /// process.
    #[must_use]
    pub fn new(settings: Settings, metadata: Arc<dyn Metadata>, seed: [u64; 4]) -> Self {
        let random = Random::from_seed(seed);
        Self { settings, metadata, random, timers: Timers::default(), live: Live::default() }
    }

    /// The settings that it was made with.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    fn work<'a>(&'a mut self, now: Now, state: &'a State) -> (Work<'a>, &'a mut Live) {
        let work = Work {
            now,
            settings: &self.settings,
            metadata: &*self.metadata,
            reader: None,
            base: state,
            draft: None,
            timers: &mut self.timers,
            random: &mut self.random,
            records: Vec::new(),
            replies: Vec::new(),
        };
        (work, &mut self.live)
    }
}

impl Work<'_> {
    fn outcome(self, atomic: bool) -> Outcome<GroupRecord, Replies<Response>> {
        Outcome { records: self.records, response: self.replies, atomic }
    }
}

impl Live {
    /// Answers now, or keeps the reply.
    fn answer(&mut self, work: &mut Work<'_>, state: &State, reply: ReplyId, request: Request) {
        let response = match request {
            Request::JoinGroup(request) => return self.join(work, state, reply, request),
            Request::SyncGroup(request) => return self.sync(work, reply, request),
            Request::Heartbeat(request) => Response::Heartbeat(self.heartbeat(work, &request)),
            Request::LeaveGroup(request) => Response::LeaveGroup(self.leave(work, request)),
            Request::OffsetCommit(request) => Response::OffsetCommit(self.commit(work, state, &request)),
            Request::TxnOffsetCommit(request) => {
                Response::TxnOffsetCommit(self.commit_transactional(work, state, &request))
            }
            Request::OffsetFetch(request) => Response::OffsetFetch(Self::fetch(state, &request)),
            Request::OffsetDelete(request) => {
                Response::OffsetDelete(self.delete_offsets(work, state, &request))
            }
            Request::DescribeGroups(ids) => Response::DescribeGroups(self.describe(state, ids)),
            Request::ListGroups(request) => Response::ListGroups(self.list(state, &request)),
            Request::DeleteGroups(ids) => Response::DeleteGroups(self.delete_groups(work, state, ids)),
            Request::EndTransaction(end) => {
                work.records.push(GroupRecord::End(end));
                Response::EndTransaction
            }
            Request::TopicsDeleted(topics) => {
                self.topics_deleted(work, state, &topics);
                Response::TopicsDeleted
            }
            Request::ConsumerHeartbeat(request) => {
                Response::ConsumerHeartbeat(self.consumer_heartbeat(work, &request))
            }
            Request::DescribeConsumerGroups(ids) => {
                Response::DescribeConsumerGroups(self.describe_consumers(work, ids))
            }
            Request::Survey(request) => Response::Survey(self.survey(state, &request)),
            Request::TopicsChanged(_) => {
                self.consumer.values_mut().for_each(ConsumerLive::look_again);
                Response::TopicsChanged
            }
        };
        work.reply(reply, response);
    }

    /// A place of the queue came up.
    fn came_up(&mut self, work: &mut Work<'_>, state: &State, at: Mono, timer: Timer) {
        let now = work.now.mono;
        match timer {
            Timer::Session(group, member) => {
                if let Some(group) = self.classic.get_mut(&group) {
                    group.session_came_up(work, &member, at);
                }
            }
            Timer::Join(ref id) => {
                let group = self.classic.get_mut(id);
                if let Some(group) = group
                    && group.join_timer.fires(work.timers, now, at, timer)
                {
                    group.join_timed_out(work);
                }
            }
            Timer::Sync(ref id) => {
                let group = self.classic.get_mut(id);
                if let Some(group) = group
                    && group.sync_timer.fires(work.timers, now, at, timer)
                {
                    group.sync_timed_out(work);
                }
            }
            Timer::ConsumerSession(group, member) => self.consumer_session_came_up(work, &group, &member, at),
            Timer::Revocation(group, member) => self.revocation_came_up(work, &group, &member, at),
            Timer::ClassicJoin(..) | Timer::ClassicSync(..) => self.classic_member_came_up(work, timer, at),
            Timer::Expiry => self.expire(work, state, at),
        }
    }

    /// Takes a group up as it is written; one with more members than may be rebalances, so that some commit and go. One
    /// that became classic and did not rebalance since does it now: what those had who are gone belongs to nobody.
    pub(crate) fn load(&mut self, work: &mut Work<'_>, id: &GroupId, group: &Group) {
        let hard = match group {
            Group::Classic(hard) if hard.is_empty() => return,
            Group::Classic(hard) => hard,
            Group::Consumer(group) => return self.load_consumer(work, id, group),
        };
        let mut group = LiveGroup::loaded(work, id, hard);
        if group.members.len() > work.settings.group_size_max {
            group.prepare(work, alloc::string::String::from("the group has more members than may be"));
        } else if hard.value().is_some_and(|value| value.leader.is_none()) {
            group.prepare(work, alloc::string::String::from("the group became a classic one"));
        }
        self.classic.insert(id.clone(), group);
    }

    /// The replies that wait.
    fn kept(&self) -> Vec<ReplyId> {
        self.classic.values().flat_map(LiveGroup::kept).collect()
    }
}

impl Shard for GroupCoordinator {
    type State = State;
    type Record = GroupRecord;
    type Request = Request;
    type Response = Response;

    /// A tombstone for every offset of a large group need not be one batch.
    const APPEND_MAX: usize = 1_000;

    fn handle(
        &mut self,
        now: Now,
        state: &State,
        reply: ReplyId,
        request: Request,
    ) -> Outcome<GroupRecord, Replies<Response>> {
        let atomic = !matches!(request, Request::DeleteGroups(_) | Request::TopicsDeleted(_));
        let (mut work, live) = self.work(now, state);
        live.answer(&mut work, state, reply, request);
        work.outcome(atomic)
    }

    fn tick(&mut self, now: Now, state: &State) -> Outcome<GroupRecord, Replies<Response>> {
        let (mut work, live) = self.work(now, state);
        for _ in 0..TIMERS_PER_TICK {
            let Some((at, timer)) = work.timers.pop(now.mono) else { break };
            live.came_up(&mut work, state, at, timer);
        }
        work.outcome(false)
    }

    fn next_deadline(&self) -> Option<Mono> {
        self.timers.next()
    }

    fn replay(state: &mut State, offset: Offset, record: &GroupRecord) {
        state.replay(offset, record);
    }

    fn became_leader(&mut self, now: Now, state: &State) {
        self.resigned();
        let (mut work, live) = self.work(now, state);
        for (id, group) in state.groups() {
            live.load(&mut work, id, group);
        }
        live.expiry.start(&mut work);
        debug_assert!(work.records.is_empty() && work.replies.is_empty(), "nobody has joined yet");
    }

    fn resigned(&mut self) -> Vec<ReplyId> {
        let kept = self.live.kept();
        self.live = Live::default();
        self.timers.clear();
        kept
    }

    fn rolled_back(&mut self, now: Now, state: &State) -> Vec<ReplyId> {
        let (mut work, live) = self.work(now, state);
        live.roll_back(&mut work, state)
    }
}

#[cfg(test)]
impl GroupCoordinator {
    pub(crate) const fn live(&self) -> &Live {
        &self.live
    }

    /// When the next deadline of a group is, the search for expired offsets left out.
    pub(crate) fn next_deadline_of_groups(&self) -> Option<Mono> {
        self.timers.next_but_expiry()
    }
}
