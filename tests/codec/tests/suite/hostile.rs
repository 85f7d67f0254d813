//! Bytes of those who mean harm: no panic, and never more memory than a small multiple of the frame.

use anyhow::{Context as _, Result};
use broker_protocol::frame::{FrameError, RequestHeader};
use broker_protocol::messages::{FetchRequest, MetadataRequest, ProduceRequest, RequestHeader as Header};
use broker_protocol::records::group::{GroupKey, GroupValue};
use broker_protocol::records::metadata::MetadataRecord;
use broker_protocol::wire::{
    ARRAY_MEMORY_BYTES_BASE, ARRAY_MEMORY_PER_FRAME_BYTE, DecodeErrorKind as Kind, Reader,
};
use broker_protocol::{ApiKey, Message};
use broker_schema::Schema;
use bytes::Bytes;
use tests_codec::catalog::codecs;
use tests_codec::counting::peak_bytes;
use tests_codec::random::Random;

/// What a decode may hold at once: the arrays' limit, doubled while a vector grows, and a page for the rest.
fn memory_max(frame_bytes: usize) -> usize {
    2 * (ARRAY_MEMORY_BYTES_BASE + ARRAY_MEMORY_PER_FRAME_BYTE * frame_bytes) + 4096
}

fn refused<M: Message>(bytes: &[u8], version: i16) -> Kind {
    let bytes = Bytes::copy_from_slice(bytes);
    let frame_bytes = bytes.len();
    let (result, peak) = peak_bytes(|| M::decode(&mut Reader::new(bytes), version));
    assert!(peak <= memory_max(frame_bytes), "{} took {peak} bytes", M::NAME);
    result.expect_err("refused").kind
}

/// `head`, then `unit` over and over up to `len` bytes.
fn flood(head: &[u8], unit: &[u8], len: usize) -> Vec<u8> {
    head.iter().copied().chain(unit.iter().copied().cycle()).take(len).collect()
}

#[test]
fn lengths_that_lie() {
    const MAX: [u8; 4] = [0x7f, 0xff, 0xff, 0xff];
    const MOST: [u8; 5] = [0xff, 0xff, 0xff, 0xff, 0x0f];
    // Metadata 0 and 9 begin with the array of topics, Produce 3 and 9 with the transactional id.
    assert!(matches!(refused::<MetadataRequest>(&MAX, 0), Kind::TooLong(_)));
    assert!(matches!(refused::<MetadataRequest>(&MOST, 9), Kind::TooLong(_)));
    assert_eq!(refused::<MetadataRequest>(&[0x80, 0, 0, 0], 0), Kind::NegativeLength);
    assert_eq!(refused::<MetadataRequest>(&[0xff, 0xff, 0xff, 0xff], 0), Kind::NegativeLength);
    assert!(matches!(refused::<ProduceRequest>(&[0x7f, 0xff], 3), Kind::TooLong(_)));
    assert!(matches!(refused::<ProduceRequest>(&MOST, 9), Kind::TooLong(_)));
    assert_eq!(refused::<MetadataRequest>(&[0x80; 64], 9), Kind::VarintTooLong);
    assert_eq!(refused::<MetadataRequest>(&[0xff, 0xff, 0xff, 0xff, 0x1f], 9), Kind::VarintTooLong);
    assert_eq!(refused::<MetadataRequest>(&[], 9), Kind::Truncated);
    // Record bytes: Produce 9, one topic "t", one partition, 4 GiB of records.
    let produce = [&[0, 0, 1, 0, 0, 0, 1, 2, 2, b't', 2, 0, 0, 0, 0][..], &MOST].concat();
    assert!(matches!(refused::<ProduceRequest>(&produce, 9), Kind::TooLong(_)));
}

#[test]
fn a_large_frame_of_the_smallest_elements_is_held_to_its_memory() {
    // 8 MiB of topics without partitions, three bytes each: their structs would take 25 times the frame.
    let len = 8 << 20;
    let count = u32::try_from(len / 3 - 10).expect("fits");
    let mut head = vec![0, 0, 1, 0, 0, 0, 1];
    let (mut count_left, mut varint) = (count + 1, Vec::new());
    while count_left >= 0x80 {
        varint.push(u8::try_from(count_left & 0x7f).expect("seven bits") | 0x80);
        count_left >>= 7;
    }
    varint.push(u8::try_from(count_left).expect("seven bits"));
    head.extend(varint);
    let frame = flood(&head, &[1, 1, 0], len);
    assert_eq!(refused::<ProduceRequest>(&frame, 9), Kind::TooMuchMemory);
}

#[test]
fn arrays_in_arrays_are_held_to_their_memory() {
    // Fetch 4: every topic says it has as many partitions as there are bytes left; so does the next level.
    let len = 1 << 20;
    let mut frame = vec![0; 4 + 4 + 4 + 4 + 1];
    frame.extend((i32::try_from(len / 8).expect("fits")).to_be_bytes());
    let frame = flood(&frame, &[0, 0, 0, 0, 0xff, 0xff], len);
    let bytes = Bytes::from(frame);
    let (_, peak) = peak_bytes(|| FetchRequest::decode(&mut Reader::new(bytes), 4).is_ok());
    assert!(peak <= memory_max(len), "{peak} bytes");
}

