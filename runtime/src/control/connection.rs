//! One peer of the control socket. Whatever it does, it costs a bounded line and bounded time.

use std::{io::Write, time::Duration};

use rustix::process::{Uid, geteuid};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::spawn_blocking,
    time::timeout,
};

use super::{
    protocol::{Answer, MAX_REQUEST_BYTES, Request, Response},
    server::Answers,
};

/// How long a peer may take to send a line, and to take its answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Answer line by line, until the peer ends or breaks the rules.
pub(super) async fn serve(stream: UnixStream, answers: Answers) {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    while let Ok(Some(line)) = timeout(PATIENCE, line(&mut reader)).await {
        let (response, go_on) = match line {
            Line::Whole(line) => (respond(&line, &answers).await, true),
            Line::TooLong => {
                let message = format!("a request has at most {MAX_REQUEST_BYTES} bytes");
                (Response::error(message), false)
            }
        };
        if send(&mut writer, &response).await.is_none() || !go_on {
            return;
        }
    }
}

/// Say no, and nothing else. Waits for nothing: there is room for a line in a new socket.
pub(super) fn refuse(stream: UnixStream, response: &Response<Answer>) {
    if let (Ok(mut stream), Some(line)) = (stream.into_std(), encode(response)) {
        // A peer that is gone needs no answer.
        stream.write_all(&line).ok();
    }
}

/// Why this peer may not ask, if it may not.
pub(super) fn refusal(stream: &UnixStream) -> Option<Response<Answer>> {
    let ours = geteuid();
    match stream.peer_cred() {
        Ok(peer) if peer.uid() == 0 || Uid::from_raw(peer.uid()) == ours => None,
        Ok(peer) => {
            let (peer, ours) = (peer.uid(), ours.as_raw());
            let message = format!("uid {peer} may not ask: only root and uid {ours} may");
            Some(Response::error(message))
        }
        Err(error) => Some(Response::error(format!("who asks can't be told: {error}"))),
    }
}

enum Line {
    Whole(Vec<u8>),
    TooLong,
}

/// The next line; `None` where the peer has ended, also in the middle of one.
async fn line(reader: &mut BufReader<OwnedReadHalf>) -> Option<Line> {
    let mut line = Vec::new();
    let mut bounded = reader.take(MAX_REQUEST_BYTES as u64 + 1);
    bounded.read_until(b'\n', &mut line).await.ok()?;
    match line.pop() {
        Some(b'\n') => Some(Line::Whole(line)),
        Some(_) if line.len() == MAX_REQUEST_BYTES => Some(Line::TooLong),
        _ => None,
    }
}

async fn respond(line: &[u8], answers: &Answers) -> Response<Answer> {
    let request = match Request::parse(line) {
        Ok(request) => request,
        Err(message) => return Response::error(message),
    };
    let answers = answers.clone();
    // Counts are read by system calls, behind locks.
    match spawn_blocking(move || answers(request)).await {
        Ok(answer) => Response::ok(answer),
        Err(error) => Response::error(format!("answering failed: {error}")),
    }
}

/// `None` where the peer does not take it.
async fn send(writer: &mut OwnedWriteHalf, response: &Response<Answer>) -> Option<()> {
    let line = encode(response)?;
    timeout(PATIENCE, writer.write_all(&line)).await.ok()?.ok()
}

fn encode(response: &Response<Answer>) -> Option<Vec<u8>> {
    let mut line = serde_json::to_vec(response).ok()?;
    line.push(b'\n');
    Some(line)
}
