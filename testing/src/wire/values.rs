//! Values inside messages: lists of names, and object identifiers.

use core::fmt;

use super::codec::{Bytes, Show};
use super::error::DecodeReason;

/// A comma-separated list of names (RFC 4251 section 5), as the peer sent it.
///
/// Decoding accepts names that RFC 4251 section 6 forbids, except for NUL, because servers send
/// them. [`iter`](Self::iter) skips empty names, and [`contains`](Self::contains) never finds a
/// forbidden one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct NameList<'a> {
    bytes: &'a [u8],
}

impl<'a> NameList<'a> {
    /// The list without names.
    pub const EMPTY: Self = Self { bytes: &[] };

    /// A list from its bytes.
    ///
    /// # Errors
    /// [`DecodeReason::NulInNameList`].
    pub fn new(bytes: &'a [u8]) -> Result<Self, DecodeReason> {
        match bytes.contains(&0) {
            true => Err(DecodeReason::NulInNameList),
            false => Ok(Self { bytes }),
        }
    }

    /// The names in order, without empty ones.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a> {
        let names = self.bytes.split(|byte| *byte == b',');
        names.filter(|name| !name.is_empty())
    }

    /// Whether the list has this name: 1 to 64 printable ASCII characters without a comma.
    #[must_use]
    pub fn contains(&self, name: impl AsRef<[u8]>) -> bool {
        let name = name.as_ref();
        let is_name = name.len() <= 64 && name.iter().all(u8::is_ascii_graphic);
        is_name && self.iter().any(|each| each == name)
    }

    /// Whether there is no name in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Whether there is an empty name in it, which RFC 4251 section 5 forbids.
    #[must_use]
    pub fn has_empty_names(&self) -> bool {
        !self.bytes.is_empty() && self.bytes.split(|byte| *byte == b',').any(<[u8]>::is_empty)
    }

    /// The list as it is on the wire.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl<'a> TryFrom<&'a [u8]> for NameList<'a> {
    type Error = DecodeReason;

    fn try_from(bytes: &'a [u8]) -> Result<Self, DecodeReason> {
        Self::new(bytes)
    }
}

impl<'a> TryFrom<&'a str> for NameList<'a> {
    type Error = DecodeReason;

    fn try_from(text: &'a str) -> Result<Self, DecodeReason> {
        Self::new(text.as_bytes())
    }
}

impl fmt::Debug for NameList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Bytes(self.bytes, Show::Text);
        f.debug_tuple("NameList").field(&names).finish()
    }
}

/// An object identifier in DER, the name of a GSS-API mechanism (RFC 4462 section 3.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObjectIdentifier<'a> {
    der: &'a [u8],
}

impl ObjectIdentifier<'static> {
    /// Kerberos 5, 1.2.840.113554.1.2.2 (RFC 4121 section 1).
    pub const KERBEROS_V5: Self = Self {
        der: ssh_userauth::KERBEROS_V5,
    };
}

impl<'a> ObjectIdentifier<'a> {
    /// Takes what has the shape of one: the tag, a length below 128, and as many bytes.
    ///
    /// # Errors
    /// [`DecodeReason::NotAnObjectIdentifier`].
    pub fn from_der(der: &'a [u8]) -> Result<Self, DecodeReason> {
        match der {
            [6, length @ 1..=127, content @ ..] if content.len() == usize::from(*length) => {
                Ok(Self { der })
            }
            _ => Err(DecodeReason::NotAnObjectIdentifier),
        }
    }

    /// The bytes in DER.
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

impl fmt::Debug for ObjectIdentifier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let der = Bytes(self.der, Show::Text);
        f.debug_struct("ObjectIdentifier")
            .field("der", &der)
            .finish()
    }
}
