//! Which interfaces to tap, and with which taps.

use ringtap_net::{Interface, default_route_interfaces, interfaces};
use ringtap_tap::{Attachment, TcMode, XdpMode};

use crate::config::{Attach, Config, Egress, Ingress, InterfacePattern, Taps};

/// The interfaces to tap, and what could not be had of what was asked for.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    pub(crate) interfaces: Vec<Interface>,
    /// A sentence each.
    pub(crate) missing: Vec<String>,
    /// How they came to be chosen, for people.
    pub(crate) because: &'static str,
}

/// Look at the interfaces that are there now.
pub(crate) fn choose(config: &Config) -> anyhow::Result<Chosen> {
    let present = interfaces()?;
    if config.interfaces.is_empty() {
        return by_default_route(present);
    }
    let missing = config
        .interfaces
        .iter()
        .filter(|pattern| !present.iter().any(|interface| pattern.matches(&interface.name)));
    let missing = missing.map(|pattern| not_there(pattern, &present)).collect();
    let wanted = |interface: &Interface| {
        config.interfaces.iter().any(|pattern| pattern.matches(&interface.name))
    };
    let interfaces = present.into_iter().filter(wanted).collect();
    Ok(Chosen { interfaces, missing, because: "asked for" })
}

fn by_default_route(present: Vec<Interface>) -> anyhow::Result<Chosen> {
    let routes = default_route_interfaces()?;
    let interfaces: Vec<_> =
        present.into_iter().filter(|interface| routes.contains(&interface.index)).collect();
    let missing = match interfaces.is_empty() {
        true => vec!["no interface carries a default route; name one with -i".to_owned()],
        false => Vec::new(),
    };
    Ok(Chosen { interfaces, missing, because: "carries a default route" })
}

fn not_there(pattern: &InterfacePattern, present: &[Interface]) -> String {
    let names: Vec<_> = present.iter().map(|interface| interface.name.as_str()).collect();
    match pattern.literal() {
        Some(name) => format!("there is no interface {name:?}; there are {}", names.join(", ")),
        None => {
            format!("no interface matches {:?}; there are {}", pattern.as_str(), names.join(", "))
        }
    }
}

/// The taps that an interface gets.
pub(crate) fn attachments(taps: &Taps, interface: &Interface) -> Vec<Attachment> {
    let tc = match taps.attach {
        Attach::Auto => TcMode::Auto,
        Attach::Link => TcMode::Link,
        Attach::Netlink => TcMode::Filter,
    };
    let ingress = match taps.ingress {
        // Native XDP on a veth turns its peer's segmentation offload off, which can cost more
        // throughput than anything that a tap saves.
        Ingress::Auto if interface.is_virtual() => Some(Attachment::TcIngress(tc)),
        Ingress::Auto | Ingress::Xdp => Some(Attachment::XdpIngress(XdpMode::Auto)),
        Ingress::XdpNative => Some(Attachment::XdpIngress(XdpMode::Native)),
        Ingress::XdpGeneric => Some(Attachment::XdpIngress(XdpMode::Generic)),
        Ingress::Tc => Some(Attachment::TcIngress(tc)),
        Ingress::None => None,
    };
    let egress = match taps.egress {
        Egress::Tc => Some(Attachment::TcEgress(tc)),
        Egress::None => None,
    };
    ingress.into_iter().chain(egress).collect()
}
