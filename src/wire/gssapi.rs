//! The messages of the method `gssapi-with-mic` (RFC 4462 section 3).

use super::cursor::Cursor;
use super::dialogue::method_message;
use super::error::{DecodeError, DecodeReason, Label};
use super::layout::{Layout, Sink, encode_by_layout};
use super::number;
use super::reply::MethodMessage;
use super::show::debug_fields;

const RESPONSE: Label = Label::named(number::USERAUTH_GSSAPI_RESPONSE, "USERAUTH_GSSAPI_RESPONSE");
const TOKEN: Label = Label::named(number::USERAUTH_GSSAPI_TOKEN, "USERAUTH_GSSAPI_TOKEN");
const EXCHANGE_COMPLETE: Label = Label::named(
    number::USERAUTH_GSSAPI_EXCHANGE_COMPLETE,
    "USERAUTH_GSSAPI_EXCHANGE_COMPLETE",
);
const ERROR: Label = Label::named(number::USERAUTH_GSSAPI_ERROR, "USERAUTH_GSSAPI_ERROR");
const ERRTOK: Label = Label::named(number::USERAUTH_GSSAPI_ERRTOK, "USERAUTH_GSSAPI_ERRTOK");
const MIC: Label = Label::named(number::USERAUTH_GSSAPI_MIC, "USERAUTH_GSSAPI_MIC");

/// The tag of an object identifier in DER.
const TAG: u8 = 6;

/// The longest content whose length DER writes in one byte.
const LONGEST_CONTENT: u8 = 127;

/// A GSS-API mechanism: an object identifier in DER, checked for its tag and its length.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObjectIdentifier<'a> {
    der: &'a [u8],
}

impl ObjectIdentifier<'static> {
    /// Kerberos 5, 1.2.840.113554.1.2.2 (RFC 4121).
    pub const KERBEROS_V5: Self = Self {
        der: &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2],
    };
}

impl<'a> ObjectIdentifier<'a> {
    /// Checks that the bytes are a tag of 6, a length in one byte that is that of the rest, and a
    /// rest of that length.
    ///
    /// The numbers inside aren't looked at: mechanisms are compared byte for byte.
    ///
    /// # Errors
    /// [`DecodeReason::NotAnObjectIdentifier`] if they aren't.
    pub fn from_der(der: &'a [u8]) -> Result<Self, DecodeReason> {
        match der {
            [TAG, length @ 1..=LONGEST_CONTENT, content @ ..]
                if usize::from(*length) == content.len() =>
            {
                Ok(Self { der })
            }
            _ => Err(DecodeReason::NotAnObjectIdentifier),
        }
    }

    /// The identifier as it is on the wire: tag, length and content.
    #[must_use]
    pub const fn as_der(&self) -> &'a [u8] {
        self.der
    }
}

impl AsRef<[u8]> for ObjectIdentifier<'_> {
    fn as_ref(&self) -> &[u8] {
        self.der
    }
}

/// `SSH_MSG_USERAUTH_GSSAPI_RESPONSE`: the mechanism the server chose (RFC 4462 section 3.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4462 section 3.3 fixes these fields"
)]
pub struct GssapiResponse<'a> {
    /// The mechanism, which should be an object identifier in DER.
    pub mechanism: &'a [u8],
}

impl<'a> GssapiResponse<'a> {
    /// The mechanism, checked. Decoding leaves that out: a bad identifier spoils the method, not
    /// the connection.
    ///
    /// # Errors
    /// [`DecodeReason::NotAnObjectIdentifier`].
    pub fn object_identifier(&self) -> Result<ObjectIdentifier<'a>, DecodeError> {
        ObjectIdentifier::from_der(self.mechanism)
            .map_err(|reason| DecodeError::new(RESPONSE, "mechanism", reason))
    }

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        let mechanism = cursor.string("mechanism")?;
        Ok(Self { mechanism })
    }
}

impl Layout for GssapiResponse<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(RESPONSE.number);
        sink.string(self.mechanism);
    }
}

