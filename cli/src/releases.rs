//! The releases of Kafka's metadata as its 4.3.1 tools know them, and the levels of the other features in each.

use anyhow::{Context as _, Result, bail};

/// The feature that follows releases.
pub(crate) const METADATA: &str = "metadata.version";

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
pub(crate) struct Release {
    pub(crate) level: i16,
    pub(crate) name: &'static str,
}

/// A feature with levels of its own.
pub(crate) struct Feature {
    pub(crate) name: &'static str,
    pub(crate) highest: i16,
    /// The metadata level from which on the highest level is usual; 0 before.
    usual_from: i16,
    /// The metadata level that it needs.
    pub(crate) needs: Option<i16>,
    /// Whether a cluster of ours can have it.
    pub(crate) is_built: bool,
}

/// In the order in which Kafka's tools tell them.
pub(crate) const FEATURES: [Feature; 6] = [
    Feature { name: "kraft.version", highest: 1, usual_from: 21, needs: None, is_built: true },
    Feature { name: "transaction.version", highest: 2, usual_from: 24, needs: None, is_built: true },
    Feature { name: "group.version", highest: 1, usual_from: 22, needs: None, is_built: true },
    Feature {
        name: "eligible.leader.replicas.version",
        highest: 1,
        usual_from: 26,
        needs: Some(23),
        is_built: true,
    },
    Feature { name: "share.version", highest: 1, usual_from: 28, needs: None, is_built: false },
    Feature { name: "streams.version", highest: 1, usual_from: 29, needs: None, is_built: false },
];

impl Feature {
    /// The level that a cluster of that release usually has.
    pub(crate) fn level_in(&self, release: Release) -> i16 {
        if release.level >= self.usual_from { self.highest } else { 0 }
    }
}

impl Release {
    pub(crate) fn latest() -> Self {
        Self { level: LATEST_LEVEL, name: Self::of_level(LATEST_LEVEL).map_or("", |latest| latest.name) }
    }

    pub(crate) fn of_level(level: i16) -> Option<Self> {
        let at = usize::try_from(level.checked_sub(FIRST_LEVEL)?).ok()?;
        NAMES.get(at).map(|name| Self { level, name })
    }

    /// As [`Self::of_level`]; what is wrong with the level in Kafka's words.
    pub(crate) fn at(level: i16) -> Result<Self> {
        let last = (FIRST_LEVEL..).map_while(Self::of_level).last().map_or(FIRST_LEVEL, |last| last.level);
        Self::of_level(level).with_context(|| {
            format!(
                "No MetadataVersion with feature level {level}. Valid feature levels are from {FIRST_LEVEL} to {last}."
            )
        })
    }

    /// A name in full (`4.3-IV0`), or the number of a release: the last of it.
    pub(crate) fn named(text: &str) -> Result<Self> {
        Self::among(text, &NAMES)
    }

    /// The same of those that are released.
    pub(crate) fn released(text: &str) -> Result<Self> {
        let released = usize::try_from(LATEST_LEVEL - FIRST_LEVEL).unwrap_or_default();
        Self::among(text, NAMES.get(..=released).unwrap_or(&NAMES))
    }

    fn among(text: &str, names: &[&str]) -> Result<Self> {
        let key = text.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
        let known = (FIRST_LEVEL..).map_while(Self::of_level).take(names.len());
        let is_it = |release: &Self| {
            let number = release.name.split('-').next();
            release.name == key || (release.level <= LATEST_LEVEL && number == Some(key.as_str()))
        };
        match known.filter(is_it).last() {
            Some(release) => Ok(release),
            None => bail!("Unknown {METADATA} '{text}'. Supported {METADATA} are: {}", names.join(", ")),
        }
    }
}

/// The levels that a release has, as Kafka's tools tell them; the release by the name that it was `called`.
pub(crate) fn mapping(release: Release, called: &str) -> String {
    let first = format!("{METADATA}={} ({called})\n", release.level);
    let others = FEATURES.iter().map(|feature| format!("{}={}\n", feature.name, feature.level_in(release)));
    [first].into_iter().chain(others).collect()
}

/// What is asked for that there is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSuch {
    /// No release of the metadata has the level.
    Release,
    Feature,
    Level,
}

/// What the level of a feature needs of others, as Kafka's tools tell it.
pub(crate) fn dependencies(name: &str, level: i16) -> Result<String, NoSuch> {
    if name == METADATA {
        let release = Release::of_level(level).ok_or(NoSuch::Release)?;
        return Ok(format!("{name}={level} ({}) has no dependencies.\n", release.name));
    }
    let feature = FEATURES.iter().find(|feature| feature.name == name).ok_or(NoSuch::Feature)?;
    if !(0..=feature.highest).contains(&level) {
        return Err(NoSuch::Level);
    }
    let needed = feature.needs.filter(|_| level > 0).and_then(Release::of_level);
    Ok(match needed {
        None => format!("{name}={level} has no dependencies.\n"),
        Some(needed) => {
            format!("{name}={level} requires:\n    {METADATA}={} ({})\n", needed.level, needed.name)
        }
    })
}

/// `NAME=LEVEL`.
pub(crate) fn name_and_level(text: &str) -> Result<(String, i16)> {
    let Some((name, level)) = text.split_once('=') else {
        bail!("Can't parse feature=level string {text}: equals sign not found.");
    };
    let (name, level) = (name.trim(), level.trim());
    match level.parse() {
        Ok(number) => Ok((name.to_owned(), number)),
        Err(_) => bail!("Can't parse feature=level string {text}: unable to parse {level} as a short."),
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
        assert!(Release::released("4.4-IV0").is_err());
        assert_eq!(Release::released("4.3").map(|release| release.level).ok(), Some(30));
        assert_eq!(Release::latest().name, "4.3-IV0");
        assert_eq!(Release::of_level(6), None);
    }
}
