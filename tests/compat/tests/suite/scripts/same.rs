//! Apache's tool and our script of its name, asked the same: what they say and how they end must be the same.
//!
//! Not compared: stack traces, the texts of usages, and the order of lists, which in Java is a matter of chance.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;
use tests_compat::{Cluster, Output, Tool};

/// Whose turn it is. Each has its own topic, so that both can do the same to it.
#[derive(Clone, Copy)]
enum Side {
    Apache,
    Klamm,
}

impl Side {
    fn topic(self) -> &'static str {
        match self {
            Self::Apache => "topic-of-java",
            Self::Klamm => "topic-of-rust",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Apache => Self::Klamm,
            Self::Klamm => Self::Apache,
        }
    }
}

/// A cluster that both are asked about, and files for them. In arguments and files `BROKERS`, `CONTROLLERS` and `FILES/`
/// stand for addresses and the folder, and `ELSEWHERE` for a controller that is not the active one; `TOPIC` is one that each
/// side has for itself.
pub(super) struct Asked {
    pub(super) cluster: Cluster,
    folder: tempfile::TempDir,
    /// Texts that differ from moment to moment.
    masked: fn(&str) -> String,
    /// Whether what a tool throws is only told by its trace, which ours has none of.
    hides_thrown: bool,
}

/// What a tool said, without what does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) code: Option<i32>,
    pub(super) out: Vec<String>,
    pub(super) err: Vec<String>,
}

impl Asked {
    pub(super) fn new(cluster: Cluster) -> Result<Self> {
        Ok(Self { cluster, folder: tempfile::tempdir()?, masked: str::to_owned, hides_thrown: false })
    }

    /// Lets numbers count as equal: offsets and times that move on by themselves.
    pub(super) fn without_numbers(mut self) -> Self {
        self.masked = |line| {
            let words = line.split_whitespace().map(|word| match word.parse::<i64>() {
                Ok(number) if number >= 0 => "#",
                _ => word,
            });
            words.collect::<Vec<_>>().join(" ")
        };
        self
    }

    /// Lets all words count as equal in which there are digits: rates and times. A rate of what took no time is none.
    pub(super) fn without_figures(mut self) -> Self {
        self.masked = |line| {
            let is_figure = |word: &str| {
                word.contains(|c: char| c.is_ascii_digit())
                    || word.contains("Infinity")
                    || word.contains("NaN")
            };
            let mask = |word| if is_figure(word) { "#" } else { word };
            line.split([' ', '\t']).map(mask).collect::<Vec<_>>().join(" ")
        };
        self
    }

    /// Lets the times of lines of JSON count as equal.
    pub(super) fn without_times(mut self) -> Self {
        self.masked = |line| match serde_json::from_str(line) {
            Ok(Value::Object(mut fields)) => {
                for time in ["timestamp", "avg_throughput"] {
                    fields.entry(time).and_modify(|value| *value = Value::Null);
                }
                Value::Object(fields).to_string()
            }
            _ => line.to_owned(),
        };
        self
    }

    /// Leaves the heads of stack traces out too: of tools that print a trace below what they say.
    pub(super) fn without_thrown(mut self) -> Self {
        self.hides_thrown = true;
        self
    }

    /// Makes each side's topic, with these replicas by partition.
    pub(super) fn create_topic(&self, assignment: &str) -> Result<()> {
        for side in [Side::Apache, Side::Klamm] {
            let words = ["--create", "--topic", side.topic(), "--replica-assignment", assignment];
            self.cluster.tool(Tool::Topics, &words)?;
        }
        let topics = [Side::Apache, Side::Klamm].map(|side| side.topic().to_owned());
        self.cluster.wait_until_in_sync(&topics, std::time::Duration::from_secs(60))
    }

