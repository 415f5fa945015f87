//! The message numbers of user authentication, in one table.
//!
//! Numbers 60 to 79 are shared: RFC 4252 section 6 reserves them to whatever method is under way,
//! so 60 alone has four meanings here. Only the request that is being answered tells which one
//! applies.

/// `SSH_MSG_DISCONNECT` (RFC 4253 section 11.1); belongs to the transport.
pub(crate) const DISCONNECT: u8 = 1;
/// `SSH_MSG_IGNORE` (RFC 4253 section 11.2); belongs to the transport.
pub(crate) const IGNORE: u8 = 2;
/// `SSH_MSG_UNIMPLEMENTED` (RFC 4253 section 11.4); belongs to the transport.
pub(crate) const UNIMPLEMENTED: u8 = 3;
/// `SSH_MSG_DEBUG` (RFC 4253 section 11.3); belongs to the transport.
pub(crate) const DEBUG: u8 = 4;
/// `SSH_MSG_SERVICE_REQUEST` (RFC 4253 section 10).
pub(crate) const SERVICE_REQUEST: u8 = 5;
/// `SSH_MSG_SERVICE_ACCEPT` (RFC 4253 section 10).
pub(crate) const SERVICE_ACCEPT: u8 = 6;
/// `SSH_MSG_EXT_INFO` (RFC 8308 section 2.3).
pub(crate) const EXT_INFO: u8 = 7;
/// `SSH_MSG_USERAUTH_REQUEST` (RFC 4252 section 5).
pub(crate) const USERAUTH_REQUEST: u8 = 50;
/// `SSH_MSG_USERAUTH_FAILURE` (RFC 4252 section 5.1).
pub(crate) const USERAUTH_FAILURE: u8 = 51;
/// `SSH_MSG_USERAUTH_SUCCESS` (RFC 4252 section 5.1).
pub(crate) const USERAUTH_SUCCESS: u8 = 52;
/// `SSH_MSG_USERAUTH_BANNER` (RFC 4252 section 5.4).
pub(crate) const USERAUTH_BANNER: u8 = 53;
/// `SSH_MSG_USERAUTH_PK_OK` (RFC 4252 section 7), in answer to `publickey`.
pub(crate) const USERAUTH_PK_OK: u8 = 60;
/// `SSH_MSG_USERAUTH_PASSWD_CHANGEREQ` (RFC 4252 section 8), in answer to `password`.
pub(crate) const USERAUTH_PASSWD_CHANGEREQ: u8 = 60;
/// `SSH_MSG_USERAUTH_INFO_REQUEST` (RFC 4256 section 3.2), in answer to `keyboard-interactive`.
pub(crate) const USERAUTH_INFO_REQUEST: u8 = 60;
/// `SSH_MSG_USERAUTH_INFO_RESPONSE` (RFC 4256 section 3.4).
pub(crate) const USERAUTH_INFO_RESPONSE: u8 = 61;
/// `SSH_MSG_USERAUTH_GSSAPI_RESPONSE` (RFC 4462 section 3.3), in answer to `gssapi-with-mic`.
pub(crate) const USERAUTH_GSSAPI_RESPONSE: u8 = 60;
/// `SSH_MSG_USERAUTH_GSSAPI_TOKEN` (RFC 4462 section 3.4).
pub(crate) const USERAUTH_GSSAPI_TOKEN: u8 = 61;
/// `SSH_MSG_USERAUTH_GSSAPI_EXCHANGE_COMPLETE` (RFC 4462 section 3.6).
pub(crate) const USERAUTH_GSSAPI_EXCHANGE_COMPLETE: u8 = 63;
/// `SSH_MSG_USERAUTH_GSSAPI_ERROR` (RFC 4462 section 3.8).
pub(crate) const USERAUTH_GSSAPI_ERROR: u8 = 64;
/// `SSH_MSG_USERAUTH_GSSAPI_ERRTOK` (RFC 4462 section 3.9).
pub(crate) const USERAUTH_GSSAPI_ERRTOK: u8 = 65;
/// `SSH_MSG_USERAUTH_GSSAPI_MIC` (RFC 4462 section 3.5).
pub(crate) const USERAUTH_GSSAPI_MIC: u8 = 66;

/// A readable name of a message number, for diagnostics.
///
/// Numbers 60 to 79 are all a "method-specific message", because the number alone doesn't tell
/// more.
pub(crate) const fn name(number: u8) -> &'static str {
    match number {
        DISCONNECT => "DISCONNECT",
        IGNORE => "IGNORE",
        UNIMPLEMENTED => "UNIMPLEMENTED",
        DEBUG => "DEBUG",
        SERVICE_REQUEST => "SERVICE_REQUEST",
        SERVICE_ACCEPT => "SERVICE_ACCEPT",
        EXT_INFO => "EXT_INFO",
        USERAUTH_REQUEST => "USERAUTH_REQUEST",
        USERAUTH_FAILURE => "USERAUTH_FAILURE",
        USERAUTH_SUCCESS => "USERAUTH_SUCCESS",
        USERAUTH_BANNER => "USERAUTH_BANNER",
        20..=49 => "key exchange message",
        54..=59 => "unassigned authentication message",
        60..=79 => "method-specific message",
        80..=127 => "connection protocol message",
        192..=255 => "local extension message",
        _ => "unassigned message",
    }
}
