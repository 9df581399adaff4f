//! BPF filters on a clsact queueing discipline. Unlike a bpf link they outlive their maker.

use std::io;

use netlink_packet_route::{
    RouteNetlinkMessage,
    tc::{TcAttribute, TcHandle, TcMessage},
};
use ringtap_record::Direction;
use rustix::io::Errno;

use crate::{
    error::NetError,
    netlink::{Message, RouteSocket, attributes, number, text},
};

/// A tc filter on an interface's clsact (or ingress) queueing discipline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcFilter {
    /// Index of the interface.
    pub interface: u32,
    pub direction: Direction,
    /// Such as `bpf` or `flower`.
    pub kind: String,
    /// What its maker called it; only filters of kind `bpf` have names.
    pub name: Option<String>,
    /// Id of the BPF program.
    pub program: Option<u32>,
    /// Smaller runs earlier.
    pub priority: u16,
    pub handle: u32,
    chain: u32,
    /// Priority and protocol, as the kernel had them.
    info: u32,
}

/// The filters of an interface in both directions, in the order in which they run.
///
/// Empty when it has neither clsact nor ingress, or is not there.
pub fn tc_filters(interface: u32) -> Result<Vec<TcFilter>, NetError> {
    let list = || {
        let mut socket = RouteSocket::open(0)?;
        let mut filters = Vec::new();
        for &direction in directions(&mut socket, interface)? {
            let found = dump(&mut socket, interface, direction)?;
            // An instance of a classifier is listed too, with a handle of 0, before its filters.
            filters.extend(found.into_iter().filter(|filter| filter.handle != 0));
        }
        Ok(filters)
    };
    list().map_err(|source| refused("list the tc filters of", interface, source))
}

/// Delete a filter. One that is gone already is no error.
pub fn delete_filter(filter: &TcFilter) -> Result<(), NetError> {
    let mut message = about(filter.interface, parent(filter.direction));
    message.header.handle = TcHandle::from(filter.handle);
    message.header.info = filter.info;
    message.attributes =
        vec![TcAttribute::Kind(filter.kind.clone()), TcAttribute::Chain(filter.chain)];
    match ask(RouteNetlinkMessage::DelTrafficFilter(message)) {
        Err(error) if is(&error, Errno::NOENT) || is(&error, Errno::NODEV) => Ok(()),
        other => other.map_err(|source| refused("delete a tc filter of", filter.interface, source)),
    }
}

/// Delete an interface's clsact if no filter is left in it; tells whether one was deleted.
///
/// A filter that someone adds between the look and the deletion goes with it.
pub fn delete_clsact(interface: u32) -> Result<bool, NetError> {
    let delete = || {
        let mut socket = RouteSocket::open(0)?;
        if discipline(&mut socket, interface)? != Some(Discipline::Clsact) {
            return Ok(false);
        }
        for direction in BOTH {
            if !dump(&mut socket, interface, direction)?.is_empty() {
                return Ok(false);
            }
        }
        let mut message = about(interface, TcHandle::CLSACT);
        message.header.handle = TcHandle { major: u16::MAX, minor: 0 };
        message.attributes = vec![TcAttribute::Kind("clsact".into())];
        ask(RouteNetlinkMessage::DelQueueDiscipline(message)).map(|()| true)
    };
    delete().map_err(|source| refused("delete the clsact of", interface, source))
}

const BOTH: [Direction; 2] = [Direction::Ingress, Direction::Egress];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Discipline {
    /// Filters in both directions.
    Clsact,
    /// Its one list of filters answers under either parent.
    Ingress,
}

fn directions(socket: &mut RouteSocket, interface: u32) -> io::Result<&'static [Direction]> {
    Ok(match discipline(socket, interface)? {
        Some(Discipline::Clsact) => &BOTH,
        Some(Discipline::Ingress) => &[Direction::Ingress],
        None => &[],
    })
}

fn discipline(socket: &mut RouteSocket, interface: u32) -> io::Result<Option<Discipline>> {
    let request = RouteNetlinkMessage::GetQueueDiscipline(TcMessage::default());
    let found = socket.dump(&request, |message| {
        if number(message.payload.get(4..)?)? != interface {
            return None;
        }
        let (_, kind) = message.attributes(TC_HEADER_LEN).find(|(kind, _)| *kind == TCA_KIND)?;
        match text(kind).as_str() {
            "clsact" => Some(Discipline::Clsact),
            "ingress" => Some(Discipline::Ingress),
            _ => None,
        }
    })?;
    Ok(found.into_iter().next())
}

fn dump(
    socket: &mut RouteSocket,
    interface: u32,
    direction: Direction,
) -> io::Result<Vec<TcFilter>> {
    let request = RouteNetlinkMessage::GetTrafficFilter(about(interface, parent(direction)));
    socket.dump(&request, |message| filter(message, interface, direction))
}

fn filter(message: Message<'_>, interface: u32, direction: Direction) -> Option<TcFilter> {
    if message.kind != RTM_NEWTFILTER {
        return None;
    }
    let info = number(message.payload.get(16..)?)?;
    let mut filter = TcFilter {
        interface,
        direction,
        kind: String::new(),
        name: None,
        program: None,
        priority: (info >> 16) as u16,
        handle: number(message.payload.get(8..)?)?,
        chain: 0,
        info,
    };
    let mut options: &[u8] = &[];
    for (kind, value) in message.attributes(TC_HEADER_LEN) {
        match kind {
            TCA_KIND => filter.kind = text(value),
            TCA_OPTIONS => options = value,
            TCA_CHAIN => filter.chain = number(value)?,
            _ => {}
        }
    }
    if filter.kind == "bpf" {
        for (kind, value) in attributes(options) {
            match kind {
                TCA_BPF_NAME => filter.name = Some(text(value)),
                TCA_BPF_ID => filter.program = number(value),
                _ => {}
            }
        }
    }
    Some(filter)
}

