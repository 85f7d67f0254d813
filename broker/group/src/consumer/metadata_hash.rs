//! The sum of the topics that a group wants: when it changes, they did. Kafka's own, so that a broker of either kind
//! that takes a group over finds it unchanged.

use alloc::{collections::BTreeSet, vec::Vec};

use broker_protocol::Str;
use broker_types::PartitionId;
use twox_hash::XxHash3_64;

use crate::Metadata;

/// The version of what goes into a topic's sum.
const MAGIC: u8 = 0;

/// The sum of all topics that are there; 0 when none is.
pub(super) fn of_group(metadata: &dyn Metadata, topics: &BTreeSet<Str>) -> i64 {
    let mut sums = Vec::with_capacity(topics.len() * 8);
    for topic in topics {
        if let Some(sum) = of_topic(metadata, topic) {
            sums.extend_from_slice(&sum.to_le_bytes());
        }
    }
    if sums.is_empty() { 0 } else { XxHash3_64::oneshot(&sums).cast_signed() }
}

fn of_topic(metadata: &dyn Metadata, name: &Str) -> Option<u64> {
    let topic = metadata.topic(name)?;
    let mut bytes = Vec::new();
    bytes.push(MAGIC);
    // Java's numbers go in with their lowest byte first.
    let id = topic.id.uuid();
    let (high, low) = id.as_bytes().split_at(8);
    bytes.extend(high.iter().rev());
    bytes.extend(low.iter().rev());
    string(&mut bytes, name);
    bytes.extend_from_slice(&topic.partitions.to_le_bytes());
    for partition in 0..topic.partitions {
        bytes.extend_from_slice(&partition.to_le_bytes());
        for rack in metadata.racks(topic.id, PartitionId::new(partition)) {
            let length = i32::try_from(rack.encode_utf16().count()).unwrap_or(i32::MAX);
            bytes.extend_from_slice(&length.to_le_bytes());
            string(&mut bytes, &rack);
        }
    }
    Some(XxHash3_64::oneshot(&bytes))
}

/// Its units of UTF-16, then how many.
fn string(bytes: &mut Vec<u8>, text: &str) {
    let mut length = 0_i32;
    for unit in text.encode_utf16() {
        bytes.extend_from_slice(&unit.to_le_bytes());
        length = length.saturating_add(1);
    }
    bytes.extend_from_slice(&length.to_le_bytes());
}
