//! `klamm verify`: replicas are the same, or are told not to be.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests_compat::{Cluster, Deadline, Kind, Output, Program, klamm_binary};

fn verify(cluster: &Cluster, arguments: &[&str]) -> Result<Output> {
    Program::new(klamm_binary()?).args(["verify", "--bootstrap", &cluster.bootstrap()]).args(arguments).run()
}

fn produce(cluster: &Cluster, topic: &str) -> Result<()> {
    let lines: String = (0..3000).map(|line| format!("record {line}\n")).collect();
    // Several batches in each partition: every record goes where chance will have it.
    let bootstrap = cluster.bootstrap();
    let words = ["-P", "-b", &bootstrap, "-t", topic, "-X", "batch.num.messages=100"];
    let words = [&words[..], &["-X", "sticky.partitioning.linger.ms=0"]].concat();
    Program::new("kcat").args(words).input(lines).stdout().map(drop)
}

#[test]
fn replicas_that_differ_are_found() -> Result<()> {
    let mut cluster = Cluster::start(&[Kind::under_test()?; 3])?;
    let topics = ["kept", "other"].map(str::to_owned);
    cluster.nodes()[0].create_replicated(&topics, 3, 3, &[])?;
    for topic in &topics {
        produce(&cluster, topic)?;
    }
    cluster.wait_until_in_sync(&topics, Duration::from_secs(60))?;
    // Followers learn a little later what is committed.
    let deadline = Deadline::after(Duration::from_secs(60));
    loop {
        let said = verify(&cluster, &[])?;
        ensure!(said.code == Some(0) && said.stdout.ends_with(" among 6 partitions\n"), "{said:?}");
        if said.stdout.starts_with("max lag is 0 for partition ") {
            break;
        }
        ensure!(deadline.left().is_some(), "{said:?}");
    }

    // Bytes of a record turn on the disk of one follower.
    let led = cluster.partitions("kept")?;
    let follower = led[1].replicas.iter().find(|id| Some(**id) != led[1].leader).context("a follower")?;
    let follower = usize::try_from(*follower)?;
    cluster.node(follower).stop()?;
    let log = cluster.node(follower).partition("kept", 1).join("00000000000000000000.log");
    let mut bytes = fs::read(&log)?;
    // The last one: in the middle of the file it could be one that no checksum covers.
    *bytes.last_mut().context("records")? ^= 0x20;
    fs::write(&log, &bytes)?;
    cluster.launch()?;
    cluster.wait_until_in_sync(&topics, Duration::from_secs(60))?;

    let said = verify(&cluster, &["--topics-include", "kept"])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    let wrong = format!("replica {follower} cannot be read: the checksum of the batch at offset ");
    assert!(said.stdout.contains(&wrong), "{said:?}");
    assert!(said.stdout.ends_with(" among 3 partitions\n"), "{said:?}");
    assert!(said.stderr.starts_with("klamm: 1 of 3 partitions are not the same"), "{said:?}");
    assert_eq!(verify(&cluster, &["--topics-include", "oth.*"])?.code, Some(0));

    let said = verify(&cluster, &["--output", "json"])?;
    let told: Vec<Value> = serde_json::from_str(&said.stdout)?;
    let wrong: Vec<_> = told.iter().filter(|one| one["problems"] != serde_json::json!([])).collect();
    assert_eq!((told.len(), wrong.len()), (6, 1), "{told:?}");
    assert_eq!((&wrong[0]["topic"], &wrong[0]["partition"]), (&"kept".into(), &1.into()));
    Ok(())
}
