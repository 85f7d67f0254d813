//! The features that formatting gives to a cluster: a release's, with single levels laid over them. What Kafka's
//! `kafka-storage.sh format` refuses is refused in its words.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use broker_protocol::Str;
use broker_server::{FirstFeatures, MetadataVersion};

use crate::releases::{FEATURES, Feature, METADATA, Release, name_and_level};

const KRAFT: &str = "kraft.version";

/// The features of `release` (the latest when `None`), with the levels of `features` (each `NAME=LEVEL`, the last of a
/// name counts). Quorums are always dynamic here, as Kafka's are without `controller.quorum.voters`.
pub(crate) fn first_features(release: Option<&str>, features: &[String]) -> Result<FirstFeatures> {
    let mut wanted: BTreeMap<String, i16> =
        features.iter().map(|feature| name_and_level(feature)).collect::<Result<_>>()?;
    let release = first_release(release, wanted.remove(METADATA))?;
    if let Some(unknown) = wanted.keys().find(|name| named(name).is_none()) {
        let mut names = FEATURES.each_ref().map(|feature| feature.name);
        names.sort_unstable();
        bail!("Unsupported feature: {unknown}. Supported features are: {}", names.join(", "));
    }
    if wanted.get(KRAFT) == Some(&0) {
        bail!(
            "Cannot set {KRAFT} to 0 if controller.quorum.voters is empty and one of the flags --standalone, \
             --initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try removing \
             the --feature flag for {KRAFT}."
        );
    }
    for (name, level) in &wanted {
        named(name).map_or(Ok(()), |feature| check(feature, *level, release))?;
    }
    let version = MetadataVersion::from_level(release.level);
    let mut first = FirstFeatures::usual(version.with_context(|| format!("{} is not built", release.name))?);
    wanted.remove(KRAFT);
    first.levels.extend(wanted.into_iter().map(|(name, level)| (Str::from(name), level)));
    Ok(first)
}

fn named(name: &str) -> Option<&'static Feature> {
    FEATURES.iter().find(|feature| feature.name == name)
}

fn first_release(named: Option<&str>, level: Option<i16>) -> Result<Release> {
    let release = match (named, level) {
        (Some(_), Some(_)) => {
            bail!("Use --release-version instead of --feature {METADATA}=X to avoid ambiguity.")
        }
        (Some(name), None) => Release::released(name)?,
        (None, Some(level)) => Release::at(level)?,
        (None, None) => Release::latest(),
    };
    if release.level > Release::latest().level {
        bail!("{METADATA} {} is not yet stable.", release.name);
    }
    Ok(release)
}

fn check(feature: &Feature, level: i16, release: Release) -> Result<()> {
    let name = feature.name;
    if !(0..=feature.highest).contains(&level) {
        bail!("No feature:{name} with feature level {level}");
    }
    if let Some(needed) = feature.needs.filter(|needed| level > 0 && release.level < *needed) {
        bail!("{name} could not be set to {level} because it depends on {METADATA} level {needed}");
    }
    if level > 0 && !feature.is_built {
        bail!("{name} {level} is not built yet");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(release: Option<&str>, features: &[&str]) -> Result<Vec<(String, i16)>, String> {
        let features: Vec<_> = features.iter().map(|&feature| feature.to_owned()).collect();
        let first = first_features(release, &features).map_err(|error| error.to_string())?;
        let levels = first.levels.iter().map(|(name, level)| (name.to_string(), *level));
        Ok([(METADATA.to_owned(), first.version.level())].into_iter().chain(levels).collect())
    }

    fn levels(all: &[(&str, i16)]) -> Result<Vec<(String, i16)>, String> {
        Ok(all.iter().map(|(name, level)| ((*name).to_owned(), *level)).collect())
    }

    #[test]
    fn levels_are_laid_over_those_of_a_release() {
        let (elr, group, txn) = ("eligible.leader.replicas.version", "group.version", "transaction.version");
        let latest = [(METADATA, 30), (elr, 1), (group, 1), (txn, 2)];
        assert_eq!(first(None, &[]), levels(&latest));
        assert_eq!(first(Some("4.3.1"), &["kraft.version=1", "share.version=0"]).map(|all| all[0].1), Ok(30));
        assert_eq!(first(Some("3.9"), &[]), levels(&[(METADATA, 21)]));
        assert_eq!(first(Some("3.9"), &["group.version=1"]), levels(&[(METADATA, 21), (group, 1)]));
        let lowered = first(None, &["metadata.version=23", "transaction.version=2", "transaction.version=1"]);
        assert_eq!(lowered, levels(&[(METADATA, 23), (group, 1), (txn, 1)]));
    }

    #[test]
    fn what_is_not_built_is_refused() {
        assert_eq!(first(None, &["share.version=1"]), Err("share.version 1 is not built yet".to_owned()));
    }
}
