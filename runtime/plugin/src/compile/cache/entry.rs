//! An entry's bytes: a header of [`HEADER`] bytes, then the code.
//!
//! | bytes | |
//! |---|---|
//! | 8 | [`MAGIC`], the last one of which is the format's version |
//! | 32 | the key |
//! | 8 | bytes of code, little-endian |
//! | 32 | SHA-256 of the code |

use sha2::{Digest as _, Sha256};

use super::key::Key;

pub(super) const HEADER: usize = 80;

const MAGIC: [u8; 8] = *b"rtcode\0\x01";

/// Why a file's bytes are not the code that they were taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Damage {
    #[error("does not begin like one of ours")]
    Header,
    #[error("is of another component or engine")]
    OtherKey,
    #[error("ends too early or goes on too long")]
    Length,
    #[error("was changed: its checksum is another")]
    Checksum,
}

pub(super) fn header(key: &Key, code: &[u8]) -> [u8; HEADER] {
    let length = (code.len() as u64).to_le_bytes();
    let checksum = Sha256::digest(code);
    let fields = MAGIC.iter().chain(&key.0).chain(&length).chain(checksum.iter());
    let mut header = [0; HEADER];
    header.iter_mut().zip(fields).for_each(|(byte, field)| *byte = *field);
    header
}

/// The code in an entry that is whole and of that key.
pub(super) fn code<'a>(key: &Key, entry: &'a [u8]) -> Result<&'a [u8], Damage> {
    let rest = entry.strip_prefix(&MAGIC).ok_or(Damage::Header)?;
    let (found, rest) = rest.split_at_checked(key.0.len()).ok_or(Damage::Length)?;
    if found != key.0 {
        return Err(Damage::OtherKey);
    }
    let (length, rest) = rest.split_first_chunk().ok_or(Damage::Length)?;
    let (checksum, code) = rest.split_first_chunk::<32>().ok_or(Damage::Length)?;
    if u64::from_le_bytes(*length) != code.len() as u64 {
        return Err(Damage::Length);
    }
    if *checksum != *Sha256::digest(code) {
        return Err(Damage::Checksum);
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key([7; 32]);

    fn entry() -> Vec<u8> {
        let code = b"machine code";
        [&header(&KEY, code)[..], code].concat()
    }

    #[test]
    fn an_entry_gives_its_code_to_its_key_alone() {
        assert_eq!(code(&KEY, &entry()), Ok(&b"machine code"[..]));
        assert_eq!(code(&Key([8; 32]), &entry()), Err(Damage::OtherKey));
        let empty = header(&KEY, b"");
        assert_eq!(code(&KEY, &empty), Ok(&b""[..]));
    }

    #[test]
    fn no_change_of_a_bit_and_no_cut_goes_unnoticed() {
        let whole = entry();
        for at in 0..whole.len() {
            assert!(code(&KEY, &whole[..at]).is_err(), "cut after {at}");
            for bit in 0..8 {
                let mut flipped = whole.clone();
                flipped[at] ^= 1 << bit;
                assert!(code(&KEY, &flipped).is_err(), "bit {bit} of byte {at}");
            }
        }
        assert_eq!(code(&KEY, &[&whole[..], b"!"].concat()), Err(Damage::Length));
    }
}
