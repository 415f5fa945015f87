//! What is told on the way: banners, factors, what became of a password.

use core::fmt;

use crate::identity::Identity;
use crate::method_list::MethodList;
use crate::method_name::Method;
use crate::text::ServerText;

/// Something worth telling. The machine does not wait for anybody to look at it.
///
/// Notices and what they tell may be added: a pattern ends in `..`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// `SSH_MSG_USERAUTH_BANNER` (RFC 4252 section 5.4).
    #[non_exhaustive]
    Banner {
        /// The text.
        message: ServerText,
        /// The language tag (RFC 3066), usually empty.
        language: ServerText,
    },
    /// The limit for banners is reached; this and later ones are dropped. Told once.
    BannersDropped,
    /// A method succeeded, and the server wants more (RFC 4252 section 5.1: "partial success").
    #[non_exhaustive]
    PartialSuccess {
        /// What succeeded.
        factor: Factor,
        /// The methods that can continue.
        remaining: MethodList,
    },
    /// A keyboard-interactive round with text and no prompts (RFC 4256 section 3.2), already
    /// answered.
    #[non_exhaustive]
    Instruction {
        /// The title.
        name: ServerText,
        /// The text.
        instruction: ServerText,
        /// The language tag (RFC 3066), usually empty.
        language: ServerText,
    },
    /// `SSH_MSG_USERAUTH_GSSAPI_ERROR` (RFC 4462 section 3.8): why the server could not go on.
    #[non_exhaustive]
    GssapiError {
        /// The major status code.
        major: u32,
        /// The minor status code, specific to the mechanism.
        minor: u32,
        /// The server's words.
        message: ServerText,
        /// The language tag (RFC 3066), usually empty.
        language: ServerText,
    },
    /// The password was changed (RFC 4252 section 8).
    PasswordChanged,
    /// The password was not changed, and the attempt is refused (RFC 4252 section 8).
    PasswordNotChanged,
}

/// A method that succeeded (RFC 4252 section 5.1), with the key if it was one with a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Factor {
    pub(crate) method: Method,
    pub(crate) identity: Option<Identity>,
}

impl Factor {
    /// The method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The key or certificate, if it was a method with one.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.identity {
            Some(identity) => write!(f, "{} ({identity})", self.method),
            None => fmt::Display::fmt(&self.method, f),
        }
    }
}
