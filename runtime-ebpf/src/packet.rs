use ringtap_record::{Direction, Hook, PacketRecord, abi::TapKind};

/// A packet at a hook, as the context tells it.
pub(crate) trait Packet {
    const KIND: TapKind;
    const HOOK: Hook;
    const DIRECTION: Direction;

    fn ifindex(&self) -> u32;
    /// Bytes of the frame, in whatever pieces.
    fn frame_len(&self) -> u32;
    /// The same for a frame whose headers say that its IP packet ends after so many bytes, or 0.
    #[inline(always)]
    fn frame_len_with(&self, _ip_end: u32) -> u32 {
        self.frame_len()
    }
    /// Where the bytes that can be read in place begin and end.
    fn linear(&self) -> (usize, usize);
    /// Copy `len` bytes from the offset `from` on. Whether it worked.
    fn copy(&self, from: u32, to: *mut u8, len: u32) -> bool;
    /// The VLAN tag that stands beside the frame.
    fn vlan(&self) -> Option<u16>;
    /// Write what the context knows and the bytes don't.
    fn describe(&self, record: &mut PacketRecord);
}
