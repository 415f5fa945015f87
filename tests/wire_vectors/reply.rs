//! SUCCESS, FAILURE and BANNER.

use ssh_userauth_testing::wire::{Banner, DecodeReason, Failure, ServerMessage, Success};

use crate::packets::{hex, v04, v04_trailing, v05, v06, v11, v12, v19, v20, v20_bare, v20_long};
use crate::{encoded, list, refused, server};

#[test]
fn v04_success() {
    server(&v04(), &ServerMessage::Success);
    assert_eq!(Success::decode(&v04()), Ok(Success));
    let error = ServerMessage::decode(&v04_trailing()).unwrap_err();
    assert_eq!(error.reason(), DecodeReason::TrailingBytes);
    assert_eq!(
        error.to_string(),
        "USERAUTH_SUCCESS: field `message number`: bytes follow the last field"
    );
}

#[test]
fn v05_failure() {
    let methods = list("publickey");
    server(
        &v05(),
        &ServerMessage::Failure(Failure {
            methods,
            partial_success: false,
        }),
    );
    let mut trailing = v05();
    trailing.push(0);
    refused(
        Failure::decode(&trailing),
        "partial success",
        DecodeReason::TrailingBytes,
    );
}

#[test]
fn v06_partial_success() {
    let methods = list("keyboard-interactive");
    server(
        &v06(),
        &ServerMessage::Failure(Failure {
            methods,
            partial_success: true,
        }),
    );
}

#[test]
fn v11_any_byte_but_zero_is_true() {
    let bytes = v11();
    let failure = Failure::decode(&bytes).unwrap();
    assert!(failure.partial_success);
    assert_eq!(encoded(&failure), hex("33000000097075626c69636b657901"));
}

#[test]
fn v12_failure_without_the_boolean() {
    let bytes = v12();
    refused(
        ServerMessage::decode(&bytes),
        "partial success",
        DecodeReason::Truncated,
    );
}

#[test]
fn v19_banner() {
    let message = b"Authorized access only\r\n\x1b]0;pwned\x07\x1b[2J";
    server(
        &v19(),
        &ServerMessage::Banner(Banner {
            message,
            language: b"",
        }),
    );
}

#[test]
fn v20_banner_leniency() {
    let expected = Banner {
        message: b"hi",
        language: b"",
    };
    for lenient in [
        v20(),                               // a NUL more, after the text
        v20_bare(),                          // no language tag
        hex("3500000002686900"),             // a piece of the length of the language tag
        hex("35000000026869000000ff656e"),   // a language tag past the end
        hex("350000000268690000000000beef"), // bytes after it
    ] {
        assert_eq!(Banner::decode(&lenient), Ok(expected), "{lenient:02x?}");
    }
    let bytes = hex("3500000002686900000002656e2121");
    let banner = Banner::decode(&bytes).unwrap();
    assert_eq!(
        banner,
        Banner {
            message: b"hi",
            language: b"en"
        }
    );
    assert_eq!(encoded(&banner), hex("3500000002686900000002656e"));
}

#[test]
fn v20_banner_text_must_fit() {
    refused(
        Banner::decode(&v20_long()),
        "message",
        DecodeReason::LengthPastEnd,
    );
    refused(
        Banner::decode(&hex("35")),
        "message",
        DecodeReason::Truncated,
    );
}
