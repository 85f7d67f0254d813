//! Who leads a partition, for a client that asked the wrong broker (KIP-951).

use broker_metadata::Image;
use broker_types::{BrokerId, LeaderEpoch, PartitionId, TopicId};

/// Who leads now. `None` where nobody does: told that nobody leads, librdkafka looks no further and sends nothing more
/// (confluentinc/librdkafka#5430), where Kafka's broker tells it.
pub(super) fn leader_hint(
    image: &Image,
    topic: TopicId,
    partition: PartitionId,
) -> Option<(BrokerId, LeaderEpoch)> {
    let known = image.topics().partition(topic, partition)?;
    Some((known.leader?, known.leader_epoch))
}

#[cfg(test)]
mod tests {
    use broker_protocol::{
        Str,
        records::metadata::{PartitionRecord, TopicRecord},
    };
    use broker_types::{Offset, Uuid};

    use super::*;

    fn image(leader: i32) -> Image {
        let topic_id = Uuid::from_bytes([9; 16]);
        let topic = TopicRecord { name: Str::from("t"), topic_id };
        let partition = PartitionRecord {
            partition_id: 0,
            topic_id,
            replicas: vec![1],
            isr: vec![1],
            leader,
            leader_epoch: 7,
            ..PartitionRecord::default()
        };
        let mut image = Image::default();
        image.apply(Offset::new(0), &topic.into());
        image.apply(Offset::new(1), &partition.into());
        assert_eq!(image.fault(), None);
        image
    }

    #[test]
    fn nobody_is_no_hint() {
        let hint = |leader| {
            let topic = TopicId::from_wire(Uuid::from_bytes([9; 16])).unwrap();
            leader_hint(&image(leader), topic, PartitionId::new(0))
        };
        assert_eq!(hint(1), Some((BrokerId::new(1), LeaderEpoch::new(7))));
        assert_eq!(hint(-1), None);
    }
}
