//! The partitions of a group: what it committed, where their logs begin and end, and how far it is.

use std::collections::BTreeMap;

use broker_group::{ConsumerGroupDescription, GroupDescription, GroupLag, MemberId, OffsetFetch, Request};
use broker_protocol::{Message as _, Str, messages::ConsumerProtocolAssignment, wire::Reader};
use broker_types::{PartitionId, TopicName};
use serde_json::{Value, json};

use crate::{
    broker::Broker,
    groups::{self, Failure, Row, RowLag, answer},
};

/// How many partitions of a group are told.
const ROWS_MAX: usize = 20_000;

/// Who has each partition.
pub(super) type Owners = BTreeMap<(TopicName, PartitionId), MemberId>;

/// What the members of a classic group were given. What cannot be read is none of consumers.
pub(super) fn owners_of_classic(found: &GroupDescription) -> Owners {
    let mut owners = Owners::new();
    for member in &found.members {
        let mut reader = Reader::new(member.assignment.clone());
        // Every version begins as version 0.
        let read = reader.i16("version").and_then(|_| ConsumerProtocolAssignment::decode(&mut reader, 0));
        for topic in read.iter().flat_map(|read| &read.assigned_partitions) {
            let name = TopicName::new(&topic.topic);
            let all = topic
                .partitions
                .iter()
                .map(|id| ((name.clone(), PartitionId::new(*id)), member.member.clone()));
            owners.extend(all);
        }
    }
    owners
}

/// What the members of a KIP-848 group have.
pub(super) fn owners_of_consumers(found: &ConsumerGroupDescription) -> Owners {
    let mut owners = Owners::new();
    for member in &found.members {
        for (name, owned) in &member.assignment {
            let all = owned.partitions.iter().map(|id| ((name.clone(), *id), member.member.clone()));
            owners.extend(all);
        }
    }
    owners
}

/// Adds the partitions to what is shown of a group, and the sums of all.
pub(super) async fn add(
    broker: &Broker,
    group: &str,
    owners: &Owners,
    shown: &mut Value,
) -> Result<(), Failure> {
    let mut rows: BTreeMap<_, Option<i64>> = owners.keys().map(|at| (at.clone(), None)).collect();
    rows.extend(committed(broker, group).await?.into_iter().map(|(at, offset)| (at, Some(offset))));
    let left_out = rows.len().saturating_sub(ROWS_MAX);
    let row = |((topic, partition), committed)| Row { topic, partition, committed };
    let rows: Vec<_> = rows.into_iter().take(ROWS_MAX).map(row).collect();
    let lags = broker.lag.measure(rows.clone()).await;
    let mut sum = GroupLag::default();
    for (row, lag) in rows.iter().zip(&lags).filter(|(row, _)| row.committed.is_some()) {
        debug_assert!(lag.is_none_or(|found| found.lag.is_some()), "{row:?} is measured, or not known");
        sum.add(lag.and_then(|found| found.lag).as_ref());
    }
    shown["lag"] = json!(sum.records);
    shown["maxLag"] = json!(sum.records_max);
    shown["maxLagSeconds"] = json!(sum.time_max.least.as_secs_f64());
    shown["maxLagSecondsAtLeast"] = json!(sum.time_max.may_be_longer);
    shown["minLead"] = json!(sum.lead_min);
    let owner = |row: &Row| owners.get(&(row.topic.clone(), row.partition));
    let told = rows.iter().zip(lags).map(|(row, lag)| one(row, lag, owner(row)));
    shown["offsets"] = told.collect();
    shown["offsetsLeftOut"] = json!(left_out);
    Ok(())
}

async fn committed(broker: &Broker, group: &str) -> Result<BTreeMap<(TopicName, PartitionId), i64>, Failure> {
    let fetch = OffsetFetch {
        group: groups::group_id(&Str::from(group)),
        member: None,
        epoch: None,
        topics: None,
        require_stable: false,
    };
    let fetched = broker.ask_group(group, Request::OffsetFetch(fetch)).await;
    let mut committed = BTreeMap::new();
    for topic in answer!(fetched, OffsetFetch)?? {
        for fetched in topic.partitions {
            if let Ok(Some(offset)) = fetched.result {
                committed.insert((topic.topic.clone(), fetched.partition), offset.offset);
            }
        }
    }
    Ok(committed)
}

/// What is not known is null.
fn one(row: &Row, found: Option<RowLag>, owner: Option<&MemberId>) -> Value {
    let bounds = found.map(|found| found.bounds);
    let lag = found.and_then(|found| found.lag);
    // Where the log ended before the group committed says nothing of where its offset lies.
    let current = found.filter(|found| found.age.is_none()).and(lag);
    json!({
        "topic": row.topic.as_str(),
        "partition": row.partition.get(),
        "offset": row.committed,
        "start": bounds.map(|bounds| bounds.start.get()),
        "end": bounds.map(|bounds| bounds.end.get()),
        "lag": lag.map(|lag| lag.records),
        "lead": lag.map(|lag| lag.lead),
        "lagSeconds": lag.map(|lag| lag.time.least.as_secs_f64()),
        "lagSecondsAtLeast": lag.map(|lag| lag.time.may_be_longer),
        "position": current.map(|lag| lag.position.name()),
        "ageSeconds": found.map(|found| found.age.unwrap_or_default().as_secs_f64()),
        "member": owner.map(MemberId::as_str),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use broker_group::{LagTime, LogBounds, PartitionLag, Position};
    use broker_types::Offset;

    use super::*;

    #[test]
    fn what_is_not_known_is_null() {
        let row = |committed| Row { topic: TopicName::new("t"), partition: PartitionId::new(2), committed };
        let bounds = LogBounds { start: Offset::new(3), end: Offset::new(9) };
        let time = LagTime { least: Duration::from_millis(2_500), may_be_longer: true };
        let lag = PartitionLag { position: Position::Within, records: 4, lead: 2, time };
        let member = MemberId::new(Str::from("m"));
        let found = RowLag { bounds, age: None, lag: Some(lag) };
        assert_eq!(
            one(&row(Some(5)), Some(found), Some(&member)),
            json!({
                "topic": "t", "partition": 2, "offset": 5, "start": 3, "end": 9, "lag": 4, "lead": 2,
                "lagSeconds": 2.5, "lagSecondsAtLeast": true, "position": "within", "ageSeconds": 0.0, "member": "m",
            })
        );
        let old = RowLag { age: Some(Duration::from_secs(4)), ..found };
        let old = one(&row(Some(5)), Some(old), None);
        assert_eq!(
            (&old["lag"], &old["position"], &old["ageSeconds"]),
            (&json!(4), &Value::Null, &json!(4.0))
        );
        let assigned_only = one(&row(None), Some(RowLag { lag: None, ..found }), Some(&member));
        assert_eq!((&assigned_only["lag"], &assigned_only["end"]), (&Value::Null, &json!(9)));
        let gone = one(&row(Some(5)), None, None);
        assert_eq!((&gone["offset"], &gone["lag"], &gone["end"]), (&json!(5), &Value::Null, &Value::Null));
    }
}
