//! Replicas that move between the log directories of a broker (KIP-113): by Apache's own tools, through kills in the middle,
//! and begun by one implementation and ended by the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use tests_compat::{Broker, Deadline, Kind, Program, Spec, Tool, pause};

const TOPIC: &str = "moved";
const FOLDER: &str = "moved-0";
const LIMIT: Duration = Duration::from_secs(120);
const RECORD_BYTES: usize = 1_000;
const RECORDS: usize = 6_000;
/// Bytes a second, so that there is a middle to be killed in.
const RATE: &str = "1000000";

/// A broker with two log directories that outlive it.
struct Jbod {
    broker: Broker,
    directories: [PathBuf; 2],
    _home: TempDir,
}

impl Jbod {
    fn start(kind: Kind) -> Result<Self> {
        let home = tempfile::tempdir()?;
        let directories = ["one", "two"].map(|name| home.path().join(name));
        let listed = directories.each_ref().map(|path| path.display().to_string()).join(",");
        let broker = Spec::new(kind).set("log.dirs", &listed).start()?;
        fs::create_dir_all(broker.data())?;
        broker.create_topic(TOPIC, 1, &[("segment.bytes", "1048576")])?;
        Ok(Self { broker, directories, _home: home })
    }

    /// Appends so many records, the first of which has this number.
    fn fill(&self, from: usize, count: usize) -> Result<()> {
        let line = |number: usize| format!("{number:0width$}\n", width = RECORD_BYTES);
        let input: String = (from..from + count).map(line).collect();
        let bootstrap = self.broker.bootstrap();
        let words = ["-P", "-b", &bootstrap, "-t", TOPIC, "-X", "acks=all", "-X", "batch.size=50000"];
        Program::new("kcat").args(words).input(input).stdout().map(drop)
    }

    /// Every record is there, in order.
    fn check(&self, count: usize) -> Result<()> {
        let words = ["-C", "-q", "-e", "-o", "beginning", "-b", &self.broker.bootstrap(), "-t", TOPIC];
        let read = Program::new("kcat").args(words).stdout()?;
        let numbers = read.lines().map(str::parse).collect::<Result<Vec<usize>, _>>()?;
        ensure!(numbers == (0..count).collect::<Vec<_>>(), "{} of {count} records", numbers.len());
        Ok(())
    }

    /// Which directory the replica is served from.
    fn place(&self) -> Result<usize> {
        let holds = |path: &PathBuf| path.join(FOLDER).is_dir();
        let found: Vec<_> = (0..2).filter(|index| holds(&self.directories[*index])).collect();
        let [only] = found[..] else { bail!("{FOLDER} is in {found:?}") };
        Ok(only)
    }

    /// The copy in a directory, and its bytes of records.
    fn copy_in(&self, index: usize) -> Result<Option<(PathBuf, u64)>> {
        let Some(folder) = folders(&self.directories[index], "-future")?.pop() else { return Ok(None) };
        let mut bytes = 0;
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let is_log = entry.path().extension().is_some_and(|extension| extension == "log");
            bytes += entry.metadata().map_or(0, |metadata| if is_log { metadata.len() } else { 0 });
        }
        Ok(Some((folder, bytes)))
    }

    /// Runs `kafka-reassign-partitions` for a plan that puts the replica into a directory.
    fn reassign(&self, index: usize, words: &[&str]) -> Result<String> {
        let plan = serde_json::json!({
            "version": 1,
            "partitions": [{
                "topic": TOPIC, "partition": 0, "replicas": [1],
                "log_dirs": [self.directories[index].display().to_string()],
            }],
        });
        let file = tempfile::NamedTempFile::new()?;
        fs::write(file.path(), plan.to_string())?;
        let path = file.path().display().to_string();
        self.broker.tool(Tool::ReassignPartitions, &[&["--reassignment-json-file", &path], words].concat())
    }

    fn begin(&self, index: usize) -> Result<()> {
        let told = self.reassign(index, &["--execute", "--replica-alter-log-dirs-throttle", RATE])?;
        let target = self.directories[index].display();
        let expected = format!(
            "Successfully started moving log directory to {target} for replica {FOLDER} with broker 1"
        );
        ensure!(told.contains(&expected), "{told}");
        Ok(())
    }

    /// Waits until the copy has so many bytes, or is the replica already.
    fn wait_for_copy(&self, index: usize, bytes: u64) -> Result<()> {
        wait(&format!("{bytes} bytes of the copy"), || {
            let is_copied = self.copy_in(index)?.is_some_and(|(_, copied)| copied >= bytes);
            Ok(is_copied || self.directories[index].join(FOLDER).is_dir())
        })
    }

    /// Waits until the replica is served from a directory, and nothing is left of the move.
    fn wait_until_moved(&self, index: usize) -> Result<()> {
        wait("the end of the move", || {
            let is_there = self.directories[index].join(FOLDER).is_dir();
            Ok(is_there
                && !self.directories[1 - index].join(FOLDER).exists()
                && self.copy_in(index)?.is_none())
        })
    }

    /// What `kafka-log-dirs` shows of the replica: the directory's place, whether it is a copy, and its lag.
    fn described(&self) -> Result<Vec<(usize, bool, i64)>> {
        let told = self.broker.tool(Tool::LogDirs, &["--describe", "--topic-list", TOPIC])?;
        let json = told.lines().find(|line| line.starts_with('{')).context("no JSON")?;
        let told: serde_json::Value = serde_json::from_str(json)?;
        let mut found = Vec::new();
        for directory in told["brokers"][0]["logDirs"].as_array().context("directories")? {
            let path = Path::new(directory["logDir"].as_str().context("a path")?);
            let index = self.directories.iter().position(|own| own == path).context("an own directory")?;
            for partition in directory["partitions"].as_array().context("partitions")? {
                let is_copy = partition["isFuture"].as_bool().context("isFuture")?;
                found.push((index, is_copy, partition["offsetLag"].as_i64().context("offsetLag")?));
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}

fn folders(directory: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut paths: Vec<_> = fs::read_dir(directory)?.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with(FOLDER) && name.ends_with(ending)
    });
    Ok(paths)
}

