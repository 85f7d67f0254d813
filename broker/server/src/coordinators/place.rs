//! Which partition of an internal topic coordinates a key.

use broker_types::PartitionId;

/// The partition of `key` among `partitions`: the absolute value of Java's `String.hashCode`, in which the smallest
/// integer counts as 0. `None` while the topic has no partitions.
pub(crate) fn partition_of(key: &str, partitions: i32) -> Option<PartitionId> {
    if partitions <= 0 {
        return None;
    }
    let hash =
        key.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    Some(PartitionId::new(hash.checked_abs().unwrap_or(0) % partitions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_hash_as_in_java() {
        // "polygenelubricants" hashes to the smallest integer, "Aa" and "BB" to 2112; what is beyond the basic plane
        // is two units.
        for (key, partition) in
            [("", 0), ("polygenelubricants", 0), ("Aa", 12), ("BB", 12), ("my-group", 12), ("😀", 49)]
        {
            let expected = PartitionId::new(partition);
            assert_eq!(partition_of(key, 50), Some(expected), "{key}");
        }
        assert_eq!(partition_of("a", 0), None);
    }
}
