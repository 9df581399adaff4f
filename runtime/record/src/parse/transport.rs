use super::{Parser, Step};
use crate::{
    Frame, mark,
    wire::{be16, be32, protocol},
};

impl<F: Frame + ?Sized> Parser<'_, F> {
    /// A fragment other than the first has no transport header, only bytes that look like one.
    #[inline(always)]
    pub(super) fn transport(&mut self, protocol: u8) -> Step {
        if self.record.frag_offset != 0 {
            return Ok(());
        }
        self.forget_path();
        self.record.l4_offset = self.at as u16;
        match protocol {
            protocol::TCP => self.tcp(),
            protocol::UDP => self.udp(),
            protocol::UDP_LITE => self.ports(8),
            protocol::SCTP => self.ports(12),
            protocol::ICMP | protocol::ICMPV6 => self.icmp(),
            _ => Ok(()),
        }
    }

    /// RFC 9293.
    #[inline(always)]
    fn tcp(&mut self) -> Step {
        let Some(header) = self.try_load::<20>(self.at) else {
            return self.short_tcp();
        };
        self.set_ports(&header);
        self.record.tcp_seq = be32(&header, 4);
        self.record.tcp_ack = be32(&header, 8);
        self.record.tcp_flags = be16(&header, 12) & 0xfff;
        self.record.tcp_window = be16(&header, 14);
        self.marks |= mark::TCP_SEQ | mark::TCP_ACK | mark::TCP_FLAGS | mark::TCP_WINDOW;
        let header_len = u32::from(header[12] >> 4) * 4;
        self.payload_after(20, header_len)
    }

    /// Cut short: keep the fields that are whole.
    #[inline(always)]
    fn short_tcp(&mut self) -> Step {
        let ports = self.load::<4>()?;
        self.set_ports(&ports);
        self.at += 4;
        self.record.tcp_seq = be32(&self.load::<4>()?, 0);
        self.marks |= mark::TCP_SEQ;
        self.at += 4;
        self.record.tcp_ack = be32(&self.load::<4>()?, 0);
        self.marks |= mark::TCP_ACK;
        self.at += 4;
        self.record.tcp_flags = be16(&self.load::<2>()?, 0) & 0xfff;
        self.marks |= mark::TCP_FLAGS;
        self.at += 2;
        self.record.tcp_window = be16(&self.load::<2>()?, 0);
        self.marks |= mark::TCP_WINDOW;
        self.at += 2;
        let _checksum_and_urgent_pointer = self.load::<4>()?;
        Ok(())
    }

    /// RFC 768; RFC 2675 for the length of 0.
    #[inline(always)]
    fn udp(&mut self) -> Step {
        let Some(header) = self.try_load::<8>(self.at) else {
            return self.ports(8);
        };
        self.set_ports(&header);
        let udp_len = u32::from(be16(&header, 4));
        let whole = self.marks & (mark::FRAGMENT | mark::GSO) == 0;
        let oversized = whole && self.at + udp_len > self.end;
        if oversized || (udp_len < 8 && udp_len != 0) {
            return self.malformed();
        }
        self.payload_after(8, 8)
    }

    /// Ports at the start of a header of `header_len` bytes.
    #[inline(always)]
    fn ports(&mut self, header_len: u32) -> Step {
        let ports = self.load::<4>()?;
        self.set_ports(&ports);
        if self.try_load::<8>(self.at).is_none() {
            self.at += 4;
            let _rest = self.load::<4>()?;
        }
        self.payload_after(8, header_len)
    }

    #[inline(always)]
    fn set_ports(&mut self, header: &[u8]) {
        self.record.src_port = be16(header, 0);
        self.record.dst_port = be16(header, 2);
        self.marks |= mark::PORTS;
    }

    #[inline(always)]
    fn payload_after(&mut self, least: u32, header_len: u32) -> Step {
        let payload = self.at + header_len;
        if header_len < least || payload > self.end {
            return self.malformed();
        }
        self.record.l7_offset = payload as u16;
        Ok(())
    }

    /// RFC 792 and RFC 4443.
    #[inline(always)]
    fn icmp(&mut self) -> Step {
        [self.record.icmp_type, self.record.icmp_code] = self.load()?;
        self.marks |= mark::ICMP;
        let _and_checksum = self.load::<4>()?;
        Ok(())
    }
}
