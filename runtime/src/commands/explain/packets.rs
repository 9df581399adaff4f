use std::path::Path;

use ringtap_capture::{Capture, Frame, Link, record};
use ringtap_record::Direction;

use super::{compiled::Compiled, hex, view::Explanation};
use crate::{
    cli::{Explain, Way},
    commands::replay::say_passed_over,
    exit::{Exit, Failure, OrExit},
};

/// Judge the packets that are asked about, if any.
pub(super) fn add(
    args: &Explain,
    compiled: &Compiled,
    explanation: &mut Explanation,
) -> Result<(), Failure> {
    if let Some(text) = &args.packet {
        let bytes = hex::parse(text).or_exit(Exit::Usage)?;
        add_one(args, compiled, explanation, &bytes);
    }
    match &args.capture {
        Some(file) => add_capture(file, args, compiled, explanation),
        None => Ok(()),
    }
}

fn add_one(args: &Explain, compiled: &Compiled, explanation: &mut Explanation, bytes: &[u8]) {
    let record = record(&Frame {
        number: 1,
        timestamp_ns: 0,
        wire_len: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        interface: 0,
        link: Link::Ethernet,
        direction: args.direction.map(|way| match way {
            Way::In => Direction::Ingress,
            Way::Out => Direction::Egress,
        }),
        bytes,
    });
    explanation.add(1, &record, args.interface.as_deref(), compiled);
}

fn add_capture(
    file: &Path,
    args: &Explain,
    compiled: &Compiled,
    explanation: &mut Explanation,
) -> Result<(), Failure> {
    let mut capture = Capture::open(file).or_exit(Exit::Input)?;
    let outcome = read(&mut capture, args, compiled, explanation);
    say_passed_over(&capture, file);
    let last = outcome.or_exit(Exit::Input)?;
    let file = file.display();
    let missing = match args.number.filter(|_| explanation.is_without_packets()) {
        None => return Ok(()),
        Some(number) if number > last => {
            format!("{file} has no packet {number}: it ends after packet {last}")
        }
        Some(number) => {
            format!("packet {number} of {file} can't be told: its link type is not supported")
        }
    };
    Err(anyhow::anyhow!(missing)).or_exit(Exit::Input)
}

/// The number of the last packet.
fn read(
    capture: &mut Capture,
    args: &Explain,
    compiled: &Compiled,
    explanation: &mut Explanation,
) -> Result<u64, ringtap_capture::CaptureError> {
    let mut last = 0;
    while let Some(frame) = capture.next_frame()? {
        let (number, interface) = (frame.number, frame.interface);
        last = number;
        match args.number {
            Some(wanted) if number < wanted => continue,
            Some(wanted) if number > wanted => break,
            _ => {}
        }
        let record = record(&frame);
        if explanation.packets() < args.limit {
            explanation.add(number, &record, capture.interface_name(interface), compiled);
        } else {
            explanation.more += 1;
        }
    }
    Ok(last)
}
