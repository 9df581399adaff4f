//! One rtnetlink socket: requests that are acknowledged, dumps, and notifications.
//!
//! Answers are walked attribute by attribute and not decoded as a whole: one attribute that a newer
//! kernel shapes in another way must not hide an interface.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    time::Duration,
};

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NetlinkBuffer, NetlinkHeader,
    NetlinkMessage, NlasIterator,
};
use netlink_packet_route::RouteNetlinkMessage;
use rustix::{
    io::Errno,
    net::{
        AddressFamily, Protocol, RecvFlags, SendFlags, SocketFlags, SocketType, bind, netlink,
        recv, send, socket_with, sockopt,
    },
};

/// Protocol 0 (`linux/netlink.h`).
const NETLINK_ROUTE: Option<Protocol> = None;

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;

/// The kernel puts no more than 32 KiB of a dump into one datagram (`netlink_dump` in
/// net/netlink/af_netlink.c).
const BUFFER_BYTES: usize = 64 * 1024;

/// Dumps that changed underneath are asked for again so often; then what came last has to do.
const DUMP_ATTEMPTS: usize = 4;

/// Answers are there when `send` returns; this bounds the wait for one that was dropped.
const PATIENCE: Duration = Duration::from_secs(10);

/// A bound socket.
#[derive(Debug)]
pub(crate) struct RouteSocket {
    fd: OwnedFd,
    sequence: u32,
    buffer: Vec<u8>,
}

/// One message of the kernel, without its header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'a> {
    /// `RTM_*`.
    pub(crate) kind: u16,
    pub(crate) payload: &'a [u8],
    flags: u16,
    sequence: u32,
}

impl RouteSocket {
    /// `groups` is a mask of `RTMGRP_*`; 0 for requests alone.
    pub(crate) fn open(groups: u32) -> io::Result<Self> {
        let fd = socket_with(
            AddressFamily::NETLINK,
            SocketType::RAW,
            SocketFlags::CLOEXEC,
            NETLINK_ROUTE,
        )?;
        bind(&fd, &netlink::SocketAddrNetlink::new(0, groups))?;
        sockopt::set_socket_timeout(&fd, sockopt::Timeout::Recv, Some(PATIENCE))?;
        Ok(Self { fd, sequence: 0, buffer: vec![0; BUFFER_BYTES] })
    }

    /// Have the kernel do something. `flags` are added to REQUEST and ACK.
    pub(crate) fn request(&mut self, message: RouteNetlinkMessage, flags: u16) -> io::Result<()> {
        let sequence = self.send(message, NLM_F_REQUEST | NLM_F_ACK | flags)?;
        loop {
            let datagram = self.receive(RecvFlags::empty())?;
            for message in messages(datagram).filter(|message| message.sequence == sequence) {
                if message.kind == NLMSG_ERROR {
                    return message.verdict();
                }
            }
        }
    }

