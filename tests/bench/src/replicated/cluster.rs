//! The two clusters under load.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_compat::{Broker, Cluster, Deadline, Kind, Spec, pause};

use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::requests::all_serve;
use crate::route::Routes;
use crate::subject::{JAVA_FLAGS, megabytes, pid};
use crate::usage;

pub(crate) const NODES: usize = 3;
const REPLICAS: i16 = 3;
const CONFIGS: [(&str, &str); 1] = [("min.insync.replicas", "2")];
/// How long replicas may take to be in sync, and files to go.
pub(crate) const LIMIT: Duration = Duration::from_secs(180);
/// How often a cluster is asked again for what is not so yet.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// One cluster, and whose it is.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    pub(crate) cluster: Cluster,
}

/// Both clusters; they run during all rounds and take turns.
#[derive(Debug)]
pub(crate) struct Clusters(pub(crate) Vec<Subject>);

impl Subject {
    pub(crate) fn start(kind: Kind) -> Result<Self> {
        Self::start_with(kind, &[])
    }

    /// The same with settings of one's own.
    pub(crate) fn start_with(kind: Kind, settings: &[(&str, &str)]) -> Result<Self> {
        let spec = Spec::new(kind)
            .java_flags(&JAVA_FLAGS)
            .set("log.segment.delete.delay.ms", "0")
            .set("auto.create.topics.enable", "false");
        let spec = settings.iter().fold(spec, |spec, (key, value)| spec.set(key, value));
        Ok(Self { kind, cluster: Cluster::start_specs(vec![spec; NODES])? })
    }

    /// A broker that runs.
    pub(crate) fn running(&self) -> Result<&Broker> {
        self.cluster.nodes().iter().find(|node| node.pid().is_some()).context("no broker runs")
    }

    /// Creates topics and waits until all replicas are in sync.
    pub(crate) fn create(&self, topics: &[String], partitions: i32) -> Result<()> {
        for some in topics.chunks(5) {
            // Where the controller moves meanwhile, the request is carried out twice, and the second answer comes, with
            // both brokers; that the topics are there is seen below.
            if let Err(error) = self.running()?.create_replicated(some, partitions, REPLICAS, &CONFIGS) {
                ensure!(error.to_string().contains("already exists"), error);
            }
        }
        self.cluster.wait_until_in_sync(topics, LIMIT)?;
        let deadline = Deadline::after(LIMIT);
        for topic in topics {
            // What metadata says may come before the broker that it names acts on it.
            while !self.is_served(topic)? {
                ensure!(deadline.left().is_some(), "some partitions of {topic} do not serve");
                pause(TRY_EVERY);
            }
        }
        Ok(())
    }

    fn is_served(&self, topic: &str) -> Result<bool> {
        let topics = [topic.to_owned()];
        let mut leaders = self.routes(topic)?.by_leader().into_iter();
        leaders.try_fold(true, |so_far, (leader, led)| Ok(so_far && all_serve(leader, &topics, &led)?))
    }

    /// Deletes a topic and waits until its files are gone everywhere, so that the next round is quiet.
    pub(crate) fn delete(&self, topic: &str) -> Result<()> {
        self.running()?.delete_topic(topic)?;
        let start = format!("{topic}-");
        let deadline = Deadline::after(LIMIT);
        for node in self.cluster.nodes() {
            let has_files = || -> Result<bool> {
                let mut names = std::fs::read_dir(node.data())?.filter_map(Result::ok);
                Ok(names.any(|entry| entry.file_name().to_string_lossy().starts_with(&start)))
            };
            while has_files()? {
                ensure!(deadline.left().is_some(), "the files of {topic} stay");
                pause(TRY_EVERY);
            }
        }
        Ok(())
    }

    /// Who leads the partitions of a topic.
    pub(crate) fn routes(&self, topic: &str) -> Result<Routes> {
        let views = self.cluster.partitions(topic)?;
        let leaders = views.into_iter().map(|view| {
            let leader = usize::try_from(view.leader.context("a partition without a leader")?)?;
            Ok(self.cluster.nodes()[leader - 1].address())
        });
        Ok(Routes::new(leaders.collect::<Result<_>>()?))
    }

    /// CPU time of all brokers that run.
    pub(crate) fn cpu_time(&self) -> Result<Duration> {
        let running = self.cluster.nodes().iter().filter_map(Broker::pid);
        running.map(usage::cpu_time).sum()
    }
}

impl Clusters {
    pub(crate) fn start(options: &Options) -> Result<Self> {
        Ok(Self(options.kinds().into_iter().map(Subject::start).collect::<Result<_>>()?))
    }

    /// Memory of the broker that has most, now and at its highest.
    pub(crate) fn measure_memory_after(&self, report: &mut Report) -> Result<()> {
        for subject in &self.0 {
            let (mut now, mut highest) = (0, 0);
            for node in subject.cluster.nodes() {
                let (own, own_highest) = usage::memory(pid(node)?)?;
                (now, highest) = (now.max(own), highest.max(own_highest));
            }
            report
                .row("replicated: RSS of a broker", Unit::Megabytes, Goal::None)
                .add(subject.kind, megabytes(now));
            let row = report.row("replicated: RSS at its highest", Unit::Megabytes, Goal::None);
            row.add(subject.kind, megabytes(highest));
        }
        Ok(())
    }
}
