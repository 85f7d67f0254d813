use broker_metadata::{Image, MetadataVersion};
use broker_protocol::{
    Str,
    records::metadata::{ConfigRecord, FeatureLevelRecord, MetadataRecord},
};
use broker_types::Offset;

use super::*;
use crate::testing::TestBroker;

fn with(image: &Image, record: MetadataRecord) -> Image {
    let mut image = image.clone();
    let next = image.last_offset().map_or(Offset::ZERO, Offset::next);
    image.replay(next, &record).unwrap();
    image
}

fn cordoned(image: &Image, value: Option<&str>) -> Image {
    let record = ConfigRecord {
        resource_type: 4,
        resource_name: Str::from("1"),
        name: Str::from(CORDONED),
        value: value.map(Str::from),
    };
    with(image, record.into())
}

#[tokio::test]
async fn a_sole_directory_is_not_told() {
    let own = TestBroker::with_topics(&["a"]).await;
    assert_eq!(unknown(&own.broker, &own.broker.image()), Unknown::new());
}

#[tokio::test]
async fn a_directory_is_cordoned_by_its_path_or_with_all_others() {
    let own = TestBroker::with_topics(&[]).await;
    let image = own.broker.image();
    let directory = &own.broker.directories.online[0];
    let path = directory.path().display().to_string();
    for (value, expected) in [(None, false), (Some("*"), true), (Some("/other"), false), (Some(&*path), true)]
    {
        cordon(&own.broker, &cordoned(&image, value));
        assert_eq!(directory.is_cordoned(), expected, "{value:?}");
    }
    let old = FeatureLevelRecord {
        name: Str::from(MetadataVersion::FEATURE),
        feature_level: MetadataVersion::LATEST.level() - 1,
    };
    cordon(&own.broker, &with(&image, old.into()));
    assert!(directory.is_cordoned(), "the metadata cannot say it");
}

#[tokio::test]
async fn the_controller_learns_in_which_directory_a_replica_is() {
    let own = TestBroker::with_directories(1, &["one", "two"], &["a", "b"]).await;
    let broker = &own.broker;
    let epoch = broker.broker_epoch().unwrap();
    let elsewhere = unknown(broker, &broker.image());
    // Each directory has one of them, and the controller left the choice to the broker.
    assert_eq!(elsewhere.len(), 2, "{elsewhere:?}");
    assign(broker, request(broker, epoch, elsewhere)).await;
    let image = broker.image();
    assert_eq!(unknown(broker, &image), Unknown::new());
    for name in ["a", "b"] {
        let topic = image.topics().find(name).unwrap();
        let known = topic.partition(PartitionId::new(0)).unwrap().directory(broker.id());
        assert_eq!(known, Some(own.partition(name).directory().id()));
    }
}
