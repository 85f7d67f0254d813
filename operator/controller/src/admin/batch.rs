//! How much goes into one request.

use operator_plan::topics::TopicAction;

/// How many topics or users one request asks about or changes.
pub(super) const NAMES_MAX: usize = 200;
/// How many records of metadata the changes of one request may make; Kafka's controller refuses 10,000.
const RECORDS_MAX: usize = 5_000;
/// What a topic has whose number of partitions the cluster chooses.
const PARTITIONS_ASSUMED: usize = 10;

/// How many changes, from the first on, go into one request that make so many records each: at least one.
pub(super) fn size(changes: impl Iterator<Item = usize>) -> usize {
    let mut records = 0;
    let fits = changes.take(NAMES_MAX).take_while(|more| {
        records += more;
        records <= RECORDS_MAX
    });
    fits.count().max(1)
}

/// How many records a change of a topic makes, about.
pub(super) fn of_topic(change: &TopicAction) -> usize {
    let count = |partitions: i32| usize::try_from(partitions).unwrap_or(1);
    match change {
        TopicAction::Create { partitions, config, .. } => {
            1 + partitions.map_or(PARTITIONS_ASSUMED, count) + config.len()
        }
        TopicAction::GrowTo(partitions) => count(*partitions),
        TopicAction::AlterConfig { set, unset } => set.len() + unset.len(),
        TopicAction::Reassign(moves) => moves.len(),
        TopicAction::Delete | TopicAction::AddFinalizer | TopicAction::RemoveFinalizer => 1,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_request_is_bounded_by_topics_and_by_what_they_make() {
        let create = |partitions| TopicAction::Create {
            partitions: Some(partitions),
            replicas: None,
            config: BTreeMap::new(),
        };
        let cases = [
            (vec![TopicAction::Delete; NAMES_MAX + 5], NAMES_MAX),
            (vec![create(999); 10], 5),
            (vec![create(1_000_000), create(1)], 1),
            (vec![create(1), create(1_000_000), create(1)], 1),
        ];
        for (changes, expected) in cases {
            assert_eq!(size(changes.iter().map(of_topic)), expected, "{} changes", changes.len());
        }
    }
}
