//! Releases and levels.

use operator_api::KafkaSpec;

use super::Invalid;
use crate::{
    conditions::Warning,
    observed::{Observed, Settings},
};

/// The Kafka level that this release speaks.
pub(crate) const KAFKA_VERSION: &str = "4.3.1";
/// The level of the metadata that it writes.
pub(crate) const METADATA_VERSION: &str = "4.3-IV0";
const MAJOR: u32 = 4;
const MINOR: u32 = 3;

/// Checks the stated levels against what is spoken.
pub(super) fn check_kafka(stated: &KafkaSpec, warnings: &mut Vec<Warning>) -> Result<(), Invalid> {
    if let Some(version) = &stated.version {
        let level = level(version).ok_or_else(|| Invalid::new("spec.kafka.version", "such as 4.3.0"))?;
        if level > (MAJOR, MINOR) {
            let reason = format!("this release speaks Kafka up to {MAJOR}.{MINOR}");
            return Err(Invalid::new("spec.kafka.version", reason));
        }
        if level.0 < MAJOR {
            return Err(Invalid::new("spec.kafka.version", format!("from {MAJOR}.0 on")));
        }
        if level.1 < MINOR {
            let message = format!("the brokers speak {KAFKA_VERSION}, which serves clients of {version} too");
            warnings.push(Warning::new("KafkaVersion", message));
        }
    }
    if let Some(version) = &stated.metadata_version {
        let field = "spec.kafka.metadataVersion";
        let (text, internal) = version.split_once("-IV").unwrap_or((version, "0"));
        let stated = level(text).zip(internal.parse::<u32>().ok());
        let (level, internal) = stated.ok_or_else(|| Invalid::new(field, "such as 4.3 or 4.3-IV0"))?;
        if (level, internal) > ((MAJOR, MINOR), 0) {
            return Err(Invalid::new(field, format!("this release knows levels up to {METADATA_VERSION}")));
        }
        if level < (MAJOR, MINOR) {
            let message = format!("new clusters are made with {METADATA_VERSION}; {version} has no effect");
            warnings.push(Warning::new("KafkaMetadataVersion", message));
        }
    }
    Ok(())
}

fn level(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(str::parse);
    let (major, minor) = (parts.next()?.ok()?, parts.next()?.ok()?);
    parts.all(|part| part.is_ok()).then_some((major, minor))
}

/// The Klamm release of the cluster, and its image. A release is changed by the user only: a newer operator that finds
/// a cluster keeps it as it is.
pub(super) fn release(observed: &Observed, settings: &Settings) -> (String, String) {
    let recorded = observed.cluster.status.as_ref().and_then(|status| status.version.as_ref());
    let version = observed.cluster.spec.version.as_ref().or(recorded).unwrap_or(&settings.version);
    let image =
        if *version == settings.version { settings.image.clone() } else { tagged(&settings.image, version) };
    (version.clone(), image)
}

/// `image` with another tag.
fn tagged(image: &str, tag: &str) -> String {
    let image = image.split_once('@').map_or(image, |(image, _)| image);
    let name = image.rfind('/').map_or(0, |slash| slash + 1);
    let end = image.get(name..).and_then(|rest| rest.find(':')).map_or(image.len(), |colon| name + colon);
    format!("{}:{tag}", image.get(..end).unwrap_or(image))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_gets_another_tag() {
        let cases = [
            ("klamm:dev", "klamm:2.0"),
            ("klamm", "klamm:2.0"),
            ("registry:5000/a/klamm", "registry:5000/a/klamm:2.0"),
            ("registry:5000/a/klamm:1@sha256:ab", "registry:5000/a/klamm:2.0"),
        ];
        for (image, expected) in cases {
            assert_eq!(tagged(image, "2.0"), expected);
        }
    }

    #[test]
    fn levels_are_checked() {
        let check = |version: Option<&str>, metadata: Option<&str>| {
            let mut warnings = Vec::new();
            let stated = KafkaSpec {
                version: version.map(str::to_owned),
                metadata_version: metadata.map(str::to_owned),
                ..KafkaSpec::default()
            };
            check_kafka(&stated, &mut warnings)
                .map(|()| warnings.first().map(|warning| warning.reason))
                .map_err(|e| e.field)
        };
        assert_eq!(check(None, None), Ok(None));
        assert_eq!(check(Some("4.3.0"), Some("4.3-IV0")), Ok(None));
        assert_eq!(check(Some("4.3"), Some("4.3")), Ok(None));
        assert_eq!(check(Some("4.1.0"), None), Ok(Some("KafkaVersion")));
        assert_eq!(check(None, Some("4.1")), Ok(Some("KafkaMetadataVersion")));
        assert_eq!(check(Some("4.4.0"), None), Err("spec.kafka.version".to_owned()));
        assert_eq!(check(Some("3.9.0"), None), Err("spec.kafka.version".to_owned()));
        assert_eq!(check(None, Some("4.4-IV0")), Err("spec.kafka.metadataVersion".to_owned()));
        assert_eq!(check(Some("four"), None), Err("spec.kafka.version".to_owned()));
    }
}
