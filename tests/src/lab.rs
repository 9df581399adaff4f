use std::{io::ErrorKind, process::Command};

use ringtap_lab::{Lab, LabConfig, Side};

/// The index of the loopback interface in every network namespace.
const LOOPBACK: u32 = 1;

/// A lab in which either side can speak to itself, where `/metrics` is; or `None`, said aloud, where
/// privileges are missing.
pub fn lab(config: LabConfig) -> Option<Lab> {
    let lab = match Lab::new(config) {
        Ok(lab) => lab,
        Err(error) if error.is_not_permitted() => {
            crate::skip(format_args!("{error}: CAP_SYS_ADMIN and CAP_NET_ADMIN are needed"));
            return None;
        }
        Err(error) => panic!("{error:?}"),
    };
    for side in Side::BOTH {
        lab.inside(side, || ringtap_net::set_up(LOOPBACK)).unwrap().unwrap();
    }
    Some(lab)
}

/// What a program prints; or `None`, said aloud, where it is not installed.
pub fn tool(command: &mut Command) -> Option<String> {
    let output = match command.output() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            crate::skip(format_args!("{:?} is not installed", command.get_program()));
            return None;
        }
        output => output.unwrap(),
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}: {stderr}", output.status);
    Some(String::from_utf8(output.stdout).unwrap())
}
