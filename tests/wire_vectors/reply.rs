//! SUCCESS, FAILURE and BANNER.

use ssh_userauth_testing::wire::{Banner, DecodeReason, Failure, ServerMessage, Success};

use crate::packets::{
    banner_bare, banner_hostile, banner_past_end, banner_stray_nul, failure, failure_boolean_2,
    failure_without_boolean, hex, partial_success, success, success_trailing,
};
use crate::{encoded, list, refused, server};

#[test]
fn success_has_no_fields() {
    server(&success(), &ServerMessage::Success);
    assert_eq!(Success::decode(&success()), Ok(Success));
    let error = ServerMessage::decode(&success_trailing()).unwrap_err();
    assert_eq!(error.reason(), DecodeReason::TrailingBytes);
    assert_eq!(
        error.to_string(),
        "USERAUTH_SUCCESS: field `message number`: bytes follow the last field"
    );
}

#[test]
fn failure_is_decoded() {
    let methods = list("publickey");
    server(
        &failure(),
        &ServerMessage::Failure(Failure {
            methods,
            partial_success: false,
        }),
    );
    let mut trailing = failure();
    trailing.push(0);
    refused(
        Failure::decode(&trailing),
        "partial success",
        DecodeReason::TrailingBytes,
    );
}

#[test]
fn partial_success_is_decoded() {
    let methods = list("keyboard-interactive");
    server(
        &partial_success(),
        &ServerMessage::Failure(Failure {
            methods,
            partial_success: true,
        }),
    );
}

#[test]
fn any_byte_but_zero_is_true() {
    let bytes = failure_boolean_2();
    let failure = Failure::decode(&bytes).unwrap();
    assert!(failure.partial_success);
    assert_eq!(encoded(&failure), hex("33000000097075626c69636b657901"));
}

#[test]
fn failure_without_the_boolean() {
    let bytes = failure_without_boolean();
    refused(
        ServerMessage::decode(&bytes),
        "partial success",
        DecodeReason::Truncated,
    );
}

#[test]
fn banner_is_decoded() {
    let message = b"Authorized access only\r\n\x1b]0;pwned\x07\x1b[2J";
    server(
        &banner_hostile(),
        &ServerMessage::Banner(Banner {
            message,
            language: b"",
        }),
    );
}

#[test]
fn banner_is_decoded_leniently() {
    let expected = Banner {
        message: b"hi",
        language: b"",
    };
    for lenient in [
        banner_stray_nul(),                  // a NUL more, after the text
        banner_bare(),                       // no language tag
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
fn banner_text_must_fit() {
    refused(
        Banner::decode(&banner_past_end()),
        "message",
        DecodeReason::LengthPastEnd,
    );
    refused(
        Banner::decode(&hex("35")),
        "message",
        DecodeReason::Truncated,
    );
}
