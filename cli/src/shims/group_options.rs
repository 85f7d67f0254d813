//! How a member of a group behaves, from the properties of Java's consumer.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result, bail};
use broker_client::{
    admin::offsets::OffsetSpec,
    fetch::Isolation,
    group_consumer::{GroupOptions, Subscription},
};
use broker_types::TopicName;

/// What is taken and has its effect; any other is named in a warning.
const KNOWN: [&str; 17] = [
    "bootstrap.servers",
    "security.protocol",
    "client.id",
    "group.id",
    "group.instance.id",
    "group.protocol",
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "max.poll.interval.ms",
    "max.poll.records",
    "enable.auto.commit",
    "auto.commit.interval.ms",
    "auto.offset.reset",
    "isolation.level",
    "max.partition.fetch.bytes",
    "fetch.max.wait.ms",
    "metadata.max.age.ms",
];

/// A member of `group` with these properties; `script` warns of those that have no effect.
pub(super) fn of(script: &str, group: &str, properties: &BTreeMap<String, String>) -> Result<GroupOptions> {
    for key in properties.keys().filter(|key| !KNOWN.contains(&key.as_str())) {
        eprintln!("WARN {script}: {key} has no effect");
    }
    let protocol = properties.get("group.protocol").map_or("classic", String::as_str);
    if !protocol.eq_ignore_ascii_case("classic") {
        bail!("group.protocol={protocol}: only classic is built");
    }
    let text = |key: &str| properties.get(key).map(|text| text.trim());
    let number = |key: &str| -> Result<Option<u64>> {
        text(key).map(|text| text.parse().with_context(|| format!("{key}={text}"))).transpose()
    };
    let millis = |key: &str, default: Duration| -> Result<Duration> {
        Ok(number(key)?.map_or(default, Duration::from_millis))
    };
    let defaults = GroupOptions::default();
    let commits = text("enable.auto.commit").is_none_or(|text| text.eq_ignore_ascii_case("true"));
    let interval = millis("auto.commit.interval.ms", Duration::from_secs(5))?;
    let bytes = number("max.partition.fetch.bytes")?.map(i32::try_from).transpose();
    let records = number("max.poll.records")?.map(usize::try_from).transpose();
    Ok(GroupOptions {
        group: group.to_owned(),
        instance_id: text("group.instance.id").map(str::to_owned),
        session_timeout: millis("session.timeout.ms", defaults.session_timeout)?,
        rebalance_timeout: millis("max.poll.interval.ms", defaults.rebalance_timeout)?,
        heartbeat_interval: millis("heartbeat.interval.ms", defaults.heartbeat_interval)?,
        auto_commit: commits.then_some(interval),
        reset: reset(text("auto.offset.reset"))?,
        isolation: isolation(text("isolation.level"))?,
        poll_records_max: records.context("max.poll.records")?.unwrap_or(defaults.poll_records_max),
        partition_bytes_max: bytes
            .context("max.partition.fetch.bytes")?
            .unwrap_or(defaults.partition_bytes_max),
        fetch_wait_max: millis("fetch.max.wait.ms", defaults.fetch_wait_max)?,
        metadata_age_max: millis("metadata.max.age.ms", defaults.metadata_age_max)?,
    })
}

/// A topic, or all whose whole names fit an expression.
pub(super) fn subscription(topic: Option<&str>, include: Option<&str>) -> Result<Subscription> {
    if let Some(topic) = topic {
        return Ok(Subscription::Topics([TopicName::new(topic)].into()));
    }
    let expression = format!("^(?:{})$", include.unwrap_or_default());
    let fits = regex_lite::Regex::new(&expression).context("--include")?;
    Ok(Subscription::Matching(Box::new(move |topic| fits.is_match(topic))))
}

fn reset(text: Option<&str>) -> Result<Option<OffsetSpec>> {
    match text {
        None | Some("latest") => Ok(Some(OffsetSpec::Latest)),
        Some("earliest") => Ok(Some(OffsetSpec::Earliest)),
        Some("none") => Ok(None),
        Some(other) => bail!("auto.offset.reset={other}: earliest, latest or none"),
    }
}

fn isolation(text: Option<&str>) -> Result<Isolation> {
    match text {
        None | Some("read_uncommitted") => Ok(Isolation::ReadUncommitted),
        Some("read_committed") => Ok(Isolation::ReadCommitted),
        Some(level) => bail!(
            "Invalid value {level} for configuration isolation.level: String must be one of: read_committed, \
             read_uncommitted"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(properties: &[(&str, &str)]) -> Result<GroupOptions> {
        let properties = properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        super::of("script", "g", &properties.collect())
    }

    #[test]
    fn properties_have_their_effect_and_javas_defaults() {
        let all =
            of(&[("session.timeout.ms", "6000"), ("group.instance.id", "i"), ("auto.offset.reset", "none")]);
        let all = all.unwrap();
        assert_eq!((all.session_timeout, all.reset), (Duration::from_secs(6), None));
        assert_eq!((all.instance_id.as_deref(), all.poll_records_max), (Some("i"), 500));
        assert_eq!(of(&[]).unwrap().auto_commit, Some(Duration::from_secs(5)));
        assert_eq!(of(&[("enable.auto.commit", "false")]).unwrap().auto_commit, None);
        assert_eq!(of(&[("isolation.level", "read_committed")]).unwrap().isolation, Isolation::ReadCommitted);
        assert!(of(&[("auto.offset.reset", "x")]).is_err());
        assert!(of(&[("session.timeout.ms", "x")]).is_err());
        assert!(of(&[("group.protocol", "consumer")]).unwrap_err().to_string().contains("only classic"));
    }
}