    /// Writes a file for both sides.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<()> {
        for side in [Side::Apache, Side::Klamm] {
            let folder = self.files(side);
            fs::create_dir_all(&folder)?;
            let text = text.replace("TOPIC", side.topic());
            fs::write(folder.join(name), text.replace("FILES", &folder.display().to_string()))?;
        }
        Ok(())
    }

    fn files(&self, side: Side) -> PathBuf {
        self.folder.path().join(side.topic())
    }

    /// Asks both, and gives what they both said.
    pub(super) fn same(&self, tool: Tool, lines: &[&str]) -> Result<Vec<Said>> {
        // Not every script speaks to somebody, and not every cluster runs: it is looked for only where it is named.
        let lines: Vec<_> = match lines.iter().any(|line| line.contains("ELSEWHERE")) {
            true => {
                let elsewhere = self.elsewhere()?;
                lines.iter().map(|line| line.replace("ELSEWHERE", &elsewhere)).collect()
            }
            false => lines.iter().map(|line| (*line).to_owned()).collect(),
        };
        let all = |side| lines.iter().map(|line| self.words(side, line)).collect::<Vec<_>>();
        // These end their process by themselves, and take all others with it, or say something only then.
        let theirs = match tool {
            Tool::Cluster | Tool::VerifiableConsumer | Tool::VerifiableProducer => all(Side::Apache)
                .iter()
                .map(|words| tool.program(&[])?.args(words).run())
                .collect::<Result<_>>()?,
            _ => tool.run_all(&all(Side::Apache))?,
        };
        let mut said = Vec::new();
        let mut differences = Vec::new();
        for ((line, words), theirs) in lines.iter().zip(all(Side::Klamm)).zip(theirs) {
            let ours = tool.shim()?.args(words).run().with_context(|| line.clone())?;
            let [told, _] = self.told(&theirs, &ours);
            differences.extend(self.difference(tool, line, &theirs, &ours));
            said.push(told);
        }
        assert!(differences.is_empty(), "{}", differences.join("\n"));
        Ok(said)
    }

    /// A controller that is not the active one, where there is one.
    fn elsewhere(&self) -> Result<String> {
        let active = self.cluster.leader()?;
        let mut controllers = self.cluster.controllers();
        let other = controllers.find(|node| usize::try_from(node.id()) != Ok(active));
        Ok(other.map(|node| node.controller_address().to_string()).unwrap_or_default())
    }

    fn told(&self, theirs: &Output, ours: &Output) -> [Said; 2] {
        [self.said(Side::Apache, theirs), self.said(Side::Klamm, ours)]
    }

    fn difference(&self, tool: Tool, line: &str, theirs: &Output, ours: &Output) -> Option<String> {
        let [apaches, klamms] = self.told(theirs, ours);
        let shown = |output: &Output| format!("{:?}\n{}{}", output.code, output.stdout, output.stderr);
        (canonical(&apaches) != canonical(&klamms)).then(|| {
            let (theirs, ours) = (shown(theirs), shown(ours));
            format!("{} {line}\n--- Apache\n{theirs}\n--- Klamm\n{ours}", tool.script())
        })
    }

    /// Lets our script do a line for each side's topic.
    pub(super) fn each(&self, tool: Tool, line: &str) -> Result<Vec<Output>> {
        let sides = [Side::Apache, Side::Klamm].into_iter();
        sides.map(|side| tool.shim()?.args(self.words(side, line)).run()).collect()
    }

    fn words(&self, side: Side, line: &str) -> Vec<String> {
        let controllers: Vec<_> =
            self.cluster.controllers().map(|node| node.controller_address().to_string()).collect();
        let word = |word: &str| {
            word.replace("BROKERS", &self.cluster.bootstrap())
                .replace("CONTROLLERS", &controllers.join(","))
                .replace("FILES", &self.files(side).display().to_string())
                .replace("TOPIC", side.topic())
        };
        line.split_whitespace().map(word).collect()
    }

    fn said(&self, side: Side, output: &Output) -> Said {
        let plain = |text: &str| {
            text.replace(&self.files(side).display().to_string(), "FILES")
                .replace(side.topic(), "TOPIC")
                .replace(side.other().topic(), "OTHER-TOPIC")
        };
        let lines = |text: &str| {
            let text = plain(text);
            let is_thrown = |line: &str| names_class(line) || line.starts_with(" at [Source: ");
            let is_hidden = |line: &String| is_log(line) || (self.hides_thrown && is_thrown(line));
            let kept = without_traces(&text).into_iter().filter(|line| !is_hidden(line));
            kept.map(|line| (self.masked)(&line)).collect::<Vec<_>>()
        };
        Said { code: output.code, out: lines(&output.stdout), err: without_usage(lines(&output.stderr)) }
    }
}

