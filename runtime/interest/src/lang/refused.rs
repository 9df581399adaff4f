//! What libpcap has and tables have not, with the reason.

const LINK: &str = "tables don't look at link-layer headers";
const OTHER: &str = "records know IPv4, IPv6 and ARP only";
const STEPPED_OVER: &str = "such headers are stepped over; conditions look at what is behind them";
const LOGGED: &str = "it belongs to packets that pf logged";
const WLAN: &str = "records have no 802.11 headers";
const ATM: &str = "records have no ATM headers";

/// Why a word of libpcap's is refused.
pub(super) fn word(word: &str) -> Option<&'static str> {
    Some(match word {
        "ether" | "link" | "fddi" | "tr" | "ppp" | "slip" | "llc" => LINK,
        "wlan" | "radio" | "type" | "subtype" | "dir" | "ra" | "ta" | "addr1" | "addr2"
        | "addr3" | "addr4" => WLAN,
        "gateway" => "it needs a resolver and Ethernet addresses",
        "broadcast" => "write the address, such as `dst host 255.255.255.255`",
        "multicast" => "write `dst net 224.0.0.0/4 or ff00::/8`",
        "protochain" => "records have the protocol behind all extension headers: write `proto`",
        "ah" => "IPv6 authentication headers are stepped over: write `ip proto 51` for IPv4's",
        "rarp" | "atalk" | "aarp" | "decnet" | "iso" | "stp" | "ipx" | "netbeui" | "lat"
        | "moprc" | "mopdl" | "sca" | "loopback" | "clnp" | "esis" | "isis" => OTHER,
        "l1" | "l2" | "iih" | "lsp" | "snp" | "csnp" | "psnp" => OTHER,
        "mpls" | "pppoes" | "pppoed" => STEPPED_OVER,
        "geneve" | "vxlan" => "the outermost IP header counts; what is inside is not looked at",
        "ifname" | "on" => "that is pf's: write `iface`",
        "rnr" | "rulenum" | "reason" | "rset" | "ruleset" | "srnr" | "subrulenum" | "action" => {
            LOGGED
        }
        "lane" | "vpi" | "vci" | "metac" | "bcc" | "oam" | "oamf4" | "sc" | "ilmic" => ATM,
        "igrp" | "carp" => "write its number after `proto`",
        _ => return None,
    })
}

/// Why `PROTOCOL[INDEX]` is refused.
pub(super) fn bytes(protocol: &str, index: &str) -> &'static str {
    match (protocol, index) {
        ("tcp", _) => "of the bytes of a packet, tables know the TCP flags: `tcp[tcpflags]`",
        ("ip", "8") => "tables don't look at bytes: write `ip and ttl`",
        ("ip", "1") => "tables don't look at bytes: write `dscp`",
        ("ip", "6" | "6:2") => "tables don't look at bytes: write `frag` for any fragment",
        ("ip", "9") => "tables don't look at bytes: write `ip proto`",
        ("ip6", "6") => "tables don't look at bytes: write `ip6 proto`",
        ("ip6", "7") => "tables don't look at bytes: write `ip6 and ttl`",
        ("icmp" | "icmp6", _) => "tables don't look at ICMP types and codes",
        _ => "tables look at header fields, not at bytes of the packet",
    }
}
