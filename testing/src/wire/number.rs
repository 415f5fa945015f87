//! The message numbers of user authentication.
//!
//! RFC 4252 section 6 reserves 60 to 79 for the current method, so several messages share a number.

/// The name of the first field in errors.
pub(super) const FIELD: &str = "message number";

macro_rules! numbers {
    ($($number:literal $constant:ident $reference:literal)+; $(again $shared:literal $name:ident $where:literal)+) => {
        $(
            #[doc = concat!("`SSH_MSG_", stringify!($constant), "`, ", $reference, ".")]
            pub const $constant: u8 = $number;
        )+
        $(
            #[doc = concat!("`SSH_MSG_", stringify!($name), "`, ", $where, ".")]
            pub const $name: u8 = $shared;
        )+

        /// A readable name of a message number, for diagnostics. The numbers 60 to 79 have one
        /// name in common.
        #[must_use]
        pub const fn name(number: u8) -> &'static str {
            match number {
                $($constant => stringify!($constant),)+
                20..=49 => "key exchange message",
                54..=59 => "unassigned authentication message",
                60..=79 => "method-specific message",
                80..=127 => "connection protocol message",
                192..=255 => "local extension message",
                _ => "unassigned message",
            }
        }
    };
}

numbers! {
    1 DISCONNECT "RFC 4253 section 11.1"
    2 IGNORE "RFC 4253 section 11.2"
    3 UNIMPLEMENTED "RFC 4253 section 11.4"
    4 DEBUG "RFC 4253 section 11.3"
    5 SERVICE_REQUEST "RFC 4253 section 10"
    6 SERVICE_ACCEPT "RFC 4253 section 10"
    7 EXT_INFO "RFC 8308 section 2.3"
    50 USERAUTH_REQUEST "RFC 4252 section 5"
    51 USERAUTH_FAILURE "RFC 4252 section 5.1"
    52 USERAUTH_SUCCESS "RFC 4252 section 5.1"
    53 USERAUTH_BANNER "RFC 4252 section 5.4";
    again 60 USERAUTH_PK_OK "RFC 4252 section 7, in answer to `publickey`"
    again 60 USERAUTH_PASSWD_CHANGEREQ "RFC 4252 section 8, in answer to `password`"
    again 60 USERAUTH_INFO_REQUEST "RFC 4256 section 3.2"
    again 61 USERAUTH_INFO_RESPONSE "RFC 4256 section 3.4"
    again 60 USERAUTH_GSSAPI_RESPONSE "RFC 4462 section 3.3"
    again 61 USERAUTH_GSSAPI_TOKEN "RFC 4462 section 3.4"
    again 63 USERAUTH_GSSAPI_EXCHANGE_COMPLETE "RFC 4462 section 3.6"
    again 64 USERAUTH_GSSAPI_ERROR "RFC 4462 section 3.8"
    again 65 USERAUTH_GSSAPI_ERRTOK "RFC 4462 section 3.9"
    again 66 USERAUTH_GSSAPI_MIC "RFC 4462 section 3.5"
}
