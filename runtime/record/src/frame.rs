/// No header is looked for beyond this many bytes into a frame.
///
/// The verifier needs a constant bound on every offset. Four VLAN tags, eight MPLS labels, PPPoE
/// and eight extension headers of common size fit many times over.
pub const MAX_HEADER_BYTES: u32 = 2048;

/// The bytes of one packet, wherever they are.
pub trait Frame {
    /// `N` bytes at `offset`, or `None` unless all of them are there. `N` is at least 2: of the
    /// comparison that a compiler makes for a single byte, the verifier learns nothing.
    fn load<const N: usize>(&self, offset: u32) -> Option<[u8; N]>;

    /// Bytes of the frame on the wire, where who has the bytes knows it. Asked for only where a header
    /// leaves it open how long its packet is, since asking may cost as much as parsing.
    #[inline(always)]
    fn wire_len(&self) -> Option<u32> {
        None
    }

    /// `value`, in a way that hides from the BPF verifier what is known about it.
    ///
    /// The verifier follows every path separately as long as any known value differs. Where paths
    /// meet again, with headers of other lengths behind them, that has to be forgotten, or the
    /// number of states is the product of all branches instead of their sum.
    #[inline(always)]
    fn conceal(&self, value: u32) -> u32 {
        value
    }
}

impl Frame for [u8] {
    #[inline]
    fn load<const N: usize>(&self, offset: u32) -> Option<[u8; N]> {
        self.get(offset as usize..)?.first_chunk().copied()
    }
}
