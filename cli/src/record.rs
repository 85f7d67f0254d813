//! A record as one line of JSON, and the digest of many.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use broker_client::{Header, OutgoingRecord, fetch::IncomingRecord};
use broker_types::{PartitionId, Timestamp};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// One line of NDJSON. What is not text is `{"base64": "..."}`; an absent key or value is null.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partition: Option<i32>,
    /// Told on reading, ignored on writing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timestamp: Option<i64>,
    #[serde(default)]
    key: Option<Data>,
    #[serde(default)]
    value: Option<Data>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(String, Option<Data>)>,
}

/// Bytes that show as text where they are text.
#[derive(Debug)]
struct Data(Bytes);

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Shown {
    Text(String),
    Binary { base64: String },
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => Shown::Binary { base64: STANDARD.encode(&self.0) }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Shown::deserialize(deserializer)? {
            Shown::Text(text) => Ok(Self(text.into())),
            Shown::Binary { base64 } => {
                STANDARD.decode(base64).map(|bytes| Self(bytes.into())).map_err(D::Error::custom)
            }
        }
    }
}

impl Record {
    /// The `number`th generated record: its key is the number, its value `size` bytes that follow from it.
    pub(crate) fn generated(number: u64, size: usize) -> Self {
        let text = format!("record {number} ");
        let value: Vec<u8> = text.bytes().cycle().take(size).collect();
        Self {
            key: Some(Data(number.to_string().into())),
            value: Some(Data(value.into())),
            ..Self::default()
        }
    }

    pub(crate) fn into_outgoing(self, partition: Option<PartitionId>) -> OutgoingRecord {
        let data = |data: Option<Data>| data.map(|data| data.0);
        OutgoingRecord {
            partition: partition.or(self.partition.map(PartitionId::new)),
            timestamp: self.timestamp.and_then(Timestamp::from_wire),
            key: data(self.key),
            value: data(self.value),
            headers: self
                .headers
                .into_iter()
                .map(|(name, value)| Header { name, value: data(value) })
                .collect(),
        }
    }

    pub(crate) fn from_incoming(incoming: IncomingRecord) -> Self {
        Self {
            partition: Some(incoming.partition.get()),
            offset: Some(incoming.offset.get()),
            timestamp: Some(incoming.timestamp),
            key: incoming.key.map(Data),
            value: incoming.value.map(Data),
            headers: incoming
                .headers
                .into_iter()
                .map(|header| (header.name, header.value.map(Data)))
                .collect(),
        }
    }
}

/// A digest of a set of records that does not depend on their order across partitions: the sum of each record's
/// CRC-32C over key and value.
#[derive(Debug, Default)]
pub(crate) struct Digest {
    records: u64,
    sum: u64,
}

impl Digest {
    pub(crate) fn add(&mut self, record: &Record) {
        let bytes = |data: &Option<Data>| data.as_ref().map_or_else(Bytes::new, |data| data.0.clone());
        let crc = crc32c::crc32c_append(crc32c::crc32c(&bytes(&record.key)), &bytes(&record.value));
        self.records += 1;
        self.sum = self.sum.wrapping_add(u64::from(crc));
    }

    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    pub(crate) fn hex(&self) -> String {
        format!("{:016x}", self.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_and_duplicate_headers_survive_the_round_trip() {
        let line = r#"{"key":{"base64":"/w=="},"value":null,"headers":[["a","1"],["a",null]]}"#;
        let record: Record = serde_json::from_str(line).unwrap();
        let outgoing = record.into_outgoing(None);
        assert_eq!(outgoing.key.as_deref(), Some(&[0xff][..]));
        assert_eq!(outgoing.value, None);
        assert_eq!(outgoing.headers.len(), 2);
        let again = Record {
            key: outgoing.key.map(Data),
            headers: outgoing
                .headers
                .into_iter()
                .map(|header| (header.name, header.value.map(Data)))
                .collect(),
            ..Record::default()
        };
        assert_eq!(serde_json::to_string(&again).unwrap(), line);
    }
}
