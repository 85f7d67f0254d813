//! Which partitions are meant.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};

use crate::shims::include_list::IncludeList;

/// A choice of partitions: what one of its rules has.
pub(super) struct Filter(Vec<Rule>);

struct Rule {
    topics: IncludeList,
    partitions: Partitions,
}

#[derive(Debug, PartialEq, Eq)]
enum Partitions {
    /// These; none are all.
    Listed(BTreeSet<i32>),
    /// From the first up to and without the second.
    Between(i32, i32),
}

impl Filter {
    /// What `--topic` and `--partitions` say.
    pub(super) fn of_lists(topics: Option<&str>, partitions: Option<&str>) -> Result<Self> {
        let all = partitions.unwrap_or_default();
        let listed = match all.is_empty() {
            true => Some(BTreeSet::new()),
            false => all.split(',').map(|id| id.parse().ok()).collect(),
        };
        let listed = listed.with_context(|| {
            format!(
                "--partitions expects a comma separated list of numeric partition ids, but received: {all}"
            )
        })?;
        let topics = IncludeList::parse(topics.unwrap_or(".*"))?;
        Ok(Self(vec![Rule { topics, partitions: Partitions::Listed(listed) }]))
    }

    /// What `--topic-partitions` says.
    pub(super) fn of_patterns(patterns: &str) -> Result<Self> {
        patterns.split(',').map(rule).collect::<Result<_>>().map(Self)
    }

    pub(super) fn has(&self, topic: &str, partition: i32) -> bool {
        self.0.iter().any(|rule| rule.topics.has(topic) && rule.partitions.have(partition))
    }
}

fn rule(pattern: &str) -> Result<Rule> {
    let (topic, partitions) = pattern.split_once(':').unwrap_or((pattern, ""));
    let is_number = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    let (from, to) = partitions.split_once('-').unwrap_or((partitions, ""));
    if !is_number(from) || !is_number(to) {
        bail!("org.apache.kafka.tools.TerseException: Invalid rule specification: {pattern}");
    }
    let number = |text: &str, default: i32| match text {
        "" => Ok(default),
        text => text.parse().map_err(|_| anyhow::anyhow!("For input string: \"{text}\"")),
    };
    let topics = IncludeList::parse(if topic.is_empty() { ".*" } else { topic })?;
    let is_one = !partitions.is_empty() && !partitions.contains('-');
    let partitions = match is_one {
        true => Partitions::Listed([number(from, 0)?].into()),
        false => Partitions::Between(number(from, 0)?, number(to, i32::MAX)?),
    };
    Ok(Rule { topics, partitions })
}

impl Partitions {
    fn have(&self, id: i32) -> bool {
        match self {
            Self::Listed(ids) => ids.is_empty() || ids.contains(&id),
            Self::Between(from, to) => (*from..*to).contains(&id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(filter: &Filter) -> String {
        let all = ["a", "b"].into_iter().flat_map(|topic| (0..4).map(move |id| (topic, id)));
        let has = all.filter(|(topic, id)| filter.has(topic, *id));
        has.map(|(topic, id)| format!("{topic}{id}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn patterns_name_topics_and_ranges() {
        let of = |patterns: &str| match Filter::of_patterns(patterns) {
            Ok(filter) => chosen(&filter),
            Err(error) => error.to_string(),
        };
        assert_eq!(of("a:1,b:0-2"), "a1 b0 b1");
        assert_eq!(of("a:2-"), "a2 a3");
        assert_eq!(of(":-1"), "a0 b0");
        assert_eq!(of("[ab]:3"), "a3 b3");
        assert_eq!(of("a"), "a0 a1 a2 a3");
        assert_eq!(of("a:"), "a0 a1 a2 a3");
        assert!(of("a:x").ends_with("Invalid rule specification: a:x"));
        assert!(of("a:1-2-3").ends_with("Invalid rule specification: a:1-2-3"));
    }

    #[test]
    fn lists_name_topics_and_partitions() {
        let of = |topics, partitions| match Filter::of_lists(topics, partitions) {
            Ok(filter) => chosen(&filter),
            Err(error) => error.to_string(),
        };
        assert_eq!(of(Some("b"), Some("0,3")), "b0 b3");
        assert_eq!(of(None, Some("1")), "a1 b1");
        assert_eq!(
            of(None, Some("x")),
            "--partitions expects a comma separated list of numeric partition ids, but received: x"
        );
    }
}
