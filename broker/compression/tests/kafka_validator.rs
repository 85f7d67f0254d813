//! Validation with real codecs, against what the LogValidator of Apache Kafka 4.3.1 made of 800 batches, two
//! thirds of them tampered with and sealed again.
//!
//! We differ on purpose in two things, both of no real client: a batch that claims to be stamped by the leader is
//! always refused (Kafka lets it pass when the stamp is within bounds), and offset deltas other than 0, 1, 2, … of
//! an uncompressed batch are repaired as those of a compressed one (Kafka appends them as they are).
//!
//! A line of the fixture: whether the topic is compacted, whose time it takes, the batch, then `ok` with the max
//! timestamp and the bytes to append (`*`: written anew), or `err` with the exception and the records it names.

use std::time::Duration;

use broker_compression::Codecs;
use broker_records::validate::{RejectedCode, Scratch, ValidationRules, validate};
use broker_records::{BatchView, TimestampType, patch};
use broker_types::{LeaderEpoch, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn unhex(text: &str) -> Vec<u8> {
    let digit = |c: u8| u8::try_from(char::from(c).to_digit(16).expect("hex")).expect("below 16");
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn claims_to_be_stamped(batch: &[u8]) -> bool {
    let batch = BatchView::parse(batch).expect("a batch");
    batch.header.attributes.timestamp_type() == TimestampType::LogAppend
}

fn has_straight_offsets(batch: &[u8]) -> bool {
    let batch = BatchView::parse(batch).expect("a batch");
    batch.records().zip(0..).all(|(record, delta)| record.is_ok_and(|record| record.offset_delta == delta))
}

#[test]
fn batches_are_taken_rewritten_and_refused_as_kafka_does() {
    let mut differences = Vec::new();
    for line in include_str!("fixtures/kafka_validator.txt").lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let bytes = unhex(fields[2]);
        let rules = ValidationRules {
            now: NOW,
            timestamp_type: if fields[1] == "append" {
                TimestampType::LogAppend
            } else {
                TimestampType::Create
            },
            before_max: Some(Duration::from_secs(100)),
            after_max: Some(Duration::from_secs(2)),
            requires_keys: fields[0] == "keys",
            ..ValidationRules::default()
        };
        let mut appended = Vec::new();
        let ours = match validate(&bytes, &rules, &Codecs::new(), &mut Scratch::new()) {
            Ok(validated) => {
                let max = validated.max_timestamp.map_or(-1, Timestamp::as_millis);
                let mut batch = validated.replaced.map_or(bytes, |replaced| replaced.to_vec());
                patch::set_leader_epoch(&mut batch, LeaderEpoch::ZERO).expect("a batch");
                appended.clone_from(&batch);
                let hex: String = batch.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("ok {max} {}", if fields.get(5) == Some(&"*") { "*" } else { &hex })
            }
            Err(rejected) => {
                let name = match rejected.code() {
                    RejectedCode::InvalidRecord => "InvalidRecordException",
                    RejectedCode::InvalidTimestamp => "InvalidTimestampException",
                    code => panic!("{code:?}: {rejected}"),
                };
                let named: Vec<_> =
                    rejected.issues().iter().map(|issue| issue.batch_index.to_string()).collect();
                format!("err {name} {}", named.join(",")).trim_end().to_owned()
            }
        };
        let kafkas = fields[3..].join(" ").trim_end().to_owned();
        let is_on_purpose = match (kafkas.starts_with("ok"), ours.starts_with("ok")) {
            (true, false) => claims_to_be_stamped(&unhex(fields[2])) && ours.contains("InvalidTimestamp"),
            (true, true) => !has_straight_offsets(&unhex(fields[5])) && has_straight_offsets(&appended),
            _ => false,
        };
        if ours != kafkas && !is_on_purpose {
            differences
                .push(format!("{} {} {}\n  Kafka {kafkas}\n  ours  {ours}", fields[0], fields[1], fields[2]));
        }
    }
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}
