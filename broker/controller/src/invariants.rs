//! Random sequences of requests against a small cluster; after every record what must always hold is checked.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec,
    vec::Vec,
};
use core::time::Duration;

use broker_coordinator::Shard;
use broker_metadata::{LeaderRecovery, MetadataVersion, Partition};
use broker_protocol::{
    Str,
    records::metadata::{ConfigRecord, FeatureLevelRecord, MetadataRecord},
};
use broker_types::{BrokerId, PartitionId, Random, ReplyId, TopicId};

use crate::{
    AlterPartition, AlterReassignments, Controller, ElectLeaders, ElectionType, IsrChange, IsrMember,
    Reassignment, Request, Suspect,
    testing::{Cluster, registration},
};

const BROKERS: [i32; 5] = [1, 2, 3, 4, 5];

type Partitions = BTreeMap<(TopicId, PartitionId), Partition>;

struct Run {
    cluster: Cluster,
    random: Random,
    lives: BTreeMap<i32, u8>,
    /// Brokers that want to stop; most of them do so until they start again.
    stopping: BTreeSet<i32>,
    /// What was tried, for the message of a failure.
    steps: Vec<String>,
    completed_moves: usize,
    unclean: usize,
}

fn partitions(cluster: &Cluster) -> Partitions {
    let all = cluster.image.topics().partitions();
    all.map(|(topic, index, partition)| ((topic.id(), index), partition.clone())).collect()
}

impl Run {
    fn new(seed: u64, keeps_elr: bool, allow_unclean: bool) -> Self {
        let mut cluster = Cluster::with_brokers(&BROKERS);
        cluster.create("t", &[&[1, 2, 3], &[2, 3, 4], &[5, 1, 2]]);
        cluster.create("u", &[&[3, 4], &[4, 5]]);
        let config = |kind, resource: &str, name: &str, value: &str| {
            let (resource_name, name, value) = (Str::from(resource), Str::from(name), Some(Str::from(value)));
            MetadataRecord::from(ConfigRecord { resource_type: kind, resource_name, name, value })
        };
        cluster.replay(&[config(4, "", "min.insync.replicas", "2")]);
        if allow_unclean {
            cluster.replay(&[config(2, "t", "unclean.leader.election.enable", "true")]);
        }
        if keeps_elr {
            let name = Str::from("eligible.leader.replicas.version");
            cluster.replay(&[FeatureLevelRecord { name, feature_level: 1 }.into()]);
        }
        let lives = BROKERS.iter().map(|id| (*id, 1)).collect();
        Self {
            cluster,
            random: Random::new(seed),
            lives,
            stopping: BTreeSet::new(),
            steps: vec![],
            completed_moves: 0,
            unclean: 0,
        }
    }

    fn broker(&mut self) -> i32 {
        BROKERS[self.random.index(BROKERS.len())]
    }

    fn chance(&mut self, of: u64) -> bool {
        self.random.below(of) == 0
    }

    /// Some brokers, each at most once.
    fn some(&mut self) -> Vec<i32> {
        let mut ids = BROKERS.to_vec();
        self.random.shuffle(&mut ids);
        ids.truncate(1 + self.random.index(4));
        ids
    }

    fn any_partition(&mut self) -> ((TopicId, PartitionId), Partition) {
        let all = partitions(&self.cluster);
        let index = self.random.index(all.len());
        all.into_iter().nth(index).expect("there are partitions")
    }

    fn request(&mut self) -> Request {
        match self.random.below(20) {
            0..8 => self.alter_partition(),
            8..14 => self.heartbeat(),
            14 | 15 => self.restart(),
            16 => {
                let kind = if self.chance(2) { ElectionType::Preferred } else { ElectionType::Unclean };
                Request::ElectLeaders(ElectLeaders { kind, topics: None })
            }
            17 => {
                let broker = self.broker();
                let epoch = self.cluster.epoch(broker);
                Request::Suspect(Suspect { broker: BrokerId::new(broker), epoch })
            }
            _ => self.reassign(),
        }
    }

    fn alter_partition(&mut self) -> Request {
        let ((topic, index), partition) = self.any_partition();
        let broker = match partition.leader {
            Some(leader) if !self.chance(8) => leader,
            _ => BrokerId::new(self.broker()),
        };
        let mut isr: Vec<_> = partition.replicas.to_vec();
        let kept = if self.chance(2) { isr.len() } else { 1 + self.random.index(isr.len()) };
        self.random.shuffle(&mut isr);
        isr.truncate(kept);
        if !isr.contains(&broker) && !self.chance(8) {
            isr.push(broker);
        }
        let recovering = isr.len() == 1 && self.chance(2);
        let change = IsrChange {
            partition: index,
            leader_epoch: partition.leader_epoch,
            partition_epoch: partition.partition_epoch,
            isr: isr.iter().map(|id| IsrMember { broker: *id, epoch: None }).collect(),
            recovery: if recovering { partition.recovery } else { LeaderRecovery::Recovered },
        };
        let epoch = self.cluster.epoch(broker.get());
        Request::AlterPartition(AlterPartition { broker, epoch, topics: vec![(topic, vec![change])] })
    }

    fn heartbeat(&mut self) -> Request {
        let broker = self.broker();
        if self.chance(8) {
            self.stopping.insert(broker);
        }
        Request::Heartbeat(crate::Heartbeat {
            broker: BrokerId::new(broker),
            epoch: self.cluster.epoch(broker),
            metadata_offset: self.cluster.image.last_offset(),
            want_fence: self.chance(4),
            want_shut_down: self.stopping.contains(&broker) && !self.chance(5),
            offline_log_dirs: vec![],
            cordoned_log_dirs: None,
        })
    }

