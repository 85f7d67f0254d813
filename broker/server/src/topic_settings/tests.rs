use super::*;

fn texts_of(entries: &[(&str, &str)]) -> Texts {
    entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_strongest_layer_wins() {
    let file = texts_of(&[("log.retention.hours", "1"), ("message.max.bytes", "100")]);
    let cluster = texts_of(&[("log.retention.ms", "2000"), ("message.max.bytes", "200")]);
    let broker = texts_of(&[("message.max.bytes", "300")]);
    let layers = Layers { file: &file, cluster: &cluster, broker: &broker };
    let settings = resolve(BrokerId::new(1), &layers, &texts_of(&[("cleanup.policy", "compact")]));
    assert_eq!(settings.log.retention_age, Some(Duration::from_secs(2)));
    assert_eq!(settings.log.max_message_bytes, 300);
    assert_eq!(settings.rules.batch_bytes_max, 300);
    assert!(settings.log.compact_policy && !settings.log.delete_policy && settings.rules.requires_keys);
    let own = resolve(
        BrokerId::new(1),
        &layers,
        &texts_of(&[("max.message.bytes", "400"), ("retention.ms", "-1")]),
    );
    assert_eq!((own.log.max_message_bytes, own.log.retention_age), (400, None));
}

#[test]
fn nothing_set_is_the_default_of_the_log() {
    let empty = Texts::new();
    let layers = Layers { file: &empty, cluster: &empty, broker: &empty };
    let settings = resolve(BrokerId::new(1), &layers, &empty);
    assert_eq!(settings.log, LogConfig::default());
    assert_eq!(settings.rules, ValidationRules::default());
}

#[test]
fn compression_carries_its_level() {
    let empty = Texts::new();
    let layers = Layers { file: &empty, cluster: &empty, broker: &empty };
    let own = texts_of(&[("compression.type", "zstd"), ("compression.zstd.level", "7")]);
    let settings = resolve(BrokerId::new(1), &layers, &own);
    assert_eq!(settings.rules.compression, TargetCompression::Codec(Codec::Zstd, Some(7)));
}
