//! Asking for a service and getting it (RFC 4253 section 10).

use super::cursor::Cursor;
use super::error::{DecodeError, Label};
use super::layout::{Layout, Sink, encode_by_layout};
use super::number;
use super::show::debug_fields;

const REQUEST: Label = Label::numbered(number::SERVICE_REQUEST);
const ACCEPT: Label = Label::numbered(number::SERVICE_ACCEPT);

/// `SSH_MSG_SERVICE_REQUEST`: the client asks for a service (RFC 4253 section 10).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4253 section 10 fixes these fields"
)]
pub struct ServiceRequest<'a> {
    /// The service, `ssh-userauth` for user authentication.
    pub name: &'a [u8],
}

impl<'a> ServiceRequest<'a> {
    /// Reads a whole payload.
    ///
    /// # Errors
    /// If it has another number, a field that doesn't fit, or trailing bytes.
    pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::open(payload, REQUEST)?;
        let name = cursor.string("service name")?;
        cursor.finish()?;
        Ok(Self { name })
    }
}

impl Layout for ServiceRequest<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(REQUEST.number);
        sink.string(self.name);
    }
}

/// `SSH_MSG_SERVICE_ACCEPT`: the server agrees (RFC 4253 section 10).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4253 section 10 fixes these fields"
)]
pub struct ServiceAccept<'a> {
    /// The service that was asked for; `None` from servers that leave it out.
    pub name: Option<&'a [u8]>,
}

impl<'a> ServiceAccept<'a> {
    /// Reads a whole payload.
    ///
    /// RFC 4253 section 10 has the name in it, but old servers send the number only; that reads as
    /// no name.
    ///
    /// # Errors
    /// If it has another number, a name that doesn't fit, or trailing bytes.
    pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::open(payload, ACCEPT)?;
        if cursor.is_empty() {
            return Ok(Self { name: None });
        }
        let name = cursor.string("service name")?;
        cursor.finish()?;
        Ok(Self { name: Some(name) })
    }
}

impl Layout for ServiceAccept<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(ACCEPT.number);
        sink.all(self.name.as_slice());
    }
}

debug_fields!(ServiceRequest { name: text });
debug_fields!(ServiceAccept { name: maybe_text });
encode_by_layout!(ServiceRequest<'_>, ServiceAccept<'_>);
