use std::io::{self, Read};

use crate::error::CaptureError;

/// A buffer grows by no more than this before the bytes for it have come.
const GROWTH: usize = 64 * 1024;

/// The bytes of a capture, and how many of them were read.
pub(crate) struct Source {
    name: String,
    reader: Box<dyn Read + Send>,
    offset: u64,
}

impl Source {
    pub(crate) fn new(name: String, reader: Box<dyn Read + Send>) -> Self {
        Self { name, reader, offset: 0 }
    }

    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next `N` bytes, or `None` where the capture ends.
    pub(crate) fn start<const N: usize>(
        &mut self,
        expected: &'static str,
    ) -> Result<Option<[u8; N]>, CaptureError> {
        let mut bytes = [0; N];
        match self.fill(&mut bytes)? {
            0 => Ok(None),
            found if found == N => Ok(Some(bytes)),
            found => Err(self.truncated(expected, N as u64, found as u64)),
        }
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(
        &mut self,
        expected: &'static str,
    ) -> Result<[u8; N], CaptureError> {
        let next = self.start(expected)?;
        next.ok_or_else(|| self.truncated(expected, N as u64, 0))
    }

    /// The next `len` bytes, in place of what is in `buffer`.
    pub(crate) fn read(
        &mut self,
        len: usize,
        buffer: &mut Vec<u8>,
        expected: &'static str,
    ) -> Result<(), CaptureError> {
        buffer.clear();
        while buffer.len() < len {
            let start = buffer.len();
            let end = len.min(start + GROWTH);
            buffer.resize(end, 0);
            let found = start + self.fill(&mut buffer[start..])?;
            if found < end {
                return Err(self.truncated(expected, len as u64, found as u64));
            }
        }
        Ok(())
    }

    /// Pass over the next `len` bytes.
    pub(crate) fn skip(&mut self, len: u64, expected: &'static str) -> Result<(), CaptureError> {
        let found = io::copy(&mut (&mut self.reader).take(len), &mut io::sink());
        let found = found.map_err(|source| self.failed(source))?;
        self.offset += found;
        if found == len { Ok(()) } else { Err(self.truncated(expected, len, found)) }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<usize, CaptureError> {
        let mut found = 0;
        while found < bytes.len() {
            match self.reader.read(&mut bytes[found..]) {
                Ok(0) => break,
                Ok(more) => found += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        self.offset += found as u64;
        Ok(found)
    }

    fn failed(&self, source: io::Error) -> CaptureError {
        CaptureError::Read { name: self.name(), offset: self.offset, source }
    }

    fn truncated(&self, expected: &'static str, wanted: u64, found: u64) -> CaptureError {
        let offset = self.offset - found;
        CaptureError::Truncated { name: self.name(), offset, expected, wanted, found }
    }
}
