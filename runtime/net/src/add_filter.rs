use std::{
    io,
    os::fd::{AsRawFd, BorrowedFd},
};

use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::{
    RouteNetlinkMessage,
    tc::{TcAttribute, TcBpfFlags, TcFilterBpfOption, TcHandle, TcMessage, TcOption},
};
use ringtap_record::Direction;
use rustix::io::Errno;

use crate::{
    error::NetError,
    filter::{TcFilter, about, parent, refused, tc_filters},
    netlink::RouteSocket,
};

/// First, beside whatever else has this priority.
const PRIORITY: u32 = 1;

/// ETH_P_ALL of linux/if_ether.h, in network byte order.
const ALL_PROTOCOLS: u32 = 0x0003_u16.to_be() as u32;

/// Give an interface a clsact queueing discipline; tells whether it had none.
pub fn add_clsact(interface: u32) -> Result<bool, NetError> {
    let mut message = TcMessage::default();
    message.header.index = interface.cast_signed();
    message.header.parent = TcHandle::CLSACT;
    message.header.handle = TcHandle { major: u16::MAX, minor: 0 };
    message.attributes = vec![TcAttribute::Kind("clsact".into())];
    match add(RouteNetlinkMessage::NewQueueDiscipline(message)) {
        Ok(()) => Ok(true),
        Err(error) if Errno::from_io_error(&error) == Some(Errno::EXIST) => Ok(false),
        Err(source) => Err(refused("give a clsact to", interface, source)),
    }
}

/// Attach a program as a direct-action filter on an interface's clsact. `name` tells it from others.
pub fn add_bpf_filter(
    interface: u32,
    direction: Direction,
    program: BorrowedFd<'_>,
    name: &str,
) -> Result<TcFilter, NetError> {
    let failed = |source| refused("attach a tc filter to", interface, source);
    let mut message = about(interface, parent(direction));
    message.header.info = PRIORITY << 16 | ALL_PROTOCOLS;
    let options = [
        TcFilterBpfOption::ProgFd(program.as_raw_fd().cast_unsigned()),
        TcFilterBpfOption::ProgName(name.to_owned()),
        TcFilterBpfOption::Flags(TcBpfFlags::DirectAction),
    ];
    message.attributes = vec![
        TcAttribute::Kind("bpf".into()),
        TcAttribute::Options(options.map(TcOption::Bpf).to_vec()),
    ];
    add(RouteNetlinkMessage::NewTrafficFilter(message)).map_err(failed)?;
    let ours =
        |filter: &TcFilter| filter.direction == direction && filter.name.as_deref() == Some(name);
    let found = tc_filters(interface)?.into_iter().find(ours);
    found.ok_or_else(|| failed(io::Error::from(io::ErrorKind::NotFound)))
}

fn add(message: RouteNetlinkMessage) -> io::Result<()> {
    RouteSocket::open(0)?.request(message, NLM_F_CREATE | NLM_F_EXCL)
}
