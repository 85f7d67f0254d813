//! Connect, distributed: two workers move lines from a file through a topic to another file, while workers and brokers
//! are killed. Its own topics are compacted ones, its group has a protocol of its own.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests_compat::{Cluster, Service, free_port, rest};

use super::wait_for;

const TOPIC: &str = "lines";
/// Lines written between two faults.
const LINES: usize = 500;

/// One worker, and where it is asked.
struct Worker {
    service: Service,
    port: u16,
}

impl Worker {
    fn start(cluster: &Cluster) -> Result<Self> {
        let port = free_port()?;
        let service = Service::new(
            "org.apache.kafka.connect.cli.ConnectDistributed",
            &[
                ("bootstrap.servers", &cluster.bootstrap()),
                ("group.id", "workers"),
                ("listeners", &format!("http://127.0.0.1:{port}")),
                ("key.converter", "org.apache.kafka.connect.storage.StringConverter"),
                ("value.converter", "org.apache.kafka.connect.storage.StringConverter"),
                ("config.storage.topic", "connect-configs"),
                ("offset.storage.topic", "connect-offsets"),
                ("status.storage.topic", "connect-status"),
                ("config.storage.replication.factor", "3"),
                ("offset.storage.replication.factor", "3"),
                ("status.storage.replication.factor", "3"),
                ("offset.flush.interval.ms", "500"),
                ("plugin.discovery", "only_scan"),
                ("session.timeout.ms", "6000"),
                ("heartbeat.interval.ms", "500"),
                ("scheduled.rebalance.max.delay.ms", "1000"),
            ],
        )?;
        let mut worker = Self { service, port };
        worker.service.start()?;
        Ok(worker)
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let (status, answer) = rest(method, self.port, path, body)?;
        ensure!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        Ok(answer)
    }

    fn wait_until_up(&self) -> Result<()> {
        wait_for("the worker serves", &[&self.service], || self.ask("GET", "/connectors", None).map(Some))
            .map(drop)
    }

    /// Makes a connector, as soon as the workers have a leader that takes it.
    fn create(&self, name: &str, config: &Value) -> Result<()> {
        let path = format!("/connectors/{name}/config");
        wait_for("it is made", &[&self.service], || self.ask("PUT", &path, Some(config)).map(Some)).map(drop)
    }

    /// Waits until a connector and its only task run.
    fn wait_until_running(&self, name: &str) -> Result<()> {
        let path = format!("/connectors/{name}/status");
        wait_for(&format!("{name} runs"), &[&self.service], || {
            let status = self.ask("GET", &path, None)?;
            let runs = |of: &Value| of["state"] == "RUNNING";
            let tasks = status["tasks"].as_array().context("tasks")?;
            Ok((runs(&status["connector"]) && tasks.len() == 1 && runs(&tasks[0])).then_some(()))
        })
    }
}

/// The file that is read, the file that is written, and how many lines the first has.
struct Files {
    folder: TempDir,
    written: usize,
}

impl Files {
    fn source(&self) -> PathBuf {
        self.folder.path().join("source.txt")
    }

    fn sink(&self) -> PathBuf {
        self.folder.path().join("sink.txt")
    }

    fn append(&mut self) -> Result<()> {
        let mut file = File::options().create(true).append(true).open(self.source())?;
        let lines: String =
            (self.written..self.written + LINES).map(|line| format!("line {line}\n")).collect();
        file.write_all(lines.as_bytes())?;
        self.written += LINES;
        Ok(())
    }

    /// Waits until everything arrived: each line at least once, the first of each in order.
    fn wait_until_there(&self, workers: &[&Worker]) -> Result<()> {
        let services: Vec<_> = workers.iter().map(|worker| &worker.service).collect();
        let expected: Vec<_> = (0..self.written).map(|line| format!("line {line}")).collect();
        let mut last = 0;
        wait_for(&format!("{} lines arrived", self.written), &services, || {
            let found = first_of_each(&self.sink())?;
            last = found.len();
            ensure!(last >= expected.len(), "{last} lines");
            assert_eq!(found, expected, "in order");
            Ok(Some(()))
        })
    }
}

/// The lines of a file without those that were there before. The last one may not be whole yet.
fn first_of_each(path: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(path)?;
    let mut seen = BTreeSet::new();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    Ok(whole.lines().filter(|line| seen.insert(*line)).map(str::to_owned).collect())
}

#[test]
fn lines_arrive_while_workers_and_brokers_are_killed() -> Result<()> {
    let mut cluster = Cluster::resilient()?;
    cluster.nodes()[0].create_replicated(&[TOPIC.to_owned()], 1, 3, &[])?;
    let mut files = Files { folder: tempfile::tempdir()?, written: 0 };
    let mut workers = [Worker::start(&cluster)?, Worker::start(&cluster)?];
    workers.iter().try_for_each(Worker::wait_until_up)?;
    files.append()?;
    let [source, sink] = [files.source(), files.sink()].map(|path| path.display().to_string());
    let connector = |class: &str, file: &str, topic: &str| {
        let class = format!("org.apache.kafka.connect.file.FileStream{class}Connector");
        json!({"connector.class": class, "tasks.max": "1", "file": file, topic: TOPIC})
    };
    workers[0].create("from-file", &connector("Source", &source, "topic"))?;
    workers[1].create("to-file", &connector("Sink", &sink, "topics"))?;
    for name in ["from-file", "to-file"] {
        workers[0].wait_until_running(name)?;
    }
    files.wait_until_there(&[&workers[0], &workers[1]])?;

    for victim in 0..2 {
        files.append()?;
        workers[victim].service.kill()?;
        files.append()?;
        files.wait_until_there(&[&workers[1 - victim]])?;
        workers[victim].service.start()?;
        workers[victim].wait_until_up()?;
    }
    for victim in 1..=3 {
        files.append()?;
        cluster.node(victim).kill()?;
        files.append()?;
        files.wait_until_there(&[&workers[0], &workers[1]])?;
        cluster.launch()?;
        cluster.wait_until_in_sync(&[TOPIC.to_owned()], super::LIMIT)?;
    }
    for worker in &mut workers {
        worker.service.stop()?;
    }
    Ok(())
}
