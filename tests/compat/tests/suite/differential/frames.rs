//! Frames, headers and bodies that no client sends, and the version negotiation.

use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Body, Connection, frame, request};

use super::Pair;

const API_VERSIONS: i16 = 18;

#[test]
fn frames_that_are_no_requests() -> Result<()> {
    let mut pair = Pair::start()?;
    let whole = request(API_VERSIONS, 0, 1, 1, &[]);
    for length in 0..=7_u8 {
        pair.compare(&format!("a frame of {length} bytes"), &frame(&vec![0; usize::from(length)]))?;
        let start = &whole[4..4 + usize::from(length)];
        pair.compare(&format!("the first {length} bytes of a header in a frame"), &frame(start))?;
        pair.compare(&format!("a connection that sends {length} bytes"), &whole[..usize::from(length)])?;
    }
    pair.compare("a request short of one byte", &whole[..whole.len() - 1])?;
    for length in [-1, i32::MIN, i32::MAX, 104_857_601] {
        pair.compare(&format!("a length of {length}"), &[&length.to_be_bytes()[..], &whole[4..]].concat())?;
    }
    pair.compare(
        "a length at the limit, not sent whole",
        &[&104_857_600_i32.to_be_bytes()[..], &[0; 8]].concat(),
    )?;
    pair.compare("HTTP", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    pair.compare("TLS", &[0x16, 3, 1, 0, 0xa5, 1, 0, 0, 0xa1, 3, 3, 0, 0, 0, 0, 0, 0, 0])?;
    pair.finish();
    Ok(())
}

#[test]
fn headers_that_make_no_sense() -> Result<()> {
    let mut pair = Pair::start()?;
    let header = |key: i16, version: i16, rest: &[u8]| {
        frame(&[&key.to_be_bytes()[..], &version.to_be_bytes(), &[0, 0, 0, 9], rest].concat())
    };
    for key in [-1, 4, 5, 6, 7, 52, 53, 54, 56, 58, 59, 62, 63, 70, 1000, i16::MAX] {
        pair.compare(&format!("API {key}"), &header(key, 0, &[0xff, 0xff]))?;
    }
    for (key, version) in
        [(0, 2), (0, 99), (1, 3), (1, 99), (2, 0), (3, -1), (3, 14), (3, 99), (19, 1), (22, 99)]
    {
        pair.compare(&format!("API {key} v{version}"), &header(key, version, &[0xff, 0xff, 0]))?;
    }
    // Metadata of no topics: unlike ApiVersions, both answer it alike.
    let no_topics = |client: &[u8]| header(3, 1, &[client, &[0, 0, 0, 0]].concat());
    pair.compare("no client id", &no_topics(&[0xff, 0xff]))?;
    pair.compare("an empty client id", &no_topics(&[0, 0]))?;
    pair.compare("a client id that is cut", &header(API_VERSIONS, 0, &[0, 9, b'a']))?;
    pair.compare("a negative client id length", &no_topics(&[0x80, 0]))?;
    // Text that is no UTF-8: Apache Kafka replaces what it cannot read, a stricter broker closes.
    pair.tolerate(&no_topics(&[0, 2, 0xff, 0xfe]))?;
    pair.compare("a negative correlation id", &request(API_VERSIONS, 99, i32::MIN, 1, &[]))?;
    let tagged = |tags: &[u8]| header(3, 9, &[&[0xff, 0xff][..], tags, &[1, 0, 0, 0, 0]].concat());
    pair.compare("an unknown tagged field", &tagged(&[1, 5, 2, 1, 1]))?;
    pair.compare("tagged fields that never end", &tagged(&[0xff, 0xff, 0xff, 0xff, 7, 1, 0]))?;
    pair.compare("a tagged field longer than the frame", &tagged(&[1, 5, 0xff, 0x7f]))?;
    pair.compare("tagged fields out of order", &tagged(&[2, 5, 0, 4, 0]))?;
    pair.compare("a tagged field twice", &tagged(&[2, 5, 0, 5, 0]))?;
    pair.finish();
    Ok(())
}

#[test]
fn bodies_that_lie() -> Result<()> {
    let mut pair = Pair::with_one_topic()?;
    let metadata = |version: i16, body: &[u8]| request(3, version, 5, if version >= 9 { 2 } else { 1 }, body);
    pair.compare("an array longer than the frame", &metadata(1, &[0x7f, 0xff, 0xff, 0xff]))?;
    pair.compare("an array of a million", &metadata(1, &[0, 0x0f, 0x42, 0x40, 0, 1]))?;
    pair.compare("a negative array", &metadata(1, &[0x80, 0, 0, 0]))?;
    pair.compare("a compact array of 2^31", &metadata(9, &[0xff, 0xff, 0xff, 0xff, 0x07, 0, 0, 0, 0]))?;
    pair.compare("a length of eleven bytes", &metadata(9, &[0xff; 16]))?;
    pair.compare("a topic name that is cut", &metadata(1, &[0, 0, 0, 1, 0, 99, b'a']))?;
    pair.compare("an absent topic name", &metadata(1, &[0, 0, 0, 1, 0xff, 0xff]))?;
    pair.compare("nothing", &metadata(4, &[]))?;
    pair.compare("more than the body", &metadata(4, &[0, 0, 0, 0, 0, 1, 2, 3]))?;
    pair.tolerate(&metadata(1, &[0, 0, 0, 1, 0, 2, 0xff, 0xfe]))?;
    pair.finish();
    Ok(())
}

#[test]
fn api_versions_of_every_version() -> Result<()> {
    let mut pair = Pair::start()?;
    let software =
        |name: &str, version: &str| Body::new(true).text(Some(name)).text(Some(version)).end().bytes();
    for version in 5..8 {
        pair.compare(
            &format!("ApiVersions v{version}"),
            &request(API_VERSIONS, version, 3, 2, &software("a", "1")),
        )?;
    }
    pair.compare("ApiVersions v99, a body of another kind", &request(API_VERSIONS, 99, 3, 1, &[1, 2, 3]))?;
    for wrong in ["", " ", "-a", "a b", "é"] {
        let body = software(wrong, "1.0");
        pair.compare(&format!("a software called {wrong:?}"), &request(API_VERSIONS, 3, 3, 2, &body))?;
    }
    for version in 0..=4_i16 {
        let body = if version >= 3 { software("probe", "1.0") } else { vec![] };
        let bytes = request(API_VERSIONS, version, 3, if version >= 3 { 2 } else { 1 }, &body);
        let ranges = |address| -> Result<Vec<(i16, i16, i16)>> {
            let mut connection = Connection::open(address, Duration::from_secs(20))?;
            connection.send(&bytes)?;
            ranges_of(&connection.receive()?.context("an answer")?, version >= 3)
        };
        let (apache, tested) = (ranges(pair.apache.address())?, ranges(pair.tested.address())?);
        for range in tested {
            if !apache.contains(&range) {
                pair.differences
                    .push(format!("ApiVersions v{version}: {range:?} is not what Apache Kafka has"));
            }
        }
    }
    pair.finish();
    Ok(())
}

/// The (key, lowest, highest) triples of an ApiVersions answer without an error.
fn ranges_of(answer: &[u8], compact: bool) -> Result<Vec<(i16, i16, i16)>> {
    assert_eq!(answer[..6], [0, 0, 0, 3, 0, 0], "the correlation id without a tagged header, and no error");
    let (count, mut rest) = if compact {
        (usize::from(answer[6]) - 1, &answer[7..])
    } else {
        (usize::try_from(i32::from_be_bytes(answer[6..10].try_into()?))?, &answer[10..])
    };
    let mut ranges = Vec::new();
    for _ in 0..count {
        let number = |at: usize| i16::from_be_bytes([rest[at], rest[at + 1]]);
        ranges.push((number(0), number(2), number(4)));
        rest = &rest[if compact { 7 } else { 6 }..];
    }
    Ok(ranges)
}
