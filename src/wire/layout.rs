//! Writing fields. Each type says once which fields it has; its length and its bytes both follow
//! from that, so they can't disagree.

use alloc::vec::Vec;

use ssh_encoding::{Error, Writer};

/// The fields of a type in their order on the wire. It can't fail: that is for the sinks to tell.
pub(crate) trait Layout {
    fn lay_out(&self, sink: &mut impl Sink);
}

/// Where fields go.
pub(crate) trait Sink {
    /// Bytes as they are.
    fn raw(&mut self, bytes: &[u8]);

    /// There is more than the message may have.
    fn refuse(&mut self);

    #[inline]
    fn byte(&mut self, byte: u8) {
        self.raw(&[byte]);
    }

    /// RFC 4251 section 5: "applications MUST NOT store values other than 0 and 1".
    #[inline]
    fn boolean(&mut self, value: bool) {
        self.byte(u8::from(value));
    }

    #[inline]
    fn uint32(&mut self, value: u32) {
        self.raw(&value.to_be_bytes());
    }

    #[inline]
    fn count(&mut self, count: usize) {
        match u32::try_from(count) {
            Ok(count) => self.uint32(count),
            Err(_) => self.refuse(),
        }
    }

    #[inline]
    fn string(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.raw(bytes);
    }

    /// String after string.
    fn all(&mut self, strings: &[&[u8]]) {
        for string in strings {
            self.string(string);
        }
    }

    /// A count and as many strings.
    fn strings(&mut self, strings: &[&[u8]]) {
        self.count(strings.len());
        self.all(strings);
    }
}

struct Length(usize);

impl Length {
    /// What no `uint32` can tell, or no memory can hold.
    const IMPOSSIBLE: usize = usize::MAX;
}

impl Sink for Length {
    #[inline]
    fn raw(&mut self, bytes: &[u8]) {
        self.0 = self.0.saturating_add(bytes.len());
    }

    fn refuse(&mut self) {
        self.0 = Self::IMPOSSIBLE;
    }
}

/// A buffer that was made large enough, for what [`encoded_len`] has not refused.
impl Sink for Vec<u8> {
    #[inline]
    fn raw(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    fn refuse(&mut self) {}
}

/// What is behind an error is written in vain, as what is in front of it.
struct Bytes<'w, W> {
    writer: &'w mut W,
    result: Result<(), Error>,
}

impl<W: Writer> Sink for Bytes<'_, W> {
    #[inline]
    fn raw(&mut self, bytes: &[u8]) {
        if let Err(error) = self.writer.write(bytes) {
            self.result = Err(error);
        }
    }

    fn refuse(&mut self) {
        self.result = Err(Error::Length);
    }
}

/// How long the encoding is, if there can be one.
pub(super) fn encoded_len(layout: &impl Layout) -> Result<usize, Error> {
    let mut length = Length(0);
    layout.lay_out(&mut length);
    // RFC 4253 section 6: the length of the whole packet is a `uint32`.
    let most = usize::try_from(u32::MAX).unwrap_or(usize::MAX);
    if length.0 < most {
        Ok(length.0)
    } else {
        Err(Error::Length)
    }
}

pub(super) fn encode(layout: &impl Layout, writer: &mut impl Writer) -> Result<(), Error> {
    let mut bytes = Bytes {
        writer,
        result: Ok(()),
    };
    layout.lay_out(&mut bytes);
    bytes.result
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
