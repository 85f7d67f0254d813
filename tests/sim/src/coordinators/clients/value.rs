//! What records say.

/// A record's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::coordinators) struct Value {
    /// No two records of the source have the same; a copy has that of what it is of.
    pub(in crate::coordinators) number: u64,
    /// The transaction that wrote it; 0 for none.
    pub(in crate::coordinators) tag: u64,
    /// Who wrote it, in which life.
    pub(in crate::coordinators) sender: u64,
}

impl Value {
    pub(in crate::coordinators) fn bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        for (chunk, number) in bytes.chunks_exact_mut(8).zip([self.number, self.tag, self.sender]) {
            chunk.copy_from_slice(&number.to_be_bytes());
        }
        bytes
    }

    pub(in crate::coordinators) fn parse(bytes: Option<&[u8]>) -> Option<Self> {
        let (numbers, rest) = bytes?.as_chunks::<8>();
        let [number, tag, sender] = *numbers else { return None };
        let read = u64::from_be_bytes;
        rest.is_empty().then(|| Self { number: read(number), tag: read(tag), sender: read(sender) })
    }
}
