//! Replicas that move between directories.

use std::time::Duration;

use anyhow::Result;
use tests_compat::{Cluster, Deadline, Kind, Spec, Tool};

use super::{SERVER, ends_well, same::Asked};

#[test]
fn replicas_move_between_directories() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let [one, two] = ["one", "two"].map(|name| folder.path().join(name).display().to_string());
    let spec = |spec: Spec| spec.set("log.dirs", &format!("{one},{two}"));
    let asked = Asked::new(Cluster::start_with(&[Kind::under_test()?], spec)?)?;
    asked.create_topic("1")?;
    for (name, path) in [("one", one.as_str()), ("two", two.as_str()), ("nowhere", "/nowhere")] {
        let partition = format!(r#"{{"topic":"TOPIC","partition":0,"replicas":[1],"log_dirs":["{path}"]}}"#);
        asked.write(name, &format!("{{\"partitions\":[{partition}]}}"))?;
    }
    let reassign = |lines: &[&str]| {
        let lines: Vec<_> = lines.iter().map(|line| format!("{SERVER} {line}")).collect();
        asked.same(Tool::ReassignPartitions, &lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let all_done = |name: &str| -> Result<bool> {
        let verify = format!("--verify --preserve-throttles --reassignment-json-file FILES/{name}");
        let said = asked.each(Tool::ReassignPartitions, &format!("{SERVER} {verify}"))?;
        Ok(said.iter().all(|said| said.stdout.contains("completed successfully.")))
    };
    let wait_for = |name: &str| -> Result<()> {
        let deadline = Deadline::after(Duration::from_secs(60));
        while deadline.left().is_some() {
            if all_done(name)? {
                return Ok(());
            }
        }
        anyhow::bail!("not moved to {name}")
    };
    // Wherever the broker put them, both begin in the first.
    asked
        .each(Tool::ReassignPartitions, &format!("{SERVER} --execute --reassignment-json-file FILES/one"))?;
    wait_for("one")?;
    let execute = "--execute --replica-alter-log-dirs-throttle 1000000 --reassignment-json-file FILES/two";
    let said = reassign(&[execute])?;
    ends_well(&said);
    let last = said[0].out.last().map(String::as_str);
    let begun =
        format!("Successfully started moving log directory to {two} for replica TOPIC-0 with broker 1");
    assert_eq!(last, Some(begun.as_str()));
    wait_for("two")?;
    let of = |action: &str, name: &str| format!("{action} --reassignment-json-file FILES/{name}");
    ends_well(&reassign(&[&of("--verify", "two"), &of("--verify", "one"), &of("--cancel", "two")])?);
    let said = reassign(&[&of("--execute", "nowhere"), &of("--verify", "nowhere")])?;
    assert_eq!(said[0].out.last().map(String::as_str), Some("Error: Failed to alter dir for TOPIC-0-1"));
    ends_well(&said[1..]);
    ends_well(&asked.same(Tool::LogDirs, &["--bootstrap-server BROKERS --describe"])?);
    Ok(())
}
