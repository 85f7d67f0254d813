//! How much goes into one request.

use operator_plan::topics::TopicAction;

/// How many topics one request asks about or changes.
pub(super) const TOPICS_MAX: usize = 200;
/// How many records of metadata the changes of one request may make; Kafka's controller refuses 10,000.
const RECORDS_MAX: usize = 5_000;
/// What a topic has whose number of partitions the cluster chooses.
const PARTITIONS_ASSUMED: usize = 10;

/// How many of `changes`, from the first on, go into one request: at least one.
pub(super) fn size<'a>(changes: impl Iterator<Item = &'a TopicAction>) -> usize {
    let mut records = 0;
    let fits = changes.take(TOPICS_MAX).take_while(|change| {
        records += weight(change);
        records <= RECORDS_MAX
    });
    fits.count().max(1)
}

/// How many records a change makes, about.
fn weight(change: &TopicAction) -> usize {
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
            (vec![TopicAction::Delete; TOPICS_MAX + 5], TOPICS_MAX),
            (vec![create(999); 10], 5),
            (vec![create(1_000_000), create(1)], 1),
            (vec![create(1), create(1_000_000), create(1)], 1),
        ];
        for (changes, expected) in cases {
            assert_eq!(size(changes.iter()), expected, "{} changes", changes.len());
        }
    }
}
