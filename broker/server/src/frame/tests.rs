use super::*;

const LIMIT: u32 = 200 * 1024 * 1024;

fn framed(body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], body].concat()
}

fn inbox() -> Inbox {
    Inbox::new(BufferPool::default(), Bounds::of_requests(LIMIT))
}

/// Hands bytes over as a socket with so many bytes would; gives what came out and how much was reserved at most.
fn pour(inbox: &mut Inbox, mut bytes: &[u8]) -> (Vec<Bytes>, usize) {
    let (mut frames, mut most) = (Vec::new(), 0);
    while !bytes.is_empty() {
        let room = inbox.room();
        let read = room.len().min(bytes.len());
        assert!(read > 0, "there is always room");
        room[..read].copy_from_slice(&bytes[..read]);
        inbox.received(read);
        bytes = &bytes[read..];
        most = most.max(reserved(inbox));
        while let Some(frame) = inbox.next().unwrap() {
            frames.push(frame);
        }
    }
    (frames, most)
}

fn reserved(inbox: &Inbox) -> usize {
    match &inbox.state {
        State::Empty => 0,
        State::Filling { buffer, .. } => buffer.len(),
        State::Arrived(bytes) => bytes.len(),
    }
}

#[test]
fn frames_in_one_read_come_out_one_by_one() {
    let mut inbox = inbox();
    let bytes = [framed(b"01234567"), framed(b"abcdefgh"), framed(b"ABCDEFGH")[..5].to_vec()].concat();
    let (frames, _) = pour(&mut inbox, &bytes);
    assert_eq!(frames, [&b"01234567"[..], b"abcdefgh"]);
    let (frames, _) = pour(&mut inbox, b"BCDEFGH");
    assert_eq!(frames, [&b"ABCDEFGH"[..]]);
    assert_eq!(reserved(&inbox), 0, "no bytes, no buffer");
}

#[test]
fn frames_of_all_sizes_come_out_whole_however_they_are_cut() {
    let sizes =
        [8, 9, 4092, 4093, 60_000, 70_000, 8, 300_000, 3_000_000, 100, 1_000_000, 1_000_000, 20, 5_000_000];
    let body = |size: usize| (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let bodies: Vec<Vec<u8>> = sizes.into_iter().map(body).collect();
    let bytes: Vec<u8> = bodies.iter().flat_map(|body| framed(body)).collect();
    for part in [97, 777, 65_536, 1 << 20, bytes.len()] {
        let mut inbox = inbox();
        let frames: Vec<Bytes> = bytes.chunks(part).flat_map(|part| pour(&mut inbox, part).0).collect();
        assert!(frames.iter().eq(&bodies), "in parts of {part}");
        assert_eq!(reserved(&inbox), 0);
    }
}

#[test]
fn a_frame_is_whole_only_with_its_last_byte() {
    let whole = framed(b"01234567");
    for cut in 0..whole.len() {
        let mut inbox = inbox();
        assert_eq!(pour(&mut inbox, &whole[..cut]).0.len(), 0, "cut at {cut}");
    }
}

#[test]
fn lengths_that_cannot_be_are_refused() {
    for length in [-1_i32, 0, 7, i32::MIN] {
        let mut inbox = inbox();
        inbox.room()[..4].copy_from_slice(&length.to_be_bytes());
        inbox.received(4);
        assert_eq!(inbox.next(), Err(FrameError::TooSmall(length)));
    }
    let mut inbox = inbox();
    inbox.room()[..4].copy_from_slice(&i32::MAX.to_be_bytes());
    inbox.received(4);
    assert_eq!(inbox.next(), Err(FrameError::TooLarge { bytes: i32::MAX, limit: LIMIT }));
}

#[test]
fn memory_follows_what_arrived() {
    let mut inbox = inbox();
    let (_, most) = pour(&mut inbox, &100_000_000_i32.to_be_bytes());
    assert_eq!(most, FIRST_BYTES);
    for arrived in [5_000, 50_000, 500_000] {
        let (_, most) = pour(&mut inbox, &vec![7; arrived]);
        assert!(most <= 2 * GROWTH * inbox.len(), "{most} for {}", inbox.len());
    }
}

#[test]
fn who_sent_large_frames_has_the_next_one_read_in_place() {
    let mut inbox = inbox();
    let large = framed(&vec![1; 1_000_000]);
    pour(&mut inbox, &large);
    let _room = inbox.room();
    inbox.received(0);
    assert_eq!(reserved(&inbox), 0, "it keeps no buffer for that");
    let place = inbox.room().as_ptr();
    let (frames, most) = pour(&mut inbox, &large);
    assert!(most >= large.len());
    assert_eq!(frames[0].as_ptr(), place.wrapping_add(LENGTH_BYTES), "not moved");
    // Small ones make it forget.
    for _ in 0..60 {
        pour(&mut inbox, &framed(&[0; 100]));
    }
    assert_eq!(inbox.usual, FIRST_BYTES);
}
