use ringtap_interest::{Filter, FilterError, MAX_ONE_IN, SampleBy, Sampling};

use super::{Expected, values::expected};

/// A filter. An error shows the place in it.
pub(super) fn filter(text: &str) -> Result<Filter, Expected> {
    text.parse().map_err(|error| Expected(format!("a filter: {error:#}")))
}

/// The name of an interface, as a filter can say it.
pub(super) fn interface(text: &str) -> Result<String, Expected> {
    match on(&[text.to_owned()]) {
        Ok(filter) if filter.interfaces() == [text] => Ok(text.to_owned()),
        _ => expected("an interface's name, such as \"eth0\"; globs are not taken here"),
    }
}

/// What takes the packets of these interfaces, or of every one where none is named.
pub(super) fn on(interfaces: &[String]) -> Result<Filter, FilterError> {
    let on: Vec<_> = interfaces.iter().map(|name| format!("iface {name}")).collect();
    on.join(" or ").parse()
}

/// A part of the packets, such as `1/100`; how it is drawn is said elsewhere.
pub(super) fn sample(text: &str) -> Result<u32, Expected> {
    let rate = text.strip_prefix("1/").filter(|digits| digits.bytes().all(|c| c.is_ascii_digit()));
    match rate.map(str::parse) {
        Some(Ok(one_in)) if Sampling::new(one_in, SampleBy::Packet).is_ok() => Ok(one_in),
        _ => expected(format!("\"1/N\", such as \"1/100\", with N from 1 to {MAX_ONE_IN}")),
    }
}

pub(super) fn sample_by(text: &str) -> Result<SampleBy, Expected> {
    match text {
        "packet" => Ok(SampleBy::Packet),
        "flow" => Ok(SampleBy::Flow),
        _ => expected("one of packet, flow"),
    }
}
