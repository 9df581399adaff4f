use crate::bindings::capabilities::ringtap::plugin::types;

/// Packets that a plugin wants to see: those that a filter takes, all or a sample of them, and how
/// much of each.
///
/// ```
/// use ringtap_plugin::Interest;
///
/// let web = Interest::new("web", "tcp dst port 443").sample(100);
/// let dns = Interest::new("dns", "udp port 53").payload(128);
/// ```
/// The operator may narrow each: with a filter of their own, a smaller sample, fewer payload bytes.
/// An interest that breaks a rule refuses the plugin when it is loaded; `ringtap plugin inspect` says
/// which and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Interest {
    name: String,
    filter: String,
    one_in: u32,
    by_flow: bool,
    payload: u32,
}

impl Interest {
    /// Every packet that the filter takes, headers only.
    ///
    /// The name is for people: 1 to 64 characters of `a-z 0-9 _ -`, unique within the plugin. The
    /// filter is in pcap-filter's language, as in `tcpdump`; empty for every packet. It is evaluated
    /// in the kernel, so a packet that no plugin wants costs little.
    pub fn new(name: impl Into<String>, filter: impl Into<String>) -> Self {
        let (name, filter) = (name.into(), filter.into());
        Self { name, filter, one_in: 1, by_flow: false, payload: 0 }
    }

    /// Of those packets, keep one in `one_in` by chance: 1 (all) to 1,000,000. What a record stands
    /// for then, [`packets`](crate::Packet::packets) and [`wire_bytes`](crate::Packet::wire_bytes)
    /// tell.
    pub fn sample(self, one_in: u32) -> Self {
        Self { one_in, by_flow: false, ..self }
    }

    /// Keep all packets of one in `one_in` flows, in both directions, and none of the others: 1 to
    /// 1,000,000. Which ones, a hash of addresses, protocol and ports tells. Interests of one plugin
    /// all sample by packet or all by flow.
    pub fn sample_flows(self, one_in: u32) -> Self {
        Self { one_in, by_flow: true, ..self }
    }

    /// Ask for so many bytes from behind the headers of each packet, 0 to 1,500. The operator has to
    /// grant them, or the plugin is refused. See [`payload`](crate::Packet::payload).
    pub fn payload(self, bytes: u32) -> Self {
        Self { payload: bytes, ..self }
    }
}

impl From<Interest> for types::Interest {
    fn from(interest: Interest) -> Self {
        let Interest { name, filter, one_in, by_flow, payload } = interest;
        let sample_by = if by_flow { types::SampleBy::Flow } else { types::SampleBy::Packet };
        Self { name, filter, sample_one_in: one_in, sample_by, payload }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interest_is_all_that_was_said() {
        let told = types::Interest::from(Interest::new("web", "tcp").sample_flows(100).payload(64));
        assert_eq!((told.name.as_str(), told.filter.as_str()), ("web", "tcp"));
        assert_eq!((told.sample_one_in, told.payload), (100, 64));
        assert!(matches!(told.sample_by, types::SampleBy::Flow));
        let told = types::Interest::from(Interest::new("all", ""));
        assert_eq!((told.sample_one_in, told.payload), (1, 0));
        assert!(matches!(told.sample_by, types::SampleBy::Packet));
    }
}
