//! What wakes readers that have gone to sleep: a ring buffer of the kernel in which nothing stands.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd},
    ptr::{NonNull, null_mut},
    sync::atomic::{AtomicU64, Ordering},
};

use aya::{
    maps::{MapData, MapError},
    sys::SyscallError,
};
use rustix::{
    mm::{MapFlags, ProtFlags, mmap, munmap},
    param::page_size,
};

/// Bytes that a ring takes: a header and eight bytes (the kernel's Documentation/bpf/ringbuf.rst).
const RING: u64 = 16;

/// The taps' bell. Its descriptor is readable once it has ever been rung, so what tells of a ring is that
/// it becomes so again: wait for edges.
pub(crate) struct Bell {
    /// How far it was read, on a page that we write.
    consumer: Page,
    /// How far it was written, on one that the taps do.
    producer: Page,
    map: MapData,
}

impl Bell {
    pub(crate) fn new(map: MapData) -> Result<Self, MapError> {
        let consumer = Page::map(&map, 0, ProtFlags::READ | ProtFlags::WRITE)?;
        let producer = Page::map(&map, page_size() as u64, ProtFlags::READ)?;
        Ok(Self { consumer, producer, map })
    }

    /// Make room for more. One ring stays, or the descriptor would not be readable for another reader that
    /// is yet to look at it.
    pub(crate) fn heard(&self) {
        let written = self.producer.position().load(Ordering::Acquire);
        self.consumer.position().store(written.saturating_sub(RING), Ordering::Release);
    }

    /// How many bytes were written in all.
    #[cfg(test)]
    pub(crate) fn written(&self) -> u64 {
        self.producer.position().load(Ordering::Acquire)
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.map.fd().as_fd()
    }
}

/// A page of the ring buffer, with a position at its beginning.
struct Page(NonNull<AtomicU64>);

// SAFETY: an atomic in memory that is mapped until this is dropped.
unsafe impl Send for Page {}
// SAFETY: as above.
unsafe impl Sync for Page {}

impl Page {
    fn map(map: &MapData, offset: u64, protection: ProtFlags) -> Result<Self, MapError> {
        let failed = |io_error| MapError::SyscallError(SyscallError { call: "mmap", io_error });
        // SAFETY: a new mapping, which the kernel places where nothing is.
        let mapped = unsafe {
            mmap(null_mut(), page_size(), protection, MapFlags::SHARED, map.fd().as_fd(), offset)
        };
        let address = mapped.map_err(|error| failed(error.into()))?;
        let position = NonNull::new(address.cast());
        position.map(Self).ok_or_else(|| failed(io::ErrorKind::OutOfMemory.into()))
    }

    fn position(&self) -> &AtomicU64 {
        // SAFETY: mapped, and written whole by whoever writes it. We store only where we may write.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: mapped by `map`; whoever has a reference has borrowed from us.
        unsafe { munmap(self.0.as_ptr().cast(), page_size()) }.ok();
    }
}