fn wait(what: &str, mut is_so: impl FnMut() -> Result<bool>) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    while !is_so()? {
        ensure!(deadline.left().is_some(), "not after {LIMIT:?}: {what}");
        pause(Duration::from_millis(20));
    }
    Ok(())
}

/// Apache's own reader finds every file of the replica in order.
fn dump(folder: &Path) -> Result<()> {
    let of = |endings: &[&str]| -> Result<String> {
        let mut paths: Vec<_> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|own| endings.contains(&&*own.to_string_lossy())));
        paths.sort();
        Ok(paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(","))
    };
    let shown = Tool::DumpLog.stdout(&["--deep-iteration", "--files", &of(&["log"])?])?;
    ensure!(!shown.contains("isvalid: false") && !shown.contains("ound"), "{shown}");
    let shown = Tool::DumpLog.stdout(&["--index-sanity-check", "--files", &of(&["index", "timeindex"])?])?;
    ensure!(!shown.contains("Mismatch"), "{shown}");
    Ok(())
}

#[test]
fn apaches_tools_move_a_replica_and_say_so() -> Result<()> {
    let mut own = Jbod::start(Kind::under_test()?)?;
    own.fill(0, RECORDS)?;
    let from = own.place()?;
    let to = 1 - from;
    own.begin(to)?;
    own.wait_for_copy(to, 1)?;
    let described = own.described()?;
    let copy = described.iter().find(|(index, is_copy, _)| *index == to && *is_copy).context("a copy")?;
    ensure!(copy.2 > 0 && described.contains(&(from, false, 0)), "{described:?}");
    let told = own.reassign(to, &["--verify", "--preserve-throttles"])?;
    ensure!(told.contains(&format!("Reassignment of replica {FOLDER}-1 is still in progress.")), "{told}");
    own.fill(RECORDS, 100)?;
    own.wait_until_moved(to)?;
    let told = own.reassign(to, &["--verify"])?;
    ensure!(told.contains(&format!("Reassignment of replica {FOLDER}-1 completed successfully.")), "{told}");
    ensure!(told.contains("Clearing broker-level throttles on broker 1"), "{told}");
    assert_eq!(own.described()?, [(to, false, 0)]);
    own.check(RECORDS + 100)?;
    own.broker.stop()?;
    dump(&own.directories[to].join(FOLDER))
}

#[test]
fn a_move_goes_on_after_kills_in_the_middle() -> Result<()> {
    let mut own = Jbod::start(Kind::under_test()?)?;
    own.fill(0, RECORDS)?;
    let to = 1 - own.place()?;
    own.begin(to)?;
    let mut written = RECORDS;
    for bytes in [1, 1_500_000, 3_500_000] {
        own.wait_for_copy(to, bytes)?;
        own.broker.kill()?;
        own.broker.launch()?;
        own.check(written)?;
        own.fill(written, 100)?;
        written += 100;
    }
    own.wait_until_moved(to)?;
    own.check(written)?;
    own.broker.kill()?;
    own.broker.launch()?;
    assert_eq!(own.place()?, to);
    own.check(written)?;
    own.broker.stop()?;
    dump(&own.directories[to].join(FOLDER))
}

#[test]
fn asking_for_where_it_is_ends_the_move() -> Result<()> {
    let own = Jbod::start(Kind::under_test()?)?;
    own.fill(0, RECORDS)?;
    let from = own.place()?;
    own.begin(1 - from)?;
    own.wait_for_copy(1 - from, 1)?;
    own.reassign(from, &["--execute"])?;
    wait("the copy's end", || Ok(own.copy_in(1 - from)?.is_none()))?;
    assert_eq!((own.place()?, own.described()?), (from, vec![(from, false, 0)]));
    own.check(RECORDS)
}

#[test]
fn one_begins_a_move_and_the_other_ends_it() -> Result<()> {
    for kind in [Kind::Klamm, Kind::Apache] {
        let mut own = Jbod::start(kind)?;
        own.fill(0, RECORDS)?;
        let to = 1 - own.place()?;
        own.begin(to)?;
        own.wait_for_copy(to, 1_500_000)?;
        own.broker.kill()?;
        own.broker = own.broker.taken_over_by(kind.other()).with_context(|| format!("begun by {kind:?}"))?;
        own.fill(RECORDS, 100)?;
        own.wait_until_moved(to).with_context(|| format!("begun by {kind:?}"))?;
        own.check(RECORDS + 100)?;
        assert_eq!(own.described()?, [(to, false, 0)]);
        // Apache's active index is not as its reader wants it until it stops.
        own.broker.stop()?;
        dump(&own.directories[to].join(FOLDER))?;
    }
    Ok(())
}
