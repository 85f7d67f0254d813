//! The README's examples do what it says: every `sh` block is run as it stands, in order, against its own `klamm up`, and
//! prints what the `text` block behind it shows (`…` stands for what differs from run to run).
//!
//! Blocks marked `sh kubernetes` are run by `tests/cluster`; here what they name must be there.
#![allow(clippy::unwrap_used, reason = "a test ends where it finds something else")]

#[path = "support/process.rs"]
mod process;

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use process::Up;
use rustix::process::Signal;
use tests_tidy::{
    manifest::documents,
    markdown::{Block, blocks},
    repository,
};

/// The two commands that are not run as they stand: this test has built the program already, and is among the tests.
const UP: &str = "cargo run --release -- up";
const TESTS: &str = "tests/run";
/// Where the README finds the cluster.
const ADDRESSES: [&str; 2] = ["127.0.0.1:9092", "localhost:9092"];

/// A place like the top of the repository, with `klamm` on the path.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["examples", "charts"] {
            symlink(repository().join(name), folder.path().join(name)).unwrap();
        }
        fs::create_dir(folder.path().join("bin")).unwrap();
        symlink(env!("CARGO_BIN_EXE_klamm"), folder.path().join("bin/klamm")).unwrap();
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A shell that runs `text` here.
    fn shell(&self, text: &str) -> Command {
        let mut command = Command::new("bash");
        let path = std::env::var("PATH").unwrap();
        command.args(["-euo", "pipefail", "-c", text]).current_dir(self.path());
        command.env("PATH", format!("{}:{path}", self.path().join("bin").display()));
        command.env("XDG_DATA_HOME", self.path().join("home"));
        command
    }
}

fn readme() -> Vec<Block> {
    blocks(&fs::read_to_string(repository().join("README.md")).unwrap())
}

fn is_kubernetes(block: &Block) -> bool {
    block.is("kubernetes")
}

/// Whether `line` is what `shown` says, `…` standing for anything.
fn is_as_shown(line: &str, shown: &str) -> bool {
    let pieces: Vec<_> = shown.split('…').collect();
    let [first, middle @ .., last] = &pieces[..] else { return line.trim_end() == shown.trim_end() };
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    for piece in middle {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// Asserts that the shown lines come in their order.
fn assert_shown(block: &Block, shown: &str, printed: &str) {
    let mut lines = printed.lines();
    for wanted in shown.lines().filter(|line| *line != "…") {
        assert!(
            lines.any(|line| is_as_shown(line, wanted)),
            "README.md:{}: '{wanted}' was not printed there, but:\n{printed}",
            block.line
        );
    }
}

#[test]
fn every_example_does_what_the_readme_says() {
    let place = Place::new();
    let mut up: Option<(Up, String)> = None;
    let mut ran = 0;
    let blocks = readme();
    for (at, block) in blocks.iter().enumerate().filter(|(_, block)| block.is("sh") && !is_kubernetes(block))
    {
        match block.text.trim() {
            UP => {
                let mut started = Up::spawn(&mut place.shell("exec klamm up"));
                let bootstrap = started.until("bootstrap:");
                started.until("topic my-topic: created");
                up = Some((started, bootstrap));
            }
            TESTS => assert!(repository().join(TESTS).exists()),
            text => {
                let (_, bootstrap) = up.as_ref().expect("the README starts a cluster first");
                let text =
                    ADDRESSES.iter().fold(text.to_owned(), |text, address| text.replace(address, bootstrap));
                let output = place.shell(&text).env("KLAMM_BOOTSTRAP_SERVERS", bootstrap).output().unwrap();
                let printed = String::from_utf8_lossy(&output.stdout);
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "README.md:{}: {text}\n{printed}{said}", block.line);
                if let Some(shown) = blocks.get(at + 1).filter(|next| next.is("text")) {
                    assert_shown(block, &shown.text, &printed);
                }
                ran += 1;
            }
        }
    }
    assert!(ran >= 4, "only {ran} examples were run");
    let (up, _) = up.expect("the README starts a cluster");
    up.signal(Signal::INT);
    assert_eq!(up.end().0, Some(0));
}

#[test]
fn the_manifests_are_taken_by_klamm_up() {
    let place = Place::new();
    let cluster = fs::read_to_string(place.path().join("examples/quickstart.yaml")).unwrap();
    let cluster = cluster.split("\n---\n").next().unwrap();
    for block in readme().iter().filter(|block| block.is("yaml")) {
        fs::write(place.path().join("shown.yaml"), format!("{cluster}\n---\n{}", block.text)).unwrap();
        let mut up = Up::spawn(&mut place.shell("exec klamm up --file shown.yaml --data shown"));
        for manifest in documents(&block.text) {
            up.until(&format!("topic {}: created", manifest["metadata"]["name"].as_str().unwrap()));
        }
        up.signal(Signal::INT);
        assert_eq!(up.end().0, Some(0));
    }
}

#[test]
fn what_the_commands_for_kubernetes_name_is_there() {
    let blocks = readme();
    let text: String =
        blocks.iter().filter(|block| is_kubernetes(block)).map(|block| block.text.as_str()).collect();
    let mut applied = Vec::new();
    for word in text.split_whitespace() {
        let path: PathBuf = repository().join(word);
        if word.ends_with(".yaml") {
            applied.extend(documents(&fs::read_to_string(&path).unwrap()));
        } else if word.starts_with("charts/") {
            assert!(path.join("Chart.yaml").exists(), "{word} is a chart");
        } else if let Some((kind, name)) = word.split_once('/') {
            let is_it = |manifest: &serde_json::Value| {
                let is_kind = manifest["kind"].as_str().is_some_and(|found| found.eq_ignore_ascii_case(kind));
                is_kind && manifest["metadata"]["name"] == name
            };
            assert!(applied.iter().any(is_it), "{word} was not applied before");
        }
    }
    assert!(!applied.is_empty());
}

/// What prose calls a command of `klamm` is one.
#[test]
fn commands_that_are_named_exist() {
    let text = fs::read_to_string(repository().join("README.md")).unwrap();
    let place = Place::new();
    let mut named: Vec<&str> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|code| code.strip_prefix("klamm ")?.split_whitespace().next())
        .collect();
    named.sort_unstable();
    named.dedup();
    assert!(named.contains(&"broker"), "{named:?}");
    for command in named {
        let output = place.shell(&format!("klamm {command} --help")).output().unwrap();
        assert!(output.status.success(), "klamm {command}");
    }
}

#[test]
fn what_differs_is_left_open() {
    assert!(is_as_shown("a id 5 end", "a id … end") && is_as_shown("a 5", "a …") && is_as_shown("a ", "a"));
    assert!(!is_as_shown("ab", "a") && !is_as_shown("a id 5 ending", "a id … end"));
}
