//! What consumers are subscribed to, as far as their metadata says it.

use alloc::collections::BTreeSet;

use broker_protocol::{
    Message as _, Str,
    messages::ConsumerProtocolSubscription,
    wire::{DecodeError, Reader},
};
use bytes::Bytes;

/// The protocol type of consumers: the coordinator can read its metadata, and nobody else's.
pub(crate) const CONSUMER: &str = "consumer";

/// The topics that a member names. Every version begins as version 0.
pub(crate) fn topics(metadata: Bytes) -> Result<impl Iterator<Item = Str>, DecodeError> {
    let mut reader = Reader::new(metadata);
    reader.i16("version")?;
    let subscription = ConsumerProtocolSubscription::decode(&mut reader, 0)?;
    Ok(subscription.topics.into_iter())
}

/// The topics of all members; `None` when one of them cannot be read.
pub(crate) fn all_topics(metadata: impl Iterator<Item = Bytes>) -> Option<BTreeSet<Str>> {
    let mut all = BTreeSet::new();
    for metadata in metadata {
        for topic in topics(metadata).ok()? {
            if !all.contains(&topic) {
                all.insert(topic.detached());
            }
        }
    }
    Some(all)
}
