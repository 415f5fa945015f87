//! Writing fields. Each message lists its fields once; its length and its bytes follow from that.

use alloc::vec::Vec;

use ssh_encoding::{Encode as _, Error, Writer};

/// A message that can be encoded.
pub(crate) trait Layout {
    /// Writes all fields in order.
    fn lay_out(&self, writer: &mut impl Writer) -> Result<(), Error>;
}

/// Writes several strings.
#[inline]
pub(super) fn strings(strings: &[&[u8]], writer: &mut impl Writer) -> Result<(), Error> {
    strings.iter().try_for_each(|string| string.encode(writer))
}

struct Length(usize);

impl Writer for Length {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(())
    }
}

/// As the crate's own writer to a vector, but inlined.
struct Bytes(Vec<u8>);

impl Writer for Bytes {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// RFC 4253 section 6: the length of the whole packet is a `uint32`.
pub(super) fn length(layout: &impl Layout) -> Result<usize, Error> {
    let mut length = Length(0);
    layout.lay_out(&mut length)?;
    match u32::try_from(length.0) {
        Ok(total) if total < u32::MAX => Ok(length.0),
        _ => Err(Error::Length),
    }
}

/// Writes into a buffer that is large enough. This can't fail after [`length`] has succeeded.
pub(super) fn write(layout: &impl Layout, buffer: Vec<u8>) -> Result<Vec<u8>, Error> {
    let mut bytes = Bytes(buffer);
    layout.lay_out(&mut bytes)?;
    Ok(bytes.0)
}
