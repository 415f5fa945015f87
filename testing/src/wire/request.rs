//! The authentication request of every method (RFC 4252 section 5).

use alloc::vec::Vec;
use core::fmt;

use ssh_encoding::{Encode as _, Error, Writer};

use super::codec::{Bytes, Cursor, Field, Show, fields, numbered, show};
use super::error::DecodeError;

/// The names of the methods, in requests and in the list of a [`Failure`](super::Failure).
pub mod method_name {
    /// RFC 4252 section 5.2.
    pub const NONE: &str = "none";
    /// RFC 4252 section 7.
    pub const PUBLIC_KEY: &str = "publickey";
    /// OpenSSH's PROTOCOL file: `publickey` with the server's host key in the signature. It is
    /// never in a list.
    pub const HOST_BOUND_PUBLIC_KEY: &str = "publickey-hostbound-v00@openssh.com";
    /// RFC 4252 section 8.
    pub const PASSWORD: &str = "password";
    /// RFC 4256.
    pub const KEYBOARD_INTERACTIVE: &str = "keyboard-interactive";
    /// RFC 4252 section 9.
    pub const HOST_BASED: &str = "hostbased";
    /// RFC 4462 section 3.
    pub const GSSAPI_WITH_MIC: &str = "gssapi-with-mic";
    /// RFC 4462 section 4.
    pub const GSSAPI_KEYEX: &str = "gssapi-keyex";
}

fields! {
    /// `SSH_MSG_USERAUTH_REQUEST`: the client asks to be authenticated (RFC 4252 section 5).
    Request<'a> {
        /// The user name.
        user: &'a [u8] = "user name", text;
        /// The service to start, `ssh-connection` for a login.
        service: &'a [u8] = "service name", text;
        /// The method and its fields.
        method: RequestMethod<'a> = "method name", plain;
    }
}
numbered!('a, Request<'a>, USERAUTH_REQUEST);

