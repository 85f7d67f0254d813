//! kafka-python's groups, in both generations.

use std::time::Duration;

use anyhow::Result;
use tests_compat::{Broker, Cache, Program};

use super::sightings::reads_in_turns;

fn churn(generation: u32, balancer: &str) -> Result<()> {
    let broker = Broker::under_test()?;
    reads_in_turns(&broker, |topic, count| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/client.py");
        let bootstrap = broker.bootstrap();
        let words = [script, "group", "--bootstrap", &bootstrap, "--topic", topic, "--group", topic];
        let program = Program::new(Cache::open()?.python(generation)?).args(words);
        Ok(program.args(["--balancer", balancer, "--count", count]).limit(Duration::from_secs(90)))
    })
}

#[test]
fn members_of_generation_2_read_in_turns_with_range() -> Result<()> {
    churn(2, "range")
}

#[test]
fn members_of_generation_2_read_in_turns_with_sticky() -> Result<()> {
    churn(2, "sticky")
}

#[test]
fn members_of_generation_3_read_in_turns_with_roundrobin() -> Result<()> {
    churn(3, "roundrobin")
}
