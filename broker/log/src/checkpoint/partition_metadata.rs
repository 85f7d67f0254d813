//! `partition.metadata` of a partition: which life of its topic the folder belongs to (KIP-516).

use broker_types::{TopicId, Uuid};

use super::MalformedCheckpoint;

pub(crate) const FILE_NAME: &str = "partition.metadata";

pub(crate) fn encode(topic_id: TopicId) -> String {
    format!("version: 0\ntopic_id: {topic_id}")
}

/// The topic's id; `None` when the file says that there is none.
pub(crate) fn decode(bytes: &[u8]) -> Result<Option<TopicId>, MalformedCheckpoint> {
    let text = std::str::from_utf8(bytes).map_err(|_| MalformedCheckpoint::NotText)?;
    let mut lines = text.lines().map(|line| line.split_once(':').map(|(key, value)| (key, value.trim())));
    match lines.next() {
        Some(Some(("version", "0"))) => {}
        Some(Some(("version", _))) => return Err(MalformedCheckpoint::Version),
        _ => return Err(MalformedCheckpoint::Line(1)),
    }
    match lines.next() {
        Some(Some(("topic_id", id))) => {
            let id: Uuid = id.parse().map_err(|_| MalformedCheckpoint::Line(2))?;
            Ok(TopicId::from_wire(id))
        }
        _ => Err(MalformedCheckpoint::Line(2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_back_and_damage_is_refused() {
        let id = TopicId::new(Uuid::from_bytes([7; 16]));
        assert_eq!(encode(id), "version: 0\ntopic_id: BwcHBwcHBwcHBwcHBwcHBw");
        assert_eq!(decode(encode(id).as_bytes()), Ok(Some(id)));
        assert_eq!(decode(b""), Err(MalformedCheckpoint::Line(1)));
        assert_eq!(decode(b"version: 1\ntopic_id: x"), Err(MalformedCheckpoint::Version));
        assert_eq!(decode(b"version: 0\n"), Err(MalformedCheckpoint::Line(2)));
        assert_eq!(decode(b"version: 0\ntopic_id: BwcH"), Err(MalformedCheckpoint::Line(2)));
    }
}
