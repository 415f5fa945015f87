//! Bytes that are wiped when they are dropped, and never printed.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A password, a new password, or the answer to a prompt.
///
/// The bytes are wiped when the value is dropped. There is no `Clone`, no comparison and no way to
/// print them: `Debug` writes `Secret(..)`. They travel as they are: nothing is truncated at a NUL,
/// trimmed or re-encoded. RFC 4252 section 8: whoever takes a password in another encoding "MUST
/// convert the password to ISO-10646 UTF-8 before transmitting"; the caller knows the encoding.
///
/// ```
/// use ssh_userauth::Secret;
///
/// let secret = Secret::from("correct horse");
/// assert_eq!(secret.len(), 13);
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// ```
#[cfg_attr(test, derive(Clone, PartialEq, Eq))]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes over `bytes`; their whole capacity is wiped on drop.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes themselves.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes at all: an empty answer, which is legal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text.into_bytes())
    }
}

impl From<Zeroizing<String>> for Secret {
    fn from(mut text: Zeroizing<String>) -> Self {
        // `take` moves the buffer out instead of copying it: no second copy to wipe.
        Self::new(core::mem::take(&mut *text).into_bytes())
    }
}

impl From<Zeroizing<Vec<u8>>> for Secret {
    fn from(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }
}

/// Copies; the original is the caller's to wipe.
impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text.as_bytes().to_vec())
    }
}

/// Copies; the original is the caller's to wipe.
impl From<&[u8]> for Secret {
    fn from(bytes: &[u8]) -> Self {
        Self::new(bytes.to_vec())
    }
}

impl Zeroize for Secret {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

/// Its bytes are in a [`Zeroizing`], whose drop wipes them.
impl ZeroizeOnDrop for Secret {}

/// For the exhaustive search, which tells states apart.
#[cfg(test)]
impl core::hash::Hash for Secret {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn whatever_it_is_made_of() {
        for secret in [
            Secret::from("hunter2"),
            Secret::from(String::from("hunter2")),
            Secret::from(&b"hunter2"[..]),
            Secret::from(b"hunter2".to_vec()),
            Secret::from(Zeroizing::new(String::from("hunter2"))),
            Secret::from(Zeroizing::new(b"hunter2".to_vec())),
        ] {
            assert_eq!(secret.expose(), b"hunter2");
        }
    }

    #[test]
    fn a_caller_can_wipe_one_early() {
        let mut secret = Secret::from("hunter2");
        secret.zeroize();
        assert_eq!(secret.expose(), b"");
    }

    #[test]
    fn it_says_that_it_is_wiped_on_drop() {
        fn check<T: ZeroizeOnDrop>() {}
        check::<Secret>();
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::from("hunter2")), "Secret(..)");
        assert_eq!(format!("{:#?}", Secret::from("")), "Secret(..)");
    }

    #[test]
    fn nothing_is_truncated() {
        assert_eq!(Secret::from("abc\0def").expose(), b"abc\0def");
        assert_eq!(Secret::from("x".to_string()).len(), 1);
        assert!(Secret::from(&b""[..]).is_empty());
    }
}