/// What a logger wrote, or advertises.
fn is_log(line: &str) -> bool {
    if line.starts_with("The consumer rebalance protocol (KIP-848) is production-ready!") {
        return true;
    }
    ["WARN ", "ERROR ", "Note: "].iter().any(|level| line.starts_with(level))
        && line.contains(':')
        && !line.starts_with("ERROR: ")
}

/// Without the name of what was thrown at the thread that reports it.
fn without_thrower(line: &str) -> String {
    let thrown = line.strip_prefix("Exception in thread \"main\" ");
    thrown.and_then(|thrown| thrown.split_once(": ")).map_or(line, |(_, words)| words).to_owned()
}

/// The lines before the first stack trace, or before the causes that stand for one.
fn without_traces(text: &str) -> Vec<String> {
    let mut lines: Vec<_> = text.trim_end().lines().map(|line| without_thrower(line.trim_end())).collect();
    let is_trace = |line: &String| line.starts_with("\tat ") || line.starts_with("Caused by: ");
    if let Some(first) = lines.iter().position(is_trace) {
        lines.truncate(first);
    }
    // What was thrown heads its trace, and is there even when there is none below it.
    if let Some(head) = lines.iter().rposition(|line| names_class(line)).filter(|head| *head > 0) {
        lines.truncate(head);
    }
    lines
}

/// Whether a line begins with the name of what was thrown.
fn names_class(line: &str) -> bool {
    let word = line.split([' ', ':']).next().unwrap_or_default();
    word.contains('.') && (word.ends_with("Exception") || word.ends_with("Error"))
}

/// The reasons without the options that are listed after them or the usage before them.
fn without_usage(lines: Vec<String>) -> Vec<String> {
    if let Some(at) = lines.iter().position(|line| line.starts_with("usage: ")) {
        // The parser sets its words in full lines, and breaks them.
        let all: String = lines[at..].join(" ").split_whitespace().collect();
        let reason = all.split_once(":error:").map_or(all.as_str(), |(_, reason)| reason);
        return vec![reason.to_owned()];
    }
    let is_option = |line: &String| line.starts_with("  --") || line.starts_with("Option   ");
    lines.into_iter().take_while(|line| !is_option(line)).collect()
}

/// The same for what is the same but for the order of lists.
fn canonical(said: &Said) -> Said {
    let line = |line: &String| match serde_json::from_str::<Value>(line) {
        Ok(value @ Value::Object(_)) => sorted(value).to_string(),
        _ => {
            let mut words: Vec<_> = line.split([' ', ',', '[', ']']).collect();
            words.sort_unstable();
            words.join(" ").trim().to_owned()
        }
    };
    let lines = |all: &[String]| {
        let mut lines: Vec<_> = all.iter().map(line).collect();
        lines.sort();
        lines
    };
    Said { code: said.code, out: lines(&said.out), err: lines(&said.err) }
}

/// With lists of objects in order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<_> = items.into_iter().map(sorted).collect();
            if items.iter().any(Value::is_object) {
                items.sort_by_key(Value::to_string);
            }
            Value::Array(items)
        }
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name, sorted(value))).collect())
        }
        other => other,
    }
}
