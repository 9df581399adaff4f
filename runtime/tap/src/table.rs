use aya::maps::{Array, MapData};
use ringtap_record::abi::{INTERFACE_SLOTS, InterfaceSlot, MAX_PROBES, home_slot};

use crate::{error::TapError, object::Object};

/// A section of the object; its variable has that map to itself.
const INTERFACES: &str = ".bss.interfaces";

/// Which taps are on which interface, as the programs look it up.
pub(crate) struct InterfaceTable {
    map: Array<MapData, Slots>,
    /// What is in the map.
    written: Slots,
}

/// [`InterfaceSlot`]s as aya wants them.
#[repr(transparent)]
#[derive(Clone, Copy)]
struct Slots([InterfaceSlot; INTERFACE_SLOTS as usize]);

// SAFETY: integers only, without padding.
unsafe impl aya::Pod for Slots {}

impl InterfaceTable {
    pub(crate) fn new(object: &mut Object) -> Result<Self, TapError> {
        let map = object.map(INTERFACES, Array::try_from)?;
        Ok(Self { map, written: Slots([InterfaceSlot::default(); INTERFACE_SLOTS as usize]) })
    }

    /// Change the interface's entry, which is made if it is not there. `None`: no slot is free.
    pub(crate) fn update(
        &mut self,
        ifindex: u32,
        change: impl FnOnce(&mut InterfaceSlot),
    ) -> Result<Option<()>, TapError> {
        let Some(place) = self.place(ifindex) else { return Ok(None) };
        let mut changed = self.written;
        let slot = &mut changed.0[place];
        slot.ifindex = ifindex;
        change(slot);
        if slot.taps == [0; 3] {
            *slot = InterfaceSlot::default();
        }
        // Programs read meanwhile, and find the other slots as they are.
        let failed = |source| TapError::Map { map: INTERFACES, operation: "written", source };
        self.map.set(0, changed, 0).map_err(failed)?;
        self.written = changed;
        Ok(Some(()))
    }

    /// Where the interface's slot is, or else the first free one where it may stand.
    fn place(&self, ifindex: u32) -> Option<usize> {
        let places = (0..MAX_PROBES).map(|probe| home_slot(ifindex.wrapping_add(probe)) as usize);
        let of = |ifindex| places.clone().find(|place| self.written.0[*place].ifindex == ifindex);
        of(ifindex).or_else(|| of(0))
    }
}
