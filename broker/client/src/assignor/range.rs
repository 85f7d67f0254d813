//! `range`: the partitions of each topic in ranges, one for each member that wants the topic.

use std::collections::BTreeMap;

use broker_types::{PartitionId, TopicName, TopicPartition};

use super::{Assignment, Subscriber};

pub(super) fn assign(members: &[Subscriber], counts: &BTreeMap<TopicName, i32>, assignment: &mut Assignment) {
    let mut sorted: Vec<_> = members.iter().collect();
    // Static members come first, by the id that they keep; so their ranges stay theirs.
    sorted.sort_by_key(|member| (member.instance.is_none(), member.instance.clone(), member.member.clone()));
    for (topic, count) in counts {
        let wanting: Vec<_> = sorted.iter().filter(|member| member.topics.contains(topic)).collect();
        let mut next = 0;
        for (left, member) in (1..=wanting.len()).rev().zip(&wanting) {
            let left = i32::try_from(left).unwrap_or(i32::MAX);
            // The first ranges are one longer when it does not come out even.
            let length = (*count - next + left - 1) / left;
            let partitions =
                (next..next + length).map(|id| TopicPartition::new(topic.clone(), PartitionId::new(id)));
            assignment.entry(member.member.clone()).or_default().extend(partitions);
            next += length;
        }
    }
}

#[cfg(test)]
mod tests {
    use broker_protocol::Str;

    use super::{super::*, *};

    fn member(id: &'static str, instance: Option<&'static str>, topics: &[&str]) -> Subscriber {
        Subscriber {
            member: Str::from_static(id),
            instance: instance.map(Str::from_static),
            topics: topics.iter().map(|topic| TopicName::new(topic)).collect(),
            owned: BTreeSet::new(),
            generation: -1,
        }
    }

    fn shown(members: &[Subscriber], counts: &[(&str, i32)]) -> Vec<String> {
        let counts = counts.iter().map(|(topic, count)| (TopicName::new(topic), *count)).collect();
        let assignment = super::super::assign(Assignor::Range, members, &counts);
        let line = |(member, partitions): (Str, BTreeSet<TopicPartition>)| {
            let partitions: Vec<_> = partitions.iter().map(ToString::to_string).collect();
            format!("{member}: {}", partitions.join(" "))
        };
        assignment.into_iter().map(line).collect()
    }

    #[test]
    fn each_topic_is_cut_into_ranges_of_who_wants_it() {
        let members = [member("b", None, &["t", "u"]), member("a", None, &["t"]), member("c", None, &["t"])];
        assert_eq!(
            shown(&members, &[("t", 8), ("u", 2)]),
            ["a: t-0 t-1 t-2", "b: t-3 t-4 t-5 u-0 u-1", "c: t-6 t-7"]
        );
        assert_eq!(shown(&members, &[("t", 2)]), ["a: t-0", "b: t-1", "c: "]);
    }

    #[test]
    fn static_members_come_first_by_the_id_that_they_keep() {
        let members =
            [member("a", None, &["t"]), member("z", Some("i"), &["t"]), member("y", Some("j"), &["t"])];
        assert_eq!(shown(&members, &[("t", 3)]), ["a: t-2", "y: t-1", "z: t-0"]);
    }
}
