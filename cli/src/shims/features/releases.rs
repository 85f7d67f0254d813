//! The releases of Kafka's metadata as its 4.3.1 tools know them, and the levels of the other features in each.

use anyhow::{Result, bail};

/// The feature that follows releases.
pub(super) const METADATA: &str = "metadata.version";

/// The level of the first release that is still known.
const FIRST_LEVEL: i16 = 7;
/// By level from [`FIRST_LEVEL`] on. The last is not released yet.
const NAMES: [&str; 25] = [
    "3.3-IV3", "3.4-IV0", "3.5-IV0", "3.5-IV1", "3.5-IV2", "3.6-IV0", "3.6-IV1", "3.6-IV2", "3.7-IV0",
    "3.7-IV1", "3.7-IV2", "3.7-IV3", "3.7-IV4", "3.8-IV0", "3.9-IV0", "4.0-IV0", "4.0-IV1", "4.0-IV2",
    "4.0-IV3", "4.1-IV0", "4.1-IV1", "4.2-IV0", "4.2-IV1", "4.3-IV0", "4.4-IV0",
];
/// The level of the newest release.
const LATEST_LEVEL: i16 = 30;

/// A release of the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Release {
    pub(super) level: i16,
    pub(super) name: &'static str,
}

/// A feature with levels of its own.
pub(super) struct Feature {
    pub(super) name: &'static str,
    pub(super) highest: i16,
    /// The metadata level from which on the highest level is usual; 0 before.
    usual_from: i16,
    /// The metadata level that it needs.
    pub(super) needs: Option<i16>,
}

/// In the order in which Kafka's tools tell them.
pub(super) const FEATURES: [Feature; 6] = [
    Feature { name: "kraft.version", highest: 1, usual_from: 21, needs: None },
    Feature { name: "transaction.version", highest: 2, usual_from: 24, needs: None },
    Feature { name: "group.version", highest: 1, usual_from: 22, needs: None },
    Feature { name: "eligible.leader.replicas.version", highest: 1, usual_from: 26, needs: Some(23) },
    Feature { name: "share.version", highest: 1, usual_from: 28, needs: None },
    Feature { name: "streams.version", highest: 1, usual_from: 29, needs: None },
];

impl Feature {
    /// The level that a cluster of that release usually has.
    pub(super) fn level_in(&self, release: Release) -> i16 {
        if release.level >= self.usual_from { self.highest } else { 0 }
    }
}

impl Release {
    pub(super) fn latest() -> Self {
        Self { level: LATEST_LEVEL, name: Self::of_level(LATEST_LEVEL).map_or("", |latest| latest.name) }
    }

    pub(super) fn of_level(level: i16) -> Option<Self> {
        let at = usize::try_from(level - FIRST_LEVEL).ok()?;
        NAMES.get(at).map(|name| Self { level, name })
    }

    /// A name in full (`4.3-IV0`), or the number of a release: the last of it.
    pub(super) fn named(text: &str) -> Result<Self> {
        let key = text.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
        let known = (FIRST_LEVEL..).map_while(Self::of_level);
        let is_it = |release: &Self| {
            let number = release.name.split('-').next();
            release.name == key || (release.level <= LATEST_LEVEL && number == Some(key.as_str()))
        };
        match known.filter(is_it).last() {
            Some(release) => Ok(release),
            None => bail!("Unknown {METADATA} '{text}'. Supported {METADATA} are: {}", NAMES.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_found_by_name_number_and_level() {
        let level = |text| Release::named(text).map(|release| release.level).ok();
        assert_eq!(level("3.3-IV3"), Some(7));
        assert_eq!(level("3.5"), Some(11));
        assert_eq!(level("4.3.1"), Some(30));
        assert_eq!(level("4.4"), None, "not released");
        assert_eq!(level("4.4-IV0"), Some(31));
        assert_eq!(level("3.0"), None);
        assert_eq!(Release::latest().name, "4.3-IV0");
        assert_eq!(Release::of_level(6), None);
    }
}
