//! The names of the methods.

use core::fmt;

use crate::algorithm::is_name;
use crate::wire::method_name;

/// An authentication method (RFC 4252 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// `none` (RFC 4252 section 5.2). In [`Config::methods`](crate::Config::methods) it says that
    /// a login without proof is intended.
    None,
    /// `publickey` (RFC 4252 section 7), also in its host-bound form.
    PublicKey,
    /// `password` (RFC 4252 section 8).
    Password,
    /// `keyboard-interactive` (RFC 4256).
    KeyboardInteractive,
    /// `hostbased` (RFC 4252 section 9); needs [`Config::client_host`](crate::Config::client_host).
    HostBased,
    /// `gssapi-with-mic` (RFC 4462 section 3); needs
    /// [`Config::gssapi_mechanisms`](crate::Config::gssapi_mechanisms).
    GssapiWithMic,
    /// `gssapi-keyex` (RFC 4462 section 4); needs
    /// [`Session::gssapi_key_exchange`](crate::Session::gssapi_key_exchange).
    GssapiKeyex,
    /// A method of the caller's own, by its name, such as `challenge@example.org`. It is used if it
    /// is in [`Config::methods`](crate::Config::methods) and the server lists it.
    ///
    /// The caller is asked for the bytes of its messages, and gets those of the server:
    /// [`NeedMethodRequest`](crate::NeedMethodRequest) for what follows the name in the request,
    /// then [`NeedMethodMessage`](crate::NeedMethodMessage) for each message from 60 to 79, until
    /// the server says SUCCESS or FAILURE. After a refusal the request is asked for again, so often
    /// as [`Limits::max_other_tries`](crate::Limits) says. Nothing of it goes over a line that is
    /// not confidential. An empty request and empty messages prove nothing: see
    /// [`Authenticated::is_trivial`](crate::Authenticated::is_trivial).
    ///
    /// A whole example, with a server to test it, is in `docs/testing.md`, "A method of your own".
    Other(&'static str),
}

impl Method {
    /// The order if the caller says nothing: what costs the user least goes first, and prompts of
    /// the server's choice go before a password, which may be one of them.
    pub(crate) const DEFAULT_ORDER: [Self; 3] =
        [Self::PublicKey, Self::KeyboardInteractive, Self::Password];

    pub(crate) const KNOWN: [Self; 7] = [
        Self::None,
        Self::PublicKey,
        Self::Password,
        Self::KeyboardInteractive,
        Self::HostBased,
        Self::GssapiWithMic,
        Self::GssapiKeyex,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => method_name::NONE,
            Self::PublicKey => method_name::PUBLIC_KEY,
            Self::Password => method_name::PASSWORD,
            Self::KeyboardInteractive => method_name::KEYBOARD_INTERACTIVE,
            Self::HostBased => method_name::HOST_BASED,
            Self::GssapiWithMic => method_name::GSSAPI_WITH_MIC,
            Self::GssapiKeyex => method_name::GSSAPI_KEYEX,
            Self::Other(name) => name,
        }
    }

    /// Whether a person is behind the answers.
    pub(crate) fn is_answered_by_people(self) -> bool {
        matches!(self, Self::Password | Self::KeyboardInteractive)
    }

    /// The method of this name on the wire, if this crate knows it.
    #[must_use]
    pub fn from_name(name: &[u8]) -> Option<Self> {
        let mut known = Self::KNOWN.into_iter();
        known.find(|method| method.name().as_bytes() == name)
    }

    /// Whether a method of the caller's own has a name that is one (RFC 4251 section 6), and has
    /// no other meaning.
    pub(crate) fn is_well_named(self) -> bool {
        match self {
            Self::Other(name) => {
                let taken = Self::from_name(name.as_bytes()).is_some();
                is_name(name.as_bytes()) && !taken && name != method_name::HOST_BOUND_PUBLIC_KEY
            }
            _ => true,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
