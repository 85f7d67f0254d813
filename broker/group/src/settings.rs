//! What the coordinator is told when it is made.

use alloc::{vec, vec::Vec};
use core::time::Duration;

use broker_protocol::Str;

/// Settings of a group coordinator, from its node's configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `group.min.session.timeout.ms`.
    pub session_timeout_min: Duration,
    /// `group.max.session.timeout.ms`.
    pub session_timeout_max: Duration,
    /// `group.initial.rebalance.delay.ms`.
    pub initial_rebalance_delay: Duration,
    /// `group.max.size`.
    pub group_size_max: usize,
    /// How long a new member's first JoinGroup may wait (five minutes in Kafka, not configurable).
    pub new_member_join_timeout: Duration,
    /// `offset.metadata.max.bytes`.
    pub offset_metadata_bytes_max: usize,
    /// `offsets.retention.minutes`.
    pub offsets_retention: Duration,
    /// `offsets.retention.check.interval.ms`.
    pub offsets_retention_check_interval: Duration,
    /// `group.consumer.session.timeout.ms`.
    pub consumer_session_timeout: Duration,
    /// `group.consumer.heartbeat.interval.ms`.
    pub consumer_heartbeat_interval: Duration,
    /// `group.consumer.max.size`.
    pub consumer_group_size_max: usize,
    /// `group.consumer.assignors`: names, the default first. Known are `uniform` and `range`.
    pub consumer_assignors: Vec<Str>,
    /// `group.consumer.assignment.interval.ms`: how much time lies between two target assignments at least.
    pub consumer_assignment_interval: Duration,
    /// `group.consumer.migration.policy`.
    pub migration: MigrationPolicy,
    /// `group.consumer.regex.refresh.interval.ms`.
    pub regex_refresh_interval: Duration,
}

impl Default for Settings {
    /// Kafka's defaults.
    fn default() -> Self {
        Self {
            session_timeout_min: Duration::from_secs(6),
            session_timeout_max: Duration::from_secs(30 * 60),
            initial_rebalance_delay: Duration::from_secs(3),
            group_size_max: usize::try_from(i32::MAX).unwrap_or(usize::MAX),
            new_member_join_timeout: Duration::from_secs(5 * 60),
            offset_metadata_bytes_max: 4096,
            offsets_retention: Duration::from_secs(7 * 24 * 60 * 60),
            offsets_retention_check_interval: Duration::from_secs(10 * 60),
            consumer_session_timeout: Duration::from_secs(45),
            consumer_heartbeat_interval: Duration::from_secs(5),
            consumer_group_size_max: usize::try_from(i32::MAX).unwrap_or(usize::MAX),
            consumer_assignors: vec![Str::from_static("uniform"), Str::from_static("range")],
            consumer_assignment_interval: Duration::from_secs(1),
            migration: MigrationPolicy::Bidirectional,
            regex_refresh_interval: Duration::from_secs(10 * 60),
        }
    }
}

/// Which way groups may change their type while they have members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationPolicy {
    /// Both ways.
    Bidirectional,
    /// Classic to consumer only.
    Upgrade,
    /// Consumer to classic only.
    Downgrade,
    /// Not at all.
    Disabled,
}

impl MigrationPolicy {
    /// Whether a classic group with members may become a consumer group.
    #[must_use]
    pub const fn upgrades(self) -> bool {
        matches!(self, Self::Bidirectional | Self::Upgrade)
    }

    /// Whether a consumer group with classic members only may become a classic group.
    #[must_use]
    pub const fn downgrades(self) -> bool {
        matches!(self, Self::Bidirectional | Self::Downgrade)
    }
}
