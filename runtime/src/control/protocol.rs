//! What is asked and answered: a [`Request`] a line, and a [`Response`] a line.
//!
//! Fields are added, never changed in meaning; who reads passes over those it doesn't know. What can't be
//! had that way raises [`PROTOCOL`].

use serde::{Deserialize, Serialize};

use super::status::Status;

/// The version of the protocol, in every response.
pub(crate) const PROTOCOL: u32 = 1;

/// Bytes of a request, at most, without its newline.
pub(crate) const MAX_REQUEST_BYTES: usize = 64 << 10;

/// What an instance can be asked, such as `{"command":"status"}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub(crate) enum Request {
    /// Where every packet went; answered by a [`Status`].
    Status,
}

/// What it answers, by request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Status(Status),
}

/// `{"protocol":1,"ok":...}` or `{"protocol":1,"error":"..."}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Response<T> {
    pub protocol: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ok: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether the same request may be taken a little later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retry: bool,
}

impl Request {
    /// All commands.
    pub(crate) const COMMANDS: [&str; 1] = ["status"];

    /// Read a line, or say in words for whoever wrote it why it is no request.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(line).map_err(|error| {
            let commands = Self::COMMANDS.join(", ");
            format!(
                "this is no request: {error}; send {{\"command\":NAME}}, with one of {commands}"
            )
        })
    }
}

impl Response<Answer> {
    pub(crate) fn ok(answer: Answer) -> Self {
        Self { protocol: PROTOCOL, ok: Some(answer), error: None, retry: false }
    }

    pub(crate) fn error(message: impl Into<String>) -> Self {
        Self { protocol: PROTOCOL, ok: None, error: Some(message.into()), retry: false }
    }

    /// Refused for now only.
    pub(crate) fn busy(message: impl Into<String>) -> Self {
        Self { retry: true, ..Self::error(message) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_told_and_taken() {
        let line = |command| format!(r#"{{"command":"{command}","later":1}}"#);
        for command in Request::COMMANDS {
            let request = Request::parse(line(command).as_bytes()).unwrap();
            let sent = serde_json::to_value(&request).unwrap();
            assert_eq!(sent["command"], command);
        }
    }

    #[test]
    fn what_is_no_request_is_told_what_there_is() {
        for (line, why) in [
            (&br#"{"command":"reboot"}"#[..], "unknown variant `reboot`"),
            (b"{}", "missing field `command`"),
            (b"", "EOF while parsing"),
            (b"\xff\xfe", "expected value"),
            (b"[[[[", "this is no request: "),
        ] {
            let told = Request::parse(line).unwrap_err();
            assert!(told.contains(why), "{told}");
            assert!(told.ends_with("; send {\"command\":NAME}, with one of status"), "{told}");
        }
    }

    #[test]
    fn a_response_has_either_and_its_version() {
        let json = |response| serde_json::to_string::<Response<Answer>>(&response).unwrap();
        assert_eq!(json(Response::error("no")), r#"{"protocol":1,"error":"no"}"#);
        let busy = r#"{"protocol":1,"error":"later","retry":true}"#;
        assert_eq!(json(Response::busy("later")), busy);
    }
}
