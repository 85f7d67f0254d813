//! Partitions that move between brokers.

use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Cluster, Deadline, Kind, Tool};

use super::{SERVER, ends_well, moved, same::Asked, three_nodes};

#[test]
fn partitions_are_reassigned() -> Result<()> {
    let asked = three_nodes()?;
    asked.create_topic("1:2,2:3")?;
    asked.write("move", r#"{"version":1,"partitions":[{"topic":"TOPIC","partition":0,"replicas":[2,3]},{"topic":"TOPIC","partition":1,"replicas":[3,1]}]}"#)?;
    asked.write("grow", r#"{"partitions":[{"topic":"TOPIC","partition":0,"replicas":[2,3,1]}]}"#)?;
    let reassign = |lines: &[&str]| {
        let lines: Vec<_> = lines.iter().map(|line| format!("{SERVER} {line}")).collect();
        asked.same(Tool::ReassignPartitions, &lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let plan = "--reassignment-json-file FILES/move";
    ends_well(&reassign(&["--list", &format!("--verify {plan}"), &format!("--cancel {plan}")])?);
    let said = reassign(&[&format!("--execute {plan} --throttle 1000000")])?;
    ends_well(&said);
    assert_eq!(
        said[0].out.last().map(String::as_str),
        Some("Successfully started partition reassignments for TOPIC-0,TOPIC-1")
    );
    moved(&asked)?;
    let said = reassign(&[&format!("--verify {plan} --preserve-throttles")])?;
    assert_eq!(said[0].out[1], "Reassignment of partition TOPIC-0 is completed.");
    let throttles = |topic: &str| -> Result<Vec<String>> {
        let of = ["--describe", "--entity-type", "topics", "--entity-name", topic];
        let said = asked.cluster.tool(Tool::Configs, &of)?;
        let settings = said.lines().map(|line| line.trim().split(' ').next().unwrap_or_default());
        Ok(settings.filter(|setting| setting.contains("throttled")).map(str::to_owned).collect())
    };
    let theirs = throttles("topic-of-java")?;
    assert_eq!((theirs.len(), throttles("topic-of-rust")?), (2, theirs.clone()));
    assert!(theirs[0].ends_with("=0:3,1:1"), "{theirs:?}");
    ends_well(&reassign(&[&format!("--verify {plan}")])?);
    assert_eq!((throttles("topic-of-java")?, throttles("topic-of-rust")?), (vec![], vec![]));
    // More replicas, when that is allowed.
    let grow = "--execute --reassignment-json-file FILES/grow";
    let said = reassign(&[&format!("{grow} --disallow-replication-factor-change")])?;
    assert_eq!(said[0].code, Some(1));
    ends_well(&reassign(&[grow])?);
    moved(&asked)?;
    ends_well(&reassign(&["--verify --reassignment-json-file FILES/grow"])?);
    ends_well(&asked.same(
        Tool::ReassignPartitions,
        &[
            "--bootstrap-controller CONTROLLERS --list",
            "--bootstrap-controller CONTROLLERS --cancel --reassignment-json-file FILES/move",
        ],
    )?);
    Ok(())
}

#[test]
fn moves_that_go_on_are_listed_and_cancelled() -> Result<()> {
    let cluster = Cluster::start_with(&[Kind::under_test()?; 3], |spec| {
        spec.set("broker.session.timeout.ms", "600000")
    })?;
    let mut asked = Asked::new(cluster)?;
    // Nothing can move to a broker that is not there, or does not answer. It must not be the one that all wait for.
    let leader = asked.cluster.leader()?;
    let [a, b, frozen] = match leader {
        3 => [1, 3, 2],
        _ => [1, 2, 3],
    };
    asked.create_topic(&format!("{a}:{b},{b}:{a}"))?;
    let partition = |partition: i32, stays: usize| {
        format!(r#"{{"topic":"TOPIC","partition":{partition},"replicas":[{stays},{frozen}]}}"#)
    };
    asked.write("plan", &format!("{{\"partitions\":[{},{}]}}", partition(0, a), partition(1, b)))?;
    asked.write("client", "request.timeout.ms=2000\n")?;
    let [one, other] = [a, b].map(|id| asked.cluster.node(id).bootstrap());
    match asked.cluster.node(frozen).kind() {
        // Apache Kafka holds it for alive until its session is over, and Apache's tools do not wait for it.
        Kind::Apache => asked.cluster.node(frozen).kill()?,
        // Klamm notices at once when its process is gone.
        Kind::Klamm => asked.cluster.node(frozen).suspend()?,
    }
    let plan = "--reassignment-json-file FILES/plan";
    let reassign = |lines: &[&str]| {
        let start = format!("--bootstrap-server {one},{other} --command-config FILES/client");
        let lines: Vec<_> = lines.iter().map(|line| format!("{start} {line}")).collect();
        asked.same(Tool::ReassignPartitions, &lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    ends_well(&reassign(&[&format!("--execute {plan} --additional")])?);
    let said = reassign(&["--list", &format!("--verify {plan}")])?;
    ends_well(&said);
    assert_eq!(said[0].out.len(), 1 + 4, "{said:?}");
    let first = format!("TOPIC-0: replicas: {a},{frozen},{b}. adding: {frozen}. removing: {b}.");
    assert!(said[0].out.contains(&first), "{said:?}");
    assert_eq!(said[1].out[1], "Reassignment of partition TOPIC-0 is still in progress.");
    let said = reassign(&[&format!("--execute {plan}")])?;
    assert!(said[0].out[0].starts_with("Cannot execute because there is an existing"), "{said:?}");
    let said = reassign(&[&format!("--cancel {plan} --preserve-throttles")])?;
    assert_eq!(said[0].out[0], "Successfully cancelled partition reassignments for: TOPIC-0,TOPIC-1");
    // What only adds a replica is taken back too; Apache's tool says that nothing moves.
    let grow =
        format!(r#"{{"partitions":[{{"topic":"TOPIC","partition":0,"replicas":[{a},{b},{frozen}]}}]}}"#);
    asked.write("grow", &grow)?;
    let file = "--reassignment-json-file FILES/grow";
    for action in ["--execute --additional", "--cancel --preserve-throttles"] {
        let line = format!("--bootstrap-server {one},{other} {action} {file}");
        for (said, topic) in
            asked.each(Tool::ReassignPartitions, &line)?.iter().zip(["topic-of-java", "topic-of-rust"])
        {
            let done = format!("Successfully cancelled partition reassignment for: {topic}-0\n");
            assert_eq!(said.code, Some(0), "{said:?}");
            assert_eq!(said.stdout.starts_with(&done), action.starts_with("--cancel"), "{said:?}");
        }
    }
    Ok(())
}

#[test]
fn wrong_reassignments_are_refused() -> Result<()> {
    let asked = three_nodes()?;
    asked.create_topic("1:2,2:3")?;
    let partition =
        |fields: &str| format!("{{\"partitions\":[{{\"topic\":\"TOPIC\",\"partition\":0{fields}}}]}}");
    let twice = r#"{"partitions":[{"topic":"TOPIC","partition":0,"replicas":[1]},{"topic":"TOPIC","partition":0,"replicas":[2]}]}"#;
    let files = [
        ("none", r#"{"version":1,"partitions":[]}"#.to_owned()),
        ("nobody", partition(r#","replicas":[]"#)),
        ("repeats", partition(r#","replicas":[1,1,2]"#)),
        ("twice", twice.to_owned()),
        ("no-topic", partition(r#","replicas":[1]"#).replace("TOPIC", "no")),
        ("no-partition", partition(r#","replicas":[1]"#).replace("\"partition\":0", "\"partition\":9")),
        ("no-broker", partition(r#","replicas":[7]"#)),
        ("version", r#"{"version":2,"partitions":[]}"#.to_owned()),
        ("no-replicas", partition("")),
        ("text-number", partition(r#","replicas":["1"]"#)),
        ("no-object", "[]".to_owned()),
        ("no-list", r#"{"partitions":{}}"#.to_owned()),
        ("blank", "\n".to_owned()),
        ("dirs", partition(r#","replicas":[1,2],"log_dirs":["any"]"#)),
    ];
    for (name, text) in &files {
        asked.write(name, text)?;
    }
    let with = |action: &str| {
        let lines =
            files.iter().map(|(name, _)| format!("{SERVER} {action} --reassignment-json-file FILES/{name}"));
        lines.collect::<Vec<_>>()
    };
    let all = |lines: Vec<String>| {
        asked.same(Tool::ReassignPartitions, &lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    all(with("--execute"))?;
    let is_known = |line: &String| !line.ends_with("no-broker");
    all(with("--verify").into_iter().filter(is_known).collect())?;
    all(with("--cancel").into_iter().filter(is_known).collect())?;
    let options = [
        "",
        "--execute",
        "--execute --reassignment-json-file FILES/absent",
        "--execute --reassignment-json-file FILES/none --throttle x",
        "--list --verify",
        "--list --additional",
        "--list --throttle 5",
        "--cancel --reassignment-json-file FILES/none --throttle 5",
        "--list --bootstrap-controller CONTROLLERS",
        "--generate --broker-list 1",
    ];
    all(options.iter().map(|line| format!("{SERVER} {line}")).collect())?;
    all(vec![
        "--list".to_owned(),
        "--bootstrap-controller CONTROLLERS --execute --reassignment-json-file x".to_owned(),
    ])?;
    Ok(())
}

#[test]
fn assignments_are_generated() -> Result<()> {
    let asked = three_nodes()?;
    asked.create_topic("1:2,2:3,3:1")?;
    for (name, text) in [
        ("topics", r#"{"topics":[{"topic":"TOPIC"}],"version":1}"#),
        ("twice", r#"{"topics":[{"topic":"TOPIC"},{"topic":"TOPIC"}]}"#),
        ("absent", r#"{"topics":[{"topic":"no"}]}"#),
        ("version", r#"{"version":3}"#),
        ("none", "{}"),
        ("text", "x"),
    ] {
        asked.write(name, text)?;
    }
    let line = |file: &str, brokers: &str| {
        format!("{SERVER} --generate --topics-to-move-json-file FILES/{file} --broker-list {brokers}")
    };
    let lines = [
        line("topics", "1,2,2"),
        line("topics", "1,9"),
        line("topics", "x"),
        line("topics", "9"),
        line("twice", "1,2"),
        line("absent", "1,2"),
        line("version", "1,2"),
        line("none", "1,2"),
        line("text", "1,2"),
    ];
    asked.same(Tool::ReassignPartitions, &lines.each_ref().map(String::as_str))?;
    // What is proposed is a matter of chance; what is there is not, and the proposal can be executed.
    let topics = asked.cluster.nodes()[0].folder().join("topics.json");
    std::fs::write(&topics, r#"{"topics":[{"topic":"topic-of-rust"}]}"#)?;
    let topics = topics.display().to_string();
    let words = ["--generate", "--topics-to-move-json-file", &topics, "--broker-list", "2,3"];
    let ours = Tool::ReassignPartitions
        .shim()?
        .args(["--bootstrap-server", &asked.cluster.bootstrap()])
        .args(words)
        .stdout()?;
    let theirs = asked.cluster.tool(Tool::ReassignPartitions, &words)?;
    let (before, proposed) = ours.trim_end().rsplit_once('\n').context("lines")?;
    assert_eq!(before, theirs.trim_end().rsplit_once('\n').context("lines")?.0);
    let plan = asked.cluster.nodes()[0].folder().join("plan.json");
    std::fs::write(&plan, proposed)?;
    asked.cluster.tool(
        Tool::ReassignPartitions,
        &["--execute", "--reassignment-json-file", &plan.display().to_string()],
    )?;
    moved(&asked)?;
    // The broker that is asked may hear of the end a little later.
    let deadline = Deadline::after(Duration::from_secs(60));
    loop {
        let views = asked.cluster.partitions("topic-of-rust")?;
        let is_moved = |replicas: &[i32]| replicas.len() == 2 && !replicas.contains(&1);
        if views.iter().all(|view| is_moved(&view.replicas)) {
            return Ok(());
        }
        anyhow::ensure!(deadline.left().is_some(), "{views:?}");
    }
}
