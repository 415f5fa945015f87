//! The data types of RFC 4251 section 5, as far as the transport needs them.

use crate::transport::error::TransportError;

pub(crate) const DISCONNECT: u8 = 1;
pub(crate) const IGNORE: u8 = 2;
pub(crate) const UNIMPLEMENTED: u8 = 3;
pub(crate) const DEBUG: u8 = 4;
pub(crate) const SERVICE_REQUEST: u8 = 5;
pub(crate) const EXT_INFO: u8 = 7;
pub(crate) const KEXINIT: u8 = 20;
pub(crate) const NEWKEYS: u8 = 21;
pub(crate) const KEX_ECDH_INIT: u8 = 30;
pub(crate) const KEX_ECDH_REPLY: u8 = 31;

/// Reads fields off the front of a message; every failure names the message.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    const fn malformed(&self) -> TransportError {
        TransportError::Malformed(self.what)
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], TransportError> {
        let (head, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or_else(|| self.malformed())?;
        self.rest = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], TransportError> {
        let (head, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or_else(|| self.malformed())?;
        self.rest = rest;
        Ok(*head)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, TransportError> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, TransportError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn string(&mut self) -> Result<&'a [u8], TransportError> {
        let length = usize::try_from(self.u32()?).map_err(|_| self.malformed())?;
        self.take(length)
    }

    /// A name-list; names outside printable US-ASCII are refused (RFC 4251 section 6).
    pub(crate) fn names(&mut self) -> Result<Vec<String>, TransportError> {
        let list = self.string()?;
        if !list.iter().all(|byte| (0x21..=0x7e).contains(byte)) {
            return Err(self.malformed());
        }
        let list = core::str::from_utf8(list).map_err(|_| self.malformed())?;
        Ok(list
            .split(',')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect())
    }

    /// The magnitude of an mpint that must not be negative, without leading zeros.
    pub(crate) fn unsigned_mpint(&mut self) -> Result<&'a [u8], TransportError> {
        let bytes = self.string()?;
        if bytes.first().is_some_and(|byte| *byte >= 0x80) {
            return Err(self.malformed());
        }
        Ok(strip_zeros(bytes))
    }

    pub(crate) const fn finish(self) -> Result<(), TransportError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.malformed())
        }
    }
}

pub(crate) fn strip_zeros(mut bytes: &[u8]) -> &[u8] {
    while let [0, rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

/// Appends a `string`. Callers only pass what fits in a packet, so the length always fits in 32
/// bits; should it not, the saturated length makes the message malformed rather than ambiguous.
pub(crate) fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// SSH_MSG_DISCONNECT (RFC 4253 section 11.1), without a language.
pub(crate) fn disconnect(code: u32, text: &str) -> Vec<u8> {
    let mut payload = vec![DISCONNECT];
    payload.extend_from_slice(&code.to_be_bytes());
    put_string(&mut payload, text.as_bytes());
    put_string(&mut payload, b"");
    payload
}

/// Appends a non-negative mpint given by its big-endian magnitude.
pub(crate) fn put_mpint(out: &mut Vec<u8>, magnitude: &[u8]) {
    let magnitude = strip_zeros(magnitude);
    let sign = usize::from(magnitude.first().is_some_and(|byte| *byte >= 0x80));
    let length = u32::try_from(magnitude.len().saturating_add(sign)).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    if sign == 1 {
        out.push(0);
    }
    out.extend_from_slice(magnitude);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn mpint_examples_of_rfc_4251() {
        let mut out = Vec::new();
        put_mpint(&mut out, &[]);
        assert_eq!(out, [0, 0, 0, 0]);
        out.clear();
        put_mpint(&mut out, &[0, 0, 0x80]);
        assert_eq!(out, [0, 0, 0, 2, 0, 0x80]);
        let mut reader = Reader::new(&out, "test");
        assert_eq!(reader.unsigned_mpint().unwrap(), [0x80]);
        reader.finish().unwrap();
    }

    #[test]
    fn a_length_beyond_the_end_is_malformed() {
        let mut reader = Reader::new(&[0xff, 0xff, 0xff, 0xff, 1], "test");
        assert!(matches!(
            reader.string(),
            Err(TransportError::Malformed("test"))
        ));
    }

    #[test]
    fn a_negative_mpint_is_malformed() {
        let mut reader = Reader::new(&[0, 0, 0, 1, 0x80], "test");
        assert!(reader.unsigned_mpint().is_err());
    }
}
