//! Random clients against one coordinator; after every step what must always hold is checked.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use core::time::Duration;

use broker_protocol::Str;
use broker_types::{GroupId, Random};

use crate::{classic, testing::*, *};

const GROUPS: [&str; 2] = ["g", "h"];
const CLIENTS: usize = 6;
/// No reply is kept for longer: the longest session, or join of a new member, and a rebalance that goes on behind it.
const KEPT_MAX: Duration = Duration::from_secs(5 * 60 + 2 * 60);

/// One consumer: what it believes.
#[derive(Clone, Debug, Default)]
struct Client {
    member: Option<MemberId>,
    generation: i32,
    is_leader: bool,
    members: Vec<MemberId>,
    /// What it waits for, and in which group.
    waits: Option<u64>,
}

struct Clients {
    run: Run,
    random: Random,
    clients: BTreeMap<(usize, usize), Client>,
    /// Members that left or whose place was taken.
    gone: BTreeSet<MemberId>,
    /// When each kept reply was asked for.
    asked: BTreeMap<u64, Duration>,
    generations: BTreeMap<String, Generation>,
    committed: BTreeMap<String, i64>,
    joins: usize,
    commits: usize,
}

impl Clients {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let size = 2 + random.index(6);
        Self {
            run: Run::with(|settings| {
                settings.group_size_max = size;
                settings.offsets_retention = Duration::from_secs(1_800);
                settings.offsets_retention_check_interval = Duration::from_secs(60);
            }),
            random,
            clients: BTreeMap::new(),
            gone: BTreeSet::new(),
            asked: BTreeMap::new(),
            generations: BTreeMap::new(),
            committed: BTreeMap::new(),
            joins: 0,
            commits: 0,
        }
    }

    fn since_start(&self) -> Duration {
        self.run.now.mono.since(broker_types::Mono::ZERO)
    }

    fn step(&mut self) {
        let (group, number) = (self.random.index(GROUPS.len()), self.random.index(CLIENTS));
        let mut client = self.clients.get(&(group, number)).cloned().unwrap_or_default();
        let name = GROUPS[group];
        match self.random.index(20) {
            0..=7 if client.waits.is_none() => self.join(name, number, &mut client),
            8..=10 if client.member.is_some() && client.waits.is_none() => self.sync(name, &mut client),
            11..=12 => self.heartbeat(name, &client),
            13..=14 => self.commit(name, &client),
            15 => self.leave(name, &mut client),
            16 => self.administrate(name),
            // A client that dies forgets everything.
            17 => client = Client::default(),
            18 if self.random.index(20) == 0 => self.fail_over(),
            _ => {
                let seconds = [0, 1, 2, 5, 20][self.random.index(5)];
                self.run.seconds(seconds);
            }
        }
        self.clients.insert((group, number), client);
        self.hear();
        self.check();
    }

    fn send(&mut self, request: Request) -> u64 {
        let reply = self.run.send(request);
        self.asked.insert(reply, self.since_start());
        reply
    }

    fn join(&mut self, name: &str, number: usize, client: &mut Client) {
        let dialects =
            [JoinDialect::AddedAtOnce, JoinDialect::RequiresMemberId, JoinDialect::SkipsAssignment];
        let dialect = dialects[self.random.index(3)];
        let topics: &[&str] = if self.random.index(4) == 0 { &["t", "u"] } else { &["t"] };
        let mut protocols = vec![protocol("range", topics)];
        if self.random.index(3) == 0 {
            protocols.insert(0, protocol("sticky", topics));
        }
        let mut request = join(name).change(|join| (join.dialect, join.protocols) = (dialect, protocols));
        request.member.clone_from(&client.member);
        if number < 2 {
            let named = instance(&format!("i{number}"));
            if client.member.is_none() {
                let holder = self.run.coordinator.live().classic.get(&GroupId::new(name));
                self.gone.extend(holder.and_then(|group| group.statics.get(&named)).cloned());
            }
            request.instance = Some(named);
        }
        client.waits = Some(self.send(Request::JoinGroup(request)));
    }

    fn sync(&mut self, name: &str, client: &mut Client) {
        let Some(member) = client.member.clone() else { return };
        let given = client.members.iter().map(|id| assignment(id, id.as_str())).collect();
        let given = if client.is_leader { given } else { vec![] };
        let mut request = sync(name, &member, Generation::new(client.generation), given);
        request.protocol = None;
        client.waits = Some(self.send(Request::SyncGroup(request)));
    }

    fn heartbeat(&mut self, name: &str, client: &Client) {
        let Some(member) = &client.member else { return };
        let result = self.run.heartbeat(name, member, client.generation);
        assert!(result.is_err() || !self.gone.contains(member), "{member} is gone");
    }

    fn commit(&mut self, name: &str, client: &Client) {
        let offset = i64::try_from(self.run.log.len()).expect("small");
        let request = commit(name, offset);
        let (request, member) = match &client.member {
            Some(member) => (request.of(member, client.generation), Some(member)),
            None => (request, None),
        };
        let result = self.run.commit(request);
        if result.is_ok() {
            self.commits += 1;
            self.committed.insert(name.to_string(), offset);
        }
        if let Some(member) = member {
            assert!(result.is_err() || !self.gone.contains(member), "{member} is gone and commits");
        } else if result.is_ok() {
            let live = self.run.coordinator.live().classic.get(&GroupId::new(name));
            assert!(live.is_none_or(|group| group.members.is_empty()), "only an empty group takes it");
        }
    }

    fn leave(&mut self, name: &str, client: &mut Client) {
        let Some(member) = client.member.take() else { return };
        if self.run.leave(name, vec![leaving(&member)]) == [Ok(())] {
            self.gone.insert(member);
        }
    }

    fn administrate(&mut self, name: &str) {
        match self.random.index(4) {
            0 => {
                let instance = Some(instance(&format!("i{}", self.random.index(2))));
                self.run.leave(name, vec![Leaving { member: None, instance, reason: None }]);
            }
            1 => {
                let request = Request::DeleteGroups(vec![GroupId::new(name)]);
                let Response::DeleteGroups(results) = self.run.ask(request) else { panic!() };
                if results[0].1.is_ok() {
                    self.generations.remove(name);
                    self.committed.remove(name);
                }
            }
            2 => {
                let stranger = MemberId::new(Str::from("stranger"));
                assert!(self.run.heartbeat(name, &stranger, 1).is_err());
            }
            _ => {
                self.run.ask(Request::ListGroups(ListGroups::default()));
            }
        }
    }

    fn fail_over(&mut self) {
        for reply in self.run.fail_over() {
            self.asked.remove(&reply);
        }
        self.generations.clear();
        for client in self.clients.values_mut() {
            client.waits = client.waits.filter(|reply| self.asked.contains_key(reply));
        }
    }

    /// Clients hear what was answered; answers to the dead are thrown away.
    fn hear(&mut self) {
        for (reply, response) in core::mem::take(&mut self.run.answered) {
            assert!(self.asked.remove(&reply).is_some(), "an answer to what was asked and not given up");
            let client = self.clients.values_mut().find(|client| client.waits == Some(reply));
            let Some(client) = client else { continue };
            client.waits = None;
            match response {
                Response::JoinGroup(Ok(joined)) => {
                    self.joins += 1;
                    client.is_leader = joined.leader.as_ref() == Some(&joined.member);
                    client.member = Some(joined.member);
                    client.generation = joined.generation.get();
                    client.members = joined.members.into_iter().map(|member| member.member).collect();
                }
                Response::JoinGroup(Err(refused)) => {
                    client.member = match refused.error {
                        GroupError::MemberIdRequired | GroupError::RebalanceInProgress => refused.member,
                        _ => None,
                    };
                }
                Response::SyncGroup(Err(GroupError::UnknownMember | GroupError::FencedInstance)) => {
                    client.member = None;
                }
                _ => {}
            }
        }
    }

    fn check(&mut self) {
        let now = self.since_start();
        for (reply, asked) in &self.asked {
            assert!(now.saturating_sub(*asked) <= KEPT_MAX, "reply {reply} is kept since {asked:?}");
        }
        let live = self.run.coordinator.live();
        let mut kept = BTreeSet::new();
        for (id, group) in &live.classic {
            classic::check(group, self.run.coordinator.settings());
            assert!(self.run.state.group(id.as_str()).is_some(), "a live group is written");
            let before = self.generations.insert(id.to_string(), group.generation);
            assert!(before.is_none_or(|before| before <= group.generation), "a generation grows");
            kept.extend(group.kept().map(broker_types::ReplyId::get));
        }
        self.generations.retain(|id, _| live.classic.contains_key(id.as_str()));
        assert_eq!(kept, self.asked.keys().copied().collect(), "what is not answered is kept");
        for name in GROUPS {
            let offsets = self.run.offsets(name);
            let last = offsets.first().map(|(_, _, offset)| *offset);
            // What expired is gone; what is there is what was committed last.
            assert!(last.is_none() || last == self.committed.get(name).copied(), "{name}: {offsets:?}");
        }
    }

    /// Everybody dies; then nothing is left but what is written.
    fn end(&mut self) {
        self.run.pass(KEPT_MAX);
        self.hear();
        assert!(self.asked.is_empty(), "every reply is answered: {:?}", self.asked);
        self.run.pass(KEPT_MAX);
        self.check();
        for name in GROUPS {
            if self.run.state.group(name).is_some() {
                assert_eq!(self.run.state_of(name), GroupState::Empty);
            }
        }
        self.run.fail_over();
        self.run.seconds(4_000);
        assert_eq!(self.run.state, State::default(), "and that expires");
    }
}

#[test]
fn random_clients_leave_a_coordinator_as_it_must_be() {
    let (mut joins, mut commits) = (0, 0);
    for seed in 0..60 {
        let mut clients = Clients::new(seed);
        for _ in 0..600 {
            clients.step();
        }
        clients.end();
        joins += clients.joins;
        commits += clients.commits;
    }
    assert!(joins > 2_000 && commits > 1_000, "the runs do something: {joins} joins, {commits} commits");
}
