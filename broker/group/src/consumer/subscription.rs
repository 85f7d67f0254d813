//! What the members of a group want.

use alloc::collections::{BTreeMap, BTreeSet};

use broker_protocol::{Str, records::group::ConsumerGroupMemberMetadataValue};
use broker_types::TopicId;

use crate::{ConsumerGroup, Metadata};

/// The pattern of a member; `None` for none, which the wire also writes as empty.
pub(super) fn regex(member: &ConsumerGroupMemberMetadataValue) -> Option<&Str> {
    member.subscribed_topic_regex.as_ref().filter(|regex| !regex.is_empty())
}

/// The names that one member wants, those that its pattern matched included.
pub(super) fn names<'a>(
    group: &'a ConsumerGroup,
    member: &'a ConsumerGroupMemberMetadataValue,
) -> impl Iterator<Item = &'a Str> {
    let matched = regex(member).and_then(|regex| group.regexes.get(regex));
    let matched = matched.map(|matched| matched.topics.iter()).into_iter().flatten();
    member.subscribed_topic_names.iter().chain(matched)
}

/// The names that the group wants.
pub(super) fn all_names(group: &ConsumerGroup) -> BTreeSet<Str> {
    group.members.values().flat_map(|member| names(group, &member.metadata)).cloned().collect()
}

/// Whether any member wants a topic.
pub(crate) fn is_subscribed(group: &ConsumerGroup, topic: &str) -> bool {
    group.members.values().any(|member| names(group, &member.metadata).any(|name| &**name == topic))
}

/// How many members have a pattern.
pub(super) fn regex_count(group: &ConsumerGroup, pattern: &Str) -> usize {
    group.members.values().filter(|member| regex(&member.metadata) == Some(pattern)).count()
}

/// The topics that a member wants and that are there.
pub(super) fn topic_ids(
    metadata: &dyn Metadata,
    group: &ConsumerGroup,
    member: &ConsumerGroupMemberMetadataValue,
) -> BTreeSet<TopicId> {
    names(group, member).filter_map(|name| metadata.topic(name)).map(|topic| topic.id).collect()
}

/// The assignor that most members ask for; of equals the first by name. `None` when nobody does.
pub(super) fn preferred_assignor(group: &ConsumerGroup) -> Option<Str> {
    let mut votes = BTreeMap::<&Str, usize>::new();
    for member in group.members.values() {
        if let Some(name) = &member.metadata.server_assignor {
            *votes.entry(name).or_default() += 1;
        }
    }
    let best = votes.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map(|(name, _)| name.clone())
}
