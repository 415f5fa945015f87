//! What the server says to a request, whatever the method (RFC 4252 section 5).

use core::fmt;

use super::cursor::{Cursor, wrong_number};
use super::error::{DecodeError, DecodeReason, Label};
use super::layout::{Layout, Sink, encode_by_layout};
use super::name_list::NameList;
use super::number;
use super::show::{Hidden, debug_fields};

const FAILURE: Label = Label::numbered(number::USERAUTH_FAILURE);
const SUCCESS: Label = Label::numbered(number::USERAUTH_SUCCESS);
const BANNER: Label = Label::numbered(number::USERAUTH_BANNER);

/// `SSH_MSG_USERAUTH_FAILURE`: not in, or not yet (RFC 4252 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4252 section 5.1 fixes these fields"
)]
pub struct Failure<'a> {
    /// The "authentications that can continue": the methods worth trying next.
    pub methods: NameList<'a>,
    /// Whether the request was right, but further authentication is needed.
    pub partial_success: bool,
}

impl<'a> Failure<'a> {
    /// Reads a whole payload.
    ///
    /// # Errors
    /// If it has another number, a field that doesn't fit, a NUL byte in the list, or trailing
    /// bytes.
    pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::open(payload, FAILURE)?;
        let methods = cursor.name_list("methods")?;
        let partial_success = cursor.boolean("partial success")?;
        cursor.finish()?;
        Ok(Self {
            methods,
            partial_success,
        })
    }
}

impl Layout for Failure<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(FAILURE.number);
        sink.string(self.methods.as_bytes());
        sink.boolean(self.partial_success);
    }
}

/// `SSH_MSG_USERAUTH_SUCCESS`: in (RFC 4252 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4252 section 5.1 gives it no fields"
)]
pub struct Success;

impl Success {
    /// Reads a whole payload.
    ///
    /// # Errors
    /// If it has another number or trailing bytes.
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        Cursor::open(payload, SUCCESS)?.finish()?;
        Ok(Self)
    }
}

impl Layout for Success {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(SUCCESS.number);
    }
}

/// `SSH_MSG_USERAUTH_BANNER`: text to show to the user (RFC 4252 section 5.4).
///
/// The bytes are the server's: they may be invalid UTF-8 and may control a terminal. RFC 4252
/// section 5.4 asks for the filtering of control characters before the text is shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4252 section 5.4 fixes these fields"
)]
pub struct Banner<'a> {
    /// The text.
    pub message: &'a [u8],
    /// The language of the text, as a tag of RFC 3066; mostly empty.
    pub language: &'a [u8],
}

impl<'a> Banner<'a> {
    /// Reads a whole payload, leniently: a banner proves nothing, so a server that gets its end
    /// wrong does no harm.
    ///
    /// A language tag that is missing or doesn't fit reads as empty; bytes after it are passed
    /// over.
    ///
    /// # Errors
    /// If it has another number, or a text that doesn't fit.
    pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::open(payload, BANNER)?;
        let message = cursor.string("message")?;
        let language = cursor.string("language tag").unwrap_or_default();
        Ok(Self { message, language })
    }
}

impl Layout for Banner<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(BANNER.number);
        sink.string(self.message);
        sink.string(self.language);
    }
}

/// A message numbered 60 to 79, not yet decoded, since its meaning depends on the method that is
/// under way.
///
/// RFC 4252 section 6: "Different authentication methods reuse the same message numbers." Whoever
/// made the request decodes it: with [`PkOk::decode`](super::PkOk::decode), for instance, if a key
/// was offered.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MethodMessage<'a> {
    number: u8,
    body: &'a [u8],
}

impl<'a> MethodMessage<'a> {
    /// A message of this number; `None` if it isn't one of 60 to 79.
    #[must_use]
    pub const fn new(number: u8, body: &'a [u8]) -> Option<Self> {
        match number {
            60..=79 => Some(Self { number, body }),
            _ => None,
        }
    }

    /// Reads a whole payload, whose body may be anything.
    ///
    /// # Errors
    /// [`DecodeReason::Empty`], or [`DecodeReason::WrongNumber`] if the number isn't one of 60 to
    /// 79.
    pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let Some((&number, body)) = payload.split_first() else {
            let label = Label::named(0, "method-specific message");
            return Err(DecodeError::new(
                label,
                "message number",
                DecodeReason::Empty,
            ));
        };
        Self::new(number, body).ok_or_else(|| wrong_number(number))
    }

    /// The number of the message, 60 to 79.
    #[must_use]
    pub const fn number(&self) -> u8 {
        self.number
    }

    /// What follows the number.
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Starts reading the body as the message of this label.
    pub(super) fn cursor(&self, label: Label) -> Result<Cursor<'a>, DecodeError> {
        if self.number == label.number {
            Ok(Cursor::inside(self.body, label))
        } else {
            Err(wrong_number(self.number))
        }
    }
}

impl Layout for MethodMessage<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(self.number);
        sink.raw(self.body);
    }
}

/// The body may hold answers of the user, so only its length is shown.
impl fmt::Debug for MethodMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MethodMessage")
            .field("number", &self.number)
            .field("body", &Hidden(self.body))
            .finish()
    }
}

debug_fields!(Banner {
    message: text,
    language: text
});
encode_by_layout!(Failure<'_>, Success, Banner<'_>, MethodMessage<'_>);
