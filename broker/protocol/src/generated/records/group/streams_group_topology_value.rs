// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `StreamsGroupTopologyValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `StreamsGroupTopologyValue`, key 23, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamsGroupTopologyValue {
    /// `Epoch`: versions 0+.
    pub epoch: i32,
    /// `Subtopologies`: versions 0+.
    pub subtopologies: Vec<Subtopology>,
}

impl Message for StreamsGroupTopologyValue {
    const NAME: &'static str = "StreamsGroupTopologyValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let epoch = r.i32("Epoch")?;
        let subtopologies = r.array(true, 8, "Subtopologies", |r| Subtopology::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { epoch, subtopologies })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i32(self.epoch);
        w.array(true, &self.subtopologies, "Subtopologies", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for StreamsGroupTopologyValue {
    const TYPE: i16 = 23;
}

/// Part of [`StreamsGroupTopologyValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subtopology {
    /// `SubtopologyId`: versions 0+.
    pub subtopology_id: Str,
    /// `SourceTopics`: versions 0+.
    pub source_topics: Vec<Str>,
    /// `SourceTopicRegex`: versions 0+.
    pub source_topic_regex: Vec<Str>,
    /// `StateChangelogTopics`: versions 0+.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// `RepartitionSinkTopics`: versions 0+.
    pub repartition_sink_topics: Vec<Str>,
    /// `RepartitionSourceTopics`: versions 0+.
    pub repartition_source_topics: Vec<TopicInfo>,
    /// `CopartitionGroups`: versions 0+.
    pub copartition_groups: Vec<CopartitionGroup>,
}

impl Subtopology {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let subtopology_id = r.str(true, "SubtopologyId")?;
        let source_topics = r.array(true, 1, "SourceTopics", |r| r.str(true, "SourceTopics"))?;
        let source_topic_regex = r.array(true, 1, "SourceTopicRegex", |r| r.str(true, "SourceTopicRegex"))?;
        let state_changelog_topics = r.array(true, 9, "StateChangelogTopics", |r| TopicInfo::decode(r, v))?;
        let repartition_sink_topics =
            r.array(true, 1, "RepartitionSinkTopics", |r| r.str(true, "RepartitionSinkTopics"))?;
        let repartition_source_topics =
            r.array(true, 9, "RepartitionSourceTopics", |r| TopicInfo::decode(r, v))?;
        let copartition_groups = r.array(true, 4, "CopartitionGroups", |r| CopartitionGroup::decode(r, v))?;
        r.no_tags()?;
        Ok(Self {
            subtopology_id,
            source_topics,
            source_topic_regex,
            state_changelog_topics,
            repartition_sink_topics,
            repartition_source_topics,
            copartition_groups,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.subtopology_id, "SubtopologyId")?;
        w.array(true, &self.source_topics, "SourceTopics", |w, it| w.str(true, it, "SourceTopics"))?;
        w.array(true, &self.source_topic_regex, "SourceTopicRegex", |w, it| {
            w.str(true, it, "SourceTopicRegex")
        })?;
        w.array(true, &self.state_changelog_topics, "StateChangelogTopics", |w, it| it.encode(w, v))?;
        w.array(true, &self.repartition_sink_topics, "RepartitionSinkTopics", |w, it| {
            w.str(true, it, "RepartitionSinkTopics")
        })?;
        w.array(true, &self.repartition_source_topics, "RepartitionSourceTopics", |w, it| it.encode(w, v))?;
        w.array(true, &self.copartition_groups, "CopartitionGroups", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupTopologyValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CopartitionGroup {
    /// `SourceTopics`: versions 0+.
    pub source_topics: Vec<i16>,
    /// `SourceTopicRegex`: versions 0+.
    pub source_topic_regex: Vec<i16>,
    /// `RepartitionSourceTopics`: versions 0+.
    pub repartition_source_topics: Vec<i16>,
}

impl CopartitionGroup {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let source_topics = r.fixed_array(true, "SourceTopics")?;
        let source_topic_regex = r.fixed_array(true, "SourceTopicRegex")?;
        let repartition_source_topics = r.fixed_array(true, "RepartitionSourceTopics")?;
        r.no_tags()?;
        Ok(Self { source_topics, source_topic_regex, repartition_source_topics })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.fixed_array(true, &self.source_topics, "SourceTopics")?;
        w.fixed_array(true, &self.source_topic_regex, "SourceTopicRegex")?;
        w.fixed_array(true, &self.repartition_source_topics, "RepartitionSourceTopics")?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupTopologyValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicConfig {
    /// `key`: versions 0+.
    pub key: Str,
    /// `value`: versions 0+.
    pub value: Str,
}

impl TopicConfig {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let key = r.str(true, "key")?;
        let value = r.str(true, "value")?;
        r.no_tags()?;
        Ok(Self { key, value })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.key, "key")?;
        w.str(true, &self.value, "value")?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupTopologyValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicInfo {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: i32,
    /// `ReplicationFactor`: versions 0+.
    pub replication_factor: i16,
    /// `TopicConfigs`: versions 0+.
    pub topic_configs: Vec<TopicConfig>,
}

impl TopicInfo {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let partitions = r.i32("Partitions")?;
        let replication_factor = r.i16("ReplicationFactor")?;
        let topic_configs = r.array(true, 3, "TopicConfigs", |r| TopicConfig::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { name, partitions, replication_factor, topic_configs })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.run::<6>().with(self.partitions).with(self.replication_factor);
        w.array(true, &self.topic_configs, "TopicConfigs", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}
