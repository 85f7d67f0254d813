//! `--cancel`: moves are taken back.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Result;
use broker_client::admin::reassignments::FactorChange;

use super::{
    Session, Terse,
    directories::{self, MoveState},
    execute::{TIMEOUT_MS, failures},
    plan::Plan,
    plural, throttles,
};

pub(super) async fn run(session: &mut Session<'_>) -> Result<()> {
    let text = session.file("reassignment-json-file")?;
    let Session { client, options } = session;
    let timeout = Duration::from_millis(options.number("timeout")?.unwrap_or(TIMEOUT_MS));
    let plan = Plan::parse(&text)?;
    let partitions: Vec<_> = plan.partitions.iter().map(|(at, _)| at.clone()).collect();
    let ongoing = client.list_reassignments(Some(&partitions)).await?;
    if ongoing.is_empty() {
        println!("None of the specified partition reassignments are active.");
    } else {
        let changes: BTreeMap<_, _> = ongoing.into_keys().map(|at| (at, None)).collect();
        let outcomes = client.alter_reassignments(&changes, FactorChange::Allowed).await?;
        if let Some(wrong) = failures(outcomes) {
            let (s, wrong) = (plural(wrong.len()), wrong.join("\n"));
            return Err(Terse(format!("Error cancelling partition reassignment{s} for:\n{wrong}")).into());
        }
        let names: Vec<_> = changes.keys().map(ToString::to_string).collect();
        println!(
            "Successfully cancelled partition reassignment{} for: {}",
            plural(names.len()),
            names.join(",")
        );
    }
    let mut back = BTreeMap::new();
    for (replica, state) in directories::states(client, &plan.directories).await? {
        if let MoveState::Moving { current, .. } = state {
            back.insert(replica, current);
        }
    }
    if back.is_empty() {
        // Kafka's script ends no line here.
        print!("None of the specified partition moves are active.");
    } else {
        directories::start(client, &back, timeout).await?;
    }
    match options.has("preserve-throttles") {
        true => Ok(()),
        false => throttles::clear(client, &plan).await,
    }
}
