/// No header is looked for beyond this many bytes into a frame.
///
/// The verifier needs a constant bound on every offset. Four VLAN tags, eight MPLS labels, PPPoE
/// and eight extension headers of common size fit many times over.
pub const MAX_HEADER_BYTES: u32 = 4096;

/// The bytes of one packet, wherever they are.
pub trait Frame {
    /// `N` bytes at `offset`, or `None` unless all of them are there.
    fn load<const N: usize>(&self, offset: u32) -> Option<[u8; N]>;
}

impl Frame for [u8] {
    #[inline]
    fn load<const N: usize>(&self, offset: u32) -> Option<[u8; N]> {
        self.get(offset as usize..)?.first_chunk().copied()
    }
}
