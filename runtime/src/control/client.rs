//! Asking instances through their sockets.

use std::{
    io::{ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, de::DeserializeOwned};

use super::{
    directory::Directory,
    error::{AskError, ControlError},
    protocol::{PROTOCOL, Request, Response},
};

/// How long an instance may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long one that has too many peers is asked again. Longer than peers may hold a connection.
const INSISTENCE: Duration = Duration::from_secs(12);

const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// Bytes of an answer, at most.
const MAX_ANSWER_BYTES: usize = 16 << 20;

/// An instance and what it said.
#[derive(Debug)]
pub(crate) struct Found<T> {
    pub socket: PathBuf,
    pub answer: Result<T, AskError>,
}

/// Ask every instance in a directory, or just the one of `pid`. Sockets of dead processes are
/// removed on the way. Nobody is there where there is no such directory.
pub(crate) fn ask<T: DeserializeOwned>(
    directory: &Path,
    request: &Request,
    pid: Option<u32>,
) -> Result<Vec<Found<T>>, ControlError> {
    let Some(directory) = Directory::to_look(directory)? else { return Ok(Vec::new()) };
    let wanted = |(_, found): &(String, u32)| pid.is_none_or(|pid| pid == *found);
    let names = directory.sockets()?.into_iter().filter(wanted);
    let found = names.filter_map(|(name, _)| {
        let answer = insist(|| ask_one(&directory, &name, request)).transpose()?;
        Some(Found { socket: directory.path_of(&name), answer })
    });
    Ok(found.collect())
}

/// Try again while there is hope.
fn insist<T>(mut attempt: impl FnMut() -> Result<T, AskError>) -> Result<T, AskError> {
    let end = Instant::now() + INSISTENCE;
    loop {
        match attempt() {
            Err(AskError::Refused { retry: true, .. }) if Instant::now() < end => {
                thread::sleep(BETWEEN_TRIES);
            }
            outcome => return outcome,
        }
    }
}

/// `None` where nobody is there any more.
fn ask_one<T: DeserializeOwned>(
    directory: &Directory,
    name: &str,
    request: &Request,
) -> Result<Option<T>, AskError> {
    let Some(mut stream) = directory.connect(name)? else { return Ok(None) };
    let mut line = serde_json::to_vec(request).map_err(AskError::NotAnAnswer)?;
    line.push(b'\n');
    stream.set_nonblocking(false)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // Who refuses may close before it has read.
    let sent = stream.write_all(&line);
    let answer = match (answer_line(&mut stream), sent) {
        (Err(_), Err(error)) if error.kind() != ErrorKind::BrokenPipe => return Err(error.into()),
        (answer, _) => answer?,
    };
    parse(&answer).map(Some)
}

/// Up to the first newline, within [`PATIENCE`] in all.
fn answer_line(stream: &mut UnixStream) -> Result<Vec<u8>, AskError> {
    let end = Instant::now() + PATIENCE;
    let (mut line, mut chunk) = (Vec::new(), [0; 16 << 10]);
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(AskError::Silent);
        }
        stream.set_read_timeout(Some(left))?;
        let bytes = match stream.read(&mut chunk) {
            Ok(0) => return Err(AskError::Ended),
            Ok(length) => chunk.get(..length).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        if let Some(newline) = bytes.iter().position(|byte| *byte == b'\n') {
            line.extend_from_slice(bytes.get(..newline).unwrap_or_default());
            return Ok(line);
        }
        line.extend_from_slice(bytes);
        if line.len() > MAX_ANSWER_BYTES {
            return Err(AskError::TooLong);
        }
    }
}

fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T, AskError> {
    #[derive(Deserialize)]
    struct Version {
        protocol: u32,
    }
    let understood = AskError::NotAnAnswer;
    let Version { protocol } = serde_json::from_slice(line).map_err(understood)?;
    if protocol != PROTOCOL {
        return Err(AskError::Version { found: protocol, known: PROTOCOL });
    }
    let Response { ok, error, retry, .. } = serde_json::from_slice(line).map_err(understood)?;
    match (ok, error) {
        (Some(answer), _) => Ok(answer),
        (None, error) => Err(AskError::Refused { message: error.unwrap_or_default(), retry }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_another_protocol_are_told_apart() {
        let ask = |line: &str| parse::<u64>(line.as_bytes());
        assert_eq!(ask(r#"{"protocol":1,"ok":18446744073709551615}"#).unwrap(), u64::MAX);
        let refused = ask(r#"{"protocol":1,"error":"no"}"#).unwrap_err();
        assert_eq!(refused.to_string(), "it refuses: no");
        let newer = ask(r#"{"protocol":2,"ok":{}}"#).unwrap_err();
        assert!(matches!(newer, AskError::Version { found: 2, known: 1 }), "{newer}");
        assert!(matches!(ask("{"), Err(AskError::NotAnAnswer(_))));
        assert!(matches!(ask(r#"{"protocol":1,"ok":"x"}"#), Err(AskError::NotAnAnswer(_))));
    }
}
