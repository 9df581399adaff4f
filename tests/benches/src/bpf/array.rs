use std::{
    io,
    os::fd::{AsFd, OwnedFd},
};

use super::{call, call_for_fd, raw};

// enum bpf_cmd and enum bpf_map_type in include/uapi/linux/bpf.h
const BPF_MAP_CREATE: libc::c_int = 0;
const BPF_MAP_LOOKUP_ELEM: libc::c_int = 1;
const BPF_MAP_UPDATE_ELEM: libc::c_int = 2;
const BPF_MAP_TYPE_ARRAY: u32 = 2;

/// An array in the kernel of values of `u64`s.
#[derive(Debug)]
pub(crate) struct Array {
    map: OwnedFd,
    words: usize,
}

impl Array {
    /// Of `entries` values of so many words each, all zeros.
    pub(crate) fn new(entries: u32, words: usize) -> io::Result<Self> {
        #[repr(C)]
        struct Attr {
            map_type: u32,
            key_size: u32,
            value_size: u32,
            max_entries: u32,
        }
        let value_size = (words * size_of::<u64>()) as u32;
        let mut attr =
            Attr { map_type: BPF_MAP_TYPE_ARRAY, key_size: 4, value_size, max_entries: entries };
        // SAFETY: the kernel reads `Attr` as the beginning of its union's map creation.
        let map = unsafe { call_for_fd(BPF_MAP_CREATE, &mut attr) }?;
        Ok(Self { map, words })
    }

    pub(crate) fn get(&self, key: u32) -> io::Result<Vec<u64>> {
        let mut value = vec![0; self.words];
        self.element(BPF_MAP_LOOKUP_ELEM, key, value.as_mut_ptr())?;
        Ok(value)
    }

    /// Set a value, whose missing words are zeros.
    pub(crate) fn set(&self, key: u32, value: &[u64]) -> io::Result<()> {
        let mut value = value.to_vec();
        value.resize(self.words, 0);
        self.element(BPF_MAP_UPDATE_ELEM, key, value.as_mut_ptr())
    }

    /// `value` has to lead to a whole value.
    fn element(&self, command: libc::c_int, key: u32, value: *mut u64) -> io::Result<()> {
        #[repr(C)]
        struct Attr {
            map_fd: u32,
            padding: u32,
            key: u64,
            value: u64,
            flags: u64,
        }
        let mut attr = Attr {
            map_fd: raw(self.map.as_fd()),
            padding: 0,
            key: (&raw const key) as u64,
            value: value as u64,
            flags: 0,
        };
        // SAFETY: the kernel reads `Attr` as its union's element, the key and the value, of which
        // it reads or writes no more than the map's words; both outlive the call.
        unsafe { call(command, &mut attr) }.map(drop)
    }
}

impl AsRef<OwnedFd> for Array {
    fn as_ref(&self) -> &OwnedFd {
        &self.map
    }
}
