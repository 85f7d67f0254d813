//! franz-go with the broker's assignment, which it has for those that ask for it.

use std::time::Duration;

use anyhow::{Result, ensure};
use tests_compat::{Cache, Program};

use super::super::sightings::{TURNS, sees_all_in_turns};

#[test]
fn members_read_in_turns() -> Result<()> {
    let broker = super::broker()?;
    sees_all_in_turns(&broker, |topic, count| {
        let bootstrap = broker.bootstrap();
        let words = ["group", "-bootstrap", &bootstrap, "-topic", topic, "-group", topic];
        let program = Program::new(Cache::open()?.franz()?).args(words);
        Ok(program.args(["-balancer", "broker", "-count", count]).limit(Duration::from_secs(90)))
    })?;
    let view = broker.describe_consumer_group(TURNS)?;
    ensure!(view.state == "Empty" && view.epoch > 3, "{view:?}");
    Ok(())
}
