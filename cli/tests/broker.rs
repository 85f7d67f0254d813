//! The binary as people use it: a broker, a topic, records in and out, and a kill in between.
#![allow(clippy::unwrap_used, reason = "a test ends where it finds something else")]

use std::{
    io::Write as _,
    net::TcpListener,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

fn klamm() -> Command {
    Command::new(env!("CARGO_BIN_EXE_klamm"))
}

/// Ports that are free now, all different.
fn ports<const N: usize>() -> [u16; N] {
    let held: Vec<_> = (0..N).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    std::array::from_fn(|at| held[at].local_addr().unwrap().port())
}

/// Writes the properties of a broker on these ports.
fn properties(folder: &Path, [plain, controller, admin]: [u16; 3]) -> PathBuf {
    let file = folder.join("server.properties");
    let properties = format!(
        "process.roles=broker,controller\nnode.id=1\nlog.dirs={}\n\
         listeners=PLAINTEXT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners=PLAINTEXT://127.0.0.1:{plain}\n\
         controller.listener.names=CONTROLLER\n\
         controller.quorum.bootstrap.servers=127.0.0.1:{controller}\nklamm.admin.listener=127.0.0.1:{admin}\n",
        folder.join("data").display()
    );
    std::fs::write(&file, properties).unwrap();
    file
}

/// Looks again and again at what another process does.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..3000 {
        if is_so() {
            return;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(20));
    }
    panic!("not within a minute: {what}");
}

struct Broker {
    process: Child,
    address: String,
}

impl Broker {
    fn start(folder: &Path, ports: [u16; 3]) -> Self {
        let [plain, _, admin] = ports;
        let file = properties(folder, ports);
        let process = klamm()
            .arg("broker")
            .arg(&file)
            .args(["--override", "num.partitions=2"])
            .env("KLAMM_BOOTSTRAP", "standalone")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_until("it is ready", || is_ready(admin));
        Self { process, address: format!("127.0.0.1:{plain}") }
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut process = klamm()
            .args(arguments)
            .env("KLAMM_BOOTSTRAP_SERVERS", &self.address)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        process.wait_with_output().unwrap()
    }

    fn stdout(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // Dead already, when the test killed it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn is_ready(admin: u16) -> bool {
    use std::io::Read as _;
    let ask = || {
        let mut connection = std::net::TcpStream::connect(("127.0.0.1", admin))?;
        connection.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        std::io::Result::Ok(answer.starts_with("HTTP/1.1 200 "))
    };
    ask().unwrap_or(false)
}

const RECORDS: &str = concat!(
    r#"{"key":"a","value":"first","headers":[["h","1"],["h",null]]}"#,
    "\n",
    r#"{"key":{"base64":"/w=="},"value":null}"#,
    "\n",
);

fn without_time(lines: &str) -> Vec<Value> {
    let parse = |line: &str| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        record.as_object_mut().unwrap().remove("timestamp");
        record
    };
    lines.lines().map(parse).collect()
}

#[test]
fn records_come_back_as_they_went_in_and_outlive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let ports = ports();
    let broker = Broker::start(folder.path(), ports);
    let created = broker.stdout(&["topic", "create", "orders", "-c", "retention.ms=100000"], "");
    assert!(created.starts_with("created topic orders with id "), "{created}");
    broker.stdout(&["produce", "-t", "orders", "--partition", "1"], RECORDS);
    let read = ["consume", "-t", "orders", "--from-beginning", "--to-end"];
    let before = broker.stdout(&read, "");
    let records = without_time(&before);
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["headers"], serde_json::json!([["h", "1"], ["h", null]]));
    assert_eq!(records[1]["key"], serde_json::json!({"base64": "/w=="}));
    assert_eq!((&records[1]["partition"], &records[1]["offset"]), (&1.into(), &1.into()));

    // What consume prints, produce reads.
    broker.stdout(&["topic", "create", "copy", "--partitions", "2"], "");
    broker.stdout(&["produce", "-t", "copy"], &before);
    let copy = ["consume", "-t", "copy", "--from-beginning", "--to-end"];
    assert_eq!(broker.stdout(&copy, ""), before);

    broker.kill();
    let broker = Broker::start(folder.path(), ports);
    assert_eq!(broker.stdout(&read, ""), before);
    let listed: Value = serde_json::from_str(&broker.stdout(&["topic", "list", "-o", "json"], "")).unwrap();
    assert_eq!(
        (&listed[0]["name"], &listed[1]["name"], &listed[1]["partitions"]),
        (&"copy".into(), &"orders".into(), &2.into())
    );
}

#[test]
fn generated_records_have_one_digest_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(folder.path(), ports());
    broker.stdout(&["topic", "create", "load", "-p", "3"], "");
    let generate = ["produce", "-t", "load", "--generate", "5000", "--size", "200", "--compression", "lz4"];
    let produced = broker.stdout(&generate, "");
    let consumed = broker.stdout(&["consume", "-t", "load", "--from-beginning", "--to-end", "--digest"], "");
    assert_eq!(produced, consumed);
    assert!(produced.starts_with(r#"{"records":5000,"#), "{produced}");
    let wrong = broker.run(&["produce", "-t", "load"], "{\"nonsense\":1}\n");
    assert!(!wrong.status.success());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("line 1"), "{wrong:?}");
}

#[test]
fn a_broker_says_in_one_line_what_it_cannot_use() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.properties");
    std::fs::write(&file, "zookeeper.connect=localhost:2181\nnode.id=1\n").unwrap();
    let output = klamm().arg("broker").arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.lines().last().is_some_and(|line| line.contains("zookeeper.connect")), "{said}");
}

#[test]
fn a_daemon_stays_when_its_script_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let ports = ports();
    let file = properties(folder.path(), ports);
    let script = klamm()
        .arg0("kafka-server-start.sh")
        .arg("-daemon")
        .arg(&file)
        .args(["--override", "num.partitions=2"])
        .env("KLAMM_BOOTSTRAP", "standalone")
        .env("LOG_DIR", folder.path().join("logs"))
        .status();
    assert!(script.unwrap().success());
    wait_until("it is ready", || is_ready(ports[2]));
    let log = std::fs::read_to_string(folder.path().join("logs/kafkaServer.out")).unwrap();
    assert!(log.contains("serving"), "{log}");

    kill_process(daemon(&file), Signal::TERM).unwrap();
    let mark = folder.path().join("data/.kafka_cleanshutdown");
    wait_until("it has stopped cleanly", || mark.exists());
}

/// The process that was given `file`.
fn daemon(file: &Path) -> Pid {
    let is_it = |folder: &Path| {
        let line = std::fs::read_to_string(folder.join("cmdline")).unwrap_or_default();
        line.split('\0').any(|word| Path::new(word) == file)
    };
    let mut processes = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let found = processes.find(|folder| is_it(folder)).expect("the daemon runs");
    Pid::from_raw(found.file_name().unwrap().to_str().unwrap().parse().unwrap()).unwrap()
}
