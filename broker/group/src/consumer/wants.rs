//! What a member wants, and the group's epoch that follows from what all want.

use alloc::{collections::BTreeSet, format, string::String, sync::Arc, vec::Vec};

use broker_protocol::{
    Str,
    records::group::{ConsumerGroupMemberMetadataValue, ConsumerGroupRegularExpressionValue},
};
use broker_types::{GroupId, Mono, TopicName};

use super::{metadata_hash, records::Writer, subscription};
use crate::{
    ConsumerGroup, ConsumerHeartbeat, Generation, GroupError, MemberId, Reader, classic::millis,
    coordinator::Live, work::Work,
};

impl Live {
    /// Writes what the member wants now. Says whether that changed what it wants; the group's epoch follows.
    pub(super) fn take_wants(
        &mut self,
        work: &mut Work<'_>,
        member: &MemberId,
        request: &ConsumerHeartbeat,
    ) -> Result<bool, GroupError> {
        let id = &request.group;
        let group = work.consumer_group(id).unwrap_or_default();
        let known = group.members.get(member).map(|member| Arc::clone(&member.metadata));
        let before = known.as_deref().cloned().unwrap_or_else(nobody);
        let after = updated(&before, request);
        self.change_member(work, id, member, known.is_some().then_some(before), after)
    }

    /// Writes what a member wants now; says whether that is something else than before. The group's epoch follows.
    pub(super) fn change_member(
        &mut self,
        work: &mut Work<'_>,
        id: &GroupId,
        member: &MemberId,
        known: Option<ConsumerGroupMemberMetadataValue>,
        after: ConsumerGroupMemberMetadataValue,
    ) -> Result<bool, GroupError> {
        let is_new = known.is_none();
        let before = known.unwrap_or_else(nobody);
        let names_changed = names(&before) != names(&after);
        let old_regex = subscription::regex(&before).cloned();
        let new_regex = subscription::regex(&after).cloned();
        if is_new || after != before {
            Writer::new(work, id).member(member, Some(after));
        }
        let regex_changed = old_regex != new_regex;
        if regex_changed {
            change_regex(work, id, old_regex.as_ref(), new_regex.as_ref())?;
        }
        let reason = || match is_new {
            true => format!("member {member} joined"),
            false => format!("member {member} changed what it subscribes to"),
        };
        self.bump(work, id, (names_changed || regex_changed).then(reason));
        Ok(names_changed || regex_changed)
    }

    /// A new group epoch when its members want something else, or the topics that they want changed.
    fn bump(&mut self, work: &mut Work<'_>, id: &GroupId, mut reason: Option<String>) {
        let live = self.consumer.entry(id.clone()).or_default();
        let Some(group) = work.consumer_group(id) else { return };
        let refresh = work.settings.regex_refresh_interval;
        let is_old = |at: Mono| !group.regexes.is_empty() && work.now.mono.since(at) >= refresh;
        let is_stale = live.fresh_at.is_none_or(is_old);
        if !is_stale && reason.is_none() {
            return;
        }
        // What a pattern matches is looked up in the name of a member that may see it.
        let reader = work.reader.clone();
        if is_stale && reader.as_ref().is_some_and(|reader| resolve_again(work, id, &group, reader)) {
            reason.get_or_insert_with(|| String::from("other topics match its patterns"));
        }
        let group = work.consumer_group(id).unwrap_or(group);
        let hash = metadata_hash::of_group(work.metadata, &subscription::all_names(&group));
        if hash != group.metadata_hash {
            reason.get_or_insert_with(|| String::from("the topics that it wants changed"));
        }
        if reader.is_some() || group.regexes.is_empty() {
            live.fresh_at = Some(work.now.mono);
        }
        if let Some(reason) = reason {
            live.history.add(work.now.wall, Generation::new(group.epoch), reason);
            Writer::new(work, id).epoch(Some((group.epoch.saturating_add(1), hash)));
        }
    }
}

