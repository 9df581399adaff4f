use std::{
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use super::{Path, dns, icmp_echo, tcp, udp};
use crate::{Family, Lab, LabError, Side};

/// From the start of one round to about the start of the next.
const ROUND: Duration = Duration::from_millis(100);

/// A little of everything in the background: UDP, TCP, DNS and ICMP over IPv4 and IPv6, between
/// changing hosts, about 250 packets a second.
///
/// Ends when stopped or dropped; an exchange that gets no answer is given up after two seconds.
#[derive(Debug)]
pub struct Mix {
    /// Closing it ends the thread.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<Result<u64, LabError>>>,
}

impl Mix {
    pub fn start(lab: &Lab) -> Result<Self, LabError> {
        let (stop, stopped) = channel();
        let lab = lab.clone();
        let thread = thread::Builder::new()
            .name("lab-mix".into())
            .spawn(move || run(&lab, &stopped))
            .map_err(|source| LabError::Thread { source })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }

    /// Whether it is still sending. An error ends it; [`Mix::stop`] tells which.
    pub fn is_running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// End it. Returns the number of whole rounds, ten a second.
    pub fn stop(mut self) -> Result<u64, LabError> {
        self.join().unwrap_or(Ok(0))
    }

    fn join(&mut self) -> Option<Result<u64, LabError>> {
        self.stop = None;
        let ended = self.thread.take()?.join();
        Some(ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    }
}

impl Drop for Mix {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic was reported where it happened, and must not be raised in a drop.
            drop(thread.join());
        }
    }
}

fn run(lab: &Lab, stopped: &Receiver<()>) -> Result<u64, LabError> {
    let mut rounds = 0;
    while stopped.recv_timeout(ROUND) == Err(RecvTimeoutError::Timeout) {
        round(lab, rounds)?;
        rounds += 1;
    }
    Ok(rounds)
}

/// About 25 packets. Hosts differ in what they send, so that there is something to rank.
fn round(lab: &Lab, number: u64) -> Result<(), LabError> {
    let near = (number % 4) as u8;
    let far = (number / 4 % 4) as u8;
    let family = match number % 2 {
        1 if lab.has_ipv6() => Family::V6,
        _ => Family::V4,
    };
    let out = Path::new(Side::Near, family).between(near, far);
    let back = Path::new(Side::Far, family).between(far, near);
    let weight = u64::from(near) + 1;

    dns(lab, out, 1)?;
    icmp_echo(lab, out, 1)?;
    // Sizes of voice and of a busy QUIC connection.
    udp(lab, out.to_port(5004), 2 * weight, 172)?;
    udp(lab, back.to_port(443), 2 * weight, 1200)?;
    tcp(lab, out.to_port(443), 1, 4096 * weight)?;
    if number.is_multiple_of(3) {
        tcp(lab, back.to_port(80), 1, 600)?;
    }
    Ok(())
}
