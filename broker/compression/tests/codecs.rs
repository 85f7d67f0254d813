//! What others write is read, what is written is read back, and nothing damaged or swollen gets through.

use broker_compression::Codecs;
use broker_records::{Codec, Compress, CompressError, Decompress, DecompressError};
use proptest::prelude::*;

const LIMIT: usize = 1 << 20;

fn plain() -> Vec<u8> {
    b"klamm reads what others write. ".repeat(2400)
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |c: u8| u8::try_from(char::from(c).to_digit(16).expect("hex")).expect("below 16");
    text.trim().as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn packed(codec: Codec, level: Option<i32>, input: &[u8]) -> Vec<u8> {
    let mut out = b"before".to_vec();
    Codecs::new().compress(codec, level, input, &mut out).expect("compresses");
    assert_eq!(out.drain(..6).as_slice(), b"before", "what was there stays");
    out
}

fn unpacked(codec: Codec, input: &[u8], limit_bytes: usize) -> Result<Vec<u8>, DecompressError> {
    let mut out = b"before".to_vec();
    let result = Codecs::new().decompress(codec, input, limit_bytes, &mut out);
    assert!(out.len() <= 6 + limit_bytes, "{codec} passed its limit: {} > {limit_bytes}", out.len() - 6);
    assert!(
        out.capacity() <= 6 + limit_bytes + 8192,
        "{codec} took memory past its limit: {}",
        out.capacity()
    );
    assert_eq!(out.drain(..6).as_slice(), b"before", "what was there stays");
    result.map(|()| out)
}

macro_rules! foreign {
    ($($name:ident: $codec:expr;)*) => {$(
        #[test]
        fn $name() {
            let bytes = unhex(include_str!(concat!("fixtures/", stringify!($name), ".hex")));
            assert_eq!(unpacked($codec, &bytes, LIMIT), Ok(plain()));
            assert_eq!(unpacked($codec, &bytes, plain().len()), Ok(plain()), "exactly the limit");
            let limit_bytes = plain().len() - 1;
            assert_eq!(unpacked($codec, &bytes, limit_bytes), Err(DecompressError::TooLarge { codec: $codec, limit_bytes }));
        }
    )*};
}

foreign! {
    java_gzip: Codec::Gzip;
    java_snappy: Codec::Snappy;
    java_lz4: Codec::Lz4;
    java_zstd: Codec::Zstd;
    python_gzip: Codec::Gzip;
    python_snappy_xerial: Codec::Snappy;
    python_lz4: Codec::Lz4;
    python_zstd: Codec::Zstd;
    snappy_raw: Codec::Snappy;
    gzip_two_members: Codec::Gzip;
    lz4_checksums_256k: Codec::Lz4;
    zstd_streamed: Codec::Zstd;
}

fn corrupt(result: Result<Vec<u8>, DecompressError>) -> bool {
    matches!(result, Err(DecompressError::Corrupt { .. }))
}

#[test]
fn lz4_of_dependent_blocks_is_refused_as_javas_consumers_would() {
    let bytes = unhex(include_str!("fixtures/lz4_linked.hex"));
    assert!(corrupt(unpacked(Codec::Lz4, &bytes, LIMIT)));
}

#[test]
fn lz4_checksums_are_held_against_the_data() {
    let good = unhex(include_str!("fixtures/lz4_checksums_256k.hex"));
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        assert!(unpacked(Codec::Lz4, &bytes, LIMIT).is_err(), "byte {at}");
    }
}

#[test]
fn joined_xerial_streams_are_one() {
    let one = packed(Codec::Snappy, None, b"one ");
    let two = packed(Codec::Snappy, None, b"two");
    assert_eq!(unpacked(Codec::Snappy, &[one, two].concat(), LIMIT), Ok(b"one two".to_vec()));
}

