/// Bytes of a frame, at most: more than the headers of any, and less than an argument may have.
const MAX_BYTES: usize = 16 << 10;

/// Why a text is no frame in hexadecimal.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HexError {
    #[error(
        "--packet has no bytes: give the frame as hexadecimal digits, such as 'ffffffffffff...'"
    )]
    Empty,
    #[error(
        "--packet: {found:?} at character {at} is no hexadecimal digit; taken are digits, spaces, \
         colons, and lines of `tcpdump -xx`"
    )]
    NotHex { found: char, at: usize },
    #[error("--packet has {digits} digits, and two make a byte: is one missing at the end?")]
    Odd { digits: usize },
    #[error("--packet has more than {MAX_BYTES} bytes; what counts are the headers, so cut it")]
    TooLong,
}

/// The bytes of a hex stream as Wireshark copies it, or of lines such as `tcpdump -xx` prints.
pub(super) fn parse(text: &str) -> Result<Vec<u8>, HexError> {
    let (mut bytes, mut digits, mut high) = (Vec::new(), 0_usize, 0_u8);
    let mut at = 1;
    for part in text.split_inclusive(char::is_whitespace) {
        if !is_offset(part.trim_end()) {
            for (found, at) in part.chars().zip(at..) {
                if found == ':' || found.is_whitespace() {
                    continue;
                }
                let digit = found.to_digit(16).ok_or(HexError::NotHex { found, at })? as u8;
                if digits % 2 == 1 {
                    bytes.push(high << 4 | digit);
                }
                (high, digits) = (digit, digits + 1);
            }
        }
        at += part.chars().count();
    }
    match digits {
        0 => Err(HexError::Empty),
        _ if digits > 2 * MAX_BYTES => Err(HexError::TooLong),
        _ if digits % 2 == 1 => Err(HexError::Odd { digits }),
        _ => Ok(bytes),
    }
}

/// At the start of lines, such as `0x0010:`.
fn is_offset(part: &str) -> bool {
    let digits = part.strip_prefix("0x").and_then(|rest| rest.strip_suffix(':'));
    digits.is_some_and(|digits| digits.chars().all(|digit| digit.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_and_dumps_are_taken() {
        let bytes = vec![0x45, 0x00, 0xab, 0x01];
        let dump = "\t0x0000:  4500\n\t0x0002:  ab01\n";
        for text in ["4500ab01", "45:00:AB:01", " 45 00  ab 01\n", "4 500a b01", dump] {
            assert_eq!(parse(text), Ok(bytes.clone()), "{text:?}");
        }
        assert_eq!(parse(&"00".repeat(MAX_BYTES)).map(|bytes| bytes.len()), Ok(MAX_BYTES));
    }

    #[test]
    fn anything_else_is_told_by_its_place() {
        for empty in ["", "  \n", ":::", "0x0000:"] {
            assert_eq!(parse(empty), Err(HexError::Empty), "{empty:?}");
        }
        assert_eq!(parse("45 0g"), Err(HexError::NotHex { found: 'g', at: 5 }));
        assert_eq!(parse("0x0000: 45é"), Err(HexError::NotHex { found: 'é', at: 11 }));
        assert_eq!(parse("0x45"), Err(HexError::NotHex { found: 'x', at: 2 }));
        assert_eq!(parse("45 0"), Err(HexError::Odd { digits: 3 }));
        assert_eq!(parse(&"00".repeat(MAX_BYTES + 1)), Err(HexError::TooLong));
        assert_eq!(parse(&"0".repeat(2 * MAX_BYTES + 1)), Err(HexError::TooLong));
    }
}
