//! Extension negotiation (RFC 8308).

use alloc::vec::Vec;

use super::cursor::Cursor;
use super::error::{DecodeError, Label};
use super::layout::{Layout, Sink, encode_by_layout};
use super::name_list::NameList;
use super::number;
use super::show::debug_fields;

const LABEL: Label = Label::numbered(number::EXT_INFO);

/// Two empty strings: the least an extension can take.
const SMALLEST_EXTENSION: usize = 8;

/// As many extensions as OpenSSH takes. No server has more than a handful.
const MOST_EXTENSIONS: usize = 1023;

/// Extension `server-sig-algs`: the public key algorithms the server takes (RFC 8308 section 3.1).
pub const SERVER_SIG_ALGS: &str = "server-sig-algs";

/// Extension `publickey-hostbound@openssh.com`: the server takes host-bound signatures (OpenSSH's
/// PROTOCOL file); the value is the version, `0`.
pub const PUBLICKEY_HOSTBOUND: &str = "publickey-hostbound@openssh.com";

/// Extension `ext-info-in-auth@openssh.com`: the client takes a further `EXT_INFO` during
/// authentication (OpenSSH's PROTOCOL file); OpenSSH sends the value `0`.
pub const EXT_INFO_IN_AUTH: &str = "ext-info-in-auth@openssh.com";

/// One extension of an [`ExtInfo`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 8308 section 2.3 fixes these fields"
)]
pub struct Extension<'a> {
    /// The name of the extension.
    pub name: &'a [u8],
    /// The value. RFC 8308 section 2.3 calls it binary; only the extension tells what it is.
    pub value: &'a [u8],
}

/// `SSH_MSG_EXT_INFO`: what the peer supports (RFC 8308 section 2.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 8308 section 2.3 fixes these fields"
)]
pub struct ExtInfo<'a> {
    /// The extensions, in the peer's order.
    pub entries: Vec<Extension<'a>>,
}

impl<'a> ExtInfo<'a> {
    /// Reads a whole payload.
    ///
    /// # Errors
    /// If it has another number, more than 1023 extensions, more than fit in it, a field that
    /// doesn't fit, or trailing bytes.
    pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::open(payload, LABEL)?;
        let entries = cursor.list(
            "number of extensions",
            SMALLEST_EXTENSION,
            MOST_EXTENSIONS,
            |cursor| {
                Ok(Extension {
                    name: cursor.string("extension name")?,
                    value: cursor.string("extension value")?,
                })
            },
        )?;
        cursor.finish()?;
        Ok(Self { entries })
    }

    /// The value of the first extension of this name.
    #[must_use]
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<&'a [u8]> {
        let name = name.as_ref();
        self.entries
            .iter()
            .find(|entry| entry.name == name)
            .map(|entry| entry.value)
    }

    /// The public key algorithms the server takes (RFC 8308 section 3.1); `None` if it doesn't
    /// tell.
    ///
    /// # Errors
    /// [`NulInNameList`](super::DecodeReason::NulInNameList) if the value isn't a name-list.
    pub fn server_sig_algs(&self) -> Result<Option<NameList<'a>>, DecodeError> {
        self.get(SERVER_SIG_ALGS)
            .map(NameList::new)
            .transpose()
            .map_err(|reason| DecodeError::new(LABEL, SERVER_SIG_ALGS, reason))
    }
}

impl Layout for ExtInfo<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        if self.entries.len() > MOST_EXTENSIONS {
            return sink.refuse();
        }
        sink.byte(LABEL.number);
        sink.count(self.entries.len());
        for entry in &self.entries {
            sink.string(entry.name);
            sink.string(entry.value);
        }
    }
}

debug_fields!(Extension {
    name: text,
    value: text
});
encode_by_layout!(ExtInfo<'_>);
