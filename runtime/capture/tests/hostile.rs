//! Captures that are cut short, damaged, or none at all.

mod support;

use proptest::prelude::*;
use ringtap_capture::{CaptureError, MAX_FRAME_BYTES};
use support::{ALL, capture, read};

fn message(bytes: Vec<u8>) -> String {
    read(bytes).error.expect("an error").to_string()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A section header and an Ethernet interface.
fn pcapng() -> Vec<u8> {
    let section = [0x0a0d_0d0a, 28, 0x1a2b_3c4d, 1, u32::MAX, u32::MAX, 28];
    let interface = [1, 20, 1, 0, 20];
    words(&[section.as_slice(), &interface].concat())
}

fn pcapng_and(block: &[u32]) -> Vec<u8> {
    [pcapng(), words(block)].concat()
}

#[test]
fn no_captures() {
    assert_eq!(
        message(Vec::new()),
        "test is empty: a capture starts with a file header; was it written to the end?"
    );
    assert_eq!(
        message(b"PK\x03\x04 is a zip file".to_vec()),
        "test is not a pcap or pcapng capture: it starts with the bytes [50, 4b, 03, 04]; convert \
         it with `editcap -F pcapng` if it is a capture of another format"
    );
    assert_eq!(
        message(b"\x1f\x8b\x08\x00".to_vec()),
        "test is compressed (gzip): decompress it first, or pipe it to `replay -`"
    );
    assert_eq!(
        message(vec![0xd4, 0xc3, 0xb2]),
        "test ends too early: the file header starts at byte 0 and takes 4 bytes, but only 3 are \
         there; packets before that were read"
    );
}

#[test]
fn unsupported_link_types_by_name() {
    let mut file = capture("nano.pcap");
    file[20] = 105;
    assert_eq!(
        message(file),
        "test: link type 105 (IEEE802_11) is not supported; supported are Ethernet, raw IP, BSD \
         loopback and Linux cooked captures"
    );
    // pcapng: only where no other interface had a packet.
    let packet = [6, 32, 0, 0, 0, 0, 0, 32];
    let mut file = pcapng_and(&packet);
    file[36] = 127;
    assert!(message(file).contains("127 (IEEE802_11_RADIOTAP)"));
}

#[test]
fn versions() {
    let mut file = capture("nano.pcap");
    file[4] = 3;
    assert_eq!(message(file), "test: pcap version 3.4 is not known");
    let mut file = pcapng();
    file[12] = 2;
    assert_eq!(message(file), "test: pcapng version 2.0 is not known");
}

#[test]
fn absurd_lengths() {
    let mut file = capture("nano.pcap");
    file[32..36].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(
        message(file),
        "test: the packet at byte 24 says that it has 4294967295 bytes, which is not between 0 and \
         1048576; packets before that were read"
    );
    for (len, limits) in [(8, "12 and 2097152"), (0xffff_fffc, "12 and 2097152")] {
        let error = message(pcapng_and(&[6, len, 0, 0]));
        assert!(error.contains("the block at byte 48") && error.contains(limits), "{error}");
    }
    // A block that is passed over may be of any length, but has to be there.
    let error = message(pcapng_and(&[0x0bad, 0xffff_fff0, 0]));
    assert!(error.contains("takes 4294967268 bytes, but only 4 are there"), "{error}");
}

#[test]
fn contradictory_blocks() {
    for (block, problem) in [
        (vec![6, 32, 0, 0, 0, 0, 0, 36], "has another length at its end than at its start"),
        (vec![6, 32, 7, 0, 0, 0, 0, 32], "names an interface that no block before it describes"),
        (vec![6, 32, 0, 0, 0, 9, 9, 32], "is too short for the packet in it"),
        (vec![6, 28, 0, 0, 0, 0, 28], "is too short for the packet in it"),
        (vec![3, 12, 12], "is too short for the packet in it"),
        (vec![1, 12, 12], "is too short for an interface description"),
        (vec![0x0a0d_0d0a, 28, 7], "has no byte-order magic"),
    ] {
        let error = message(pcapng_and(&block));
        assert!(error.contains("at byte 48") && error.contains(problem), "{block:?}: {error}");
    }
}

#[test]
fn a_packet_of_the_largest_size_is_read() {
    let len = MAX_FRAME_BYTES as u32;
    let mut file = pcapng_and(&[6, len + 32, 0, 0, 0, len, len]);
    file.resize(file.len() + MAX_FRAME_BYTES, 7);
    file.extend((len + 32).to_le_bytes());
    let outcome = read(file);
    assert!(outcome.error.is_none());
    assert_eq!(outcome.frames[0].bytes.len(), MAX_FRAME_BYTES);
}

#[test]
fn cut_short_anywhere() {
    for name in ["nano.pcap", "mixed.pcapng"] {
        let whole = capture(name);
        let all = read(whole.clone()).frames;
        for len in 0..whole.len() {
            let outcome = read(whole[..len].to_vec());
            assert!(all.starts_with(&outcome.frames), "{name} cut to {len}");
            match outcome.error {
                None => {}
                Some(CaptureError::Empty { .. }) => assert_eq!(len, 0),
                Some(CaptureError::Truncated { offset, wanted, found, .. }) => {
                    assert_eq!(offset + found, len as u64, "{name} cut to {len}");
                    assert!(found < wanted, "{name} cut to {len}");
                }
                Some(error) => panic!("{name} cut to {len}: {error}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged(
        file in 0..ALL.len(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..16),
        cut in any::<prop::sample::Index>(),
        removed in 0..8_usize,
    ) {
        let mut bytes = capture(ALL[file]);
        bytes.truncate(8 * 1024);
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let at = cut.index(bytes.len());
        bytes.drain(at..(at + removed).min(bytes.len()));
        for frame in read(bytes).frames {
            ringtap_capture::record(&frame.frame());
        }
    }

    #[test]
    fn noise_behind_a_good_start(
        start in 0..3_usize,
        noise in prop::collection::vec(any::<u8>(), 0..512),
    ) {
        let start = match start {
            0 => capture("nano.pcap")[..24].to_vec(),
            1 => capture("swapped.pcap")[..24].to_vec(),
            _ => pcapng(),
        };
        read([start, noise].concat());
    }
}
