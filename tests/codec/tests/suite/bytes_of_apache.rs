//! For every message and version: Apache Kafka's bytes are ours, and each value is found in its own field.

use anyhow::{Context as _, Result};
use broker_schema::{Kind, Message, Schema};
use bytes::Bytes;
use serde_json::Value;
use tests_codec::catalog::{Codec, codecs};
use tests_codec::expected;
use tests_codec::oracle::Oracle;
use tests_codec::random::Random;
use tests_codec::sample::{Filling, Sampler};

/// Values per message and version.
const SAMPLES: u64 = 6;
/// Values per message and pair of versions.
const CONVERSIONS: u64 = 2;

struct Case<'a> {
    message: &'a Message,
    codec: Codec,
    from: i16,
    to: i16,
    json: Value,
}

impl Case<'_> {
    fn class(&self) -> String {
        let suffix = match self.message.kind {
            Kind::Request | Kind::Response | Kind::Header => "Data",
            _ => "",
        };
        format!("{}{suffix}", self.message.name)
    }

    fn place(&self) -> String {
        format!("{} {} -> {}: {}", self.message.name, self.from, self.to, self.json)
    }
}

fn cases(
    schema: &Schema,
    filling: Filling,
    versions: impl Fn(&Message) -> Vec<(i16, i16)>,
    count: u64,
) -> Vec<Case<'_>> {
    let codecs = codecs();
    let mut cases = Vec::new();
    for message in schema.messages().filter(|message| !message.versions.is_empty()) {
        for (from, to) in versions(message) {
            for number in 0..count {
                let random = Random::of_case(&format!("{} {from} {to}", message.name), number);
                let json = Sampler { message, version: from, filling, random }.sample();
                let codec = codecs[message.name.as_str()];
                cases.push(Case { message, codec, from, to, json });
            }
        }
    }
    cases
}

fn unhex(text: &str) -> Result<Bytes> {
    let digits = text.as_bytes();
    let bytes: Option<Vec<u8>> =
        digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    bytes.map(Bytes::from).with_context(|| format!("not bytes: {text}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_same_bytes_both_ways() -> Result<()> {
    let schema = Schema::load(&Schema::folder())?;
    let every = |message: &Message| (message.versions.low..=message.versions.high).map(|v| (v, v)).collect();
    let cases = cases(&schema, Filling::Full, every, SAMPLES);
    let mut oracle = Oracle::start()?;
    let questions: Vec<String> =
        cases.iter().map(|case| format!("encode {} {} {}", case.class(), case.from, case.json)).collect();
    let mut back = Vec::new();
    for (case, answer) in cases.iter().zip(oracle.ask(&questions)?) {
        let theirs = unhex(&answer).with_context(|| case.place())?;
        let recoded =
            (case.codec.recode)(theirs.clone(), case.from, case.to).with_context(|| case.place())?;
        let expected = expected::debug(case.message, &case.json).with_context(|| case.place())?;
        assert_eq!(recoded.debug, expected, "{}", case.place());
        assert_eq!(recoded.left, 0, "{}", case.place());
        let ours = recoded.encoded.with_context(|| case.place())?;
        assert_eq!(hex(&ours), hex(&theirs), "{}", case.place());
        back.push(format!("decode {} {} {}", case.class(), case.to, hex(&ours)));
    }
    for (case, answer) in cases.iter().zip(oracle.ask(&back)?) {
        let mut read: Value =
            serde_json::from_str(&answer).with_context(|| format!("{}: {answer}", case.place()))?;
        restore_records(&mut read, &case.json);
        let expected = expected::debug(case.message, &case.json)?;
        assert_eq!(expected::debug(case.message, &read)?, expected, "{}", case.place());
    }
    Ok(())
}

/// Apache's JSON of a value has the size of record batches only: puts them back where the size is right.
fn restore_records(read: &mut Value, original: &Value) {
    match (read, original) {
        (Value::Object(read), Value::Object(original)) => {
            for (name, value) in original {
                let size = value
                    .as_str()
                    .map(|text| text.len() / 4 * 3 - text.bytes().filter(|b| *b == b'=').count());
                let read_size = read.remove(&format!("{name}SizeInBytes")).and_then(|size| size.as_u64());
                if read_size.is_some() && read_size == size.and_then(|size| u64::try_from(size).ok()) {
                    read.insert(name.clone(), value.clone());
                }
                if let Some(read) = read.get_mut(name) {
                    restore_records(read, value);
                }
            }
        }
        (Value::Array(read), Value::Array(original)) => {
            read.iter_mut().zip(original).for_each(|(read, original)| restore_records(read, original));
        }
        _ => {}
    }
}

#[test]
fn what_a_version_cannot_carry_is_refused_or_dropped_alike() -> Result<()> {
    let schema = Schema::load(&Schema::folder())?;
    let pairs = |message: &Message| {
        let versions = message.versions.low..=message.versions.high;
        let others = |from: i16| versions.clone().filter(move |to| *to != from).map(move |to| (from, to));
        versions.clone().flat_map(others).collect()
    };
    let cases = cases(&schema, Filling::Sparse, pairs, CONVERSIONS);
    let mut oracle = Oracle::start()?;
    let encode: Vec<String> =
        cases.iter().map(|case| format!("encode {} {} {}", case.class(), case.from, case.json)).collect();
    let convert: Vec<String> = cases
        .iter()
        .map(|case| format!("convert {} {} {} {}", case.class(), case.from, case.to, case.json))
        .collect();
    let encoded = oracle.ask(&encode)?;
    let converted = oracle.ask(&convert)?;
    let (mut carried, mut refused) = (0, 0);
    for ((case, encoded), converted) in cases.iter().zip(encoded).zip(converted) {
        let recoded =
            (case.codec.recode)(unhex(&encoded)?, case.from, case.to).with_context(|| case.place())?;
        match recoded.encoded {
            Ok(ours) => {
                assert_eq!(hex(&ours), converted, "{}", case.place());
                carried += 1;
            }
            Err(error) => {
                assert!(
                    converted.starts_with('!'),
                    "{}: {error}, but Apache wrote {converted}",
                    case.place()
                );
                refused += 1;
            }
        }
    }
    assert!(carried > 1000 && refused > 100, "{carried} carried, {refused} refused: too few to say anything");
    Ok(())
}
