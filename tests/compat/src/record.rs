//! Records as every client of these tests sends and receives them.

use serde::{Deserialize, Serialize};

/// What a producer is given.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Record {
    /// The partition that it is sent to.
    pub partition: i32,
    /// Milliseconds since 1970.
    pub timestamp: i64,
    /// The key.
    #[serde(with = "hex")]
    pub key: Option<Vec<u8>>,
    /// The value; absent in a tombstone.
    #[serde(with = "hex")]
    pub value: Option<Vec<u8>>,
    /// Name and value in order; a name may come more than once.
    #[serde(with = "headers")]
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

/// What a consumer was given.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Consumed {
    /// Its place in the partition.
    pub offset: i64,
    /// The rest.
    #[serde(flatten)]
    pub record: Record,
}

impl Consumed {
    /// Reads the JSON lines that a foreign client has printed.
    ///
    /// # Errors
    /// When a line is not a record.
    pub fn from_lines(lines: &str) -> anyhow::Result<Vec<Self>> {
        lines.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }
}

impl Record {
    /// The JSON lines that a foreign client reads.
    ///
    /// # Errors
    /// Never for records of these tests.
    pub fn to_lines(records: &[Self]) -> anyhow::Result<String> {
        let lines: Result<Vec<_>, _> = records.iter().map(serde_json::to_string).collect();
        Ok(lines?.join("\n") + "\n")
    }
}

mod hex {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, to: S) -> Result<S::Ok, S::Error> {
        bytes.as_deref().map(encode).serialize(to)
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| decode(&text).ok_or_else(|| serde::de::Error::custom("not hexadecimal"))).transpose()
    }

    pub(super) fn encode(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
        let digits = text.as_bytes();
        digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
    }
}

mod headers {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    type Headers = Vec<(String, Option<Vec<u8>>)>;

    pub(super) fn serialize<S: Serializer>(headers: &Headers, to: S) -> Result<S::Ok, S::Error> {
        let pairs: Vec<_> =
            headers.iter().map(|(name, value)| (name, value.as_deref().map(super::hex::encode))).collect();
        pairs.serialize(to)
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Headers, D::Error> {
        let pairs = Vec::<(String, Option<String>)>::deserialize(from)?;
        let decoded = pairs.into_iter().map(|(name, value)| {
            let value = value.map(|text| super::hex::decode(&text).ok_or("not hexadecimal")).transpose()?;
            Ok((name, value))
        });
        decoded.collect::<Result<_, &str>>().map_err(serde::de::Error::custom)
    }
}
