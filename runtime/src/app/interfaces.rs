//! Which interfaces to tap, and with which taps.

use ringtap_net::{Interface, default_route_interfaces, interfaces};
use ringtap_tap::{Attachment, TcMode, XdpMode};

use crate::config::{Attach, Config, Egress, Ingress, InterfacePattern, Taps};

/// Which interfaces are to be tapped, now and later.
#[derive(Clone, Debug)]
pub(crate) enum Selection {
    Named(Vec<InterfacePattern>),
    /// Those that carry a default route, and those that once did: a route goes with each
    /// interruption of its link.
    DefaultRoutes,
}

/// The interfaces to tap, and what could not be had of what was asked for.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    pub(crate) interfaces: Vec<Interface>,
    /// A sentence each about what should be there.
    pub(crate) missing: Vec<String>,
    /// A sentence each about patterns that nothing matches yet.
    pub(crate) waiting: Vec<String>,
}

impl Selection {
    pub(crate) fn of(config: &Config) -> Self {
        match config.interfaces.as_slice() {
            [] => Self::DefaultRoutes,
            patterns => Self::Named(patterns.to_vec()),
        }
    }

    /// How interfaces come to be chosen, for people.
    pub(crate) fn because(&self) -> &'static str {
        match self {
            Self::Named(_) => "asked for",
            Self::DefaultRoutes => "carries a default route",
        }
    }

    /// What a runtime without taps waits for, for people.
    pub(crate) fn awaited(&self) -> String {
        match self {
            Self::Named(patterns) => {
                let patterns: Vec<_> = patterns.iter().map(InterfacePattern::as_str).collect();
                format!("an interface that matches {}", patterns.join(" or "))
            }
            Self::DefaultRoutes => "an interface that carries a default route".to_owned(),
        }
    }

    /// Look at the interfaces that are there now.
    pub(crate) fn choose(&self) -> anyhow::Result<Chosen> {
        let present = interfaces()?;
        match self {
            Self::Named(patterns) => Ok(by_name(patterns, present)),
            Self::DefaultRoutes => by_default_route(present),
        }
    }

    /// Whether an interface that is tapped stays so under this name.
    pub(crate) fn keeps(&self, name: &str) -> bool {
        match self {
            Self::Named(patterns) => patterns.iter().any(|pattern| pattern.matches(name)),
            Self::DefaultRoutes => true,
        }
    }
}

fn by_name(patterns: &[InterfacePattern], present: Vec<Interface>) -> Chosen {
    let mut chosen = Chosen::default();
    for pattern in patterns {
        if !present.iter().any(|interface| pattern.matches(&interface.name)) {
            let list =
                if pattern.literal().is_some() { &mut chosen.missing } else { &mut chosen.waiting };
            list.push(not_there(pattern, &present));
        }
    }
    let wanted =
        |interface: &Interface| patterns.iter().any(|pattern| pattern.matches(&interface.name));
    chosen.interfaces = present.into_iter().filter(wanted).collect();
    chosen
}

fn by_default_route(present: Vec<Interface>) -> anyhow::Result<Chosen> {
    let routes = default_route_interfaces()?;
    let interfaces: Vec<_> =
        present.into_iter().filter(|interface| routes.contains(&interface.index)).collect();
    let missing = match interfaces.is_empty() {
        true => vec!["no interface carries a default route; name one with -i".to_owned()],
        false => Vec::new(),
    };
    Ok(Chosen { interfaces, missing, waiting: Vec::new() })
}

fn not_there(pattern: &InterfacePattern, present: &[Interface]) -> String {
    let names: Vec<_> = present.iter().map(|interface| interface.name.as_str()).collect();
    match pattern.literal() {
        Some(name) => format!("there is no interface {name:?}; there are {}", names.join(", ")),
        None => format!(
            "no interface matches {:?} yet; there are {}",
            pattern.as_str(),
            names.join(", ")
        ),
    }
}

impl Chosen {
    /// The interfaces to tap, by name and index.
    pub(crate) fn names(&self) -> Vec<(String, u32)> {
        self.interfaces.iter().map(|one| (one.name.clone(), one.index)).collect()
    }
}

/// The taps that an interface gets.
pub(crate) fn attachments(taps: &Taps, interface: &Interface) -> Vec<Attachment> {
    let tc = tc_mode(taps);
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

/// What takes the place of a tap that can't be had, where the choice was left to us.
pub(crate) fn instead_of(taps: &Taps, attachment: Attachment) -> Option<Attachment> {
    let fallback = Attachment::TcIngress(tc_mode(taps));
    match (taps.ingress, attachment) {
        (Ingress::Auto, Attachment::XdpIngress(_)) => Some(fallback),
        _ => None,
    }
}

fn tc_mode(taps: &Taps) -> TcMode {
    match taps.attach {
        Attach::Auto => TcMode::Auto,
        Attach::Link => TcMode::Link,
        Attach::Netlink => TcMode::Filter,
    }
}
