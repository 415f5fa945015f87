//! What can go wrong, by whose fault: the server's, the caller's while running, the caller's
//! while configuring. Denial of access is none of these; it is [`Action::GiveUp`](crate::Action).

use core::fmt;

use thiserror::Error;

use crate::method_name::Method;
use crate::text::ServerText;
use crate::wire::{self, DecodeError};

/// The server broke the protocol. Final: the machine sends nothing more and returns the same
/// error to every later packet.
///
/// Comes only out of [`UserAuthClient::handle_packet`](crate::UserAuthClient::handle_packet). The transport should send
/// `SSH_MSG_DISCONNECT` with [`disconnect_reason`](Self::disconnect_reason) and close.
#[derive(Clone, Debug, Error, PartialEq, Eq, Hash)]
#[error("{kind} (received {}, while {awaiting})", wire::number::name(*.packet))]
pub struct ProtocolError {
    pub(crate) kind: ProtocolErrorKind,
    pub(crate) packet: u8,
    pub(crate) awaiting: &'static str,
}

impl ProtocolError {
    /// What was wrong.
    #[must_use]
    pub fn kind(&self) -> &ProtocolErrorKind {
        &self.kind
    }

    /// The message number of the packet that was wrong; zero if it was empty.
    #[must_use]
    pub fn message_number(&self) -> u8 {
        self.packet
    }

    /// What the machine was waiting for when the packet came.
    #[must_use]
    pub fn awaiting(&self) -> &'static str {
        self.awaiting
    }

    /// The reason to give in `SSH_MSG_DISCONNECT` (RFC 4253 section 11.1).
    #[must_use]
    pub fn disconnect_reason(&self) -> DisconnectReason {
        DisconnectReason::ProtocolError
    }
}

