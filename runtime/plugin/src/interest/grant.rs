use std::{fmt, sync::Arc};

use ringtap_interest::{Filter, Interest, NarrowError, Narrowing};

use super::{MixedSampling, check_sampling};

/// Tells whether the interface of that name is tapped.
pub type IsTapped = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Why a plugin's interests and the operator's configuration don't go together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ungranted {
    #[error("interest `{interest}`")]
    Narrow { interest: String, source: Box<NarrowError> },
    #[error(
        "interest `{interest}` names the interface {interface:?}, which is not tapped: tap it with \
         `-i {interface}`"
    )]
    NotTapped { interest: String, interface: String },
    #[error(
        "what is configured for the plugin names the interface {interface:?}, which is not tapped: \
         tap it with `-i {interface}`, or change its `filter` or `interfaces`"
    )]
    ConfiguredNotTapped { interface: String },
    #[error("the sample that is configured for the plugin asks for another `sample_by`")]
    Mixed(#[from] MixedSampling),
}

/// The operator's say on the interests of one plugin.
#[derive(Clone, Copy)]
pub(crate) struct Grant<'a> {
    pub(crate) narrowing: &'a Narrowing,
    /// `None` where it can't be told, and nothing is refused for it.
    pub(crate) is_tapped: Option<&'a IsTapped>,
}

impl Grant<'_> {
    /// What is left of all interests of a plugin, in their order.
    pub(crate) fn all(self, asked: &[Interest]) -> Result<Vec<Interest>, Ungranted> {
        let granted = asked.iter().map(|interest| self.one(interest));
        let granted = granted.collect::<Result<Vec<_>, _>>()?;
        check_sampling(&granted)?;
        Ok(granted)
    }

    /// What is left of one interest.
    pub(crate) fn one(self, asked: &Interest) -> Result<Interest, Ungranted> {
        let interest = || asked.name.clone();
        if let Some(interface) = self.not_tapped(&asked.filter) {
            return Err(Ungranted::NotTapped { interest: interest(), interface });
        }
        let configured = self.narrowing.filter.as_ref();
        if let Some(interface) = configured.and_then(|filter| self.not_tapped(filter)) {
            return Err(Ungranted::ConfiguredNotTapped { interface });
        }
        let narrowed = asked.narrowed(self.narrowing);
        narrowed
            .map_err(|error| Ungranted::Narrow { interest: interest(), source: Box::new(error) })
    }

    fn not_tapped(self, filter: &Filter) -> Option<String> {
        let is_tapped = self.is_tapped?;
        filter.interfaces().iter().find(|name| !is_tapped(name)).cloned()
    }
}

impl fmt::Debug for Grant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant").field("narrowing", self.narrowing).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use ringtap_interest::{SampleBy, Sampling};

    use super::*;
    use crate::report::report;

    fn interest(name: &str, filter: &str) -> Interest {
        let filter = Filter::parse(filter).unwrap();
        Interest { name: name.to_owned(), filter, sampling: Sampling::ALL, payload: 0 }
    }

    fn filter(text: &str) -> Narrowing {
        Narrowing { filter: Some(Filter::parse(text).unwrap()), ..Narrowing::default() }
    }

    fn granted(asked: &[Interest], narrowing: &Narrowing) -> Result<Vec<Interest>, String> {
        let is_tapped: IsTapped = Arc::new(|name| name == "eth0");
        let grant = Grant { narrowing, is_tapped: Some(&is_tapped) };
        grant.all(asked).map_err(|error| report(&error))
    }

    #[test]
    fn each_interest_is_narrowed() {
        let asked = [interest("web", "tcp dst port 443"), interest("all", "")];
        let granted = granted(&asked, &filter("ip")).unwrap();
        let texts: Vec<_> = granted.iter().map(|one| one.filter.text()).collect();
        assert_eq!(texts, ["(tcp dst port 443) and (ip)", "ip"]);
    }

    #[test]
    fn a_refusal_names_the_interest_and_the_cause() {
        let contradiction = granted(&[interest("web", "tcp")], &filter("udp")).unwrap_err();
        let wanted = "interest `web`: its filter and the one that is configured for the plugin \
                      don't go together: no packet can match: protocol 6 (tcp) and protocol 17 \
                      (udp) exclude each other, in: >>(tcp) and (udp)<<";
        assert_eq!(contradiction, wanted);
        let asks = Interest { payload: 64, ..interest("dns", "udp port 53") };
        let payload = granted(&[asks], &Narrowing::default()).unwrap_err();
        let wanted = "interest `dns`: it asks for 64 payload bytes of each packet, which is not \
                      granted: grant them with `payload = 64`, or fewer with a smaller number";
        assert_eq!(payload, wanted);
    }

    #[test]
    fn interfaces_have_to_be_tapped() {
        let none = Narrowing::default();
        assert!(granted(&[interest("a", "iface eth0")], &none).is_ok());
        let stated = granted(&[interest("a", "not iface eth7")], &none).unwrap_err();
        let wanted = "interest `a` names the interface \"eth7\", which is not tapped: tap it with \
                      `-i eth7`";
        assert_eq!(stated, wanted);
        let configured = granted(&[interest("a", "")], &filter("iface eth7")).unwrap_err();
        let wanted = "what is configured for the plugin names the interface \"eth7\", which is not \
                      tapped: tap it with `-i eth7`, or change its `filter` or `interfaces`";
        assert_eq!(configured, wanted);
        let unknown = Grant { narrowing: &none, is_tapped: None };
        assert!(unknown.all(&[interest("a", "iface eth7")]).is_ok());
    }

    #[test]
    fn a_configured_sample_must_not_mix_ways() {
        let sampling = |one_in, by| Sampling::new(one_in, by).unwrap();
        let sparse = Interest { sampling: sampling(100, SampleBy::Flow), ..interest("f", "tcp") };
        let asked = [interest("all", ""), sparse];
        let narrowing = |by| Narrowing { sampling: Some(sampling(10, by)), ..Narrowing::default() };
        assert!(granted(&asked, &narrowing(SampleBy::Flow)).is_ok());
        let mixed = granted(&asked, &narrowing(SampleBy::Packet)).unwrap_err();
        let wanted = "the sample that is configured for the plugin asks for another `sample_by`: \
                      interest `all` samples by packet and `f` by flow: within a plugin, all that \
                      sample have to do so in the same way";
        assert_eq!(mixed, wanted);
    }
}
