mod hash;
mod slots;
#[cfg(test)]
mod tests;

use hash::Hash;
use slots::Slots;

/// A hash table for what is looked up with each packet: keys of `N` 64-bit words, at most as many
/// entries as it was made for.
///
/// Entries lie side by side in the order in which they came, so that a look at all of them is cheap,
/// and so is a start: memory is touched as entries come. A look-up costs some ns, the same in a
/// sandbox as outside. Whoever chooses the keys can't make them collide without knowing the seed.
///
/// ```
/// use ringtap_plugin::Table;
///
/// let mut bytes: Table<2, u64> = Table::new(1000, 42);
/// for (src, dst, len) in [(1, 2, 60), (1, 3, 40), (1, 2, 1500)] {
///     match bytes.entry([src, dst], || 0) {
///         Some(entry) => *entry.value += len,
///         None => break, // it is full
///     }
/// }
/// assert_eq!(bytes.get(&[1, 2]), Some(&1560));
/// assert_eq!(bytes.len(), 2);
/// ```
pub struct Table<const N: usize, V> {
    capacity: usize,
    hash: Hash<N>,
    slots: Slots,
    entries: Vec<Stored<N, V>>,
}

struct Stored<const N: usize, V> {
    hash: u32,
    key: [u64; N],
    value: V,
}

/// What [`Table::entry`] found or made.
#[derive(Debug)]
pub struct TableEntry<'a, V> {
    /// The value by that key.
    pub value: &'a mut V,
    /// It was not there before.
    pub is_new: bool,
}

impl<const N: usize, V> Table<N, V> {
    /// Entries that a table can be made for.
    pub const MAX_CAPACITY: usize = 1 << 24;

    /// A table for at most so many entries. Takes 8 to 16 bytes for each at once, and the memory of an
    /// entry when that comes. Panics beyond [`MAX_CAPACITY`](Self::MAX_CAPACITY).
    ///
    /// Take a `seed` that who sends the packets can't know: [`random_u64`](crate::random_u64), or
    /// [`now_ns`](crate::now_ns) at the start.
    pub fn new(capacity: usize, seed: u64) -> Self {
        assert!(capacity <= Self::MAX_CAPACITY, "a table for {capacity} entries");
        let (hash, slots) = (Hash::new(seed), Slots::new(capacity));
        Self { capacity, hash, slots, entries: Vec::new() }
    }

    /// Take the memory of so many more entries at once, at most of as many as it was made for.
    pub fn reserve(&mut self, more: usize) {
        self.entries.reserve_exact(more.min(self.capacity - self.entries.len()));
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether another key finds no room.
    pub fn is_full(&self) -> bool {
        self.entries.len() >= self.capacity
    }

    /// The value by that key.
    #[inline]
    pub fn get(&self, key: &[u64; N]) -> Option<&V> {
        let index = self.find(self.hash.of(key), key).ok()?;
        self.entries.get(index).map(|stored| &stored.value)
    }

    /// The value by that key, which is made where there is none; `None` where there is none and the
    /// table is full.
    #[inline]
    pub fn entry(&mut self, key: [u64; N], new: impl FnOnce() -> V) -> Option<TableEntry<'_, V>> {
        let hash = self.hash.of(&key);
        let (index, is_new) = match self.find(hash, &key) {
            Ok(index) => (index, false),
            Err(_) if self.is_full() => return None,
            Err(free) => {
                let index = self.entries.len();
                self.slots.fill(free, hash, index);
                self.entries.push(Stored { hash, key, value: new() });
                (index, true)
            }
        };
        self.entries.get_mut(index).map(|stored| TableEntry { value: &mut stored.value, is_new })
    }

    /// Take out the value by that key. The last entry moves to its place.
    pub fn remove(&mut self, key: &[u64; N]) -> Option<V> {
        let index = self.find(self.hash.of(key), key).ok()?;
        Some(self.take(index).1)
    }

    /// Entries in the order in which they came, as long as none was removed.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u64; N], &V)> {
        self.entries.iter().map(|stored| (&stored.key, &stored.value))
    }

    /// Keep the entries for which `keep` says so. Each is asked for once, the last ones first.
    pub fn retain(&mut self, mut keep: impl FnMut(&[u64; N], &mut V) -> bool) {
        for index in (0..self.entries.len()).rev() {
            let stored = &mut self.entries[index];
            if !keep(&stored.key, &mut stored.value) {
                self.take(index);
            }
        }
    }

    /// Take out everything.
    pub fn drain(&mut self) -> impl ExactSizeIterator<Item = ([u64; N], V)> {
        self.slots.clear();
        self.entries.drain(..).map(|stored| (stored.key, stored.value))
    }

    /// Where the entry is, or the slot that it would take.
    #[inline]
    fn find(&self, hash: u32, key: &[u64; N]) -> Result<usize, usize> {
        self.slots.find(hash, |index| {
            self.entries.get(index).is_some_and(|stored| same(&stored.key, key))
        })
    }

    fn take(&mut self, index: usize) -> ([u64; N], V) {
        let hash_of = |entries: &[Stored<N, V>], index: usize| entries[index].hash;
        let last = self.entries.len() - 1;
        let entries = &self.entries;
        self.slots.free(hash_of(entries, index), index, |index| hash_of(entries, index));
        if index != last {
            self.slots.rename(hash_of(entries, last), last, index);
        }
        let Stored { key, value, .. } = self.entries.swap_remove(index);
        (key, value)
    }
}

/// Whether two keys are one. Word by word, for a key that was just made to stay out of memory: what
/// compares arrays wants both there.
#[inline]
fn same<const N: usize>(a: &[u64; N], b: &[u64; N]) -> bool {
    a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

impl<const N: usize, V> std::fmt::Debug for Table<N, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut table = f.debug_struct("Table");
        table.field("len", &self.len()).field("capacity", &self.capacity).finish_non_exhaustive()
    }
}
