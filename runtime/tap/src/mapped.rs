//! Arrays in the kernel that are mapped into our memory.

use std::{
    io,
    os::fd::AsFd,
    ptr::{NonNull, null_mut},
};

use aya::{
    maps::{MapData, MapError},
    sys::SyscallError,
};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// The values of a BPF array with `BPF_F_MMAPABLE`, as the programs have them. Unmapped when dropped.
pub(crate) struct Mapped<T> {
    values: NonNull<T>,
    count: usize,
    /// Programs that are loaded later find the map by its descriptor.
    _map: MapData,
}

// SAFETY: memory that no thread owns; who reads or writes it says why that goes well.
unsafe impl<T: Send> Send for Mapped<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Mapped<T> {}

impl<T> Mapped<T> {
    /// Map all of a map's values. `T` has their size, a multiple of 8, and any bits are one.
    pub(crate) fn new(map: MapData, protection: ProtFlags) -> Result<Self, MapError> {
        let info = map.info()?;
        if info.value_size() as usize != size_of::<T>() {
            let (size, expected) = (info.value_size() as usize, size_of::<T>());
            return Err(MapError::InvalidValueSize { size, expected });
        }
        let count = info.max_entries() as usize;
        let len = count * size_of::<T>();
        let failed = |error: io::Error| {
            MapError::SyscallError(SyscallError { call: "mmap", io_error: error })
        };
        // SAFETY: a new mapping, which the kernel places where nothing is.
        let mapped =
            unsafe { mmap(null_mut(), len, protection, MapFlags::SHARED, map.fd().as_fd(), 0) };
        let address = mapped.map_err(|error| failed(error.into()))?;
        let values = NonNull::new(address.cast());
        let values = values.ok_or(failed(io::ErrorKind::OutOfMemory.into()))?;
        Ok(Self { values, count, _map: map })
    }

    /// Where a value is. `None`: there are not so many.
    #[inline]
    pub(crate) fn at(&self, index: u32) -> Option<NonNull<T>> {
        // SAFETY: within the mapping.
        ((index as usize) < self.count).then(|| unsafe { self.values.add(index as usize) })
    }
}

impl<T> Drop for Mapped<T> {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`; whoever has an address from `at` has borrowed from us. It fails for
        // addresses that are none, which this is not.
        unsafe { munmap(self.values.as_ptr().cast(), self.count * size_of::<T>()) }.ok();
    }
}
