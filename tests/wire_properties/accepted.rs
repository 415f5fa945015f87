//! What is accepted is encoded again as it was, and every reader says the same of it.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use ssh_encoding::Encode;
use ssh_userauth_testing::wire::{
    Banner, ClientMessage, DecodeError, DecodeReason, ExtInfo, Failure, GssapiError, GssapiErrtok,
    GssapiExchangeComplete, GssapiMic, GssapiMicData, GssapiResponse, GssapiToken,
    HostBasedSignatureData, InfoRequest, InfoResponse, MethodMessage, PasswdChangeReq, PkOk,
    PublicKeySignatureData, Request, ServerMessage, ServiceAccept, ServiceRequest, Success,
    encode_exact,
};

use crate::parts::{packet_like, parts};

/// What decoding and encoding makes of bytes; `None` if they are refused.
fn again<T: Encode>(decoded: Result<T, DecodeError>) -> Option<Vec<u8>> {
    decoded.ok().map(|message| encode_exact(&message).unwrap())
}

/// All strict readers, by name.
fn strict_readings(bytes: &[u8]) -> Vec<(&'static str, Option<Vec<u8>>)> {
    macro_rules! readings {
        ($($type:ident::$decode:ident),+ $(,)?) => {
            vec![$((stringify!($type), again($type::$decode(bytes)))),+]
        };
    }
    readings![
        ServiceRequest::decode,
        ServiceAccept::decode,
        ExtInfo::decode,
        Request::decode,
        Failure::decode,
        Success::decode,
        MethodMessage::decode,
        ClientMessage::decode,
        PkOk::decode_payload,
        PasswdChangeReq::decode_payload,
        InfoRequest::decode_payload,
        InfoResponse::decode_payload,
        GssapiResponse::decode_payload,
        GssapiToken::decode_payload,
        GssapiExchangeComplete::decode_payload,
        GssapiError::decode_payload,
        GssapiErrtok::decode_payload,
        GssapiMic::decode_payload,
        PublicKeySignatureData::decode,
        HostBasedSignatureData::decode,
        GssapiMicData::decode,
    ]
}

/// Whether the two differ at most in bytes that are 1 in the second and more in the first:
/// booleans.
fn same_but_for_booleans(given: &[u8], normal: &[u8]) -> bool {
    given.len() == normal.len()
        && given
            .iter()
            .zip(normal)
            .all(|(given, normal)| given == normal || (*normal == 1 && *given > 1))
}

fn check_strict(bytes: &[u8]) -> Result<(), TestCaseError> {
    for (name, again) in strict_readings(bytes) {
        if let Some(again) = again {
            prop_assert!(
                same_but_for_booleans(bytes, &again),
                "{}: {:02x?} became {:02x?}",
                name,
                bytes,
                again
            );
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn accepted_bytes_are_encoded_again_as_they_were(bytes in packet_like()) {
        check_strict(&bytes)?;
    }

    #[test]
    fn accepted_noise_is_encoded_again_as_it_was(bytes in vec(any::<u8>(), 0..64)) {
        check_strict(&bytes)?;
    }

    #[test]
    fn mutated_messages_that_are_accepted_are_encoded_again_as_they_were(
        parts in parts(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let [user, service, text, ..] = parts.strings.each_ref().map(Vec::as_slice);
        let mut packets: Vec<_> = parts
            .methods()
            .into_iter()
            .map(|method| encode_exact(&Request { user, service, method }).unwrap())
            .collect();
        packets.push(encode_exact(&ExtInfo { entries: parts.entries() }).unwrap());
        packets.push(encode_exact(&InfoResponse { responses: parts.firsts() }).unwrap());
        packets.push(encode_exact(&InfoRequest {
            name: user, instruction: text, language: service, prompts: parts.prompts(),
        }).unwrap());
        for mut bytes in packets {
            for (at, byte) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            check_strict(&bytes)?;
        }
    }

    /// Lenient means: the same text, the same language, another end.
    #[test]
    fn an_accepted_banner_means_the_same_when_encoded_again(
        bytes in packet_like(),
        as_banner in any::<bool>(),
    ) {
        let mut bytes = bytes;
        if as_banner {
            bytes[0] = 53;
        }
        if let Ok(banner) = Banner::decode(&bytes) {
            let normal = encode_exact(&banner).unwrap();
            prop_assert_eq!(Banner::decode(&normal), Ok(banner));
            prop_assert!(bytes[1..].starts_with(&encode_exact(&banner.message).unwrap()));
        }
    }

    /// Each role's reader says the same as the readers of its messages.
    #[test]
    fn unions_agree_with_their_messages(bytes in packet_like()) {
        match ServerMessage::decode(&bytes) {
            Ok(ServerMessage::ServiceAccept(accept)) => {
                prop_assert_eq!(ServiceAccept::decode(&bytes), Ok(accept));
            }
            Ok(ServerMessage::ExtInfo(info)) => prop_assert_eq!(ExtInfo::decode(&bytes), Ok(info)),
            Ok(ServerMessage::Failure(failure)) => {
                prop_assert_eq!(Failure::decode(&bytes), Ok(failure));
            }
            Ok(ServerMessage::Success) => prop_assert_eq!(Success::decode(&bytes), Ok(Success)),
            Ok(ServerMessage::Banner(banner)) => {
                prop_assert_eq!(Banner::decode(&bytes), Ok(banner));
            }
            Ok(ServerMessage::Method(method)) => {
                prop_assert_eq!(MethodMessage::decode(&bytes), Ok(method));
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                let known = matches!(bytes[0], 6 | 7 | 51..=53 | 60..=79);
                prop_assert_eq!(error.reason() == DecodeReason::WrongNumber, !known);
                prop_assert_eq!(error.message_number(), bytes[0]);
            }
        }
    }

    /// A method-specific message reads the same from its payload and after it was set aside.
    #[test]
    fn both_ways_to_a_method_message_agree(bytes in packet_like()) {
        let Ok(message) = MethodMessage::decode(&bytes) else { return Ok(()) };
        prop_assert_eq!(PkOk::decode(&message), PkOk::decode_payload(&bytes));
        prop_assert_eq!(PasswdChangeReq::decode(&message), PasswdChangeReq::decode_payload(&bytes));
        prop_assert_eq!(InfoRequest::decode(&message), InfoRequest::decode_payload(&bytes));
        prop_assert_eq!(InfoResponse::decode(&message), InfoResponse::decode_payload(&bytes));
        prop_assert_eq!(GssapiResponse::decode(&message), GssapiResponse::decode_payload(&bytes));
        prop_assert_eq!(GssapiError::decode(&message), GssapiError::decode_payload(&bytes));
        prop_assert_eq!(
            GssapiExchangeComplete::decode(&message),
            GssapiExchangeComplete::decode_payload(&bytes)
        );
    }
}
