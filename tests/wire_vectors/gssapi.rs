//! The messages of `gssapi-with-mic`.

use ssh_userauth_testing::wire::{DecodeReason, GssapiResponse, ObjectIdentifier};

use crate::packets::{gssapi_response, hex};
use crate::{encoded, method, refused};

#[test]
fn gssapi_response_is_decoded() {
    let bytes = gssapi_response();
    let response = GssapiResponse::decode(&method(&bytes)).unwrap();
    assert_eq!(
        response.object_identifier(),
        Ok(ObjectIdentifier::KERBEROS_V5)
    );
    assert_eq!(response.mechanism, ObjectIdentifier::KERBEROS_V5.as_der());
    assert_eq!(encoded(&response), bytes);
}

#[test]
fn mechanisms_that_are_no_object_identifiers() {
    for mechanism in [
        "", "06", "0600", "0501", "05012a", "06022a", "06012a03", "06802a", "0681012a",
    ] {
        let mechanism = hex(mechanism);
        let bytes = encoded(&GssapiResponse {
            mechanism: &mechanism,
        });
        let response = GssapiResponse::decode(&method(&bytes)).expect("only the mechanism is bad");
        refused(
            response.object_identifier(),
            "mechanism",
            DecodeReason::NotAnObjectIdentifier,
        );
    }
    let mut longest = vec![6, 127];
    longest.resize(2 + 127, 1);
    assert_eq!(
        ObjectIdentifier::from_der(&longest).unwrap().as_der(),
        longest
    );
    longest[1] = 128;
    longest.push(1);
    assert_eq!(
        ObjectIdentifier::from_der(&longest),
        Err(DecodeReason::NotAnObjectIdentifier)
    );
}
