//! `/v1/groups` and `/v1/groups/{group}`: what groups do, who is in them, how far they are, and why they rebalanced last, as
//! their coordinator knows it.
//!
//! Reasons die with a coordinator's leadership: a new one knows those since it leads.

mod list;
mod offsets;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use broker_group::{
    Client, ConsumerGroupDescription, GroupDescription, GroupError, GroupType, InstanceId, MemberId,
    Rebalance, Request,
};
use broker_protocol::{ErrorCode, Str};
use serde_json::{Value, json};

pub(super) use self::list::list;
use crate::{
    broker::Broker,
    groups::{self, Failure, answer},
};

/// A group of any kind; 404 where there is none of the name, 421 where another broker coordinates it.
pub(super) async fn show(
    State(broker): State<Arc<Broker>>,
    Path(group): Path<String>,
) -> (StatusCode, Json<Value>) {
    match described(&broker, &group).await {
        Ok(found) => (StatusCode::OK, Json(found)),
        Err(failure) => {
            let code = failure.code();
            (status(code), Json(json!({ "group": group, "error": code.message() })))
        }
    }
}

fn status(error: ErrorCode) -> StatusCode {
    match error {
        ErrorCode::GroupIdNotFound => StatusCode::NOT_FOUND,
        ErrorCode::NotCoordinator => StatusCode::MISDIRECTED_REQUEST,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn described(broker: &Broker, group: &str) -> Result<Value, Failure> {
    let ids = || vec![groups::group_id(&Str::from(group))];
    let consumer = broker.ask_group(group, Request::DescribeConsumerGroups(ids())).await;
    match answer!(consumer, DescribeConsumerGroups)?.pop() {
        Some((_, Ok(found))) => {
            let mut shown = of_consumers(group, &found);
            offsets::add(broker, group, &offsets::owners_of_consumers(&found), &mut shown).await?;
            return Ok(shown);
        }
        // There is none, or it is a classic one.
        None | Some((_, Err(GroupError::GroupIdNotFound(_)))) => {}
        Some((_, Err(error))) => return Err(error.into()),
    }
    let classic = broker.ask_group(group, Request::DescribeGroups(ids())).await;
    match answer!(classic, DescribeGroups)?.pop() {
        Some((_, Ok(found))) => {
            let mut shown = of_classic(group, &found);
            offsets::add(broker, group, &offsets::owners_of_classic(&found), &mut shown).await?;
            Ok(shown)
        }
        Some((_, Err(error))) => Err(error.into()),
        None => Err(Failure::Unanswered(groups::MISMATCHED)),
    }
}

fn of_classic(group: &str, found: &GroupDescription) -> Value {
    let members = found.members.iter();
    let members = members.map(|it| member(&it.member, it.instance.as_ref(), &it.client));
    json!({
        "group": group,
        "type": GroupType::Classic.name(),
        "state": found.state.name(),
        "generation": found.generation.get(),
        "assignor": found.protocol.as_str(),
        "members": members.collect::<Vec<_>>(),
        "rebalances": rebalances(&found.rebalances),
    })
}

fn of_consumers(group: &str, found: &ConsumerGroupDescription) -> Value {
    let members = found.members.iter().map(|it| {
        let mut shown = member(&it.member, it.instance.as_ref(), &it.client);
        shown["epoch"] = json!(it.epoch);
        shown
    });
    json!({
        "group": group,
        "type": GroupType::Consumer.name(),
        "state": found.state.name(),
        "epoch": found.epoch,
        "assignmentEpoch": found.assignment_epoch,
        "assignor": found.assignor.as_str(),
        "members": members.collect::<Vec<_>>(),
        "rebalances": rebalances(&found.rebalances),
    })
}

fn member(id: &MemberId, instance: Option<&InstanceId>, client: &Client) -> Value {
    json!({
        "member": id.as_str(),
        "instance": instance.map(InstanceId::as_str),
        "client": client.id.as_str(),
        "host": client.host.as_str(),
    })
}

/// The latest last, with the generation or epoch that each ended.
fn rebalances(all: &[Rebalance]) -> Vec<Value> {
    let one = |rebalance: &Rebalance| {
        json!({
            "atMs": rebalance.at.as_millis(),
            "generation": rebalance.generation.get(),
            "reason": rebalance.reason.as_str(),
        })
    };
    all.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use broker_group::GroupState;
    use broker_types::Timestamp;

    use super::*;

    #[test]
    fn a_group_says_why_it_rebalanced() {
        let rebalances = vec![Rebalance {
            at: Timestamp::from_millis(5),
            generation: broker_group::Generation::new(3),
            reason: Str::from("member m joined"),
        }];
        let found = ConsumerGroupDescription {
            state: GroupState::Empty,
            epoch: 4,
            assignment_epoch: 4,
            assignor: Str::from("uniform"),
            members: Vec::new(),
            rebalances,
        };
        let shown = of_consumers("g", &found);
        assert_eq!(
            shown["rebalances"][0],
            json!({ "atMs": 5, "generation": 3, "reason": "member m joined" })
        );
        assert_eq!((&shown["type"], &shown["state"]), (&json!("consumer"), &json!("Empty")));
    }

    #[test]
    fn a_group_elsewhere_is_not_one_that_is_missing() {
        assert_eq!(status(ErrorCode::GroupIdNotFound), StatusCode::NOT_FOUND);
        assert_eq!(status(ErrorCode::NotCoordinator), StatusCode::MISDIRECTED_REQUEST);
        assert_eq!(status(ErrorCode::CoordinatorLoadInProgress), StatusCode::SERVICE_UNAVAILABLE);
    }
}
