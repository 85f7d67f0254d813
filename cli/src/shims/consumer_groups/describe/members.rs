//! Who is in a group, as a table.

use std::collections::{BTreeMap, BTreeSet};

use broker_client::admin::groups::{Group, GroupMember};
use broker_types::TopicPartition;

use super::{MISSING, longest, or_missing};

pub(super) fn table(group: &Group, is_verbose: bool) -> String {
    let of = |part: fn(&GroupMember) -> &str| group.members.iter().map(part);
    let instance = |member: &GroupMember| member.instance_id.clone().unwrap_or_default();
    let instances: Vec<_> = group.members.iter().map(instance).collect();
    let has_instances = instances.iter().any(|instance| !instance.is_empty());
    let group_width = longest(15, group.members.first().map(|_| group.id.as_str()).into_iter());
    let id_width = longest(15, of(|member| &member.id));
    let instance_width = longest(17, instances.iter().map(String::as_str));
    let host_width = longest(15, of(|member| &member.host));
    let client_width = longest(15, of(|member| &member.client_id));
    let line = |[group, id, instance, host, client, partitions]: [&str; 6]| {
        let instance = if has_instances { format!("{instance:<instance_width$} ") } else { String::new() };
        format!(
            "{group:<group_width$} {id:<id_width$} {instance}{host:<host_width$} {client:<client_width$} {partitions:<15} "
        )
    };
    let more = More::of(group);
    let mut text = line(["GROUP", "CONSUMER-ID", "GROUP-INSTANCE-ID", "HOST", "CLIENT-ID", "#PARTITIONS"]);
    if is_verbose {
        text += &more.head();
    }
    for (member, instance) in group.members.iter().zip(&instances) {
        let count = member.assignment.len().to_string();
        text += "\n";
        text += &line([&group.id, &member.id, instance, &member.host, &member.client_id, &count]);
        if is_verbose {
            text += &more.row(group, member);
        }
    }
    format!("\n{text}\n")
}

/// The columns of `--verbose`.
struct More {
    current_width: usize,
    target_width: usize,
    /// Whether members of both protocols are in the group.
    is_mixed: bool,
}

impl More {
    fn of(group: &Group) -> Self {
        let current: Vec<_> = group.members.iter().map(|member| assigned(Some(&member.assignment))).collect();
        let target: Vec<_> = group.members.iter().map(|member| assigned(member.target.as_ref())).collect();
        let has = |upgraded: bool| group.members.iter().any(|member| member.is_upgraded == Some(upgraded));
        Self {
            current_width: longest(20, current.iter().map(String::as_str)),
            target_width: longest(20, target.iter().map(String::as_str)),
            is_mixed: has(true) && has(false),
        }
    }

    fn head(&self) -> String {
        self.line(["CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH", "TARGET-ASSIGNMENT", "UPGRADED"])
    }

    fn row(&self, group: &Group, member: &GroupMember) -> String {
        self.line([
            &or_missing(member.epoch),
            &assigned(Some(&member.assignment)),
            &or_missing(group.epochs.map(|(_, target)| target)),
            &assigned(member.target.as_ref()),
            &or_missing(member.is_upgraded),
        ])
    }

    fn line(&self, [epoch, current, target_epoch, target, upgraded]: [&str; 5]) -> String {
        let (current_width, target_width) = (self.current_width, self.target_width);
        let upgraded = if self.is_mixed { format!(" {upgraded}") } else { String::new() };
        format!("{epoch:<15} {current:<current_width$} {target_epoch:<15} {target:<target_width$}{upgraded}")
    }
}

/// Partitions as `topic:0,1;other:2`.
fn assigned(partitions: Option<&BTreeSet<TopicPartition>>) -> String {
    let mut topics: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for at in partitions.into_iter().flatten() {
        topics.entry(at.topic.as_str()).or_default().push(at.partition.to_string());
    }
    let mut texts: Vec<_> =
        topics.into_iter().map(|(topic, ids)| format!("{topic}:{}", ids.join(","))).collect();
    texts.sort();
    if texts.is_empty() { MISSING.to_owned() } else { texts.join(";") }
}

#[cfg(test)]
mod tests {
    use broker_client::admin::groups::{GroupState, GroupType};
    use broker_types::{BrokerId, PartitionId, TopicName};

    use super::*;

    fn member(is_upgraded: bool, instance_id: Option<&str>) -> GroupMember {
        let at = |id| TopicPartition::new(TopicName::new("t"), PartitionId::new(id));
        GroupMember {
            id: "m".to_owned(),
            instance_id: instance_id.map(str::to_owned),
            client_id: "c".to_owned(),
            host: "/h".to_owned(),
            assignment: [at(0), at(10), at(2)].into(),
            target: Some(BTreeSet::new()),
            epoch: Some(3),
            is_upgraded: Some(is_upgraded),
        }
    }

    #[test]
    fn columns_are_there_when_somebody_has_something_in_them() {
        let mut group = Group {
            id: "g".to_owned(),
            group_type: GroupType::Consumer,
            state: GroupState::Stable,
            coordinator: (BrokerId::new(1), String::new()),
            assignor: "uniform".to_owned(),
            epochs: Some((5, 4)),
            members: vec![member(true, None)],
        };
        let words = |text: String| {
            let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
            lines.collect::<Vec<_>>()
        };
        assert_eq!(
            words(table(&group, true)),
            [
                "",
                "GROUP CONSUMER-ID HOST CLIENT-ID #PARTITIONS CURRENT-EPOCH CURRENT-ASSIGNMENT TARGET-EPOCH \
                 TARGET-ASSIGNMENT",
                "g m /h c 3 3 t:0,2,10 4 -",
            ]
        );
        group.members.push(member(false, Some("i")));
        assert_eq!(
            words(table(&group, true))[1..],
            [
                "GROUP CONSUMER-ID GROUP-INSTANCE-ID HOST CLIENT-ID #PARTITIONS CURRENT-EPOCH CURRENT-ASSIGNMENT \
                 TARGET-EPOCH TARGET-ASSIGNMENT UPGRADED",
                "g m /h c 3 3 t:0,2,10 4 - true",
                "g m i /h c 3 3 t:0,2,10 4 - false",
            ]
        );
    }
}
