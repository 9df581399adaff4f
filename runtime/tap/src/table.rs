use aya::maps::{Array, MapData};
use ringtap_record::abi::{InterfaceSlot, MAX_PROBES, home_slot};

use crate::error::TapError;

/// Which taps are on which interface, as the programs look it up.
pub(crate) struct InterfaceTable(pub(crate) Array<MapData, Slot>);

/// [`InterfaceSlot`] as aya wants it.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub(crate) struct Slot(InterfaceSlot);

// SAFETY: integers only, without padding.
unsafe impl aya::Pod for Slot {}

impl InterfaceTable {
    /// Change the interface's entry, which is made if it is not there. `None`: no slot is free.
    pub(crate) fn update(
        &mut self,
        ifindex: u32,
        change: impl FnOnce(&mut InterfaceSlot),
    ) -> Result<Option<()>, TapError> {
        let Some((place, mut slot)) = self.find(ifindex)? else { return Ok(None) };
        slot.ifindex = ifindex;
        change(&mut slot);
        if slot.taps == [0; 3] {
            slot = InterfaceSlot::default();
        }
        self.0.set(place, Slot(slot), 0).map_err(failed("written"))?;
        Ok(Some(()))
    }

    /// The interface's slot, or else the first free one where it may stand.
    fn find(&self, ifindex: u32) -> Result<Option<(u32, InterfaceSlot)>, TapError> {
        let mut free = None;
        for probe in 0..MAX_PROBES {
            let place = home_slot(ifindex.wrapping_add(probe));
            let Slot(slot) = self.0.get(&place, 0).map_err(failed("read"))?;
            if slot.ifindex == ifindex {
                return Ok(Some((place, slot)));
            }
            if slot.ifindex == 0 && free.is_none() {
                free = Some((place, slot));
            }
        }
        Ok(free)
    }
}

fn failed(operation: &'static str) -> impl FnOnce(aya::maps::MapError) -> TapError {
    move |source| TapError::Map { map: "INTERFACES", operation, source }
}