/// A member that was none.
pub(super) fn nobody() -> ConsumerGroupMemberMetadataValue {
    ConsumerGroupMemberMetadataValue {
        instance_id: None,
        rack_id: None,
        subscribed_topic_regex: None,
        server_assignor: None,
        classic_member_metadata: None,
        ..ConsumerGroupMemberMetadataValue::default()
    }
}

/// What is known of a member with what it says now; what it does not say is unchanged.
fn updated(
    before: &ConsumerGroupMemberMetadataValue,
    request: &ConsumerHeartbeat,
) -> ConsumerGroupMemberMetadataValue {
    let own = |text: &Str| text.detached();
    let topics = request.topics.as_ref();
    let mut names: Vec<_> = topics
        .map_or_else(|| before.subscribed_topic_names.clone(), |topics| topics.iter().map(to_str).collect());
    names.sort_unstable();
    names.dedup();
    ConsumerGroupMemberMetadataValue {
        instance_id: request
            .instance
            .as_ref()
            .map_or_else(|| before.instance_id.clone(), |it| Some(own(&it.to_str()))),
        rack_id: request.rack.as_ref().map(own).or_else(|| before.rack_id.clone()),
        client_id: own(&request.client.id),
        client_host: own(&request.client.host),
        subscribed_topic_names: names,
        subscribed_topic_regex: request
            .regex
            .as_ref()
            .map(own)
            .or_else(|| before.subscribed_topic_regex.clone()),
        rebalance_timeout_ms: request.rebalance_timeout.map_or(before.rebalance_timeout_ms, millis),
        server_assignor: request.assignor.as_ref().map(own).or_else(|| before.server_assignor.clone()),
        classic_member_metadata: None,
    }
}

fn to_str(topic: &TopicName) -> Str {
    Str::from(topic.as_str())
}

fn names(member: &ConsumerGroupMemberMetadataValue) -> BTreeSet<&Str> {
    member.subscribed_topic_names.iter().collect()
}

/// A member has another pattern: one that nobody has any more is forgotten, a new one is looked up.
fn change_regex(
    work: &mut Work<'_>,
    id: &GroupId,
    old: Option<&Str>,
    new: Option<&Str>,
) -> Result<(), GroupError> {
    let group = work.consumer_group(id).unwrap_or_default();
    if let Some(old) = old
        && subscription::regex_count(&group, old) == 0
        && group.regexes.contains_key(old)
    {
        Writer::new(work, id).regex(old, None);
    }
    let Some(new) = new else { return Ok(()) };
    if group.regexes.contains_key(new) {
        return Ok(());
    }
    let Some(reader) = work.reader.clone() else { return Ok(()) };
    let matched = work.metadata.matching(new, &reader).map_err(|error| {
        GroupError::InvalidRegex(Str::from(format!(
            "SubscribedTopicRegex `{new}` is not a valid regular expression: {error}."
        )))
    })?;
    let value = resolved(work, &matched);
    Writer::new(work, id).regex(new, Some(value));
    Ok(())
}

fn resolved(work: &Work<'_>, topics: &[TopicName]) -> ConsumerGroupRegularExpressionValue {
    let timestamp = work.now.wall.as_millis();
    ConsumerGroupRegularExpressionValue { topics: topics.iter().map(to_str).collect(), version: 0, timestamp }
}

/// Looks all patterns of a group up again; says whether any matches other topics than before.
fn resolve_again(work: &mut Work<'_>, id: &GroupId, group: &ConsumerGroup, reader: &Reader) -> bool {
    let mut changed = false;
    for (pattern, before) in group.regexes.iter() {
        let Ok(matched) = work.metadata.matching(pattern, reader) else { continue };
        let value = resolved(work, &matched);
        if value.topics != before.topics {
            changed = true;
            Writer::new(work, id).regex(pattern, Some(value));
        }
    }
    changed
}
