use super::*;

fn rules() -> Rules {
    Rules::new(Texts::new())
}

#[test]
fn topics_take_known_keys_with_fitting_values() {
    assert_eq!(rules().validate_topic("retention.ms", "1000"), Ok(()));
    let unknown = rules().validate_topic("no.such.key", "1");
    assert_eq!(unknown, Err("Unknown topic config name: no.such.key".to_owned()));
    assert!(rules().validate_topic("retention.ms", "soon").is_err());
}

#[test]
fn contradicting_lags_are_refused() {
    let lags = |min: &str, max: &str| {
        let value = |key: &str, value: &str| (Str::from(key), Str::from(value));
        rules()
            .validate_topic_set(&[value("min.compaction.lag.ms", min), value("max.compaction.lag.ms", max)])
    };
    assert_eq!(lags("10", "20"), Ok(()));
    assert!(
        lags("20", "10").unwrap_err().contains("min.compaction.lag.ms (20) > max.compaction.lag.ms (10)")
    );
}

#[test]
fn read_only_keys_of_brokers_are_refused() {
    let refused = rules().validate_broker(Some(1), "log.dirs", "/a");
    assert_eq!(refused, Err("Cannot update these configs dynamically: [log.dirs]".to_owned()));
    assert_eq!(rules().validate_broker(None, "log.retention.ms", "1000"), Ok(()));
}

#[test]
fn lists_have_defaults_to_append_to() {
    let topic = ConfigResourceType::Topic;
    assert!(rules().is_list(topic, "cleanup.policy") && !rules().is_list(topic, "retention.ms"));
    assert_eq!(rules().default_value(topic, "cleanup.policy"), Some("delete".to_owned()));
}