    fn restart(&mut self) -> Request {
        let broker = self.broker();
        self.cluster.pass(Duration::from_secs(10));
        self.stopping.remove(&broker);
        let life = self.lives.entry(broker).or_default();
        *life = life.wrapping_add(1);
        let mut request = registration(broker, *life);
        request.previous_epoch = self.chance(2).then(|| self.cluster.epoch(broker));
        Request::RegisterBroker(request)
    }

    fn reassign(&mut self) -> Request {
        let ((topic, partition), _) = self.any_partition();
        let name = self.cluster.image.topics().get(topic).expect("is there").name().as_str();
        let name = Str::from(name);
        let replicas = if self.chance(3) { None } else { Some(self.some()) };
        let topics = vec![(name, vec![Reassignment { partition, replicas }])];
        let allow_replication_factor_change = self.chance(2);
        Request::AlterReassignments(AlterReassignments { topics, allow_replication_factor_change })
    }

    fn step(&mut self) {
        let records = if self.chance(12) {
            self.cluster.pass(Duration::from_secs(1 + self.random.below(300)));
            self.steps.push("tick".into());
            self.cluster.controller.tick(self.cluster.now, &self.cluster.image).records
        } else {
            let request = self.request();
            self.steps.push(alloc::format!("{request:?}"));
            let Cluster { controller, now, image, .. } = &mut self.cluster;
            controller.handle(*now, image, ReplyId::new(1), request).records
        };
        for record in &records {
            let before = partitions(&self.cluster);
            let offset = self.cluster.image.last_offset().expect("bootstrapped").next();
            Controller::replay(&mut self.cluster.image, offset, record);
            assert_eq!(self.cluster.image.fault(), None, "{:?}", self.steps.last());
            self.check_step(&before, record);
        }
        self.check_rest();
    }

    /// What must hold after each record.
    fn check_step(&mut self, before: &Partitions, record: &MetadataRecord) {
        let last = self.steps.last();
        let after = partitions(&self.cluster);
        assert_eq!(before.len(), after.len());
        for (id, now) in &after {
            let was = &before[id];
            let context = || alloc::format!("{id:?} {was:?} -> {now:?} by {record:?} of {last:?}");
            if was == now {
                continue;
            }
            assert_eq!(now.partition_epoch, was.partition_epoch.next(), "{}", context());
            let dropped = was.replicas.iter().any(|id| !now.replicas.contains(id));
            if was.leader != now.leader || dropped {
                assert_eq!(now.leader_epoch, was.leader_epoch.next(), "{}", context());
            }
            assert!(now.isr.iter().all(|id| now.replicas.contains(id)), "{}", context());
            assert!(now.elr.iter().all(|id| now.replicas.contains(id)), "{}", context());
            assert!(!now.elr.iter().any(|id| now.isr.contains(id)), "{}", context());
            assert!(now.leader.is_none_or(|leader| now.isr.contains(&leader)), "{}", context());
            assert_eq!(now.directories.len(), now.replicas.len(), "{}", context());
            let mut replicas = now.replicas.to_vec();
            replicas.sort_unstable();
            replicas.dedup();
            assert_eq!(replicas.len(), now.replicas.len(), "{}", context());
            assert!(
                now.adding.iter().chain(&*now.removing).all(|id| now.replicas.contains(id)),
                "{}",
                context()
            );
            let recovers = now.recovery == LeaderRecovery::Recovering;
            assert!(!recovers || now.isr.len() <= 1, "{}", context());
            // A new leader had everything, or it recovers. A move that ends takes the new ISR in the same change.
            let ends = was.is_reassigning() && !now.is_reassigning();
            let complete = |id: &BrokerId| was.isr.contains(id) || was.elr.contains(id);
            let elected = now.leader.filter(|_| was.leader != now.leader);
            let kept_all = ends || elected.is_none_or(|leader| complete(&leader));
            assert!(kept_all || recovers, "{}", context());
            self.unclean += usize::from(elected.is_some() && recovers);
            self.completed_moves += usize::from(ends);
        }
    }

    /// What must hold once all records of a request are replayed.
    fn check_rest(&self) {
        let cluster = self.cluster.image.cluster();
        for ((_, index), partition) in partitions(&self.cluster) {
            let context = || alloc::format!("{index} {partition:?} after {:?}", self.steps.last());
            let live = partition.isr.iter().any(|id| cluster.is_active(*id));
            assert!(partition.leader.is_some() || !live, "{}", context());
            assert!(partition.leader.is_none_or(|leader| cluster.is_active(leader)), "{}", context());
        }
    }
}

#[test]
fn random_requests_keep_what_must_always_hold() {
    let (mut completed, mut unclean) = (0, 0);
    for seed in 0..60 {
        let mut run = Run::new(seed, seed % 2 == 0, seed % 3 == 0);
        for _ in 0..400 {
            run.step();
        }
        completed += run.completed_moves;
        unclean += run.unclean;
    }
    assert!(completed > 100 && unclean > 20, "{completed} moves, {unclean} unclean elections");
}

#[test]
fn the_epoch_follows_a_shrinking_isr_only_where_brokers_rely_on_it() {
    for (level, expected) in [(11, 1), (12, 0)] {
        let mut cluster = Cluster::with_brokers(&[1, 2]);
        cluster.create("t", &[&[1, 2]]);
        let name = Str::from(MetadataVersion::FEATURE);
        cluster.replay(&[FeatureLevelRecord { name, feature_level: level }.into()]);
        cluster.beat(2, |beat| beat.want_fence = true);
        let partition = partitions(&cluster).into_values().next().expect("is there");
        assert_eq!((partition.isr.len(), partition.leader_epoch.get()), (1, expected));
    }
}
