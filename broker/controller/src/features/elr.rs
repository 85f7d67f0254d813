//! What must be so before eligible leader replicas are kept (KIP-966): the metadata can say it, and the minimum ISR is
//! the same for every broker that could decide.

use alloc::{format, string::String, vec::Vec};

use broker_metadata::{ConfigResource, ConfigResourceType, Image, MetadataVersion};
use broker_protocol::{Str, records::metadata::MetadataRecord};

use super::UpdateFeatures;
use crate::{
    Settings,
    configs::{MIN_ISR, config_record},
    leadership::ELR_FEATURE,
};

/// The level that a request would raise eligible leader replicas to.
fn wanted(request: &UpdateFeatures) -> Option<i16> {
    let update = request.updates.iter().rfind(|update| &*update.name == ELR_FEATURE);
    update.map(|update| update.level).filter(|level| *level > 0)
}

/// Why the level cannot be set, if it cannot: records could not say which replicas are eligible.
pub(super) fn dependency(image: &Image, request: &UpdateFeatures) -> Option<String> {
    let level = wanted(request)?;
    let proposed = request.updates.iter().rfind(|update| &*update.name == MetadataVersion::FEATURE);
    let version = proposed.map_or(image.metadata_version().level(), |update| update.level);
    let needed = MetadataVersion::ELR.level();
    (version < needed).then(|| {
        format!(
            "{ELR_FEATURE} could not be set to {level} because it depends on {} level {needed}",
            MetadataVersion::FEATURE
        )
    })
}

/// The records that make the minimum ISR one value: the static one becomes the cluster's where it has none, and brokers
/// lose their own.
pub(super) fn safety_records(
    image: &Image,
    settings: &Settings,
    request: &UpdateFeatures,
) -> Vec<MetadataRecord> {
    if wanted(request).is_some() { one_minimum(image, settings) } else { Vec::new() }
}

/// As [`safety_records`], where it is decided that eligible leader replicas are kept.
pub(crate) fn one_minimum(image: &Image, settings: &Settings) -> Vec<MetadataRecord> {
    let mut records = Vec::new();
    let min_isr = || Str::from_static(MIN_ISR);
    let cluster = ConfigResource::cluster();
    if image.configs().get(&cluster, MIN_ISR).is_none() {
        let value = Str::from(format!("{}", settings.min_insync_replicas));
        records.push(config_record(&cluster, min_isr(), Some(value)));
    }
    let of_broker = |(resource, values): &(&ConfigResource, &broker_metadata::Map<Str, Str>)| {
        resource.kind == ConfigResourceType::Broker
            && !resource.name.is_empty()
            && values.contains_key(MIN_ISR)
    };
    let own = image.configs().by_resource().iter().filter(of_broker);
    records.extend(own.map(|(resource, _)| config_record(resource, min_isr(), None)));
    records
}
