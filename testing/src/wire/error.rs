//! Why bytes were refused.

use super::number;

/// Why bytes are not the message that was expected: which message, which field, and what is wrong
/// with it. It never contains bytes of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{message}: field `{field}`: {reason}")]
pub struct DecodeError {
    number: u8,
    message: &'static str,
    field: &'static str,
    reason: DecodeReason,
}

impl DecodeError {
    pub(super) const fn new(
        (number, message): (u8, &'static str),
        field: &'static str,
        reason: DecodeReason,
    ) -> Self {
        Self {
            number,
            message,
            field,
            reason,
        }
    }

    pub(super) const fn empty(message: &'static str) -> Self {
        Self::new((0, message), number::FIELD, DecodeReason::Empty)
    }

    /// The number of the message; 0 if there was none.
    #[must_use]
    pub const fn message_number(&self) -> u8 {
        self.number
    }

    /// The name of the message, without `SSH_MSG_`.
    #[must_use]
    pub const fn message_name(&self) -> &'static str {
        self.message
    }

    /// The name of the field.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// What is wrong with it.
    #[must_use]
    pub const fn reason(&self) -> DecodeReason {
        self.reason
    }
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeReason {
    /// There is not even a message number.
    #[error("the payload is empty")]
    Empty,
    /// The message number is not one that is expected here.
    #[error("the message number is not one expected here")]
    WrongNumber,
    /// The payload ends inside a field of fixed size.
    #[error("the payload ends too early")]
    Truncated,
    /// A string says that it is longer than what is left.
    #[error("the length runs past the end")]
    LengthPastEnd,
    /// A list says that it has more entries than the rest can hold.
    #[error("the count is more than the rest can hold")]
    CountPastEnd,
    /// A list says that it has more entries than are accepted.
    #[error("too many entries")]
    TooManyEntries,
    /// Something follows the last field.
    #[error("bytes follow the last field")]
    TrailingBytes,
    /// RFC 4251 section 6: names "MUST NOT contain [..] control characters".
    #[error("a name-list holds a NUL byte")]
    NulInNameList,
    /// The mechanism is not an object identifier in DER (RFC 4462 section 3.2).
    #[error("not a DER object identifier")]
    NotAnObjectIdentifier,
    /// A field with only one possible value has another one.
    #[error("not the value that belongs here")]
    WrongValue,
}