/// The ways in which a server can break the protocol.
#[derive(Clone, Debug, Error, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProtocolErrorKind {
    /// The packet could not be decoded.
    #[error("malformed packet: {0}")]
    Malformed(#[from] DecodeError),
    /// The packet is longer than [`Limits::max_packet_bytes`](crate::Limits).
    #[error("the packet has {length} bytes, more than the limit of {limit}")]
    PacketTooLarge {
        /// The length of the payload in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A message that nothing of ours asked for, or that only a client may send.
    #[error("a message that was not asked for")]
    Unexpected,
    /// `SSH_MSG_SERVICE_ACCEPT` for another service than `ssh-userauth` (RFC 4253 section 10).
    #[error("another service was accepted: \"{}\"", .0.line())]
    WrongService(ServerText),
    /// `SSH_MSG_USERAUTH_SUCCESS` that no outstanding request can have earned.
    #[error("success, but nothing that could succeed was outstanding")]
    UnexpectedSuccess,
    /// `SSH_MSG_USERAUTH_PK_OK` for another key than the one asked about (RFC 4252 section 7).
    #[error("the server accepted a key that was not offered")]
    PkOkKeyMismatch,
    /// `SSH_MSG_USERAUTH_PK_OK` with an algorithm of another key family.
    #[error("the server accepted the key under an algorithm of another family: \"{}\"", .0.line())]
    PkOkAlgorithm(ServerText),
    /// `SSH_MSG_USERAUTH_GSSAPI_RESPONSE` with a mechanism that was not offered (RFC 4462 section
    /// 3.3).
    #[error("the server chose a GSS-API mechanism that was not offered")]
    GssapiMechanismMismatch,
    /// More tokens or errors of the server in one GSS-API exchange than
    /// [`Limits::max_gssapi_tokens`](crate::Limits).
    #[error("more than {limit} GSS-API tokens in one exchange")]
    TooManyGssapiTokens {
        /// The limit.
        limit: u32,
    },
    /// More prompts in one `SSH_MSG_USERAUTH_INFO_REQUEST` than
    /// [`Limits::max_prompts`](crate::Limits).
    #[error("{count} prompts in one request, more than the limit of {limit}")]
    TooManyPrompts {
        /// How many the server sent.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// More `SSH_MSG_USERAUTH_INFO_REQUEST`, or messages in a method of the caller's own, in one
    /// exchange than [`Limits::max_rounds`](crate::Limits).
    #[error("more than {limit} rounds in one exchange")]
    TooManyRounds {
        /// The limit.
        limit: u32,
    },
    /// More `SSH_MSG_USERAUTH_PASSWD_CHANGEREQ` in a row than
    /// [`Limits::max_password_changes`](crate::Limits).
    #[error("more than {limit} password changes demanded in a row")]
    TooManyPasswordChanges {
        /// The limit.
        limit: u32,
    },
    /// More partial successes than [`Limits::max_partial_successes`](crate::Limits).
    #[error("more than {limit} partial successes")]
    TooManyPartialSuccesses {
        /// The limit.
        limit: u32,
    },
    /// More `SSH_MSG_USERAUTH_BANNER` packets than any server has use for;
    /// [`Limits::max_banners`](crate::Limits) drops them long before.
    #[error("more than {limit} banners")]
    TooManyBanners {
        /// The limit.
        limit: u32,
    },
    /// More `SSH_MSG_EXT_INFO` than [`Limits::max_ext_info`](crate::Limits).
    #[error("more than {limit} EXT_INFO messages")]
    TooManyExtInfo {
        /// The limit.
        limit: u32,
    },
    /// A message of the connection protocol before authentication has ended.
    #[error("a message of the connection protocol before authentication has ended")]
    PrematureConnectionMessage,
}

/// An answer was not taken. The machine has not changed.
///
/// Comes only out of [`UserAuthClient::handle_answer`](crate::UserAuthClient::handle_answer).
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnswerError {
    /// The question is no longer open: the server moved on, or the run has ended. A benign race.
    #[error("the question is no longer open")]
    Withdrawn,
    /// The answer belongs to a question of another connection. Nothing was sent.
    #[error("the answer belongs to another connection")]
    OtherConnection,
    /// A password or answer is longer than [`Limits::max_password_bytes`](crate::Limits) or
    /// [`Limits::max_answer_bytes`](crate::Limits). Nothing was sent; the same question comes
    /// out of [`poll_action`](crate::UserAuthClient::poll_action) again.
    #[error("the answer has {length} bytes, more than the limit of {limit}")]
    TooLong {
        /// The length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
}

/// A machine can't be built from this configuration.
#[derive(Clone, Debug, Error, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigError {
    /// The session identifier is empty; without one a signature would be good anywhere.
    #[error("the session identifier is empty")]
    EmptySessionId,
    /// The session identifier is longer than any exchange hash.
    #[error("the session identifier has {length} bytes, more than any exchange hash")]
    SessionIdTooLong {
        /// The length in bytes.
        length: usize,
        /// The limit in bytes: 64, the length of SHA-512.
        limit: usize,
    },
    /// The user name contains NUL, or a control character and was not made by
    /// [`UserName::raw`](crate::UserName::raw).
    #[error("the user name contains a control character")]
    ControlCharacterInUserName,
    /// The user name is longer than [`Limits::max_user_bytes`](crate::Limits).
    #[error("the user name has {length} bytes, more than the limit of {limit}")]
    UserNameTooLong {
        /// The length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The service name is not a name of RFC 4250 section 4.6.1: 1 to 64 printable ASCII
    /// characters without a comma.
    #[error("the service name is not a valid name")]
    BadServiceName,
    /// The submethods are not a name-list without repetition (RFC 4256 section 3.1).
    #[error("the submethods are not a name-list without repetition")]
    BadSubmethods,
    /// The name of the client's host is not a domain name in US-ASCII (RFC 4252 section 9).
    #[error("the name of the client's host is not a domain name")]
    BadClientHost,
    /// There are more than 8 GSS-API mechanisms, or one is not an object identifier in DER, or is
    /// SPNEGO (RFC 4462 section 7.3).
    #[error("the GSS-API mechanisms are not at most 8 object identifiers in DER, SPNEGO excluded")]
    BadGssapiMechanisms,
    /// The name of a method of the caller's own is not a valid name, or the crate knows it.
    #[error("the name of the method is not valid, or has a meaning already: {0}")]
    BadMethodName(Method),
    /// The order of methods names one of them twice.
    #[error("the method {0} is listed twice")]
    MethodListedTwice(Method),
    /// A limit is above its hard ceiling.
    #[error("the limit {name} is above its ceiling of {ceiling}")]
    LimitAboveCeiling {
        /// The field of [`Limits`](crate::Limits).
        name: &'static str,
        /// The highest value it may have.
        ceiling: usize,
    },
    /// The `SSH_MSG_EXT_INFO` given with the session could not be decoded.
    #[error("the EXT_INFO of the session is malformed: {0}")]
    BadExtInfo(#[from] DecodeError),
}

/// The reason codes of `SSH_MSG_DISCONNECT` that this layer gives (RFC 4253 section 11.1).
///
/// Displayed, it is a description to send with the code: it tells the server nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// `SSH_DISCONNECT_PROTOCOL_ERROR` (2).
    ProtocolError,
    /// `SSH_DISCONNECT_BY_APPLICATION` (11).
    ByApplication,
    /// `SSH_DISCONNECT_AUTH_CANCELLED_BY_USER` (13).
    AuthCancelledByUser,
    /// `SSH_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE` (14).
    NoMoreAuthMethodsAvailable,
}

impl DisconnectReason {
    /// The number on the wire.
    #[must_use]
    pub fn code(self) -> u32 {
        match self {
            Self::ProtocolError => 2,
            Self::ByApplication => 11,
            Self::AuthCancelledByUser => 13,
            Self::NoMoreAuthMethodsAvailable => 14,
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ProtocolError => "protocol error",
            Self::ByApplication => "authentication given up",
            Self::AuthCancelledByUser => "authentication cancelled by user",
            Self::NoMoreAuthMethodsAvailable => "no more authentication methods available",
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::DisconnectReason::*;

    /// RFC 4253 section 11.1.
    #[test]
    fn reasons_have_their_numbers_and_words() {
        for (reason, code, words) in [
            (ProtocolError, 2, "protocol error"),
            (ByApplication, 11, "authentication given up"),
            (AuthCancelledByUser, 13, "authentication cancelled by user"),
            (
                NoMoreAuthMethodsAvailable,
                14,
                "no more authentication methods available",
            ),
        ] {
            assert_eq!((reason.code(), reason.to_string().as_str()), (code, words));
        }
    }
}
