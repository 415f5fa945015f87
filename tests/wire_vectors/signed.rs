//! The data under signatures and integrity codes, and the shape of a signature.

use ssh_userauth_testing::wire::{
    DecodeReason, GssapiMethod, GssapiMicData, HostBasedSignatureData, PublicKeySignatureData,
    Request, RequestMethod, split_signature,
};

use crate::packets::{gssapi_mic_data, hex, host_bound_data, publickey_data};
use crate::{ED25519, SERVICE, USER, blob, encoded, refused, session_id};

#[test]
fn data_to_sign() {
    let (session_id, key) = (session_id(), blob(0xaa));
    let data = PublicKeySignatureData {
        session_id: &session_id,
        user: USER,
        service: SERVICE,
        algorithm: ED25519,
        key: &key,
        host_key: None,
    };
    assert_eq!(encoded(&data), publickey_data());
    assert_eq!(PublicKeySignatureData::decode(&publickey_data()), Ok(data));
    assert_eq!(data.method_name(), "publickey");
}

#[test]
fn data_to_sign_host_bound() {
    let (session_id, key, host_key) = (session_id(), blob(0xaa), blob(0xcc));
    let data = PublicKeySignatureData {
        session_id: &session_id,
        user: USER,
        service: SERVICE,
        algorithm: ED25519,
        key: &key,
        host_key: Some(&host_key),
    };
    assert_eq!(encoded(&data), host_bound_data());
    assert_eq!(PublicKeySignatureData::decode(&host_bound_data()), Ok(data));
    assert_eq!(data.method_name(), "publickey-hostbound-v00@openssh.com");
}

/// RFC 4252 section 7: what is signed is the session identifier and then the request up to the
/// signature.
#[test]
fn data_to_sign_is_the_session_identifier_and_the_request() {
    let (key, host_key) = (blob(0xaa), blob(0xcc));
    let signature = Some(b"sig".as_slice());
    for (data, method) in [
        (
            publickey_data(),
            RequestMethod::PublicKey {
                algorithm: ED25519,
                key: &key,
                signature,
            },
        ),
        (
            host_bound_data(),
            RequestMethod::HostBoundPublicKey {
                algorithm: ED25519,
                key: &key,
                host_key: &host_key,
                signature,
            },
        ),
    ] {
        let request = Request {
            user: USER,
            service: SERVICE,
            method,
        };
        let mut expected = encoded(&session_id());
        expected.extend(encoded(&request).strip_suffix(b"\0\0\0\x03sig").unwrap());
        assert_eq!(expected, data);
    }
}

#[test]
fn data_of_other_things_is_refused() {
    let good = publickey_data();
    let at = 4 + 32;
    for (change_at, to, field, reason) in [
        (at, 51, "message number", DecodeReason::WrongNumber),
        (
            at + 1 + 5 + 18 + 4,
            b'P',
            "method name",
            DecodeReason::WrongValue,
        ),
        (
            at + 1 + 5 + 18 + 13,
            0,
            "has signature",
            DecodeReason::WrongValue,
        ),
    ] {
        let mut bytes = good.clone();
        bytes[change_at] = to;
        refused(PublicKeySignatureData::decode(&bytes), field, reason);
    }
    refused(
        HostBasedSignatureData::decode(&good),
        "method name",
        DecodeReason::WrongValue,
    );
    refused(
        GssapiMicData::decode(&good),
        "method name",
        DecodeReason::WrongValue,
    );
}

#[test]
fn data_for_the_mic() {
    let session_id = session_id();
    let data = GssapiMicData {
        session_id: &session_id,
        user: USER,
        service: SERVICE,
        method: GssapiMethod::WithMic,
    };
    assert_eq!(encoded(&data), gssapi_mic_data());
    assert_eq!(GssapiMicData::decode(&gssapi_mic_data()), Ok(data));

    let keyex = GssapiMicData {
        method: GssapiMethod::Keyex,
        ..data
    };
    let bytes = encoded(&keyex);
    assert!(bytes.ends_with(b"\0\0\0\x0cgssapi-keyex"));
    assert_eq!(GssapiMicData::decode(&bytes), Ok(keyex));
}

#[test]
fn signature_blobs_are_split_after_the_name() {
    let blob = hex("0000000b7373682d656432353531390000000201020300");
    assert_eq!(split_signature(&blob), Ok((ED25519, &blob[15..])));
    assert_eq!(split_signature(&blob[..15]), Ok((ED25519, [].as_slice())));
    refused(split_signature(&[]), "algorithm", DecodeReason::Truncated);
    refused(
        split_signature(&[0, 0, 0]),
        "algorithm",
        DecodeReason::Truncated,
    );
    refused(
        split_signature(&hex("fffffff07373")),
        "algorithm",
        DecodeReason::LengthPastEnd,
    );
    refused(
        split_signature(&blob[..14]),
        "algorithm",
        DecodeReason::LengthPastEnd,
    );
}
