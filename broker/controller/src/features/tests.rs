use alloc::{string::ToString, vec};

use super::*;
use crate::{Request, Response, testing::Cluster};

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
        ask(&mut cluster, "group.version", 1, UpgradeType::Upgrade),
        refusal(
            "Invalid update version 1 for feature group.version. Local controller 9 does not support this feature."
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
fn what_a_cluster_that_was_taken_over_has_may_stay_or_be_lowered_but_not_raised() {
    let mut cluster = Cluster::with_brokers(&[]);
    cluster.replay(&[FeatureLevelRecord { name: Str::from("transaction.version"), feature_level: 1 }.into()]);
    let (_, response) = cluster.ask(Request::RegisterBroker(crate::testing::registration(1, 1)));
    assert!(matches!(response, Response::RegisterBroker(Ok(_))), "{response:?}");
    assert!(ask(&mut cluster, "transaction.version", 2, UpgradeType::Upgrade).is_err());
    assert_eq!(ask(&mut cluster, "transaction.version", 1, UpgradeType::Upgrade), Ok(1));
    assert_eq!(ask(&mut cluster, "transaction.version", 0, UpgradeType::SafeDowngrade), Ok(1));
}