pub(crate) const fn parent(direction: Direction) -> TcHandle {
    let minor = match direction {
        Direction::Ingress => TcHandle::MIN_INGRESS,
        Direction::Egress => TcHandle::MIN_EGRESS,
    };
    TcHandle { major: u16::MAX, minor }
}

pub(crate) fn about(interface: u32, parent: TcHandle) -> TcMessage {
    let mut message = TcMessage::default();
    message.header.index = interface.cast_signed();
    message.header.parent = parent;
    message
}

fn ask(message: RouteNetlinkMessage) -> io::Result<()> {
    RouteSocket::open(0)?.request(message, 0)
}

fn is(error: &io::Error, errno: Errno) -> bool {
    Errno::from_io_error(error) == Some(errno)
}

pub(crate) fn refused(operation: &'static str, interface: u32, source: io::Error) -> NetError {
    NetError::netlink(operation, format!("interface {interface}"), source)
}

// linux/rtnetlink.h and linux/pkt_cls.h
const RTM_NEWTFILTER: u16 = 44;
const TC_HEADER_LEN: usize = 20;
const TCA_KIND: u16 = 1;
const TCA_OPTIONS: u16 = 2;
const TCA_CHAIN: u16 = 11;
const TCA_BPF_NAME: u16 = 7;
const TCA_BPF_ID: u16 = 11;

#[cfg(test)]
mod tests {
    use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
    use netlink_packet_route::tc::{TcFilterBpfOption, TcOption};

    use super::*;
    use crate::{
        change::tests::veth_pair,
        testing::{BPF_PROG_TYPE_SCHED_CLS, Program, in_new_namespace, load_empty_program},
    };

    #[test]
    fn lists_and_deletes_filters_and_the_empty_clsact() {
        in_new_namespace(|| {
            let (near, far) = veth_pair();
            assert_eq!(tc_filters(near).unwrap(), []);
            assert!(!delete_clsact(near).unwrap());
            add_discipline(near, "clsact", TcHandle::CLSACT);
            let program = load_empty_program(BPF_PROG_TYPE_SCHED_CLS);
            add_filter(near, Direction::Ingress, 7, "ringtap_in", &program);
            add_filter(near, Direction::Ingress, 3, "theirs", &program);
            add_filter(near, Direction::Egress, 1, "ringtap_out", &program);

            let listed = tc_filters(near).unwrap();
            let seen: Vec<_> = listed
                .iter()
                .map(|it| (it.direction, it.priority, it.handle, it.name.as_deref().unwrap()))
                .collect();
            assert_eq!(
                seen,
                [
                    (Direction::Ingress, 3, 1, "theirs"),
                    (Direction::Ingress, 7, 1, "ringtap_in"),
                    (Direction::Egress, 1, 1, "ringtap_out"),
                ]
            );
            assert!(listed.iter().all(|it| it.kind == "bpf" && it.program == Some(program.id)));
            assert_eq!(tc_filters(far).unwrap(), []);

            let (theirs, ours): (Vec<_>, Vec<_>) =
                listed.into_iter().partition(|it| it.name.as_deref() == Some("theirs"));
            for filter in &ours {
                delete_filter(filter).unwrap();
            }
            delete_filter(&ours[0]).unwrap();
            assert_eq!(tc_filters(near).unwrap(), theirs);
            assert!(!delete_clsact(near).unwrap());
            delete_filter(&theirs[0]).unwrap();
            assert!(delete_clsact(near).unwrap());
            assert!(!delete_clsact(near).unwrap());
        });
    }

    #[test]
    fn an_ingress_discipline_is_listed_once_and_left_alone() {
        in_new_namespace(|| {
            let (near, _) = veth_pair();
            add_discipline(near, "ingress", TcHandle::INGRESS);
            let program = load_empty_program(BPF_PROG_TYPE_SCHED_CLS);
            add_filter(near, Direction::Ingress, 5, "ringtap_in", &program);
            let listed = tc_filters(near).unwrap();
            assert_eq!(listed.len(), 1);
            delete_filter(&listed[0]).unwrap();
            assert_eq!(tc_filters(near).unwrap(), []);
            assert!(!delete_clsact(near).unwrap());
        });
    }

    fn add_discipline(interface: u32, kind: &str, parent: TcHandle) {
        let mut message = about(interface, parent);
        message.header.handle = TcHandle { major: u16::MAX, minor: 0 };
        message.attributes = vec![TcAttribute::Kind(kind.into())];
        let mut socket = RouteSocket::open(0).unwrap();
        let request = RouteNetlinkMessage::NewQueueDiscipline(message);
        socket.request(request, NLM_F_CREATE | NLM_F_EXCL).unwrap();
    }

    fn add_filter(
        interface: u32,
        direction: Direction,
        priority: u32,
        name: &str,
        program: &Program,
    ) {
        const ETH_P_ALL: u16 = 3;
        let mut message = about(interface, parent(direction));
        message.header.info = priority << 16 | u32::from(ETH_P_ALL.to_be());
        message.attributes = vec![
            TcAttribute::Kind("bpf".into()),
            TcAttribute::Options(vec![
                TcOption::Bpf(TcFilterBpfOption::ProgFd(program.fd().cast_unsigned())),
                TcOption::Bpf(TcFilterBpfOption::ProgName(name.into())),
            ]),
        ];
        let mut socket = RouteSocket::open(0).unwrap();
        let request = RouteNetlinkMessage::NewTrafficFilter(message);
        socket.request(request, NLM_F_CREATE | NLM_F_EXCL).unwrap();
    }
}
