use alloc::{string::ToString, vec};

use broker_metadata::{ConfigResource, ConfigResourceType};
use broker_types::BrokerId;

use super::*;
use crate::{
    Request, Response,
    configs::{MIN_ISR, config_record},
    testing::Cluster,
};

fn ask(cluster: &mut Cluster, name: &str, level: i16, upgrade: UpgradeType) -> Result<usize, String> {
    let updates = vec![FeatureUpdate { name: Str::from(name), level, upgrade }];
    let (records, response) =
        cluster.ask(Request::UpdateFeatures(UpdateFeatures { updates, validate_only: false }));
    let Response::UpdateFeatures(result) = response else { panic!("{response:?}") };
    result.map(|()| records.len()).map_err(|error| error.to_string())
}

fn refusal(text: &str) -> Result<usize, String> {
    Err(format!("The update failed for all features since the following feature had an error: {text}"))
}

#[test]
fn a_level_must_be_understood_by_every_node_and_move_as_it_was_meant() {
    let mut cluster = Cluster::with_brokers(&[1]);
    let version = "metadata.version";
    assert_eq!(ask(&mut cluster, version, 30, UpgradeType::Upgrade), Ok(1));
    assert_eq!(
        ask(&mut cluster, version, 31, UpgradeType::Upgrade),
        refusal(
            "Invalid update version 31 for feature metadata.version. Local controller 9 only supports versions 7-30"
        )
    );
    assert_eq!(
        ask(&mut cluster, "share.version", 1, UpgradeType::Upgrade),
        refusal(
            "Invalid update version 1 for feature share.version. Local controller 9 does not support this feature."
        )
    );
    assert_eq!(
        ask(&mut cluster, version, 29, UpgradeType::Upgrade),
        refusal(
            "Invalid update version 29 for feature metadata.version. Can't downgrade the version of this feature \
             without setting the upgrade type to either safe or unsafe downgrade."
        )
    );
    assert_eq!(
        ask(&mut cluster, version, 29, UpgradeType::SafeDowngrade),
        refusal(
            "Unsupported metadata.version downgrade from 30 to 29. Refusing to perform the requested downgrade \
             because it might delete metadata information."
        )
    );
    assert_eq!(
        ask(&mut cluster, version, -1, UpgradeType::Upgrade),
        refusal(
            "Invalid update version -1 for feature metadata.version. A feature version cannot be less than 0."
        )
    );
    assert_eq!(
        ask(&mut cluster, version, 30, UpgradeType::from_code(9)),
        refusal(
            "Invalid update version 30 for feature metadata.version. The controller does not support the given \
             upgrade type."
        )
    );
}

#[test]
fn a_feature_that_nobody_knows_is_not_switched_off() {
    let mut cluster = Cluster::with_brokers(&[1]);
    assert_eq!(
        ask(&mut cluster, "no.such", 0, UpgradeType::SafeDowngrade),
        refusal("Invalid update version 0 for feature no.such. Feature no.such not found.")
    );
    assert_eq!(ask(&mut cluster, "streams.version", 0, UpgradeType::SafeDowngrade), Ok(1));
}

#[test]
fn the_quorums_own_version_is_no_record_and_never_lowered() {
    let mut cluster = Cluster::with_brokers(&[1]);
    assert_eq!(ask(&mut cluster, "kraft.version", 1, UpgradeType::Upgrade), Ok(0));
    assert_eq!(
        ask(&mut cluster, "kraft.version", 0, UpgradeType::SafeDowngrade),
        refusal(
            "Invalid update version 0 for feature kraft.version. Can't downgrade the version of this feature."
        )
    );
    assert_eq!(
        ask(&mut cluster, "kraft.version", 2, UpgradeType::Upgrade),
        refusal(
            "Invalid update version 2 for feature kraft.version. Local controller 9 only supports versions 0-1"
        )
    );
}

#[test]
fn what_a_cluster_that_was_taken_over_has_may_stay_or_be_lowered_but_not_raised() {
    let mut cluster = Cluster::with_brokers(&[]);
    assert!(ask(&mut cluster, "streams.version", 1, UpgradeType::Upgrade).is_err());
    cluster.replay(&[FeatureLevelRecord { name: Str::from("streams.version"), feature_level: 1 }.into()]);
    let (_, response) = cluster.ask(Request::RegisterBroker(crate::testing::registration(1, 1)));
    assert!(matches!(response, Response::RegisterBroker(Ok(_))), "{response:?}");
    assert_eq!(ask(&mut cluster, "streams.version", 1, UpgradeType::Upgrade), Ok(1));
    assert_eq!(ask(&mut cluster, "streams.version", 0, UpgradeType::SafeDowngrade), Ok(1));
    assert!(ask(&mut cluster, "streams.version", 1, UpgradeType::Upgrade).is_err());
}

/// A controller that offers eligible leader replicas, as soon as these records are replayed.
fn with_elr(version: i16, configs: &[(&str, &str)]) -> Cluster {
    let mut cluster = Cluster::with_brokers(&[1]);
    let mut settings = cluster.controller.settings().clone();
    settings.min_insync_replicas = 2;
    cluster.controller =
        crate::Controller::new(settings, alloc::boxed::Box::new(crate::testing::Rules), [1; 4]);
    let name = Str::from(MetadataVersion::FEATURE);
    cluster.replay(&[FeatureLevelRecord { name, feature_level: version }.into()]);
    for (broker, value) in configs {
        let resource = ConfigResource { kind: ConfigResourceType::Broker, name: Str::from(*broker) };
        cluster.replay(&[config_record(&resource, Str::from(MIN_ISR), Some(Str::from(*value)))]);
    }
    cluster
}

#[test]
fn eligible_leaders_are_kept_only_with_one_minimum_for_all_brokers() {
    let mut cluster = with_elr(30, &[("1", "1"), ("7", "3")]);
    assert_eq!(ask(&mut cluster, ELR_FEATURE, 1, UpgradeType::Upgrade), Ok(4));
    let configs = cluster.image.configs();
    assert_eq!(configs.get(&ConfigResource::cluster(), MIN_ISR), Some(&Str::from("2")));
    for id in [1, 7] {
        assert_eq!(configs.get(&ConfigResource::broker(BrokerId::new(id)), MIN_ISR), None);
    }
    assert_eq!(cluster.image.features().level(ELR_FEATURE), 1);
    // What the cluster says already stands.
    let mut cluster = with_elr(30, &[("", "1")]);
    assert_eq!(ask(&mut cluster, ELR_FEATURE, 1, UpgradeType::Upgrade), Ok(1));
}

#[test]
fn eligible_leaders_need_metadata_that_can_name_them() {
    let mut cluster = with_elr(22, &[]);
    assert_eq!(
        ask(&mut cluster, ELR_FEATURE, 1, UpgradeType::Upgrade),
        refusal(
            "Invalid update version 1 for feature eligible.leader.replicas.version. \
             eligible.leader.replicas.version could not be set to 1 because it depends on metadata.version level 23"
        )
    );
    // Both at once will do.
    let update =
        |name: &str, level| FeatureUpdate { name: Str::from(name), level, upgrade: UpgradeType::Upgrade };
    let updates = vec![update(ELR_FEATURE, 1), update(MetadataVersion::FEATURE, 30)];
    let request = UpdateFeatures { updates, validate_only: false };
    let (_, response) = cluster.ask(Request::UpdateFeatures(request));
    assert_eq!(response, Response::UpdateFeatures(Ok(())));
}
