use std::{
    io::{self, Read, Write},
    net::TcpStream,
};

use ringtap_lab::{Lab, Side};

use crate::wait::PATIENCE;

/// What a server on the loopback interface of a side answers: the status and the body.
pub fn get(lab: &Lab, side: Side, port: u16, path: &str) -> io::Result<(u16, String)> {
    let mut stream = lab.inside(side, || TcpStream::connect(("127.0.0.1", port))).unwrap()?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // Of 1.0, which has no chunks.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let parsed = answer.split_once("\r\n\r\n").and_then(|(head, body)| {
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, body.to_owned()))
    });
    parsed.ok_or_else(|| io::Error::other(format!("no HTTP answer: {answer:?}")))
}