/// `SSH_MSG_USERAUTH_GSSAPI_TOKEN`: a step of the exchange, either way (RFC 4462 section 3.4).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4462 section 3.4 fixes these fields"
)]
pub struct GssapiToken<'a> {
    /// The token. `Debug` shows its length only.
    pub token: &'a [u8],
}

impl<'a> GssapiToken<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        let token = cursor.string("token")?;
        Ok(Self { token })
    }
}

impl Layout for GssapiToken<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(TOKEN.number);
        sink.string(self.token);
    }
}

/// `SSH_MSG_USERAUTH_GSSAPI_EXCHANGE_COMPLETE`: the client is done, and has no integrity to offer
/// (RFC 4462 section 3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4462 section 3 gives it no fields"
)]
pub struct GssapiExchangeComplete;

impl GssapiExchangeComplete {
    const fn read(_: &mut Cursor<'_>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl Layout for GssapiExchangeComplete {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(EXCHANGE_COMPLETE.number);
    }
}

/// `SSH_MSG_USERAUTH_GSSAPI_ERROR`: what went wrong at the server, for humans (RFC 4462 section
/// 3.8).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4462 section 3.8 fixes these fields"
)]
pub struct GssapiError<'a> {
    /// The major status.
    pub major: u32,
    /// The minor status; its meaning is the mechanism's.
    pub minor: u32,
    /// A description; untrusted text.
    pub message: &'a [u8],
    /// The language of the text, as a tag of RFC 3066; mostly empty.
    pub language: &'a [u8],
}

impl<'a> GssapiError<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            major: cursor.uint32("major status")?,
            minor: cursor.uint32("minor status")?,
            message: cursor.string("message")?,
            language: cursor.string("language tag")?,
        })
    }
}

impl Layout for GssapiError<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(ERROR.number);
        sink.uint32(self.major);
        sink.uint32(self.minor);
        sink.string(self.message);
        sink.string(self.language);
    }
}

/// `SSH_MSG_USERAUTH_GSSAPI_ERRTOK`: what went wrong, for the other side's mechanism (RFC 4462
/// section 3.9).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4462 section 3.9 fixes these fields"
)]
pub struct GssapiErrtok<'a> {
    /// The error token. `Debug` shows its length only.
    pub token: &'a [u8],
}

impl<'a> GssapiErrtok<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        let token = cursor.string("error token")?;
        Ok(Self { token })
    }
}

impl Layout for GssapiErrtok<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(ERRTOK.number);
        sink.string(self.token);
    }
}

/// `SSH_MSG_USERAUTH_GSSAPI_MIC`: the client is done, and binds the exchange to the session (RFC
/// 4462 section 3.5).
///
/// What it is made over is [`GssapiMicData`](super::GssapiMicData).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4462 section 3.5 fixes these fields"
)]
pub struct GssapiMic<'a> {
    /// The message integrity code.
    pub mic: &'a [u8],
}

impl<'a> GssapiMic<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        let mic = cursor.string("mic")?;
        Ok(Self { mic })
    }
}

impl Layout for GssapiMic<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(MIC.number);
        sink.string(self.mic);
    }
}

debug_fields!(ObjectIdentifier { der: text });
debug_fields!(GssapiResponse { mechanism: text });
debug_fields!(GssapiToken { token: hidden });
debug_fields!(GssapiError {
    major: plain,
    minor: plain,
    message: text,
    language: text
});
debug_fields!(GssapiErrtok { token: hidden });
debug_fields!(GssapiMic { mic: hidden });

method_message!(GssapiResponse<'a>, RESPONSE);
method_message!(GssapiToken<'a>, TOKEN);
method_message!(GssapiExchangeComplete, EXCHANGE_COMPLETE);
method_message!(GssapiError<'a>, ERROR);
method_message!(GssapiErrtok<'a>, ERRTOK);
method_message!(GssapiMic<'a>, MIC);
encode_by_layout!(
    GssapiResponse<'_>,
    GssapiToken<'_>,
    GssapiExchangeComplete,
    GssapiError<'_>,
    GssapiErrtok<'_>,
    GssapiMic<'_>,
);
