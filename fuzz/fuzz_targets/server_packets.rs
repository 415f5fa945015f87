//! Promise: whatever bytes a server sends, decoding them doesn't panic; what is accepted strictly
//! is encoded to the same bytes again, but for booleans above 1; what is kept in memory is
//! bounded by the bytes that are there, not by the counts in them. The client, whose codec is another
//! one, refuses the same bytes for the same reason.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ssh_userauth::{Config, ProtocolErrorKind, Session, UserAuthClient};
use ssh_userauth_testing::wire::{
    Banner, DecodeError, DecodeReason, ExtInfo, Failure, GssapiError, GssapiErrtok, GssapiResponse,
    GssapiToken, InfoRequest, MethodMessage, NameList, ObjectIdentifier, PasswdChangeReq, PkOk,
    ServerMessage, ServiceAccept, Success, encode_exact,
};

mod same;

use same::check;

fuzz_target!(|payload: &[u8]| {
    if let Ok(message) = check(payload, ServerMessage::decode(payload)) {
        assert_eq!(Some(&message.number()), payload.first());
    }
    lenient_banner(payload);
    let _ = check(payload, ServiceAccept::decode(payload));
    let _ = check(payload, Success::decode(payload));
    if let Ok(failure) = check(payload, Failure::decode(payload)) {
        names(failure.methods);
    }
    if let Ok(info) = check(payload, ExtInfo::decode(payload)) {
        // The least an extension takes is two empty strings.
        assert!(info.entries.capacity() <= payload.len() / 8);
        assert!(info.entries.len() <= 1023);
        if let Ok(Some(list)) = info.server_sig_algs() {
            names(list);
        }
    }
    if let Ok(request) = check(payload, InfoRequest::decode_payload(payload)) {
        // The least a prompt takes is an empty text and the flag.
        assert!(request.prompts.capacity() <= payload.len() / 5);
    }
    let _ = check(payload, PkOk::decode_payload(payload));
    let _ = check(payload, PasswdChangeReq::decode_payload(payload));
    let _ = check(payload, GssapiToken::decode_payload(payload));
    let _ = check(payload, GssapiError::decode_payload(payload));
    let _ = check(payload, GssapiErrtok::decode_payload(payload));
    if let Ok(response) = check(payload, GssapiResponse::decode_payload(payload))
        && let Ok(mechanism) = response.object_identifier()
    {
        let der = mechanism.as_der();
        assert_eq!(der, response.mechanism);
        assert_eq!(ObjectIdentifier::from_der(der), Ok(mechanism));
    }
    both_ways(payload);
    same_as_the_client(payload);
});

/// The client reads messages of no method before it looks at what it awaits.
fn same_as_the_client(payload: &[u8]) {
    let expected = match ServerMessage::decode(payload) {
        // Other layers own these, or nobody; what follows 60 to 79 depends on the method.
        Err(error) if error.reason() == DecodeReason::WrongNumber => None,
        Err(error) => Some(error),
        Ok(ServerMessage::ExtInfo(info)) => info.server_sig_algs().err(),
        Ok(_) => None,
    };
    let session = Session::encrypted([7; 32]);
    let mut client = UserAuthClient::new(Config::new("u"), session).expect("they are good");
    let refused = match client.handle_packet(payload) {
        Err(error) => match error.kind() {
            ProtocolErrorKind::Malformed(error) => Some(error.to_string()),
            _ => None,
        },
        Ok(_) => None,
    };
    assert_eq!(refused, expected.map(|error| error.to_string()));
}

/// A banner may end anywhere behind its text; what was read is encoded in full.
fn lenient_banner(payload: &[u8]) {
    let Ok(banner) = Banner::decode(payload) else {
        return;
    };
    let encoded = encode_exact(&banner).expect("what was decoded can be encoded");
    let text = 5 + banner.message.len();
    assert_eq!(encoded.get(..text), payload.get(..text));
    assert_eq!(Banner::decode(&encoded), Ok(banner));
    let _shown = format!("{banner:?}");
}

/// A message numbered 60 to 79 reads the same from the payload and from its body.
fn both_ways(payload: &[u8]) {
    let Ok(message) = check(payload, MethodMessage::decode(payload)) else {
        return;
    };
    assert_eq!(
        MethodMessage::new(message.number(), message.body()),
        Some(message)
    );
    same_result(PkOk::decode(&message), PkOk::decode_payload(payload));
    same_result(
        PasswdChangeReq::decode(&message),
        PasswdChangeReq::decode_payload(payload),
    );
    same_result(
        InfoRequest::decode(&message),
        InfoRequest::decode_payload(payload),
    );
    same_result(
        GssapiResponse::decode(&message),
        GssapiResponse::decode_payload(payload),
    );
    same_result(
        GssapiToken::decode(&message),
        GssapiToken::decode_payload(payload),
    );
    same_result(
        GssapiError::decode(&message),
        GssapiError::decode_payload(payload),
    );
    same_result(
        GssapiErrtok::decode(&message),
        GssapiErrtok::decode_payload(payload),
    );
}

fn same_result<T: PartialEq + core::fmt::Debug>(
    one: Result<T, DecodeError>,
    other: Result<T, DecodeError>,
) {
    assert_eq!(one, other);
}

/// Every name that is found is in the list, unless it breaks RFC 4251 section 6.
fn names(list: NameList<'_>) {
    let mut bytes = 0;
    for name in list.iter() {
        bytes += name.len();
        let well_formed = name.len() <= 64 && name.iter().all(u8::is_ascii_graphic);
        assert_eq!(list.contains(name), well_formed, "{name:?}");
    }
    assert!(!list.as_bytes().contains(&0));
    assert!(bytes <= list.as_bytes().len());
    assert_eq!(list.is_empty(), bytes == 0);
    assert_eq!(NameList::new(list.as_bytes()), Ok(list));
}
