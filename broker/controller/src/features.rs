//! UpdateFeatures (KIP-584, KIP-778).

pub(crate) mod elr;

use alloc::{format, string::String, vec::Vec};

use broker_metadata::{FeatureRange, Image, MetadataVersion};
use broker_protocol::{
    Str,
    records::metadata::{FeatureLevelRecord, MetadataRecord},
};

use crate::{Settings, leadership::ELR_FEATURE};

/// Levels to finalize. All change or none.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateFeatures {
    /// The changes.
    pub updates: Vec<FeatureUpdate>,
    /// Only say what would happen.
    pub validate_only: bool,
}

/// One feature's new level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureUpdate {
    /// The feature.
    pub name: Str,
    /// The level; 0 switches it off.
    pub level: i16,
    /// In which direction the caller means to go.
    pub upgrade: UpgradeType,
}

/// In which direction a level may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpgradeType {
    /// A code that is not known.
    Unknown,
    /// Up only.
    Upgrade,
    /// Down, when nothing is lost.
    SafeDowngrade,
    /// Down, even when something is lost.
    UnsafeDowngrade,
}

impl UpgradeType {
    /// The type of a code on the wire.
    #[must_use]
    pub const fn from_code(code: i8) -> Self {
        match code {
            1 => Self::Upgrade,
            2 => Self::SafeDowngrade,
            3 => Self::UnsafeDowngrade,
            _ => Self::Unknown,
        }
    }
}

/// Why features were not changed; the first that failed speaks for all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The update failed for all features since the following feature had an error: {reason}")]
pub struct FeatureError {
    /// The feature that failed.
    pub feature: Str,
    /// Why, as Kafka says it.
    pub reason: String,
}

/// Dynamic quorums (KIP-853): of the log itself, so no record of the metadata says it, and every quorum here has it.
const KRAFT_VERSION: &str = "kraft.version";
const KRAFT_LEVEL: i16 = 1;

/// The levels below which the format of metadata changed: going below one of them would lose something.
const FORMAT_CHANGES: [i16; 9] = [7, 8, 11, 13, 14, 15, 17, 23, 30];

/// Changes finalized levels.
pub(crate) fn update(
    image: &Image,
    settings: &Settings,
    request: &UpdateFeatures,
) -> Result<Vec<MetadataRecord>, FeatureError> {
    let mut records = Vec::new();
    for update in &request.updates {
        let checked = check(image, settings, update);
        let checked = checked.and_then(|()| check_dependency(image, request, update));
        checked.map_err(|reason| FeatureError { feature: update.name.clone(), reason })?;
        if &*update.name != KRAFT_VERSION {
            let record = FeatureLevelRecord { name: update.name.clone(), feature_level: update.level };
            records.push(MetadataRecord::FeatureLevel(record));
        }
    }
    records.extend(elr::safety_records(image, settings, request));
    if request.validate_only {
        records.clear();
    }
    Ok(records)
}

fn check(image: &Image, settings: &Settings, update: &FeatureUpdate) -> Result<(), String> {
    let FeatureUpdate { name, level, upgrade } = update;
    let refuse = |why: &str| Err(format!("Invalid update version {level} for feature {name}. {why}"));
    if *upgrade == UpgradeType::Unknown {
        return refuse("The controller does not support the given upgrade type.");
    }
    if *level < 0 {
        return refuse("A feature version cannot be less than 0.");
    }
    if let Some(why) = not_supported(image, settings, name, *level) {
        return refuse(&why);
    }
    if &**name == KRAFT_VERSION {
        return if *level < KRAFT_LEVEL {
            refuse("Can't downgrade the version of this feature.")
        } else {
            Ok(())
        };
    }
    let current = image.features().level(name);
    if *level < current && *upgrade == UpgradeType::Upgrade {
        return refuse(
            "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe \
             downgrade.",
        );
    }
    if *level > current && *upgrade != UpgradeType::Upgrade {
        return refuse("Can't downgrade to a newer version.");
    }
    if &**name == MetadataVersion::FEATURE {
        return check_metadata_version(image, *level, *upgrade);
    }
    // Level 0 is within what every node supports of a feature that it does not know.
    if settings.features.iter().all(|feature| feature.name != *name) {
        return refuse(&format!("Feature {name} not found."));
    }
    Ok(())
}

/// A feature may need a level of another.
fn check_dependency(image: &Image, request: &UpdateFeatures, update: &FeatureUpdate) -> Result<(), String> {
    match elr::dependency(image, request).filter(|_| &*update.name == ELR_FEATURE) {
        Some(why) => {
            Err(format!("Invalid update version {} for feature {}. {why}", update.level, update.name))
        }
        None => Ok(()),
    }
}

/// A lower version may only be set when no format changed in between.
fn check_metadata_version(image: &Image, level: i16, upgrade: UpgradeType) -> Result<(), String> {
    let Some(new) = MetadataVersion::from_level(level) else {
        return Err(format!("Invalid metadata.version {level}. Unknown metadata.version."));
    };
    let current = image.metadata_version();
    let lossy = FORMAT_CHANGES.iter().any(|change| new.level() < *change && *change <= current.level());
    if !lossy {
        return Ok(());
    }
    let why = if upgrade == UpgradeType::UnsafeDowngrade {
        "Unsafe metadata downgrade is not supported in this version."
    } else {
        "Refusing to perform the requested downgrade because it might delete metadata information."
    };
    Err(format!("Unsupported metadata.version downgrade from {} to {}. {why}", current.level(), new.level()))
}

/// Every node must understand the level: this one, every broker, every controller.
fn not_supported(image: &Image, settings: &Settings, name: &str, level: i16) -> Option<String> {
    // What is finalized already (by a cluster that was taken over) may stay or be lowered.
    let lowers = level <= image.features().level(name);
    let offered = if lowers { &settings.features } else { &settings.offered_features };
    let local = offered.iter().find(|feature| &*feature.name == name);
    let brokers = image.cluster().brokers().values();
    let controllers = image.cluster().controllers().values().filter(|node| node.id != settings.node);
    reason(level, &format!("Local controller {}", settings.node), local)
        .or_else(|| {
            brokers.map(|b| reason(level, &format!("Broker {}", b.id), b.feature(name))).find_map(|r| r)
        })
        .or_else(|| {
            controllers
                .map(|c| reason(level, &format!("Controller {}", c.id), c.feature(name)))
                .find_map(|r| r)
        })
}

fn reason(level: i16, who: &str, range: Option<&FeatureRange>) -> Option<String> {
    let (min, max) = range.map_or((0, 0), |range| (range.min, range.max));
    if (min..=max).contains(&level) {
        return None;
    }
    if (min, max) == (0, 0) {
        return Some(format!("{who} does not support this feature."));
    }
    let range = if min == max { format!("{min}") } else { format!("{min}-{max}") };
    Some(format!("{who} only supports versions {range}"))
}

#[cfg(test)]
mod tests;