/// The enum of methods. Two variants of one name are told apart by the boolean before their fields.
macro_rules! methods {
    ($life:lifetime; $(
        $(#[$doc:meta])* $variant:ident = $name:ident $(if $flag:literal)? {
            $($(#[$field_doc:meta])* $field:ident: $type:ty = $label:literal, $how:ident;)*
        }
    )+) => {
        /// The method of a [`Request`], with its fields.
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum RequestMethod<$life> {
            /// `none` (RFC 4252 section 5.2).
            None,
            $($(#[$doc])* $variant { $($(#[$field_doc])* $field: $type,)* },)+
            /// Any other method.
            ///
            /// With the name of one of the methods above, and data that fit it, it is decoded as
            /// that one.
            Other {
                /// The name of the method.
                name: &$life [u8],
                /// Everything that follows the name.
                data: &$life [u8],
            },
        }

        impl<$life> RequestMethod<$life> {
            /// The name of the method, as it is on the wire.
            #[must_use]
            pub const fn name(&self) -> &$life [u8] {
                match self {
                    Self::None => method_name::NONE.as_bytes(),
                    $(Self::$variant { .. } => method_name::$name.as_bytes(),)+
                    Self::Other { name, .. } => name,
                }
            }

            fn read_fields(from: &mut Cursor<$life>, name: &$life [u8]) -> Result<Self, DecodeError> {
                if name == method_name::NONE.as_bytes() {
                    return Ok(Self::None);
                }
                $(if name == method_name::$name.as_bytes() $(&& from.is_there == $flag)? {
                    return Ok(Self::$variant { $($field: from.read($label)?,)* });
                })+
                Ok(Self::Other { name, data: from.take_rest() })
            }

            fn write_fields(&self, to: &mut impl Writer) -> Result<(), Error> {
                match self {
                    Self::None => Ok(()),
                    $(Self::$variant { $($field,)* } => {
                        $($field.write(to)?;)*
                        Ok(())
                    })+
                    Self::Other { data, .. } => to.write(data),
                }
            }
        }

        impl fmt::Debug for RequestMethod<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::None => f.write_str("None"),
                    $(Self::$variant { $($field,)* } => f
                        .debug_struct(stringify!($variant))
                        $(.field(stringify!($field), &show!($how, *$field)))*
                        .finish(),)+
                    Self::Other { name, data } => f
                        .debug_struct("Other")
                        .field("name", &Bytes(name, Show::Text))
                        .field("data", &Bytes(data, Show::Hidden))
                        .finish(),
                }
            }
        }
    };
}

methods! {
    'a;
    /// `publickey` (RFC 4252 section 7).
    PublicKey = PUBLIC_KEY {
        /// The algorithm of the signature.
        algorithm: &'a [u8] = "algorithm", text;
        /// The key or certificate, encoded.
        key: &'a [u8] = "key", hidden;
        /// The signature; without it, the request asks whether the key would be accepted.
        signature: Option<&'a [u8]> = "signature", hidden;
    }
    /// `publickey-hostbound-v00@openssh.com` (OpenSSH's PROTOCOL file).
    HostBoundPublicKey = HOST_BOUND_PUBLIC_KEY {
        /// The algorithm of the signature.
        algorithm: &'a [u8] = "algorithm", text;
        /// The key or certificate, encoded.
        key: &'a [u8] = "key", hidden;
        /// The server's host key in the first key exchange, encoded.
        host_key: &'a [u8] = "host key", hidden;
        /// The signature; without it, the request asks whether the key would be accepted.
        signature: Option<&'a [u8]> = "signature", hidden;
    }
    /// `password` (RFC 4252 section 8).
    Password = PASSWORD if false {
        /// The password.
        password: &'a [u8] = "password", hidden;
    }
    /// `password` with a change (RFC 4252 section 8).
    PasswordChange = PASSWORD if true {
        /// The old password.
        old: &'a [u8] = "old password", hidden;
        /// The new password.
        new: &'a [u8] = "new password", hidden;
    }
    /// `keyboard-interactive` (RFC 4256 section 3.1).
    KeyboardInteractive = KEYBOARD_INTERACTIVE {
        /// A language tag, which RFC 4256 deprecates.
        language: &'a [u8] = "language tag", text;
        /// Comma-separated hints for the server; usually empty.
        submethods: &'a [u8] = "submethods", text;
    }
    /// `hostbased` (RFC 4252 section 9).
    HostBased = HOST_BASED {
        /// The algorithm of the client host's key.
        algorithm: &'a [u8] = "algorithm", text;
        /// The client host's key or certificate, encoded.
        host_key: &'a [u8] = "host key", hidden;
        /// The client host's fully qualified name.
        client_host: &'a [u8] = "client host", text;
        /// The user's name on the client host.
        client_user: &'a [u8] = "client user", text;
        /// The signature of the client host.
        signature: &'a [u8] = "signature", hidden;
    }
    /// `gssapi-with-mic` (RFC 4462 section 3.2).
    GssapiWithMic = GSSAPI_WITH_MIC {
        /// The mechanisms, each an object identifier in DER.
        mechanisms: Vec<&'a [u8]> = "number of mechanisms", hidden;
    }
    /// `gssapi-keyex` (RFC 4462 section 4).
    GssapiKeyex = GSSAPI_KEYEX {
        /// The integrity code, made with the context of the key exchange.
        mic: &'a [u8] = "mic", hidden;
    }
}

impl RequestMethod<'_> {
    /// The boolean before the fields, if the method has one.
    const fn flag(&self) -> Option<bool> {
        match self {
            Self::PublicKey { signature, .. } | Self::HostBoundPublicKey { signature, .. } => {
                Some(signature.is_some())
            }
            Self::Password { .. } => Some(false),
            Self::PasswordChange { .. } => Some(true),
            _ => None,
        }
    }
}

impl<'a> Field<'a> for RequestMethod<'a> {
    fn read(from: &mut Cursor<'a>, field: &'static str) -> Result<Self, DecodeError> {
        let name: &[u8] = from.read(field)?;
        from.is_there = match core::str::from_utf8(name) {
            Ok(method_name::PUBLIC_KEY | method_name::HOST_BOUND_PUBLIC_KEY) => {
                from.read("has signature")?
            }
            Ok(method_name::PASSWORD) => from.read("change")?,
            _ => false,
        };
        Self::read_fields(from, name)
    }

    fn write(&self, to: &mut impl Writer) -> Result<(), Error> {
        self.name().encode(to)?;
        self.flag().map_or(Ok(()), |flag| flag.encode(to))?;
        self.write_fields(to)
    }
}
