/// Where entries are, by their hash: open addressing with linear probing, at most half full. A slot is
/// 0, or the entry's index plus one and, above that, as many bits of its hash as there is room for.
pub(super) struct Slots {
    slots: Vec<u32>,
    /// The bits of a slot that are the index.
    index_mask: u32,
    /// A hash shifted by this is the slot where the search begins.
    shift: u32,
}

impl Slots {
    pub(super) fn new(capacity: usize) -> Self {
        // Two slots an entry, so that a search ends soon.
        let count = (capacity.max(1) * 2).next_power_of_two();
        let index_mask = (count as u32) - 1;
        Self { slots: vec![0; count], index_mask, shift: 32 - count.trailing_zeros() }
    }

    /// The index for which `is` holds among those by that hash, or the free slot that is met first.
    #[inline]
    pub(super) fn find(&self, hash: u32, is: impl Fn(usize) -> bool) -> Result<usize, usize> {
        let mut place = self.home(hash);
        loop {
            let slot = self.slots[place];
            if slot == 0 {
                return Err(place);
            }
            if slot & !self.index_mask == self.tag(hash) {
                let index = (slot & self.index_mask) as usize - 1;
                if is(index) {
                    return Ok(index);
                }
            }
            place = self.next(place);
        }
    }

    #[inline]
    pub(super) fn fill(&mut self, place: usize, hash: u32, index: usize) {
        self.slots[place] = self.tag(hash) | (index as u32 + 1);
    }

    /// Free the slot of an entry, and move up what a search would not find behind it any more.
    pub(super) fn free(&mut self, hash: u32, index: usize, hash_of: impl Fn(usize) -> u32) {
        let mut free = self.place(hash, index);
        let mut place = free;
        loop {
            place = self.next(place);
            let slot = self.slots[place];
            if slot == 0 {
                break;
            }
            let home = self.home(hash_of((slot & self.index_mask) as usize - 1));
            // What is at home between the free slot and its own stays.
            let from_home = place.wrapping_sub(home) & (self.slots.len() - 1);
            let from_free = place.wrapping_sub(free) & (self.slots.len() - 1);
            if from_home >= from_free {
                self.slots[free] = slot;
                free = place;
            }
        }
        self.slots[free] = 0;
    }

    /// An entry has moved.
    pub(super) fn rename(&mut self, hash: u32, from: usize, to: usize) {
        let place = self.place(hash, from);
        self.fill(place, hash, to);
    }

    pub(super) fn clear(&mut self) {
        self.slots.fill(0);
    }

    fn place(&self, hash: u32, index: usize) -> usize {
        let slot = self.tag(hash) | (index as u32 + 1);
        let mut place = self.home(hash);
        while self.slots[place] != slot {
            assert!(self.slots[place] != 0, "an entry has a slot");
            place = self.next(place);
        }
        place
    }

    #[inline]
    fn home(&self, hash: u32) -> usize {
        (hash >> self.shift) as usize
    }

    /// Of the other end of the hash than `home`.
    #[inline]
    fn tag(&self, hash: u32) -> u32 {
        hash << (32 - self.shift) & !self.index_mask
    }

    #[inline]
    fn next(&self, place: usize) -> usize {
        (place + 1) & (self.slots.len() - 1)
    }
}
