/// Where entries are, by their hash: open addressing with linear probing, at most half full. A slot is
/// 0, or the entry's index plus one and, above that, as many bits of its hash as there is room for.
pub(super) struct Slots {
    /// A power of two of them. The bits of a number below it are where a hash has the slot at which
    /// the search begins, and a slot the index.
    slots: Box<[u32]>,
}

impl Slots {
    pub(super) fn new(capacity: usize) -> Self {
        // Two slots an entry, so that a search ends soon.
        let count = (capacity.max(1) * 2).next_power_of_two();
        Self { slots: vec![0; count].into() }
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
            if slot ^ hash <= self.index_mask() && is(self.index(slot)) {
                return Ok(self.index(slot));
            }
            place = self.next(place);
        }
    }

    #[inline]
    pub(super) fn fill(&mut self, place: usize, hash: u32, index: usize) {
        self.slots[place] = self.slot(hash, index);
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
            let home = self.home(hash_of(self.index(slot)));
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
        let slot = self.slot(hash, index);
        let mut place = self.home(hash);
        while self.slots[place] != slot {
            assert!(self.slots[place] != 0, "an entry has a slot");
            place = self.next(place);
        }
        place
    }

    #[inline]
    fn slot(&self, hash: u32, index: usize) -> u32 {
        hash & !self.index_mask() | (index as u32 + 1)
    }

    /// Where a search begins. Of the other end of the hash than what a slot has of it.
    #[inline]
    fn home(&self, hash: u32) -> usize {
        (hash & self.index_mask()) as usize
    }

    #[inline]
    fn index(&self, slot: u32) -> usize {
        (slot & self.index_mask()) as usize - 1
    }

    #[inline]
    fn index_mask(&self) -> u32 {
        self.slots.len() as u32 - 1
    }

    #[inline]
    fn next(&self, place: usize) -> usize {
        (place + 1) & (self.slots.len() - 1)
    }
}
