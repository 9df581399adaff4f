use super::{
    Set,
    formula::{Formula, Maker},
};
use crate::{
    Dimension, Kind,
    lang::{Comparison, Expr, Field, Network, Node, Prefix, Primitive, Relation, Side},
};

/// What a filter means, with negations pushed to the leaves, where they become complements.
///
/// `interfaces` takes the names of interfaces; their numbers stand in the sets.
pub(crate) fn lower(expr: &Expr, interfaces: &mut Vec<String>) -> Formula {
    Lowering { interfaces }.expr(expr, false)
}

struct Lowering<'a> {
    interfaces: &'a mut Vec<String>,
}

impl Lowering<'_> {
    fn expr(&mut self, expr: &Expr, negated: bool) -> Formula {
        let make = Maker { span: expr.span, negated };
        match &expr.node {
            Node::Everything => make.all(Vec::new()),
            Node::And(parts) => make.all(self.parts(parts, negated)),
            Node::Or(parts) => make.any(self.parts(parts, negated)),
            Node::Not(inner) => self.expr(inner, !negated),
            Node::Primitive(primitive) => self.primitive(primitive, make),
        }
    }

    fn parts(&mut self, parts: &[Expr], negated: bool) -> Vec<Formula> {
        parts.iter().map(|part| self.expr(part, negated)).collect()
    }

    fn primitive(&mut self, primitive: &Primitive, make: Maker) -> Formula {
        match primitive {
            Primitive::Address { side, within, prefix } => address(*side, *within, *prefix, make),
            Primitive::Port { side, protocol, ports } => {
                let set = Set::range((*ports.start()).into()..=(*ports.end()).into());
                let ports = sided(*side, [Dimension::SrcPort, Dimension::DstPort], &set, make);
                let number = protocol.map(|protocol| protocol_is(protocol.number(), make));
                with(number, ports, make)
            }
            Primitive::Protocol { within, number } => {
                let kind = within.map(|network| kind_is(network, make));
                with(kind, protocol_is(*number, make), make)
            }
            Primitive::Network(network) => kind_is(*network, make),
            Primitive::Vlan(id) => {
                let ids = id.map_or(Set::range(0..=Dimension::Vlan.last()), Set::one);
                make.leaf(Dimension::Vlan, ids)
            }
            Primitive::TcpByte { mask, comparison } => {
                let set = Set::bytes(|flags| comparison.holds((flags & mask).into()));
                make.all(vec![kind_is(Network::Ip, make), make.leaf(Dimension::TcpFlags, set)])
            }
            Primitive::TcpFlags { set, clear } => {
                let set = Set::bytes(|flags| flags & set == *set && flags & clear == 0);
                make.leaf(Dimension::TcpFlags, set)
            }
            Primitive::Field(field, comparison) => {
                let dimension = match field {
                    Field::Length => Dimension::Length,
                    Field::Ttl => Dimension::Ttl,
                    Field::Dscp => Dimension::Dscp,
                };
                make.leaf(dimension, compared(*comparison, dimension))
            }
            Primitive::Direction(direction) => {
                make.leaf(Dimension::Direction, Set::one(*direction as u8 - 1))
            }
            Primitive::Interface(name) => {
                make.leaf(Dimension::Interface, Set::one(self.number_of(name)))
            }
            Primitive::Fragment => make.leaf(Dimension::Fragment, Set::range(1..=2)),
        }
    }

    fn number_of(&mut self, name: &str) -> u32 {
        let known = self.interfaces.iter().position(|other| other == name);
        known.unwrap_or_else(|| {
            self.interfaces.push(name.to_owned());
            self.interfaces.len() - 1
        }) as u32
    }
}

fn address(side: Side, within: Option<Network>, prefix: Prefix, make: Maker) -> Formula {
    let (dimensions, first, len) = match prefix {
        Prefix::V4(address, len) => {
            let dimensions = [Dimension::SrcV4, Dimension::DstV4];
            (dimensions, u128::from(address.to_bits()), 32 - len)
        }
        Prefix::V6(address, len) => {
            ([Dimension::SrcV6, Dimension::DstV6], address.to_bits(), 128 - len)
        }
    };
    let host_bits = u128::MAX.checked_shl(len).map_or(u128::MAX, |network| !network);
    let addresses = sided(side, dimensions, &Set::range(first..=first | host_bits), make);
    // IPv6 addresses say the kind already.
    let kind = within.filter(|network| *network != Network::Ip6);
    with(kind.map(|network| kind_is(network, make)), addresses, make)
}

/// The set at the source, the destination, one of them or both.
fn sided(side: Side, [source, destination]: [Dimension; 2], set: &Set, make: Maker) -> Formula {
    let leaf = |dimension| make.leaf(dimension, set.clone());
    match side {
        Side::Source => leaf(source),
        Side::Destination => leaf(destination),
        Side::Either => make.any(vec![leaf(source), leaf(destination)]),
        Side::Both => make.all(vec![leaf(source), leaf(destination)]),
    }
}

fn with(condition: Option<Formula>, formula: Formula, make: Maker) -> Formula {
    match condition {
        Some(condition) => make.all(vec![condition, formula]),
        None => formula,
    }
}

fn protocol_is(number: u8, make: Maker) -> Formula {
    make.leaf(Dimension::Protocol, Set::one(number))
}

fn kind_is(network: Network, make: Maker) -> Formula {
    let kinds = match network {
        Network::Ip => [Kind::Ipv4, Kind::Ipv4Cut],
        Network::Ip6 => [Kind::Ipv6, Kind::Ipv6Cut],
        Network::Arp => [Kind::Arp, Kind::ArpOther],
    };
    make.leaf(Dimension::Kind, Set::bytes(|number| kinds.iter().any(|&kind| kind as u8 == number)))
}

fn compared(comparison: Comparison, dimension: Dimension) -> Set {
    let (value, last) = (u128::from(comparison.value), dimension.last());
    let below = value.checked_sub(1).map(|end| (0, end));
    let above = (value < last).then_some((value + 1, last));
    let ranges = match comparison.relation {
        Relation::Less => vec![below],
        Relation::AtMost => vec![Some((0, value))],
        Relation::Equal => vec![Some((value, value))],
        Relation::NotEqual => vec![below, above],
        Relation::AtLeast => vec![Some((value, last))],
        Relation::Greater => vec![above],
    };
    Set::from_ranges(false, ranges.into_iter().flatten().collect())
}
