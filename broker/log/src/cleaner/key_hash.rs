//! The hash by which keys are known while a log is compacted: SipHash-2-4 with 128 bits of output.
//!
//! Kafka takes MD5 and accepts that two keys of one hash would be one key. Anybody can make such a pair for MD5, and
//! one record of it would be lost. Here the hash is keyed with a secret of the process: nobody outside can look for a
//! pair, and by chance a log of 2^32 keys has one with odds below 2^-64. It is also several times faster than MD5 on
//! keys as short as they are.
//!
//! Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), and its 128-bit variant.

/// The secret, from the system's random source.
#[derive(Clone, Copy)]
pub struct HashKey([u64; 2]);

impl std::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashKey(..)")
    }
}

/// Bytes that are mixed in at once.
const WORD_BYTES: usize = 8;

struct State([u64; 4]);

impl State {
    const fn round(&mut self) {
        let [mut a, mut b, mut c, mut d] = self.0;
        a = a.wrapping_add(b);
        b = b.rotate_left(13) ^ a;
        a = a.rotate_left(32);
        c = c.wrapping_add(d);
        d = d.rotate_left(16) ^ c;
        a = a.wrapping_add(d);
        d = d.rotate_left(21) ^ a;
        c = c.wrapping_add(b);
        b = b.rotate_left(17) ^ c;
        c = c.rotate_left(32);
        self.0 = [a, b, c, d];
    }

    fn mix(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.round();
        self.0[0] ^= word;
    }

    fn finish(&mut self) -> u64 {
        for _ in 0..4 {
            self.round();
        }
        self.0.iter().fold(0, |all, part| all ^ part)
    }
}

impl HashKey {
    /// From random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 16]) -> Self {
        let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
        Self([word(0), word(WORD_BYTES)])
    }

    /// The hash of `bytes`.
    pub(super) fn hash(self, bytes: &[u8]) -> [u64; 2] {
        let [low, high] = self.0;
        let mut state = State([
            low ^ 0x736f_6d65_7073_6575,
            high ^ 0x646f_7261_6e64_6f6d ^ 0xee,
            low ^ 0x6c79_6765_6e65_7261,
            high ^ 0x7465_6462_7974_6573,
        ]);
        let mut words = bytes.chunks_exact(WORD_BYTES);
        for word in &mut words {
            state.mix(u64::from_le_bytes(std::array::from_fn(|i| word[i])));
        }
        let mut last = [0; WORD_BYTES];
        last[..words.remainder().len()].copy_from_slice(words.remainder());
        last[WORD_BYTES - 1] = bytes.len().to_le_bytes()[0];
        state.mix(u64::from_le_bytes(last));
        state.0[2] ^= 0xee;
        let first = state.finish();
        state.0[1] ^= 0xdd;
        [first, state.finish()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference implementation's own vectors: key 00 01 .. 0f, input 00 01 .. of each length.
    #[test]
    fn the_hash_is_siphash_2_4_128() {
        let key = HashKey::new(std::array::from_fn(|i| u8::try_from(i).expect("small")));
        let input: Vec<u8> = (0..64).collect();
        let hex = |length: usize| {
            let [low, high] = key.hash(&input[..length]);
            let bytes = [low.to_le_bytes(), high.to_le_bytes()].concat();
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        assert_eq!(hex(0), "a3817f04ba25a8e66df67214c7550293");
        assert_eq!(hex(1), "da87c1d86b99af44347659119b22fc45");
        assert_eq!(hex(8), "3b62a9ba6258f5610f83e264f31497b4");
        assert_eq!(hex(15), "5493e99933b0a8117e08ec0f97cfc3d9");
        assert_eq!(hex(63), "5150d1772f50834a503e069a973fbd7c");
    }
}
