//! franz-go's groups.

use std::time::Duration;

use anyhow::Result;
use tests_compat::{Broker, Cache, Program};

use super::sightings::reads_in_turns;

fn churn(balancer: &str) -> Result<()> {
    let broker = Broker::under_test()?;
    reads_in_turns(&broker, |topic, count| {
        let bootstrap = broker.bootstrap();
        let words = ["group", "-bootstrap", &bootstrap, "-topic", topic, "-group", topic];
        let program = Program::new(Cache::open()?.franz()?).args(words);
        Ok(program.args(["-balancer", balancer, "-count", count]).limit(Duration::from_secs(90)))
    })
}

#[test]
fn members_read_in_turns_with_sticky() -> Result<()> {
    churn("sticky")
}

#[test]
fn members_read_in_turns_with_cooperative_sticky() -> Result<()> {
    churn("cooperative-sticky")
}
