//! Our own keys about the lag of groups (`klamm.group.…`): Kafka has none for it.

use alloc::{borrow::ToOwned as _, collections::BTreeMap, format, string::String, vec::Vec};
use core::time::Duration;

use crate::ConfigError;

const INTERVAL: &str = "klamm.group.lag.interval.ms";
const GROUPS_MAX: &str = "klamm.group.metrics.groups.max";
const TOPICS_MAX: &str = "klamm.group.metrics.topics.max";
const PARTITIONS_MAX: &str = "klamm.group.metrics.partitions.max";
const INTERVAL_MS_DEFAULT: u32 = 10_000;
/// More often would cost more than it tells.
const INTERVAL_MS_MIN: u32 = 500;
const GROUPS_MAX_DEFAULT: u32 = 1_000;
const TOPICS_MAX_DEFAULT: u32 = 1_000;

/// How often lag is measured, and how much of it has series of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LagConfig {
    /// `klamm.group.lag.interval.ms`: the time from one round to the next.
    pub interval: Duration,
    /// `klamm.group.metrics.groups.max`: how many groups have series.
    pub groups_max: u32,
    /// `klamm.group.metrics.topics.max`: how many topics of groups have series.
    pub topics_max: u32,
    /// `klamm.group.metrics.partitions.max`: how many partitions of groups have series; none by default.
    pub partitions_max: u32,
}

impl LagConfig {
    /// The keys.
    pub const KEYS: [&'static str; 4] = [INTERVAL, GROUPS_MAX, TOPICS_MAX, PARTITIONS_MAX];

    /// Reads the keys out of a server's properties; others are passed by.
    ///
    /// # Errors
    /// A fault for each that cannot be used.
    pub fn read(properties: &BTreeMap<String, String>) -> Result<Self, Vec<ConfigError>> {
        let mut faults = Vec::new();
        let refused = |key: &str, reason| ConfigError::Refused { key: key.to_owned(), reason };
        let mut number = |key, default| {
            let Some(text) = properties.get(key).map(|text| text.trim()).filter(|text| !text.is_empty())
            else {
                return default;
            };
            text.parse().unwrap_or_else(|error| {
                faults.push(refused(key, format!("'{text}': {error}")));
                default
            })
        };
        let interval_ms = number(INTERVAL, INTERVAL_MS_DEFAULT);
        let groups_max = number(GROUPS_MAX, GROUPS_MAX_DEFAULT);
        let topics_max = number(TOPICS_MAX, TOPICS_MAX_DEFAULT);
        let partitions_max = number(PARTITIONS_MAX, 0);
        if interval_ms < INTERVAL_MS_MIN {
            faults.push(refused(INTERVAL, format!("{interval_ms} is less than {INTERVAL_MS_MIN}")));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let interval = Duration::from_millis(u64::from(interval_ms));
        Ok(Self { interval, groups_max, topics_max, partitions_max })
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<LagConfig, Vec<String>> {
        let set = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        LagConfig::read(&set).map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_is_not_set_is_the_default() {
        let expected = LagConfig {
            interval: Duration::from_secs(10),
            groups_max: 1_000,
            topics_max: 1_000,
            partitions_max: 7,
        };
        assert_eq!(read(&[(PARTITIONS_MAX, " 7 "), (TOPICS_MAX, ""), ("else", "x")]), Ok(expected));
    }

    #[test]
    fn every_fault_has_its_line() {
        let said = read(&[(INTERVAL, "499"), (TOPICS_MAX, "-1"), (GROUPS_MAX, "many")]).expect_err("faults");
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said.contains(&format!("{INTERVAL}: 499 is less than 500")), "{said:?}");
        assert!(said.iter().any(|line| line.starts_with(TOPICS_MAX)), "{said:?}");
    }
}
