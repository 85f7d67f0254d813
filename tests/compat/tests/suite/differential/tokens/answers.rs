//! What the answers of the four APIs say.

/// Reads an answer from its front.
pub(super) struct Read<'a> {
    pub(super) rest: &'a [u8],
    flexible: bool,
}

impl<'a> Read<'a> {
    /// Behind the answer's header.
    pub(super) fn new(answer: &'a [u8], flexible: bool) -> Self {
        Self { rest: &answer[if flexible { 5 } else { 4 }..], flexible }
    }

    fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (first, rest) = self.rest.split_at(count);
        self.rest = rest;
        first
    }

    pub(super) fn int16(&mut self) -> i16 {
        i16::from_be_bytes([0, 1].map(|_| self.bytes(1)[0]))
    }

    pub(super) fn int64(&mut self) -> i64 {
        i64::from_be_bytes([0; 8].map(|_| self.bytes(1)[0]))
    }

    /// A length that takes so many bytes where it is not compact. None here is over 126.
    fn length(&mut self, wide: usize) -> usize {
        if self.flexible {
            usize::from(self.bytes(1)[0]) - 1
        } else {
            usize::from(self.bytes(wide)[wide - 1])
        }
    }

    fn text(&mut self) -> String {
        let length = self.length(2);
        String::from_utf8_lossy(self.bytes(length)).into_owned()
    }

    fn blob(&mut self) -> Vec<u8> {
        let length = self.length(4);
        self.bytes(length).to_vec()
    }

    fn times(&mut self) -> [i64; 3] {
        [self.int64(), self.int64(), self.int64()]
    }
}

/// How far apart the times of a token are, or what they are where there are none.
pub(super) fn apart([issued, expires, max]: [i64; 3]) -> [i64; 3] {
    if issued <= 0 { [issued, expires, max] } else { [1, expires - issued, max - issued] }
}

/// What an answer to CreateDelegationToken says, and the token.
pub(super) fn created(answer: &[u8], version: i16) -> (String, (String, Vec<u8>), [i64; 3]) {
    let mut read = Read::new(answer, version >= 2);
    let code = read.int16();
    let names = (0..if version >= 3 { 4 } else { 2 }).map(|_| read.text()).collect::<Vec<_>>();
    let (times, id, hmac) = (read.times(), read.text(), read.blob());
    let told = format!("{code} {names:?} {:?} {} {} {:?}", apart(times), id.len(), hmac.len(), read.rest);
    (told, (id, hmac), times)
}

/// A token as it is described.
pub(super) struct Described {
    pub(super) names: Vec<String>,
    pub(super) times: [i64; 3],
    pub(super) id: String,
    pub(super) hmac: Vec<u8>,
    pub(super) renewers: Vec<(String, String)>,
}

impl Described {
    fn read(read: &mut Read<'_>, version: i16) -> Self {
        let names = (0..if version >= 3 { 4 } else { 2 }).map(|_| read.text()).collect();
        let (times, id, hmac) = (read.times(), read.text(), read.blob());
        let tags = usize::from(version >= 2);
        let renewers = (0..read.length(4)).map(|_| {
            let renewer = (read.text(), read.text());
            read.bytes(tags);
            renewer
        });
        let renewers = renewers.collect();
        read.bytes(tags);
        Self { names, times, id, hmac, renewers }
    }
}

/// The code of an answer to DescribeDelegationToken, its tokens, and what follows them.
pub(super) fn described(answer: &[u8], version: i16) -> (i16, Vec<Described>, &[u8]) {
    let mut read = Read::new(answer, version >= 2);
    let code = read.int16();
    let tokens = (0..read.length(4)).map(|_| Described::read(&mut read, version)).collect();
    (code, tokens, read.rest)
}
