//! Why bytes were refused.

use super::number;

/// Which message was being read; its name is more precise than the number, since 60 to 79 are
/// shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Label {
    pub(super) number: u8,
    pub(super) name: &'static str,
}

impl Label {
    /// A label for a number with a meaning of its own.
    pub(super) const fn numbered(number: u8) -> Self {
        Self {
            number,
            name: number::name(number),
        }
    }

    /// A label for a number shared by several methods, or for bytes that aren't a message.
    pub(super) const fn named(number: u8, name: &'static str) -> Self {
        Self { number, name }
    }
}

/// Bytes that aren't the message they should be: which message, which field, and why.
///
/// It holds no byte of the peer, so it can be printed as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}: field `{field}`: {reason}", label.name)]
pub struct DecodeError {
    label: Label,
    field: &'static str,
    reason: DecodeReason,
}

impl DecodeError {
    pub(super) const fn new(label: Label, field: &'static str, reason: DecodeReason) -> Self {
        Self {
            label,
            field,
            reason,
        }
    }

    /// The number of the message: the one found, or the one expected if the payload was empty.
    ///
    /// Zero for what isn't a message (a signature blob, or an empty payload of which nothing was
    /// expected).
    #[must_use]
    pub const fn message_number(&self) -> u8 {
        self.label.number
    }

    /// The name of the message, for diagnostics.
    #[must_use]
    pub const fn message_name(&self) -> &'static str {
        self.label.name
    }

    /// The field that could not be read; with [`DecodeReason::TrailingBytes`], the last one that
    /// could.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// What was wrong with it.
    #[must_use]
    pub const fn reason(&self) -> DecodeReason {
        self.reason
    }
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeReason {
    /// The payload has no byte at all, not even the message number.
    #[error("the payload is empty")]
    Empty,
    /// The message number is another than the caller can take here.
    #[error("the message number is not one expected here")]
    WrongNumber,
    /// The payload ends before the field, or inside one of fixed size.
    #[error("the payload ends too early")]
    Truncated,
    /// A string claims more bytes than are left.
    #[error("the length runs past the end")]
    LengthPastEnd,
    /// A count claims more entries than the bytes that are left could hold.
    #[error("the count is more than the rest can hold")]
    CountPastEnd,
    /// A count is above what any honest peer sends.
    #[error("too many entries")]
    TooManyEntries,
    /// Bytes follow the last field.
    #[error("bytes follow the last field")]
    TrailingBytes,
    /// A name-list holds a NUL byte.
    ///
    /// RFC 4251 section 5: "Terminating null characters MUST NOT be used, neither for the
    /// individual names, nor for the list as a whole."
    #[error("a name-list holds a NUL byte")]
    NulInNameList,
}
