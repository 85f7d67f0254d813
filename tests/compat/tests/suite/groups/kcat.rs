//! kcat as a member of a group, also one that is killed.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tests_compat::{Broker, Process, Program};

use super::sightings::{Place, Sightings};

/// A kcat that reads as a member, commits nothing, and prints what it sees as `partition offset`.
#[derive(Debug)]
pub(super) struct Kcat {
    process: Process,
    folder: TempDir,
}

impl Kcat {
    pub(super) fn join(broker: &Broker, group: &str, topic: &str, assignor: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("klamm-kcat-").tempdir()?;
        let bootstrap = broker.bootstrap();
        let assignor = format!("partition.assignment.strategy={assignor}");
        let mut words = vec!["kcat", "-q", "-u", "-b", &bootstrap, "-f", "%p %o\n"];
        for setting in [
            assignor.as_str(),
            // kcat commits whatever was stored, and cannot be told not to.
            "enable.auto.offset.store=false",
            "auto.offset.reset=earliest",
            "session.timeout.ms=6000",
            "heartbeat.interval.ms=300",
            "client.id=doomed",
        ] {
            words.extend(["-X", setting]);
        }
        words.extend(["-G", group, topic]);
        let words: Vec<_> = words.into_iter().map(str::to_owned).collect();
        Ok(Self { process: Process::spawn(&words, &[], &folder.path().join("seen"))?, folder })
    }

    /// What it has printed: whole lines.
    pub(super) fn seen(&self) -> Result<Vec<Place>> {
        let text = fs::read_to_string(self.folder.path().join("seen"))?;
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        // Complaints about a broker that is busy come in between.
        whole.lines().filter(|line| !line.starts_with('%')).map(place).collect()
    }

    /// Kills it; gives what it has seen, none of which is committed by it.
    pub(super) fn crash(mut self, sightings: &Sightings) -> Result<BTreeSet<Place>> {
        self.process.kill()?;
        let seen = self.seen()?;
        seen.iter().for_each(|place| sightings.add("doomed", *place));
        Ok(seen.into_iter().collect())
    }
}

fn place(line: &str) -> Result<Place> {
    let (partition, offset) = line.split_once(' ').with_context(|| format!("kcat said {line:?}"))?;
    Ok((partition.parse()?, offset.parse()?))
}

#[test]
fn a_group_reads_on_where_it_was() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("lines", 3, &[])?;
    let produce = |lines: &str| {
        let words = ["-b", &broker.bootstrap(), "-P", "-t", "lines", "-K", ":"];
        Program::new("kcat").args(words).input(lines).stdout()
    };
    let consume = || -> Result<Vec<String>> {
        let words = ["-b", &broker.bootstrap(), "-q", "-e", "-X", "auto.offset.reset=earliest"];
        let program = Program::new("kcat").args(words).args(["-G", "readers", "lines"]);
        let mut lines: Vec<_> =
            program.limit(Duration::from_secs(60)).stdout()?.lines().map(str::to_owned).collect();
        lines.sort();
        Ok(lines)
    };
    produce("a:1\nb:2\nc:3\nd:4\n")?;
    assert_eq!(consume()?, ["1", "2", "3", "4"]);
    assert_eq!(consume()?, Vec::<String>::new(), "all was committed");
    produce("a:5\nb:6\n")?;
    assert_eq!(consume()?, ["5", "6"]);
    let mut sum = 0;
    for partition in 0..3 {
        sum += broker.committed("readers", "lines", partition)?.unwrap_or_default();
    }
    ensure!(sum == 6, "{sum} of 6 records are committed");
    assert_eq!(broker.describe_group("readers")?.state, "Empty");
    Ok(())
}
