//! Writing fields. Each type says once which fields it has; its length and its bytes both follow
//! from that, so they can't disagree, and a length that is known to be encodable never fails
//! half-way through the writing.

use alloc::vec::Vec;

use ssh_encoding::{Error, Writer};

/// The fields of a type in their order on the wire.
pub(crate) trait Layout {
    fn lay_out(&self, sink: &mut impl Sink) -> Result<(), Error>;
}

/// Where fields go.
pub(crate) trait Sink {
    /// Bytes as they are.
    fn raw(&mut self, bytes: &[u8]) -> Result<(), Error>;

    #[inline]
    fn byte(&mut self, byte: u8) -> Result<(), Error> {
        self.raw(&[byte])
    }

    /// RFC 4251 section 5: "applications MUST NOT store values other than 0 and 1".
    fn boolean(&mut self, value: bool) -> Result<(), Error> {
        self.byte(u8::from(value))
    }

    #[inline]
    fn uint32(&mut self, value: u32) -> Result<(), Error> {
        self.raw(&value.to_be_bytes())
    }

    #[inline]
    fn count(&mut self, count: usize) -> Result<(), Error> {
        self.uint32(u32::try_from(count)?)
    }

    #[inline]
    fn string(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.count(bytes.len())?;
        self.raw(bytes)
    }

    /// String after string.
    fn all(&mut self, strings: &[&[u8]]) -> Result<(), Error> {
        strings.iter().try_for_each(|string| self.string(string))
    }

    /// A count and as many strings.
    fn strings(&mut self, strings: &[&[u8]]) -> Result<(), Error> {
        self.count(strings.len())?;
        self.all(strings)
    }
}

struct Length(usize);

impl Sink for Length {
    #[inline]
    fn raw(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0 = self.0.checked_add(bytes.len()).ok_or(Error::Length)?;
        Ok(())
    }
}

/// A buffer that was made large enough.
impl Sink for Vec<u8> {
    #[inline]
    fn raw(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.extend_from_slice(bytes);
        Ok(())
    }
}

struct Bytes<'w, W>(&'w mut W);

impl<W: Writer> Sink for Bytes<'_, W> {
    fn raw(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0.write(bytes)
    }
}

pub(super) fn encoded_len(layout: &impl Layout) -> Result<usize, Error> {
    let mut length = Length(0);
    layout.lay_out(&mut length)?;
    Ok(length.0)
}

pub(super) fn encode(layout: &impl Layout, writer: &mut impl Writer) -> Result<(), Error> {
    layout.lay_out(&mut Bytes(writer))
}

/// Implements [`ssh_encoding::Encode`] for types that have a [`Layout`].
macro_rules! encode_by_layout {
    ($($type:ty),+ $(,)?) => {
        $(
            impl ssh_encoding::Encode for $type {
                fn encoded_len(&self) -> Result<usize, ssh_encoding::Error> {
                    $crate::wire::layout::encoded_len(self)
                }

                fn encode(
                    &self,
                    writer: &mut impl ssh_encoding::Writer,
                ) -> Result<(), ssh_encoding::Error> {
                    $crate::wire::layout::encode(self, writer)
                }
            }
        )+
    };
}

pub(super) use encode_by_layout;
