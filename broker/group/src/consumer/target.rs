//! The target assignment of a group's epoch.

use alloc::{collections::BTreeMap, vec::Vec};

use broker_protocol::Str;
use broker_types::{GroupId, Timestamp};

use super::{
    assignor::{Assignor, Member, Problem},
    records::{Writer, read},
    subscription,
};
use crate::{ConsumerGroup, InstanceId, Metadata, TopicMetadata, work::Work};

/// Assigns anew when the group has a new epoch, unless that was done a moment ago: then the next heartbeat after the
/// interval does it.
pub(super) fn update(work: &mut Work<'_>, id: &GroupId) {
    let Some(group) = work.consumer_group(id) else { return };
    if group.target_epoch >= group.epoch || !may_assign(work, id, &group) {
        return;
    }
    let default = work.settings.consumer_assignors.first();
    let name = subscription::preferred_assignor(&group).or_else(|| default.cloned());
    let assignor = name.as_deref().and_then(Assignor::named).unwrap_or(Assignor::Uniform);
    let assignments = assignor.assign(&problem(work.metadata, &group));
    let changed: Vec<_> = assignments
        .into_iter()
        .filter(|(member, target)| group.targets.get(member).map(|old| read(old)).as_ref() != Some(target))
        .collect();
    let now = work.now.wall.as_millis();
    let mut writer = Writer::new(work, id);
    for (member, target) in &changed {
        writer.target(member, Some(target));
    }
    writer.target_epoch(Some((group.epoch, now)));
}

fn may_assign(work: &Work<'_>, id: &GroupId, group: &ConsumerGroup) -> bool {
    let interval = work.metadata.group_config(id).assignment_interval;
    let interval = interval.unwrap_or(work.settings.consumer_assignment_interval);
    let last = Timestamp::from_millis(group.target_timestamp);
    group.target_timestamp == 0 || interval.is_zero() || work.now.wall >= last.plus(interval)
}

fn problem(metadata: &dyn Metadata, group: &ConsumerGroup) -> Problem {
    let mut topics = BTreeMap::<&Str, Option<TopicMetadata>>::new();
    let mut problem = Problem::default();
    for (id, member) in group.members.iter() {
        let mut wants = Member {
            instance: member.metadata.instance_id.clone().map(InstanceId::new),
            target: group.targets.get(id).map(|target| read(target)).unwrap_or_default(),
            ..Member::default()
        };
        for name in subscription::names(group, &member.metadata) {
            let topic = topics.entry(name).or_insert_with(|| metadata.topic(name));
            if let Some(topic) = topic {
                wants.topics.insert(topic.id);
                problem.partitions.insert(topic.id, topic.partitions);
            }
        }
        problem.members.insert(id.clone(), wants);
    }
    problem
}
