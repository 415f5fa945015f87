//! The requests of each method.

use ssh_userauth_testing::wire::{
    ClientMessage, DecodeReason, InfoResponse, Request, RequestMethod,
};

use crate::packets::{hex, password_request, query_a};
use crate::{ED25519, SERVICE, USER, blob, encoded, refused};

#[test]
fn key_query() {
    let key = blob(0xaa);
    let expected = Request {
        user: USER,
        service: SERVICE,
        method: RequestMethod::PublicKey {
            algorithm: ED25519,
            key: &key,
            signature: None,
        },
    };
    let bytes = query_a();
    assert_eq!(Request::decode(&bytes).as_ref(), Ok(&expected));
    assert_eq!(encoded(&expected), bytes);
    assert_eq!(
        ClientMessage::decode(&bytes),
        Ok(ClientMessage::Request(expected))
    );
}

#[test]
fn password_is_encoded() {
    let expected = Request {
        user: USER,
        service: SERVICE,
        method: RequestMethod::Password {
            password: b"secret",
        },
    };
    let bytes = password_request();
    assert_eq!(Request::decode(&bytes).as_ref(), Ok(&expected));
    assert_eq!(encoded(&expected), bytes);
    assert_eq!(
        format!("{expected:?}"),
        r#"Request { user: b"u", service: b"ssh-connection", method: Password { password: <6 bytes> } }"#
    );
}

#[test]
fn mechanisms_and_responses_that_are_not_there() {
    let mut request = hex(
        "3200000001750000000e7373682d636f6e6e656374696f6e0000000f6773736170692d776974682d6d6963",
    );
    request.extend(hex("4000000000000000"));
    refused(
        Request::decode(&request),
        "number of mechanisms",
        DecodeReason::CountPastEnd,
    );
    refused(
        InfoResponse::decode_payload(&hex("3d4000000000000000")),
        "number of responses",
        DecodeReason::CountPastEnd,
    );
}
