//! Which partition a key belongs to, as the Java client decides it.

use broker_types::PartitionId;

/// The partition of `key` among `partitions` (>= 1): murmur2 with Kafka's seed, sign bit cleared.
/// The same key goes to the same partition from every client that follows the Java one.
#[must_use]
pub fn murmur2_partition(key: &[u8], partitions: i32) -> PartitionId {
    let positive = i32::from_ne_bytes((murmur2(key) & 0x7fff_ffff).to_ne_bytes());
    PartitionId::new(positive % partitions.max(1))
}

/// 32-bit MurmurHash2 with the seed that Kafka uses.
fn murmur2(data: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const MIX: u32 = 0x5bd1_e995;
    const SHIFT: u32 = 24;

    let length = u32::try_from(data.len() & 0xffff_ffff).unwrap_or(u32::MAX);
    let mut hash = SEED ^ length;
    let (words, rest) = data.as_chunks::<4>();
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(MIX);
        k ^= k >> SHIFT;
        hash = hash.wrapping_mul(MIX) ^ k.wrapping_mul(MIX);
    }
    if !rest.is_empty() {
        for (at, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * at);
        }
        hash = hash.wrapping_mul(MIX);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MIX);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that the Java client's own hash gives.
    #[test]
    fn the_hash_is_the_java_clients() {
        let signed = |text: &str| i32::from_ne_bytes(murmur2(text.as_bytes()).to_ne_bytes());
        assert_eq!(signed("21"), -973_932_308);
        assert_eq!(signed("foobar"), -790_332_482);
        assert_eq!(signed("a-little-bit-long-string"), -985_981_536);
        assert_eq!(signed("a-little-bit-longer-string"), -1_486_304_829);
        assert_eq!(signed("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58_897_971);
        assert_eq!(signed("abc"), 479_470_107);
    }
}
