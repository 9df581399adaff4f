use core::cell::Cell;

use ringtap_record::{Frame, abi::SCRATCH_BYTES};

use crate::packet::Packet;

/// The bytes of a packet that the kernel lets a program read directly.
pub(crate) struct Linear<'a, P> {
    packet: &'a P,
    data: usize,
    data_end: usize,
    /// Something was asked for that is not in the linear part.
    ran_out: Cell<bool>,
    veil: Veil,
}

/// A word in a map: what is read back from it is unknown to the verifier.
///
/// Adding a zero that the verifier does not know would be quicker, but doubles what it has to prove: it
/// goes back through sums to find out what matters, and stops at memory.
#[derive(Clone, Copy)]
pub(crate) struct Veil(*mut u32);

impl Veil {
    /// `word` is in a map value of this CPU's own.
    #[inline(always)]
    pub(crate) fn new(word: *mut u64) -> Self {
        Self(word.cast())
    }

    #[inline(always)]
    pub(crate) fn conceal(self, value: u32) -> u32 {
        // SAFETY: the word outlives the program's run. Volatile, to really go through memory.
        unsafe {
            self.0.write_volatile(value);
            self.0.read_volatile()
        }
    }
}

impl<'a, P: Packet> Linear<'a, P> {
    #[inline(always)]
    pub(crate) fn new(packet: &'a P, veil: Veil) -> Self {
        let (data, data_end) = packet.linear();
        Self { packet, data, data_end, ran_out: Cell::new(false), veil }
    }

    /// Whether the parser asked for bytes that a frame of that length has elsewhere.
    #[inline(always)]
    pub(crate) fn missed_bytes_of(&self, frame_len: u32) -> bool {
        self.ran_out.get() && ((self.data_end - self.data) as u32) < frame_len
    }
}

impl<P: Packet> Frame for Linear<'_, P> {
    #[inline(always)]
    fn load<const N: usize>(&self, offset: u32) -> Option<[u8; N]> {
        let start = self.data + offset as usize;
        if start + N > self.data_end {
            self.ran_out.set(true);
            return None;
        }
        // SAFETY: between `data` and `data_end`, which the verifier checks too.
        Some(unsafe { (start as *const [u8; N]).read_unaligned() })
    }

    #[inline(always)]
    fn wire_len(&self) -> Option<u32> {
        Some(self.packet.frame_len())
    }

    #[inline(always)]
    fn conceal(&self, value: u32) -> u32 {
        self.veil.conceal(value)
    }
}

/// A copy of the first bytes of a packet whose headers are in more than one piece.
pub(crate) struct Copied<'a> {
    pub(crate) bytes: &'a [u8; SCRATCH_BYTES],
    pub(crate) len: u32,
    pub(crate) veil: Veil,
}

impl Frame for Copied<'_> {
    #[inline(always)]
    fn load<const N: usize>(&self, offset: u32) -> Option<[u8; N]> {
        let offset = offset as usize;
        if offset > SCRATCH_BYTES - N || offset + N > self.len as usize {
            return None;
        }
        // SAFETY: `offset + N` is within the array; the verifier wants to see the constant.
        Some(unsafe { self.bytes.as_ptr().add(offset).cast::<[u8; N]>().read_unaligned() })
    }

    #[inline(always)]
    fn conceal(&self, value: u32) -> u32 {
        self.veil.conceal(value)
    }
}
