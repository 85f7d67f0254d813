//! `--verify`: which moves are done.

use std::collections::BTreeMap;

use anyhow::Result;
use broker_client::{Client, admin::reassignments::Reassignment};
use broker_types::{BrokerId, TopicPartition};

use super::{
    Session,
    current::{Assignment, of_topic},
    directories::{self, MoveState},
    plan::{Plan, joined},
    throttles,
};

pub(super) async fn run(session: &mut Session<'_>) -> Result<()> {
    let text = session.file("reassignment-json-file")?;
    let Session { client, options } = session;
    let plan = Plan::parse(&text)?;
    let ongoing = client.list_reassignments(None).await?;
    let present = present(client, &plan, &ongoing).await?;
    println!("Status of partition reassignment:");
    let wanted: BTreeMap<_, _> = plan.partitions.iter().map(|(at, replicas)| (at, replicas)).collect();
    for (at, replicas) in wanted {
        let found = present.get(at).map(Vec::as_slice).unwrap_or_default();
        println!("{}", told(at, ongoing.contains_key(at), found, replicas));
    }
    let states = directories::states(client, &plan.directories).await?;
    let lines = states.iter().zip(plan.directories.values());
    let lines: Vec<_> =
        lines.map(|((replica, state), target)| directories::told(replica, state, target)).collect();
    println!("{}", lines.join("\n"));
    let is_done = |state: &MoveState| matches!(state, MoveState::Done | MoveState::Elsewhere { .. });
    let goes_on = !ongoing.is_empty() || !states.values().all(is_done);
    match goes_on || options.has("preserve-throttles") {
        true => Ok(()),
        false => throttles::clear(client, &plan).await,
    }
}

/// The replicas of the plan's partitions that do not move. What is not there has none.
async fn present(
    client: &mut Client,
    plan: &Plan,
    ongoing: &BTreeMap<TopicPartition, Reassignment>,
) -> Result<Assignment> {
    let still = plan.partitions.iter().map(|(at, _)| at).filter(|at| !ongoing.contains_key(at));
    let topics: std::collections::BTreeSet<_> = still.map(|at| at.topic.as_str()).collect();
    let mut all = Assignment::new();
    for name in topics {
        if let Some(topic) = client.describe_topic(name).await? {
            all.extend(of_topic(&topic));
        }
    }
    Ok(all)
}

fn told(at: &TopicPartition, is_moving: bool, present: &[BrokerId], wanted: &[BrokerId]) -> String {
    if is_moving {
        return format!("Reassignment of partition {at} is still in progress.");
    }
    match present == wanted {
        true => format!("Reassignment of partition {at} is completed."),
        false => format!(
            "There is no active reassignment of partition {at}, but replica set is {} rather than {}.",
            joined(present),
            joined(wanted)
        ),
    }
}
