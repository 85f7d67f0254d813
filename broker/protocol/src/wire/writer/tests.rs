//! Segments stay uncopied, and lengths around them are right.

use super::*;
use crate::wire::Reader;

#[test]
fn long_bytes_are_their_own_segment() {
    let records = Bytes::from(alloc::vec![1; OWN_SEGMENT_BYTES_MIN]);
    let mut w = Writer::new();
    w.i16(7);
    w.bytes(false, &records, "records").expect("fits");
    w.bytes(false, &Bytes::from_static(b"short"), "records").expect("fits");
    assert_eq!(w.len_bytes(), 2 + 4 + 512 + 4 + 5);
    let segments = w.finish();
    assert_eq!(segments.pieces.iter().map(Piece::len_bytes).collect::<Vec<_>>(), [6, 512, 9]);
    let Piece::Bytes(own) = &segments.pieces[1] else { panic!("bytes") };
    assert_eq!(own.as_ptr(), records.as_ptr());
    assert_eq!(segments.len_bytes(), segments.into_bytes().len());
}

#[test]
fn records_elsewhere_leave_a_gap_of_their_length() {
    let mut w = Writer::new();
    w.i16(7);
    w.records(true, &Records::Elsewhere { bytes: 300 }, "records").expect("fits");
    w.i8(1);
    let segments = w.finish();
    let lengths: Vec<_> = segments.pieces.iter().map(Piece::len_bytes).collect();
    assert_eq!((lengths, &segments.pieces[1]), (Vec::from([4, 300, 1]), &Piece::Elsewhere { bytes: 300 }));
    let mut r = Reader::new(segments.into_bytes());
    assert_eq!(r.i16("number"), Ok(7));
    assert_eq!(r.records(true, "records").map(|records| records.len()), Ok(300));
}

#[test]
fn a_tag_knows_the_length_of_what_is_in_it() {
    for len in [0, 1, 126, 127, 128, 600, 20_000] {
        let content = Bytes::from(alloc::vec![3; len]);
        let mut w = Writer::new();
        w.uvarint(1);
        w.tag(9, "f", |w| {
            w.bytes(true, &content, "f")?;
            w.bytes(true, &content, "f")
        })
        .expect("fits");
        w.i8(42);
        let mut r = Reader::new(w.finish().into_bytes());
        r.tags(|r, tag| {
            assert_eq!((tag, &r.bytes(true, "f")?, &r.bytes(true, "f")?), (9, &content, &content));
            Ok(true)
        })
        .expect("reads back");
        assert_eq!(r.i8("next"), Ok(42), "{len}");
    }
}

#[test]
fn what_no_format_can_say_is_refused() {
    let long = Str::from(alloc::string::String::from_utf8(alloc::vec![b'x'; 32_768]).expect("ascii"));
    let error = Writer::new().str(true, &long, "Name").expect_err("refused");
    assert_eq!((error.field, error.kind), ("Name", Kind::TooLong(32_768)));
}
