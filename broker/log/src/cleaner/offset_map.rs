//! Of each key of the dirty part the last offset, in a table of fixed size: 24 bytes an entry.
//!
//! Open addressing, linear probing, never full, so that every search ends. Entries are never taken out.

use broker_types::Offset;

use super::{key_hash::HashKey, tools::CleanLimits};

/// The key's hash, and its offset plus one; zero is a free place.
type Slot = [u64; 3];

/// The table.
#[derive(Debug)]
pub(super) struct OffsetMap {
    key: HashKey,
    slots: Vec<Slot>,
    used: usize,
    used_max: usize,
}

/// There is no room for a further key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

impl OffsetMap {
    /// An empty table for up to `records` keys, as far as the limit of memory goes.
    pub(super) fn new(key: HashKey, records: u64, limits: &CleanLimits) -> Self {
        let slots_max = usize::try_from(limits.map_bytes / size_of::<Slot>() as u64).unwrap_or(usize::MAX);
        let load = f64::clamp(limits.load_factor, 0.01, 1.0);
        let (wanted, loaded) =
            ((records as f64 / load) as usize, |slots: usize| (slots as f64 * load) as usize);
        // One place always stays free.
        let slots = wanted.saturating_add(2).min(slots_max).max(2);
        let used_max = loaded(slots).clamp(1, slots - 1);
        Self { key, slots: vec![[0; 3]; slots], used: 0, used_max }
    }

    fn place(&self, hash: [u64; 2]) -> usize {
        let slots = self.slots.len();
        let mut at = usize::try_from((u128::from(hash[0]) * slots as u128) >> 64).unwrap_or(0);
        loop {
            let [low, high, offset] = self.slots[at];
            if offset == 0 || [low, high] == hash {
                return at;
            }
            at = if at + 1 == slots { 0 } else { at + 1 };
        }
    }

    /// Notes the last offset of a key so far.
    pub(super) fn put(&mut self, key: &[u8], offset: Offset) -> Result<(), Full> {
        let hash = self.key.hash(key);
        let at = self.place(hash);
        if self.slots[at][2] == 0 {
            if self.used >= self.used_max {
                return Err(Full);
            }
            self.used += 1;
        }
        self.slots[at] = [hash[0], hash[1], offset.next().get().unsigned_abs()];
        Ok(())
    }

    /// The last offset of a key; `None` when the dirty part does not have it.
    pub(super) fn get(&self, key: &[u8]) -> Option<Offset> {
        let offset = self.slots[self.place(self.key.hash(key))][2];
        Offset::from_wire(i64::try_from(offset).ok()? - 1)
    }

    /// How full it is, in percent of what the limit of memory allows.
    pub(super) fn used_percent(&self, limits: &CleanLimits) -> u64 {
        let slots_max = (limits.map_bytes / size_of::<Slot>() as u64).max(1);
        (self.used as u64).saturating_mul(100) / slots_max
    }

    /// Keys in it.
    pub(super) const fn len(&self) -> usize {
        self.used
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(records: u64, map_bytes: u64) -> OffsetMap {
        let limits = CleanLimits { map_bytes, load_factor: 0.9, ..CleanLimits::default() };
        OffsetMap::new(HashKey::new([7; 16]), records, &limits)
    }

    #[test]
    fn the_last_offset_of_each_key_is_told() {
        let mut map = map(1000, 1 << 20);
        for offset in 0..1000 {
            let key = format!("key {}", offset % 300);
            assert_eq!(map.put(key.as_bytes(), Offset::new(offset)), Ok(()));
        }
        assert_eq!(map.len(), 300);
        for key in 0..300 {
            let last = if key < 100 { 900 + key } else { 600 + key };
            assert_eq!(map.get(format!("key {key}").as_bytes()), Some(Offset::new(last)), "key {key}");
        }
        assert_eq!(map.get(b"another"), None);
        assert_eq!(map.put(b"", Offset::ZERO), Ok(()));
        assert_eq!(map.get(b""), Some(Offset::ZERO), "an empty key is a key");
    }

    #[test]
    fn memory_bounds_the_keys_and_known_keys_still_go_in() {
        let mut map = map(u64::MAX, 24 * 100);
        for key in 0..90_i64 {
            assert_eq!(map.put(&key.to_be_bytes(), Offset::new(key)), Ok(()));
        }
        assert_eq!(map.put(b"one more", Offset::ZERO), Err(Full));
        assert_eq!(map.put(&3_i64.to_be_bytes(), Offset::new(500)), Ok(()));
        assert_eq!(map.get(&3_i64.to_be_bytes()), Some(Offset::new(500)));
        assert_eq!(map.get(b"one more"), None);
    }

    #[test]
    fn few_records_take_little_memory_and_all_of_them_fit() {
        for records in 0..40_u32 {
            let mut map = map(u64::from(records), 128 << 20);
            assert!(map.slots.len() < 64);
            for key in 0..records {
                assert_eq!(map.put(&key.to_be_bytes(), Offset::new(1)), Ok(()), "{key} of {records}");
            }
        }
    }

    #[test]
    fn even_without_memory_one_key_fits() {
        let mut map = map(10, 0);
        assert_eq!(map.put(b"a", Offset::new(1)), Ok(()));
        assert_eq!(map.put(b"b", Offset::new(2)), Err(Full));
        assert_eq!(map.get(b"a"), Some(Offset::new(1)));
    }
}
