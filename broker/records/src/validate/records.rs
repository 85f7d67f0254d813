//! The pass over a batch's records.

use alloc::vec::Vec;

use super::{RECORD_ISSUES_MAX, RecordIssue, RecordIssueKind, Rejected, RejectedCode, ValidationRules};
use crate::{BatchHeader, RecordView, Records, TimestampType};

/// What the pass found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// Milliseconds; the append time where the topic stamps it; -1: none.
    pub max_timestamp: i64,
    pub offset_delta_of_max_timestamp: i32,
    /// Whether offset deltas are 0, 1, 2, …
    pub offsets_are_sequential: bool,
}

/// The rules that hold for each record, worked out once.
struct Pass {
    index: i32,
    base_timestamp: i64,
    /// `None`: timestamps are the leader's, any will do.
    bounds: Option<(i64, i64)>,
    requires_keys: bool,
    /// The time of all records, in a batch that claims to be stamped by a leader.
    stamped: Option<i64>,
    max_timestamp: i64,
    offset_delta_of_max_timestamp: i32,
    offsets_are_sequential: bool,
}

/// Checks every record of `payload`, which is not compressed.
pub(super) fn check(
    header: &BatchHeader,
    payload: &[u8],
    rules: &ValidationRules,
) -> Result<Facts, Rejected> {
    let stamps = rules.timestamp_type == TimestampType::LogAppend;
    let mut pass = Pass {
        index: 0,
        base_timestamp: header.base_timestamp,
        bounds: (!stamps).then(|| (rules.earliest_ms(), rules.latest_ms())),
        requires_keys: rules.requires_keys,
        stamped: (header.attributes.timestamp_type() == TimestampType::LogAppend)
            .then_some(header.max_timestamp),
        max_timestamp: -1,
        offset_delta_of_max_timestamp: 0,
        offsets_are_sequential: true,
    };
    let mut issues = Issues::default();
    for record in Records::new(payload, header.record_count) {
        if let Some(kind) = pass.check(&record?) {
            issues.note(pass.index, kind);
        }
        pass.index = pass.index.saturating_add(1);
    }
    issues.into_result()?;
    if stamps {
        pass.max_timestamp = rules.now.as_millis();
        pass.offset_delta_of_max_timestamp = 0;
    }
    Ok(Facts {
        max_timestamp: pass.max_timestamp,
        offset_delta_of_max_timestamp: pass.offset_delta_of_max_timestamp,
        offsets_are_sequential: pass.offsets_are_sequential,
    })
}

impl Pass {
    #[inline]
    fn check(&mut self, record: &RecordView<'_>) -> Option<RecordIssueKind> {
        self.offsets_are_sequential &= record.offset_delta == self.index;
        let timestamp =
            self.stamped.unwrap_or_else(|| self.base_timestamp.wrapping_add(record.timestamp_delta));
        if timestamp > self.max_timestamp {
            self.max_timestamp = timestamp;
            self.offset_delta_of_max_timestamp = self.index;
        }
        if self.requires_keys && record.key.is_none() {
            return Some(RecordIssueKind::NoKey);
        }
        match self.bounds {
            Some((earliest, latest)) if timestamp != -1 => (timestamp < earliest || timestamp > latest)
                .then_some(RecordIssueKind::TimestampRange { timestamp, earliest, latest }),
            _ => self.stamped.map(|_| RecordIssueKind::TimestampType),
        }
    }
}

#[derive(Default)]
struct Issues {
    first: Vec<RecordIssue>,
    total: usize,
    has_timestamp: bool,
}

impl Issues {
    #[cold]
    fn note(&mut self, batch_index: i32, kind: RecordIssueKind) {
        self.total += 1;
        self.has_timestamp |= !matches!(kind, RecordIssueKind::NoKey);
        if self.first.len() < RECORD_ISSUES_MAX {
            self.first.push(RecordIssue { batch_index, kind });
        }
    }

    fn into_result(self) -> Result<(), Rejected> {
        if self.total == 0 {
            return Ok(());
        }
        let code =
            if self.has_timestamp { RejectedCode::InvalidTimestamp } else { RejectedCode::InvalidRecord };
        Err(Rejected::Records { code, total: self.total, issues: self.first })
    }
}
