use ringtap_interest::MAX_PAYLOAD;
use ringtap_plugin::Capability;

use super::{Expected, document::nearest, values::expected};

/// What one text in `grants` grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grant {
    Capability(Capability),
    /// So many bytes of each packet.
    Payload(u16),
}

impl Grant {
    /// What no list has twice.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Capability(capability) => capability.name(),
            Self::Payload(_) => PAYLOAD,
        }
    }
}

const PAYLOAD: &str = "payload";

/// The name of a capability, or `payload:N`.
pub(super) fn grant(text: &str) -> Result<Grant, Expected> {
    if let Some(capability) = Capability::from_name(text) {
        return Ok(Grant::Capability(capability));
    }
    let (name, number) = text.split_once(':').unwrap_or((text, ""));
    if name == PAYLOAD {
        return match number.parse() {
            Ok(bytes) if bytes <= MAX_PAYLOAD && number.bytes().all(|c| c.is_ascii_digit()) => {
                Ok(Grant::Payload(bytes))
            }
            _ => expected(format!("payload:N with N from 0 to {MAX_PAYLOAD}")),
        };
    }
    let names = Capability::ALL.map(Capability::name);
    let near = nearest(name, &names).or_else(|| nearest(name, &[PAYLOAD]));
    let hint = near.map_or_else(String::new, |near| match near {
        PAYLOAD => " (did you mean \"payload:N\"?)".to_owned(),
        near => format!(" (did you mean \"{near}\"?)"),
    });
    expected(format!("one of {}, payload:N{hint}", names.join(", ")))
}
