//! Whom to log in as.

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::error::ConfigError;
use crate::text::DisplayText;

/// Whom to log in as (RFC 4252 section 5: "user name in ISO-10646 UTF-8 encoding").
///
/// A name made from text must not contain control characters: names from untrusted sources have
/// carried commands into other software (CVE-2023-51385). An empty name is legal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UserName {
    bytes: Box<[u8]>,
    may_have_control_characters: bool,
}

impl UserName {
    /// A name that goes on the wire as it is, control characters and invalid UTF-8 included. NUL
    /// is refused all the same.
    #[must_use]
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into().into_boxed_slice(),
            may_have_control_characters: true,
        }
    }

    /// The name as it goes on the wire.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn check(&self, limit: usize) -> Result<(), ConfigError> {
        let refused = |byte: &u8| match self.may_have_control_characters {
            false => byte.is_ascii_control(),
            true => *byte == 0,
        };
        if self.bytes.iter().any(refused) {
            return Err(ConfigError::ControlCharacterInUserName);
        }
        if self.bytes.len() > limit {
            return Err(ConfigError::UserNameTooLong {
                length: self.bytes.len(),
                limit,
            });
        }
        Ok(())
    }
}

impl From<&str> for UserName {
    fn from(name: &str) -> Self {
        Self::from(name.to_owned())
    }
}

impl From<String> for UserName {
    fn from(name: String) -> Self {
        Self {
            bytes: name.into_bytes().into_boxed_slice(),
            may_have_control_characters: false,
        }
    }
}

impl fmt::Debug for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserName(\"{self}\")")
    }
}

/// The name on one line, control characters escaped.
impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&DisplayText::line_of(&self.bytes), f)
    }
}
