//! What runs on top of Kafka, as Apache Kafka delivers it: Connect, MirrorMaker, Streams.

mod connect;
mod mirror_maker;
mod streams;

use std::time::Duration;

use anyhow::{Result, bail};
use tests_compat::{Deadline, Service, pause};

/// How long anything may take: Java machines start, groups form, killed ones are missed.
const LIMIT: Duration = Duration::from_secs(120);
/// What tells nobody that it changed is looked at again after so long.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Looks until there is an answer.
fn wait_for<T>(what: &str, services: &[&Service], mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Deadline::after(LIMIT);
    loop {
        let looked = look();
        if let Ok(Some(found)) = looked {
            return Ok(found);
        }
        if deadline.left().is_none() {
            let told: Vec<_> = services.iter().map(|service| service.last_lines()).collect();
            bail!("{what}: {:?} after {LIMIT:?}\n{}", looked.err(), told.join("\n--\n"));
        }
        pause(LOOK_EVERY);
    }
}
