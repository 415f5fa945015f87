//! Promise: whatever bytes a client sends, decoding them doesn't panic; what is accepted is
//! encoded to the same bytes again, but for booleans above 1; vectors are bounded by the bytes
//! that are there; `Debug` shows no password and no response. The data under signatures and the
//! blob of a signature are read the same way.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ssh_userauth_testing::wire::{
    ClientMessage, ExtInfo, GssapiErrtok, GssapiExchangeComplete, GssapiMic, GssapiMicData,
    GssapiToken, HostBasedSignatureData, InfoResponse, MethodMessage, PublicKeySignatureData,
    Request, RequestMethod, ServiceRequest, encode_exact, split_signature,
};

mod same;

use same::check;

/// Longer than anything a mutation hits upon, so that it is in a text only if it was printed.
const MARKER: &str = "the-marker-of-a-secret-0123456789";

fuzz_target!(|payload: &[u8]| {
    if let Ok(message) = check(payload, ClientMessage::decode(payload)) {
        assert_eq!(Some(&message.number()), payload.first());
    }
    let _ = check(payload, ServiceRequest::decode(payload));
    let _ = check(payload, ExtInfo::decode(payload));
    if let Ok(request) = check(payload, Request::decode(payload)) {
        inspect(payload, request);
    }
    if let Ok(response) = check(payload, InfoResponse::decode_payload(payload)) {
        assert!(response.responses.capacity() <= payload.len() / 4);
        let responses = vec![MARKER.as_bytes(); response.responses.len().min(3)];
        shows_no_secret(&InfoResponse { responses });
    }
    let _ = check(payload, GssapiToken::decode_payload(payload));
    let _ = check(payload, GssapiErrtok::decode_payload(payload));
    let _ = check(payload, GssapiMic::decode_payload(payload));
    let _ = check(payload, GssapiExchangeComplete::decode_payload(payload));
    if let Ok(message) = MethodMessage::decode(payload) {
        assert_eq!(
            InfoResponse::decode(&message),
            InfoResponse::decode_payload(payload)
        );
        assert_eq!(
            GssapiMic::decode(&message),
            GssapiMic::decode_payload(payload)
        );
        assert_eq!(
            GssapiExchangeComplete::decode(&message),
            GssapiExchangeComplete::decode_payload(payload)
        );
    }
    let _ = check(payload, PublicKeySignatureData::decode(payload));
    let _ = check(payload, HostBasedSignatureData::decode(payload));
    let _ = check(payload, GssapiMicData::decode(payload));
    if let Ok((name, rest)) = split_signature(payload) {
        assert_eq!(4 + name.len() + rest.len(), payload.len());
    }
});

fn inspect(payload: &[u8], request: Request<'_>) {
    // RFC 4252 section 7: the data to sign is the session identifier and the request up to, not
    // including, the signature. Whoever verifies relies on it as much as whoever signs.
    if let RequestMethod::PublicKey {
        algorithm,
        key,
        signature: Some(signature),
    } = request.method
    {
        signed_alike(payload, &request, algorithm, key, None, signature);
    }
    if let RequestMethod::HostBoundPublicKey {
        algorithm,
        key,
        host_key,
        signature: Some(signature),
    } = request.method
    {
        signed_alike(payload, &request, algorithm, key, Some(host_key), signature);
    }
    if let RequestMethod::GssapiWithMic { mechanisms } = &request.method {
        assert!(mechanisms.capacity() <= payload.len() / 4);
    }
    let secret = MARKER.as_bytes();
    let method = match request.method {
        RequestMethod::Password { .. } => RequestMethod::Password { password: secret },
        RequestMethod::PasswordChange { .. } => RequestMethod::PasswordChange {
            old: secret,
            new: secret,
        },
        _ => return,
    };
    shows_no_secret(&Request { method, ..request });
}

fn signed_alike(
    payload: &[u8],
    request: &Request<'_>,
    algorithm: &[u8],
    key: &[u8],
    host_key: Option<&[u8]>,
    signature: &[u8],
) {
    let data = encode_exact(&PublicKeySignatureData {
        session_id: &[7; 32],
        user: request.user,
        service: request.service,
        algorithm,
        key,
        host_key,
    })
    .expect("parts of a packet can be encoded");
    let request = &data[36..];
    let (front, back) = payload.split_at(request.len());
    same::assert_same(front, request);
    assert_eq!(back.len(), 4 + signature.len());
    assert!(back.ends_with(signature));
}

fn shows_no_secret(message: &impl core::fmt::Debug) {
    let shown = format!("{message:?} {message:#?}");
    assert!(!shown.contains(MARKER), "{shown}");
    // The first bytes as `Debug` of a slice writes them.
    assert!(!shown.contains("116, 104, 101, 45"), "{shown}");
}
