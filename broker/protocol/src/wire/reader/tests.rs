//! Every primitive, and lengths that lie.

use alloc::vec::Vec;

use super::*;

fn reader(bytes: &[u8]) -> Reader {
    Reader::new(Bytes::copy_from_slice(bytes))
}

#[test]
fn strings_in_both_forms() {
    assert_eq!(reader(&[0, 2, b'h', b'i']).str(false, "f").expect("text"), "hi");
    assert_eq!(reader(&[3, b'h', b'i']).str(true, "f").expect("text"), "hi");
    assert_eq!(reader(&[0xff, 0xff]).nullable_str(false, "f"), Ok(None));
    assert_eq!(reader(&[0]).nullable_str(true, "f"), Ok(None));
    let kind = |bytes: &[u8], flexible| reader(bytes).str(flexible, "f").expect_err("refused").kind;
    assert_eq!(kind(&[0xff, 0xff], false), Kind::NegativeLength);
    assert_eq!(kind(&[0], true), Kind::NegativeLength);
    assert_eq!(kind(&[0, 2, 0xff, 0xff], false), Kind::NotUtf8);
    assert_eq!(kind(&[0, 9, b'h'], false), Kind::TooLong(9));
    assert_eq!(kind(&[0x81, 0x80, 0x02], true), Kind::TooLong(32_768));
    assert_eq!(kind(&[0xff, 0xff, 0xff, 0xff, 0x0f], true), Kind::TooLong(u32::MAX - 1));
}

#[test]
fn bytes_are_slices_of_the_frame() {
    let frame = Bytes::from_static(&[0, 0, 0, 2, 7, 8]);
    let bytes = Reader::new(frame.clone()).bytes(false, "f").expect("bytes");
    assert_eq!(bytes.as_ptr(), frame.slice(4..).as_ptr());
}

#[test]
fn an_array_length_is_believed_as_far_as_bytes_are_there() {
    let array = |bytes: &[u8]| reader(bytes).array(false, 4, "f", |r| r.i32("f")).map_err(|error| error.kind);
    assert_eq!(array(&[0, 0, 0, 1, 0, 0, 0, 5]), Ok(Vec::from([5])));
    assert_eq!(array(&[0, 0, 0, 2, 0, 0, 0, 5]), Err(Kind::TooLong(2)));
    assert_eq!(array(&[0x7f, 0xff, 0xff, 0xff]), Err(Kind::TooLong(i32::MAX.unsigned_abs())));
    assert_eq!(array(&[0xff, 0xff, 0xff, 0xff]), Err(Kind::NegativeLength));
    assert_eq!(reader(&[0xff; 4]).nullable_array(false, 4, "f", |r| r.i32("f")), Ok(None));
}

#[test]
fn arrays_of_one_frame_share_a_limit_of_memory() {
    // Elements of one byte that take 1,024 bytes in memory: 1,000 times 64 of them.
    let mut frame = Vec::from([0xe9, 0x07]);
    frame.extend([65; 1]);
    frame.resize(200_000, 65);
    let error = reader(&frame)
        .array(true, 1, "outer", |r| r.array(true, 1, "inner", |r| Ok((r.i8("x")?, [0_u8; 1023]))))
        .expect_err("refused");
    assert_eq!((error.field, error.kind), ("inner", Kind::TooMuchMemory));
}

#[test]
fn unknown_tags_are_skipped_and_counted() {
    let mut r = reader(&[2, 5, 2, 9, 9, 6, 0, 42]);
    r.no_tags().expect("skipped");
    assert_eq!(r.i8("next"), Ok(42));

    let mut flood = Vec::from([0x91, 0x4e]);
    flood.resize(2 + 10_001 * 2, 0);
    assert_eq!(reader(&flood).no_tags().expect_err("refused").kind, Kind::TooManyTags);
}

#[test]
fn a_tag_is_as_long_as_it_says() {
    let read = |bytes: &[u8]| {
        let mut value = 0;
        let result = reader(bytes).tags(|r, tag| {
            if tag == 1 {
                value = r.i16("f")?;
            }
            Ok(tag == 1)
        });
        result.map(|()| value).map_err(|error| error.kind)
    };
    assert_eq!(read(&[1, 1, 2, 0, 7]), Ok(7));
    assert_eq!(read(&[1, 1, 3, 0, 7, 0]), Err(Kind::TagLength));
    assert_eq!(read(&[1, 1, 9, 0, 7]), Err(Kind::TooLong(9)));
    assert_eq!(read(&[0x80, 0x80, 0x80, 0x80, 0x80]), Err(Kind::VarintTooLong));
}
