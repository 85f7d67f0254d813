//! Random members: no partition has two owners, epochs grow, and all come to rest.

use alloc::collections::{BTreeMap, BTreeSet};

use broker_types::{Random, TopicId};

use super::*;

const TOPICS: [&str; 3] = ["t", "ta", "u"];

struct Members {
    run: Run,
    random: Random,
    clients: Vec<Client>,
    /// What each really consumes: until it says that it gave it up.
    consumed: BTreeMap<usize, BTreeSet<(TopicId, PartitionId)>>,
    lives: usize,
    joins: usize,
}

fn set(owned: &[OwnedPartitions]) -> BTreeSet<(TopicId, PartitionId)> {
    owned.iter().flat_map(|it| it.partitions.iter().map(|partition| (it.topic, *partition))).collect()
}

impl Members {
    fn new(seed: u64) -> Self {
        let run = Run::new();
        TOPICS.iter().for_each(|topic| run.topics.put(topic, 4));
        let clients = ["a", "b", "c", "d"].map(|id| client(id, &["t"]));
        Self {
            run,
            random: Random::new(seed),
            clients: clients.to_vec(),
            consumed: BTreeMap::new(),
            lives: 0,
            joins: 0,
        }
    }

    fn step(&mut self) {
        let number = self.random.index(self.clients.len());
        match self.random.index(30) {
            0 => {
                let epoch = if self.clients[number].instance.is_some() && self.random.index(2) == 0 {
                    -2
                } else {
                    -1
                };
                let mut client = self.clients[number].clone();
                let _ = client.leave(&mut self.run, epoch);
                self.die(number);
            }
            1 => self.die(number),
            2 => {
                let topic = TOPICS[self.random.index(3)];
                let count = Metadata::topic(&*self.run.topics, topic).map_or(1, |it| it.partitions + 1);
                self.run.topics.put(topic, count.min(9));
                self.run.ask(Request::TopicsChanged(vec![TopicName::new(topic)]));
            }
            3 if self.random.index(4) == 0 => {
                self.run.fail_over();
            }
            4..=7 => {
                let seconds = [0, 1, 1, 20][self.random.index(4)];
                self.run.seconds(seconds);
            }
            8 => self.change(number),
            _ => self.beat(number),
        }
        self.check();
    }

    /// It stops consuming, and will come with another id.
    fn die(&mut self, number: usize) {
        self.lives += 1;
        self.consumed.remove(&number);
        let name = alloc::format!("m{}", self.lives);
        let instance = (number == 0).then(|| instance("i"));
        self.clients[number] = Client { instance, ..client(&name, &["t", "u"]) };
        self.clients[number].regex = [None, Some("t.*")][self.random.index(2)];
    }

    fn change(&mut self, number: usize) {
        let topics = [&["t"][..], &["t", "u"], &["u"]][self.random.index(3)];
        let client = &mut self.clients[number];
        client.topics = topics.to_vec();
        if client.epoch == 0 {
            return;
        }
        let topics = Some(topics.iter().map(|topic| TopicName::new(topic)).collect());
        self.consumed.insert(number, set(&client.owned));
        let request = ConsumerHeartbeat { topics, owned: Some(client.owned.clone()), ..client.lives() };
        self.hear(number, request);
    }

    fn beat(&mut self, number: usize) {
        let client = &self.clients[number];
        let request = if client.epoch == 0 {
            self.joins += 1;
            client.joins()
        } else if self.random.index(3) == 0 {
            client.lives()
        } else {
            // It has given up what it was told to, and says so.
            self.consumed.insert(number, set(&client.owned));
            ConsumerHeartbeat { owned: Some(client.owned.clone()), ..client.lives() }
        };
        self.hear(number, request);
    }

    fn hear(&mut self, number: usize, request: ConsumerHeartbeat) {
        let before = self.clients[number].epoch;
        match self.run.consumer(request) {
            Ok(told) => {
                assert!(told.epoch >= before, "an epoch grows");
                self.clients[number].epoch = told.epoch;
                if let Some(assignment) = told.assignment {
                    self.consumed.entry(number).or_default().extend(set(&assignment));
                    self.clients[number].owned = assignment;
                }
            }
            // It gives everything up and joins anew.
            Err(_) => {
                self.consumed.remove(&number);
                self.clients[number].epoch = 0;
                self.clients[number].owned.clear();
            }
        }
    }

    fn check(&self) {
        let Some(Group::Consumer(group)) = self.run.state.group("g") else { return };
        // Those who were fenced while they were away do not know yet; all others own apart.
        let mut owners = BTreeMap::new();
        for (number, consumed) in &self.consumed {
            let client = &self.clients[*number];
            if !group.members.contains_key(&client.id) || client.epoch == 0 {
                continue;
            }
            for partition in consumed {
                let other = owners.insert(*partition, *number);
                assert!(other.is_none(), "{partition:?} has two owners: {other:?} and {number}");
            }
        }
        assert!(group.target_epoch <= group.epoch);
    }

    fn end(&mut self) {
        for _ in 0..90 {
            self.run.seconds(1);
            for number in 0..self.clients.len() {
                let client = &self.clients[number];
                self.consumed.insert(number, set(&client.owned));
                let request = match client.epoch {
                    0 => client.joins(),
                    _ => ConsumerHeartbeat { owned: Some(client.owned.clone()), ..client.lives() },
                };
                self.hear(number, request);
                self.check();
            }
        }
        let described = self.run.describe_consumers("g").expect("a group");
        assert_eq!(described.state, GroupState::Stable, "{described:?}");
        assert_eq!(described.members.len(), self.clients.len());
        let wanted: BTreeSet<_> =
            described.members.iter().flat_map(|it| it.target.iter()).map(|(name, _)| name).collect();
        let all: i32 = wanted
            .iter()
            .map(|name| Metadata::topic(&*self.run.topics, name.as_str()).map_or(0, |it| it.partitions))
            .sum();
        let owned: usize = self.clients.iter().map(Client::count).sum();
        assert_eq!(i32::try_from(owned), Ok(all), "everything is consumed");
        self.run.fail_over();
    }
}

#[test]
fn random_members_never_share_a_partition_and_come_to_rest() {
    let mut joins = 0;
    for seed in 0..20 {
        let mut members = Members::new(seed);
        for _ in 0..300 {
            members.step();
        }
        members.end();
        joins += members.joins;
    }
    assert!(joins > 300, "{joins} joins");
}
