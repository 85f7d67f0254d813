//! Kafka's own scripts by name, against `klamm up`: what they print and how they end is what Apache Kafka's print.
#![allow(clippy::unwrap_used, reason = "a test ends where it finds something else")]

#[path = "support/process.rs"]
mod process;

use std::{
    io::Write as _,
    os::unix::{fs::symlink, process::CommandExt as _},
    path::Path,
    process::{Command, Output, Stdio},
};

use process::{Up, klamm};
use rustix::process::Signal;

/// A cluster and the scripts.
struct Place {
    folder: tempfile::TempDir,
    up: Up,
    bootstrap: String,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cluster.yaml");
        std::fs::write(&file, include_str!("../../examples/quickstart.yaml")).unwrap();
        let mut up = Up::spawn(
            klamm().arg("up").arg("--file").arg(file).arg("--data").arg(folder.path().join("data")),
        );
        let bootstrap = up.until("bootstrap:");
        up.until("topic my-topic: created");
        Self { folder, up, bootstrap }
    }

    /// Runs a line such as `kafka-topics.sh --list`, with `input` to read.
    fn run(&self, line: &str, input: &str) -> Output {
        let mut words = line.split(' ');
        let name = words.next().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_klamm"));
        command.arg0(name).args(words).args(["--bootstrap-server", &self.bootstrap]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        // One that refuses its options reads nothing.
        let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
        process.wait_with_output().unwrap()
    }

    /// What it prints, when it ends well.
    fn good(&self, line: &str, input: &str) -> String {
        let output = self.run(line, input);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {said}{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The first line that it says, when it ends badly.
    fn bad(&self, line: &str) -> String {
        let output = self.run(line, "");
        assert_eq!(output.status.code(), Some(1), "{line}");
        let text = [output.stderr, output.stdout].concat();
        String::from_utf8(text).unwrap().lines().next().unwrap_or_default().to_owned()
    }

    fn end(self) {
        self.up.signal(Signal::TERM);
        assert_eq!(self.up.end().0, Some(0));
        drop(self.folder);
    }
}

#[test]
fn topics_are_created_grown_described_and_deleted() {
    let place = Place::new();
    assert_eq!(place.good("kafka-topics.sh --create --topic a --partitions 1", ""), "Created topic a.\n");
    assert_eq!(
        place.bad("kafka-topics.sh --create --topic a"),
        "Error while executing topic command : Topic 'a' already exists."
    );
    // The list names the brokers of all partitions; what is there is passed over.
    let alter = "kafka-topics.sh --alter --topic a --partitions";
    assert_eq!(place.good(&format!("{alter} 3 --replica-assignment 0,0,0"), ""), "");
    assert_eq!(
        place.bad(&format!("{alter} 5 --replica-assignment 0,0,0,9,9")),
        "Error while executing topic command : The manual partition assignment includes broker 9, but no such broker \
         is registered."
    );
    assert_eq!(
        place.bad(&format!("{alter} 5 --replica-assignment 0")),
        "Error while executing topic command : Attempted to add 2 additional partition(s), but only 0 assignment(s) \
         were specified."
    );
    let described = place.good("kafka-topics.sh --describe --topic a", "");
    assert!(described.contains("PartitionCount: 3\tReplicationFactor: 1"), "{described}");
    assert_eq!(described.lines().count(), 4);
    assert_eq!(place.good("kafka-topics.sh --describe --topic a --unavailable-partitions", ""), "");
    assert_eq!(place.good("kafka-topics.sh --delete --topic a", ""), "");
    assert_eq!(place.good("kafka-topics.sh --list", ""), "my-topic\n");
    assert_eq!(place.good("kafka-topics.sh --delete --topic a --if-exists", ""), "");
    place.end();
}

#[test]
fn settings_are_altered_and_described() {
    let place = Place::new();
    let of = |what: &str| format!("kafka-configs.sh --alter --topic my-topic {what}");
    let done = "Completed updating config for topic my-topic.\n";
    assert_eq!(place.good(&of("--add-config retention.ms=7,cleanup.policy=[compact,delete]"), ""), done);
    let described = place.good("kafka-configs.sh --describe --topic my-topic", "");
    let expected = "Dynamic configs for topic my-topic are:\n  cleanup.policy=compact,delete sensitive=false \
                    synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact,delete, ";
    assert!(described.starts_with(expected), "{described}");
    assert_eq!(place.good(&of("--delete-config retention.ms,cleanup.policy"), ""), done);
    let described = place.good("kafka-configs.sh --describe --topic my-topic", "");
    assert_eq!(described.lines().count(), 1, "{described}");
    assert_eq!(
        place.good("kafka-configs.sh --describe --topic nope", ""),
        "The topic 'nope' doesn't exist and doesn't have dynamic config.\n"
    );
    assert_eq!(
        place.bad(&of("--add-config retention.ms")),
        "requirement failed: Invalid entity config: all configs to be added must be in the format \"key=val\" or  \
         \"key=[val1,val2]\" to group values which contain commas."
    );
    assert_eq!(
        place.bad("kafka-configs.sh --alter --broker-logger 0 --add-config nope=DEBUG"),
        "Invalid broker logger(s): nope"
    );
    place.end();
}

#[test]
fn lines_go_in_and_come_out() {
    let place = Place::new();
    let produce = "kafka-console-producer.sh --topic my-topic --reader-property parse.key=true";
    let parse = "--reader-property parse.headers=true --reader-property null.marker=NULL";
    assert_eq!(place.good(&format!("{produce} {parse}"), "a:1,b:NULL\tk\tv\nNULL\tk\tNULL\n"), "");
    let consume = "kafka-console-consumer.sh --topic my-topic --from-beginning --max-messages 2";
    let print = "--formatter-property print.key=true --formatter-property print.headers=true";
    assert_eq!(place.good(&format!("{consume} {print}"), ""), "a:1,b:null\tk\tv\nNO_HEADERS\tk\tnull\n");
    // A topic that nobody makes is waited for as long as was said.
    assert_eq!(
        place.bad("kafka-console-producer.sh --topic nope --max-block-ms 300"),
        "Topic nope not present in metadata after 300 ms."
    );
    // A byte that is no text, and the ends of lines of other systems.
    piped_bytes(&place);
    // Beyond the end it goes on at the end, and waits.
    let beyond = "kafka-console-consumer.sh --topic my-topic --partition 0 --offset 999 --timeout-ms 300";
    assert_eq!(place.good(beyond, ""), "");
    // In a group it goes on where the group is.
    let member = "kafka-console-consumer.sh --topic my-topic --group g --from-beginning";
    assert_eq!(place.good(&format!("{member} --max-messages 1"), ""), "v\n");
    assert_eq!(place.good(&format!("{member} --max-messages 1"), ""), "null\n");
    assert_eq!(
        place.bad(&format!("{member} --partition 0")),
        "Options group and partition cannot be specified together."
    );
    place.end();
}

fn piped_bytes(place: &Place) {
    piped(place, &["topic", "create", "bytes"], b"").unwrap();
    let mut command = klamm();
    command.arg0("kafka-console-producer.sh").args([
        "--bootstrap-server",
        &place.bootstrap,
        "--topic",
        "bytes",
    ]);
    let mut process = command.stdin(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(b"a\xff\r\nb").unwrap();
    assert!(process.wait().unwrap().success());
    let consume = "kafka-console-consumer.sh --topic bytes --from-beginning --max-messages 2";
    assert_eq!(place.good(consume, ""), "a\u{fffd}\nb\n");
}

/// Runs `klamm` with `input`; what it prints when it ends well.
fn piped(place: &Place, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, String> {
    let mut command = klamm();
    command.args(arguments).args(["--bootstrap", &place.bootstrap]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let _ = process.stdin.take().unwrap().write_all(input);
    let output = process.wait_with_output().unwrap();
    if output.status.success() { Ok(output.stdout) } else { Err(String::from_utf8(output.stderr).unwrap()) }
}

#[test]
fn a_topic_is_copied_with_keys_headers_and_bytes() {
    let place = Place::new();
    piped(&place, &["topic", "create", "copy", "--partitions", "2"], b"").unwrap();
    let lines: &[u8] = b"{\"partition\":2,\"timestamp\":5,\"key\":{\"base64\":\"/w==\"},\"value\":\"v\"}\n\
        {\"partition\":1,\"timestamp\":6,\"key\":null,\"value\":null,\"headers\":[[\"h\",\"1\"],[\"h\",null],[\"\",{\"base64\":\"gA==\"}]]}\n";
    piped(&place, &["produce", "--topic", "my-topic"], lines).unwrap();
    let read =
        |topic| piped(&place, &["consume", "--topic", topic, "--from-beginning", "--to-end"], b"").unwrap();
    let all = read("my-topic");
    // The copy has fewer partitions: said at once, and not waited for.
    let refused = piped(&place, &["produce", "--topic", "copy"], &all).unwrap_err();
    assert!(refused.contains("topic 'copy' has no partition 2, only 2"), "{refused}");
    piped(&place, &["produce", "--topic", "copy", "--by-key"], &all).unwrap();
    assert_eq!(without_place(&read("copy")), without_place(lines));
    place.end();
}

/// The lines without partition and offset, sorted.
fn without_place(lines: &[u8]) -> Vec<serde_json::Value> {
    let mut records: Vec<serde_json::Value> = lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    for record in &mut records {
        let record = record.as_object_mut().unwrap();
        record.remove("partition");
        record.remove("offset");
    }
    records.sort_by_key(|record| record["timestamp"].as_i64());
    records
}

#[test]
fn a_shell_is_told_how_to_complete() {
    for (shell, word) in [("bash", "_klamm"), ("zsh", "#compdef klamm"), ("fish", "complete -c klamm")] {
        let output = klamm().args(["completion", shell]).output().unwrap();
        assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains(word), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("kafka-topics.sh");
    symlink(env!("CARGO_BIN_EXE_klamm"), &link).unwrap();
    assert_eq!(called(&link, &["--help"]), Some(0));
    assert_eq!(called(&link, &["--bogus"]), Some(1));
}

fn called(script: &Path, arguments: &[&str]) -> Option<i32> {
    Command::new(script).args(arguments).output().unwrap().status.code()
}