#[test]
fn what_is_written_has_the_form_that_java_expects() {
    let input = plain();
    assert_eq!(packed(Codec::Gzip, None, &input)[..4], [0x1f, 0x8b, 8, 0]);
    let snappy = packed(Codec::Snappy, None, &input);
    assert_eq!(snappy[..16], *b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01");
    assert_eq!(packed(Codec::Lz4, None, &input)[..7], [4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
    assert_eq!(packed(Codec::Zstd, None, &input)[..4], [0x28, 0xb5, 0x2f, 0xfd]);
    assert_eq!(packed(Codec::None, None, &input), input);
}

#[test]
fn every_level_of_kafka_works_and_no_other() {
    let input = plain();
    let levels = [
        (Codec::Gzip, vec![-1, 1, 6, 9], vec![-2, 0, 10]),
        (Codec::Lz4, vec![1, 9, 17], vec![0, 18, -1]),
        (Codec::Zstd, vec![-131_072, -1, 0, 1, 3, 19, 22], vec![-131_073, 23]),
    ];
    let codecs = Codecs::new();
    for (codec, good, bad) in levels {
        for level in good {
            let mut out = Vec::new();
            codecs.compress(codec, Some(level), &input, &mut out).expect("a level of Kafka's");
            assert_eq!(unpacked(codec, &out, LIMIT).as_ref(), Ok(&input), "{codec} {level}");
        }
        for level in bad {
            let result = codecs.compress(codec, Some(level), &input, &mut Vec::new());
            assert_eq!(result, Err(CompressError::Level { codec, level }));
        }
    }
}

#[test]
fn data_cut_anywhere_is_never_taken_for_whole() {
    for codec in [Codec::Gzip, Codec::Lz4, Codec::Zstd] {
        let whole = packed(codec, None, &plain());
        for end in 0..whole.len() {
            assert!(corrupt(unpacked(codec, &whole[..end], LIMIT)), "{codec} cut at {end}");
        }
    }
    // xerial's framing says no end: a cut between blocks is a shorter stream, which the records' count reveals.
    let whole = packed(Codec::Snappy, None, &plain());
    for end in 0..whole.len() {
        if let Ok(out) = unpacked(Codec::Snappy, &whole[..end], LIMIT) {
            assert!(out.len() % (32 << 10) == 0 && out.len() < plain().len(), "cut at {end}");
        }
    }
}

#[test]
fn bombs_are_refused_in_bounded_memory() {
    let limit_bytes = 100_000;
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        let bomb = packed(codec, None, &vec![0; 50 << 20]);
        assert_eq!(
            unpacked(codec, &bomb, limit_bytes),
            Err(DecompressError::TooLarge { codec, limit_bytes })
        );
    }
}

#[test]
fn a_zstd_frame_of_4_gib_in_131_kb_is_refused() {
    // Window of 8 MB, no content size, then blocks of "repeat this byte 128 KB": 4 bytes each.
    let mut bomb = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x68];
    let run = 128 << 10;
    for block in 0..32_768u32 {
        let last = u32::from(block == 32_767);
        let [a, b, c, _] = (last | 1 << 1 | run << 3).to_le_bytes();
        bomb.extend_from_slice(&[a, b, c, 7]);
    }
    assert_eq!(bomb.len(), 131_078);
    let limit_bytes = 1 << 20;
    let refused = Err(DecompressError::TooLarge { codec: Codec::Zstd, limit_bytes });
    assert_eq!(unpacked(Codec::Zstd, &bomb, limit_bytes), refused);
    // A window of 2 GiB is refused before it is made.
    bomb[5] = 0xa8;
    assert!(unpacked(Codec::Zstd, &bomb, limit_bytes).is_err());
}

#[test]
fn a_size_that_the_data_cannot_hold_is_refused_before_memory_is_taken() {
    let snappy = [0xff, 0xff, 0xff, 0xff, 0x07, 0];
    assert_eq!(
        unpacked(Codec::Snappy, &snappy, LIMIT),
        Err(DecompressError::TooLarge { codec: Codec::Snappy, limit_bytes: LIMIT })
    );
    let snappy = [0xff, 0xff, 0x3f, 0];
    assert!(corrupt(unpacked(Codec::Snappy, &snappy, LIMIT)));
    let mut lz4 = unhex(include_str!("fixtures/lz4_checksums_256k.hex"));
    lz4[6..14].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(unpacked(Codec::Lz4, &lz4, LIMIT).is_err());
}

#[test]
fn a_failure_leaves_nothing_behind_for_the_next() {
    let codecs = Codecs::new();
    for codec in [Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        let mut whole = Vec::new();
        codecs.compress(codec, None, &plain(), &mut whole).expect("compresses");
        for end in [1, whole.len() / 2, whole.len()] {
            let mut out = Vec::new();
            let result = codecs.decompress(codec, &whole[..end], LIMIT, &mut out);
            assert_eq!(result.is_ok(), end == whole.len(), "{codec}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(piece in prop::collection::vec(any::<u8>(), 0..600), times in 0..300usize) {
        let input = piece.repeat(times);
        for codec in Codec::ALL {
            let read = unpacked(codec, &packed(codec, None, &input), input.len());
            prop_assert_eq!(read.as_ref(), Ok(&input));
        }
    }

    #[test]
    fn any_bytes_are_read_without_harm(mut input in prop::collection::vec(any::<u8>(), 0..300), flips in any::<[u16; 3]>()) {
        for codec in Codec::ALL {
            let _ = unpacked(codec, &input, 10_000);
        }
        for codec in Codec::ALL {
            let mut bytes = packed(codec, None, &input);
            for flip in flips {
                let bits = bytes.len().max(1) * 8;
                let bit = usize::from(flip) % bits;
                if let Some(byte) = bytes.get_mut(bit / 8) {
                    *byte ^= 1 << (bit % 8);
                }
            }
            let _ = unpacked(codec, &bytes, 10_000);
        }
        input.clear();
    }
}
