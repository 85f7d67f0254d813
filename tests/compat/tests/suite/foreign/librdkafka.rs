//! librdkafka's tests of itself, those that need a cluster, in quick mode, with groups of both protocols.

use std::os::unix::fs::symlink;
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result};
use tests_compat::{Cache, Cluster, Kind, Program, Spec, klamm_binary};

use super::{Told, is_asked_for};

const LIMIT: Duration = Duration::from_secs(2400);

/// What is left out, and why. The suite itself leaves out what needs Kerberos, TLS, an identity provider, RapidJSON, a
/// cluster without `auto.create.topics.enable`, or is known to fail.
const LEFT_OUT: [(&str, &str); 7] = [
    ("0016", "it reads metrics of a Java machine"),
    ("0055", "it measures latencies, which depend on what else the machine does"),
    ("0077", "it asks for segments of 10 kB, which Kafka 4 refuses"),
    ("0113", "it counts rebalances, which depend on which of two members is the quicker"),
    ("0115", "it denies what a super user does, and brokers are one without SASL between them"),
    ("0119", "as 0115"),
    ("0129", "as 0077"),
];

/// What is about groups.
const OF_GROUPS: &str = "0014,0018,0019,0022,0026,0029,0030,0031,0033,0034,0050,0051,0056,0060,0061,0067,0069,0073,\
                         0081,0089,0091,0093,0099,0102,0103,0118,0122,0127,0130,0132,0137,0140";

#[test]
fn its_tests_pass() -> Result<()> {
    run("classic", "", 60)
}

#[test]
fn its_tests_pass_with_groups_of_kip_848() -> Result<()> {
    run("consumer", OF_GROUPS, 25)
}

/// A cluster as its authors start it.
fn settings(spec: Spec) -> Spec {
    spec.set("num.partitions", "4")
        .set("default.replication.factor", "3")
        .set("offsets.topic.replication.factor", "3")
        .set("transaction.state.log.replication.factor", "3")
        .set("group.initial.rebalance.delay.ms", "3000")
        .set("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .set("super.users", "User:ANONYMOUS")
        .set("allow.everyone.if.no.acl.found", "true")
}

/// Runs `tests` (all when empty), of which at least `fewest` are to pass.
fn run(protocol: &str, tests: &str, fewest: usize) -> Result<()> {
    if !is_asked_for() {
        return Ok(());
    }
    let cluster = Cluster::start_with(&[Kind::under_test()?; 3], settings)?;
    let folder = tempfile::tempdir()?;
    let here = folder.path();
    // The suite calls Kafka's scripts, and finds ours by their name.
    fs::create_dir(here.join("bin"))?;
    let program = env::current_dir()?.join(klamm_binary()?);
    for script in ["kafka-topics.sh", "kafka-acls.sh", "kafka-configs.sh"] {
        symlink(&program, here.join("bin").join(script))?;
    }
    let bootstrap = cluster.bootstrap();
    fs::write(
        here.join("test.conf"),
        format!(
            "bootstrap.servers={bootstrap}\nbroker.address.family=v4\n\
             test.timeout.multiplier=3\ntest.topic.random=true\n"
        ),
    )?;
    let runner = Cache::open()?.foreign("librdkafka/test-runner")?;
    let libraries = runner.parent().context("a folder")?.display();
    let left_out = LEFT_OUT.map(|(test, _)| test).join(",");
    let mut environment = vec![
        format!("LD_LIBRARY_PATH={libraries}"),
        format!("KAFKA_PATH={}", here.display()),
        format!("BROKERS={bootstrap}"),
        format!("TESTS_SKIP={left_out}"),
        format!("TEST_CONSUMER_GROUP_PROTOCOL={protocol}"),
        "TEST_KAFKA_VERSION=4.3.1".to_owned(),
    ];
    if !tests.is_empty() {
        environment.push(format!("TESTS={tests}"));
    }
    let output = Program::new("env")
        .args(["--unset=CI", "--chdir"])
        .args([here])
        .args(environment)
        .args([runner.clone()])
        .args(["-p1", "-L", "-K", "-Q"])
        .limit(LIMIT)
        .run()?;
    // Its last table: a line for each test, with its name and what became of it.
    let rows =
        || output.stdout.lines().chain(output.stderr.lines()).map(|line| line.split('|').map(str::trim));
    let with = |outcome: &'static str| {
        rows().filter_map(move |mut row| {
            let name = row.nth(1).filter(|name| name.starts_with('0'))?;
            row.next().is_some_and(|told| told.contains(outcome)).then_some(name)
        })
    };
    Told { passed: with("PASSED").collect(), failed: with("FAILED").collect() }.is_good(fewest, &output)
}
