//! Every message's default survives every version, and the enums over records find their types again.

use broker_protocol::records::group::{GroupKey, GroupValue, OffsetCommitKey, OffsetCommitValue};
use broker_protocol::records::metadata::{MetadataRecord, TopicRecord};
use broker_protocol::wire::{EncodeErrorKind, Reader, Writer};
use broker_protocol::{
    ApiKey, ErrorCode, Message, MessageVisitor, RecordError, Request, for_each_message, messages,
};

struct Defaults(usize);

impl MessageVisitor for Defaults {
    fn visit<M: Message>(&mut self) {
        let mut encoded = 0;
        for version in M::VERSIONS {
            let mut w = Writer::new();
            match M::default().encode(&mut w, version) {
                Ok(()) => {}
                // A default that may not be null in some version is Kafka's own trap; the field says so.
                Err(error) if error.kind == EncodeErrorKind::Null => continue,
                Err(error) => panic!("{} {version}: {error}", M::NAME),
            }
            let bytes = w.finish().into_bytes();
            let mut r = Reader::new(bytes.clone());
            let again =
                M::decode(&mut r, version).unwrap_or_else(|error| panic!("{} {version}: {error}", M::NAME));
            assert_eq!(r.remaining(), 0, "{} {version}", M::NAME);
            let mut w = Writer::new();
            again.encode(&mut w, version).unwrap_or_else(|error| panic!("{} {version}: {error}", M::NAME));
            assert_eq!(w.finish().into_bytes(), bytes, "{} {version}", M::NAME);
            encoded += 1;
        }
        assert!(encoded > 0, "{} has no version that can carry its default", M::NAME);
        let mut w = Writer::new();
        assert!(M::default().encode(&mut w, M::VERSIONS.end() + 1).is_err(), "{}", M::NAME);
        self.0 += 1;
    }
}

#[test]
fn defaults_of_every_message_and_version() {
    let mut defaults = Defaults(0);
    for_each_message(&mut defaults);
    assert_eq!(defaults.0, 272);
}

#[test]
fn a_field_that_the_version_lacks_is_dropped_or_refused() {
    let mut w = Writer::new();
    let ignorable = messages::ProduceRequest { timeout_ms: 1, ..Default::default() };
    assert!(ignorable.encode(&mut w, 3).is_ok());
    let metadata = messages::MetadataRequest { allow_auto_topic_creation: false, ..Default::default() };
    let error = metadata.encode(&mut w, 3).expect_err("lost otherwise");
    assert_eq!((error.field, error.kind), ("AllowAutoTopicCreation", EncodeErrorKind::NotInVersion(3)));
}

#[test]
fn metadata_records_carry_their_type_and_version() {
    let topic = TopicRecord { name: "orders".into(), ..Default::default() };
    let record = MetadataRecord::from(topic);
    let bytes = record.encode(0).expect("encodes").into_bytes();
    assert_eq!(bytes[..3], [1, 2, 0]);
    assert_eq!(MetadataRecord::decode(bytes), Ok(record));
    let unknown = bytes::Bytes::from_static(&[1, 0x7f, 0]);
    assert_eq!(MetadataRecord::decode(unknown), Err(RecordError::UnknownType(0x7f)));
    let frame = bytes::Bytes::from_static(&[2, 2, 0]);
    assert_eq!(MetadataRecord::decode(frame), Err(RecordError::UnknownFrame(2)));
}

#[test]
fn coordinator_records_carry_their_type_and_version() {
    let key = OffsetCommitKey { group: "g".into(), topic: "t".into(), partition: 1 };
    let bytes = GroupKey::from(key.clone()).encode().expect("encodes");
    assert_eq!(bytes[..2], [0, 1]);
    let decoded = GroupKey::decode(bytes).expect("decodes");
    assert_eq!(decoded, GroupKey::OffsetCommit(key));
    let value = GroupValue::from(OffsetCommitValue { offset: 9, ..Default::default() });
    let bytes = value.encode(4).expect("encodes");
    assert_eq!(GroupValue::decode(decoded.record_type(), bytes), Ok(value));
}

#[test]
fn keys_and_errors_find_their_numbers() {
    for key in ApiKey::ALL {
        assert_eq!(ApiKey::from_code(key.code()), Some(key));
    }
    for error in ErrorCode::ALL {
        assert_eq!(ErrorCode::from_code(error.code()), Some(error));
    }
    assert_eq!(ApiKey::from_code(93), None);
    assert_eq!(messages::FetchRequest::KEY.name(), "FETCH");
    assert_eq!(ApiKey::InitProducerId.valid_versions(), 0..=5);
    assert!(ApiKey::InitProducerId.latest_version_unstable());
    assert!(ApiKey::StopReplica.valid_versions().is_empty());
    assert_eq!(ErrorCode::UnknownTopicOrPartition.name(), "UNKNOWN_TOPIC_OR_PARTITION");
    assert!(ErrorCode::NotLeaderOrFollower.is_retriable() && !ErrorCode::None.is_retriable());
}