#[test]
fn floods_of_tags_are_skipped_up_to_a_limit_and_never_stored() {
    // Nine million unknown tags of no content.
    let count = [0xc0, 0xa8, 0xa5, 0x04];
    let mut frame = vec![1, 0, 0, 0];
    frame.extend(count);
    let frame = flood(&frame, &[9, 0], 18 << 20);
    assert_eq!(refused::<MetadataRequest>(&frame, 9), Kind::TooManyTags);
    // A header may carry no more.
    let frame = flood(&[0, 3, 0, 9, 0, 0, 0, 1, 0xff, 0xff, 0xc0, 0xa8, 0xa5, 0x04], &[9, 0], 18 << 20);
    let (result, peak) = peak_bytes(|| RequestHeader::decode(&mut Reader::new(Bytes::from(frame))));
    assert!(matches!(result, Err(FrameError::Header(error)) if error.kind == Kind::TooManyTags));
    assert!(peak < 64 << 20, "{peak} bytes");
}

#[test]
fn frames_without_a_whole_header() {
    for len in 0..8 {
        let frame = Bytes::from(vec![0; len]);
        assert_eq!(RequestHeader::decode(&mut Reader::new(frame)), Err(FrameError::TooShort(len)));
    }
    for version in Header::VERSIONS {
        for len in 0..8 {
            assert!(Header::decode(&mut Reader::new(Bytes::from(vec![0; len])), version).is_err());
        }
    }
    for key in [-1, 93, 94, 1020, i16::MAX, i16::MIN] {
        let frame = Bytes::from([&key.to_be_bytes()[..], &[0; 8]].concat());
        assert_eq!(RequestHeader::decode(&mut Reader::new(frame)), Err(FrameError::UnknownApiKey(key)));
    }
    for version in [-1, i16::MIN, i16::MAX] {
        assert_eq!(refused::<MetadataRequest>(&[0; 64], version), Kind::UnsupportedVersion(version));
        assert!(ApiKey::Metadata.request_header_version(version) <= 2);
    }
}

#[test]
fn record_frames_of_nonsense() {
    let mut random = Random::new(11);
    for _ in 0..20_000 {
        let len = random.below(40);
        let bytes = Bytes::from(random.bytes(len));
        let (_, peak) = peak_bytes(|| {
            let key = GroupKey::decode(bytes.clone()).map(|key| key.record_type());
            let metadata = MetadataRecord::decode(bytes.clone()).is_ok();
            (metadata, GroupValue::decode(key.unwrap_or(3), bytes.clone()).is_ok())
        });
        assert!(peak < 1 << 16, "{peak} bytes for {bytes:?}");
    }
}

/// Valid messages (defaults with some bytes put in) with bits flipped, bytes cut, doubled and overwritten.
#[test]
fn mutated_bytes_of_every_message_and_version() -> Result<()> {
    let schema = Schema::load(&Schema::folder())?;
    let codecs = codecs();
    let (mut read, mut refused) = (0_u64, 0_u64);
    for message in schema.messages().filter(|message| !message.versions.is_empty()) {
        let codec = codecs.get(message.name.as_str()).with_context(|| message.name.clone())?;
        for version in message.versions.low..=message.versions.high {
            let mut random = Random::of_case(&message.name, u64::from(version.unsigned_abs()));
            // What decodes grows: the corpus finds its own way deeper into the message.
            let mut corpus = vec![vec![1; 64]];
            for _ in 0..400 {
                let mut bytes = random.pick(&corpus).clone();
                mutate(&mut bytes, &mut random);
                let frame = Bytes::from(bytes.clone());
                let len = frame.len();
                let (result, peak) = peak_bytes(|| (codec.decode)(frame, version));
                assert!(
                    peak <= 64 * len + 512 * 1024,
                    "{} {version}: {peak} bytes for {bytes:?}",
                    message.name
                );
                match result {
                    Ok(_) if corpus.len() < 32 => corpus.push(bytes),
                    Ok(_) => {
                        let at = random.below(corpus.len());
                        corpus[at] = bytes;
                    }
                    Err(_) => refused += 1,
                }
                read += 1;
            }
        }
    }
    assert!(read > 200_000 && refused > read / 10, "{refused} of {read} refused");
    Ok(())
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            *bytes = random.bytes(16);
        }
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = *random.pick(&[0, 1, 2, 3, 0x7f, 0x80, 0xff]),
            2 => bytes.truncate(at),
            3 if bytes.len() < 2048 => {
                let end = (at + 1 + random.below(16)).min(bytes.len());
                bytes.extend_from_within(at..end);
            }
            4 => {
                let end = (at + 4).min(bytes.len());
                bytes[at..end].fill(*random.pick(&[0, 0x7f, 0xff]));
            }
            _ => {
                let len = random.below(8);
                let insert = random.bytes(len);
                bytes.splice(at..at, insert);
            }
        }
    }
}
