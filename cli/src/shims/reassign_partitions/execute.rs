//! `--execute`: moves begin.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Result;
use broker_client::admin::reassignments::{FactorChange, Outcomes};

use super::{
    Session, Terse, current, directories,
    plan::{Plan, written},
    plural, throttles,
};

/// How long a move between directories may take to begin, when nobody says.
pub(super) const TIMEOUT_MS: u64 = 10_000;

const OTHERS_GO_ON: &str = "Cannot execute because there is an existing partition assignment.  Use --additional to \
    override this and create a new partition assignment in addition to the existing one. The --additional flag can \
    also be used to change the throttle by resubmitting the current reassignment.";

pub(super) async fn run(session: &mut Session<'_>) -> Result<()> {
    let text = session.file("reassignment-json-file")?;
    let Session { client, options } = session;
    let throttle: Option<i64> = options.number("throttle")?;
    let directory_throttle: Option<i64> = options.number("replica-alter-log-dirs-throttle")?;
    let timeout = Duration::from_millis(options.number("timeout")?.unwrap_or(TIMEOUT_MS));
    let plan = Plan::parse(&text)?;
    let proposed = plan.executable()?;
    let ongoing = client.list_reassignments(None).await?;
    if !options.has("additional") && !ongoing.is_empty() {
        return Err(Terse(OTHERS_GO_ON.to_owned()).into());
    }
    current::check_brokers(client, &proposed).await?;
    let present = current::of_partitions(client, &proposed.keys().cloned().collect()).await?;
    let dirs = current::directories(client, &present).await?;
    println!(
        "Current partition replica assignment\n\n{}\n\nSave this to use as the --reassignment-json-file option during \
         rollback",
        written(&present, &dirs)?
    );
    let (throttle, directory_throttle) =
        (throttle.filter(|rate| *rate >= 0), directory_throttle.filter(|rate| *rate >= 0));
    if throttle.is_some() || directory_throttle.is_some() {
        println!(
            "Warning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is \
             removed."
        );
    }
    if let Some(rate) = throttle {
        let moves = throttles::Moves::of(&ongoing, &proposed, &present);
        throttles::between_brokers(client, &moves, rate).await?;
    }
    if let Some(rate) = directory_throttle {
        throttles::between_directories(client, &plan, rate).await?;
    }
    let factor = match options.has("disallow-replication-factor-change") {
        true => FactorChange::Refused,
        false => FactorChange::Allowed,
    };
    let names: Vec<_> = proposed.keys().map(ToString::to_string).collect();
    let changes: BTreeMap<_, _> = proposed.into_iter().map(|(at, replicas)| (at, Some(replicas))).collect();
    let outcomes = client.alter_reassignments(&changes, factor).await?;
    if let Some(wrong) = failures(outcomes) {
        return Err(Terse(format!("Error reassigning partition(s):\n{}", wrong.join("\n"))).into());
    }
    println!("Successfully started partition reassignment{} for {}", plural(names.len()), names.join(","));
    directories::start(client, &plan.directories, timeout).await
}

/// What went wrong, when something did.
pub(super) fn failures(outcomes: Outcomes) -> Option<Vec<String>> {
    let failed = outcomes.into_iter().filter_map(|(at, outcome)| Some((at, outcome.err()?)));
    let said: Vec<_> =
        failed.map(|(at, error)| format!("{at}: {}", super::super::words(&error.into()))).collect();
    (!said.is_empty()).then_some(said)
}