    /// What `parse` makes of each object of a dump. `parse` returns `None` for what it skips.
    pub(crate) fn dump<T>(
        &mut self,
        message: &RouteNetlinkMessage,
        parse: impl Fn(Message<'_>) -> Option<T>,
    ) -> io::Result<Vec<T>> {
        let mut found = Vec::new();
        for _ in 0..DUMP_ATTEMPTS {
            found.clear();
            if self.dump_once(message.clone(), &parse, &mut found)? {
                break;
            }
        }
        Ok(found)
    }

    /// Whether nothing changed while the kernel listed it.
    fn dump_once<T>(
        &mut self,
        message: RouteNetlinkMessage,
        parse: impl Fn(Message<'_>) -> Option<T>,
        found: &mut Vec<T>,
    ) -> io::Result<bool> {
        let sequence = self.send(message, NLM_F_REQUEST | NLM_F_DUMP)?;
        let mut consistent = true;
        loop {
            let datagram = self.receive(RecvFlags::empty())?;
            for message in messages(datagram).filter(|message| message.sequence == sequence) {
                consistent &= message.flags & NLM_F_DUMP_INTR == 0;
                match message.kind {
                    NLMSG_DONE => return message.verdict().map(|()| consistent),
                    NLMSG_ERROR => message.verdict()?,
                    _ => found.extend(parse(message)),
                }
            }
        }
    }

    /// What waits in the socket: the messages of one datagram, or `None` when nothing does.
    pub(crate) fn notifications(
        &mut self,
    ) -> io::Result<Option<impl Iterator<Item = Message<'_>>>> {
        match self.receive(RecvFlags::DONTWAIT) {
            Ok(datagram) => Ok(Some(messages(datagram))),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn send(&mut self, message: RouteNetlinkMessage, flags: u16) -> io::Result<u32> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut header = NetlinkHeader::default();
        header.flags = flags;
        header.sequence_number = self.sequence;
        let mut packet = NetlinkMessage::new(header, message.into());
        packet.finalize();
        let mut bytes = vec![0; packet.buffer_len()];
        packet.serialize(&mut bytes);
        send(&self.fd, &bytes, SendFlags::empty())?;
        Ok(self.sequence)
    }

    fn receive(&mut self, flags: RecvFlags) -> io::Result<&[u8]> {
        let length = loop {
            match recv(&self.fd, self.buffer.as_mut_slice(), flags | RecvFlags::TRUNC) {
                Err(Errno::INTR) => {}
                other => break other?.1,
            }
        };
        self.buffer.get(..length).ok_or_else(|| {
            let text = format!("a netlink message of {length} bytes is over {BUFFER_BYTES}");
            io::Error::new(io::ErrorKind::InvalidData, text)
        })
    }
}

impl AsFd for RouteSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl<'a> Message<'a> {
    /// What follows the fixed header of `header_len` bytes.
    pub(crate) fn attributes(self, header_len: usize) -> impl Iterator<Item = (u16, &'a [u8])> {
        attributes(self.payload.get(header_len..).unwrap_or_default())
    }

    /// The error number in NLMSG_ERROR and NLMSG_DONE is negative, and 0 when all is well.
    fn verdict(self) -> io::Result<()> {
        match number(self.payload) {
            Some(0) | None => Ok(()),
            Some(errno) => Err(io::Error::from_raw_os_error((errno as i32).saturating_neg())),
        }
    }
}

/// Kind and value of each attribute, up to one whose length is wrong.
pub(crate) fn attributes(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    NlasIterator::new(bytes).map_while(Result::ok).filter_map(|attribute| {
        let (kind, length) = (attribute.kind(), usize::from(attribute.length()));
        Some((kind, attribute.into_inner().get(4..length)?))
    })
}

/// The first four bytes, in host order.
pub(crate) fn number(value: &[u8]) -> Option<u32> {
    value.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes))
}

/// Text up to the NUL. Names may hold any byte but NUL and '/'.
pub(crate) fn text(value: &[u8]) -> String {
    let end = value.iter().position(|&byte| byte == 0).unwrap_or(value.len());
    String::from_utf8_lossy(value.get(..end).unwrap_or_default()).into_owned()
}

fn messages(mut datagram: &[u8]) -> impl Iterator<Item = Message<'_>> {
    std::iter::from_fn(move || {
        let packet = NetlinkBuffer::new_checked(datagram).ok()?;
        let length = packet.length() as usize;
        let message = Message {
            kind: packet.message_type(),
            payload: datagram.get(16..length)?,
            flags: packet.flags(),
            sequence: packet.sequence_number(),
        };
        datagram = datagram.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u16, payload: &[u8]) -> Vec<u8> {
        let mut bytes = (16 + payload.len() as u32).to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend([0; 10]);
        bytes.extend(payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    #[test]
    fn walks_the_messages_of_a_datagram_and_stops_at_a_wrong_length() {
        let mut datagram = [message(16, b"abcde"), message(17, b"")].concat();
        datagram.extend([255; 16]);
        let seen: Vec<_> = messages(&datagram).map(|m| (m.kind, m.payload)).collect();
        assert_eq!(seen, [(16, &b"abcde"[..]), (17, &b""[..])]);
    }

    #[test]
    fn walks_attributes_and_stops_at_a_wrong_length() {
        let bytes = [6, 0, 3, 0x80, b'a', b'b', 0, 0, 4, 0, 9, 0, 3, 0, 9, 0, 200, 0, 1, 0];
        let seen: Vec<_> = attributes(&bytes).collect();
        assert_eq!(seen, [(3, &b"ab"[..]), (9, &b""[..])]);
    }

    #[test]
    fn names_need_not_be_utf8() {
        assert_eq!(text(b"eth0\0\0"), "eth0");
        assert_eq!(text(b"a\xff\0b"), "a\u{fffd}");
        assert_eq!(text(b""), "");
    }
}
