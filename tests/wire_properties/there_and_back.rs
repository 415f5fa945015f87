//! What is encoded comes back as it was.

use proptest::prelude::*;
use ssh_encoding::Encode;
use ssh_userauth_testing::wire::{
    Banner, ClientMessage, DecodeError, ExtInfo, Failure, GssapiError, GssapiErrtok,
    GssapiExchangeComplete, GssapiMethod, GssapiMic, GssapiMicData, GssapiResponse, GssapiToken,
    HostBasedSignatureData, InfoRequest, InfoResponse, MethodMessage, NameList, PasswdChangeReq,
    PkOk, PublicKeySignatureData, Request, RequestMethod, ServerMessage, ServiceAccept,
    ServiceRequest, Success, encode_exact,
};

use crate::parts::parts;

/// Encodes exactly, decodes, compares.
fn there_and_back<T, D>(message: &T, decode: D) -> Result<Vec<u8>, TestCaseError>
where
    T: Encode + PartialEq + core::fmt::Debug,
    D: for<'a> FnOnce(&'a [u8], &T) -> Result<bool, DecodeError>,
{
    let bytes = encode_exact(message).unwrap();
    prop_assert_eq!(bytes.len(), message.encoded_len().unwrap());
    prop_assert_eq!(bytes.capacity(), bytes.len());
    prop_assert_eq!(&bytes, &message.encode_vec().unwrap());
    prop_assert_eq!(decode(&bytes, message), Ok(true), "{:?}", message);
    Ok(bytes)
}

macro_rules! there_and_back {
    ($($type:ident::$decode:ident <- $message:expr;)+) => {
        $(there_and_back(&$message, |bytes, message| {
            $type::$decode(bytes).map(|again| again == *message)
        })?;)+
    };
}

proptest! {
    #[test]
    fn messages_come_back(parts in parts()) {
        let [a, b, c, d, ..] = parts.strings.each_ref().map(Vec::as_slice);
        let (major, minor) = parts.numbers;
        let methods = NameList::new(&parts.names).unwrap();
        there_and_back! {
            ServiceRequest::decode <- ServiceRequest { name: a };
            ServiceAccept::decode <- ServiceAccept { name: parts.optional.as_deref() };
            ExtInfo::decode <- ExtInfo { entries: parts.entries() };
            Failure::decode <- Failure { methods, partial_success: parts.flag };
            Success::decode <- Success;
            Banner::decode <- Banner { message: a, language: b };
            MethodMessage::decode <- MethodMessage::new(parts.method_number, a).unwrap();
            PkOk::decode_payload <- PkOk { algorithm: a, key: b };
            PasswdChangeReq::decode_payload <- PasswdChangeReq { prompt: a, language: b };
            InfoRequest::decode_payload <- InfoRequest {
                name: a, instruction: b, language: c, prompts: parts.prompts(),
            };
            InfoResponse::decode_payload <- InfoResponse { responses: parts.firsts() };
            GssapiResponse::decode_payload <- GssapiResponse { mechanism: a };
            GssapiToken::decode_payload <- GssapiToken { token: a };
            GssapiExchangeComplete::decode_payload <- GssapiExchangeComplete;
            GssapiError::decode_payload <- GssapiError { major, minor, message: c, language: d };
            GssapiErrtok::decode_payload <- GssapiErrtok { token: a };
            GssapiMic::decode_payload <- GssapiMic { mic: a };
        }
    }

    #[test]
    fn requests_come_back(parts in parts()) {
        let (user, service) = (&parts.strings[4], &parts.strings[5]);
        for method in parts.methods() {
            let request = Request { user, service, method };
            there_and_back! { Request::decode <- request; }
            there_and_back! { ClientMessage::decode <- ClientMessage::Request(request.clone()); }
        }
    }

    #[test]
    fn unions_come_back_and_are_the_bytes_of_their_messages(parts in parts()) {
        let [a, b, ..] = parts.strings.each_ref().map(Vec::as_slice);
        let methods = NameList::new(&parts.names).unwrap();
        let info = ExtInfo { entries: parts.entries() };
        let failure = Failure { methods, partial_success: parts.flag };
        let banner = Banner { message: a, language: b };
        let method = MethodMessage::new(parts.method_number, a).unwrap();
        let accept = ServiceAccept { name: parts.optional.as_deref() };
        for (union, bytes) in [
            (ServerMessage::ServiceAccept(accept), encode_exact(&accept)),
            (ServerMessage::ExtInfo(info.clone()), encode_exact(&info)),
            (ServerMessage::Failure(failure), encode_exact(&failure)),
            (ServerMessage::Success, encode_exact(&Success)),
            (ServerMessage::Banner(banner), encode_exact(&banner)),
            (ServerMessage::Method(method), encode_exact(&method)),
        ] {
            there_and_back! { ServerMessage::decode <- union; }
            let bytes = bytes.unwrap();
            prop_assert_eq!(&encode_exact(&union).unwrap(), &bytes);
            prop_assert_eq!(Some(&union.number()), bytes.first());
        }
        let service = ServiceRequest { name: a };
        for (union, bytes) in [
            (ClientMessage::ServiceRequest(service), encode_exact(&service)),
            (ClientMessage::ExtInfo(info.clone()), encode_exact(&info)),
            (ClientMessage::Method(method), encode_exact(&method)),
        ] {
            there_and_back! { ClientMessage::decode <- union; }
            let bytes = bytes.unwrap();
            prop_assert_eq!(&encode_exact(&union).unwrap(), &bytes);
            prop_assert_eq!(Some(&union.number()), bytes.first());
        }
    }

    #[test]
    fn data_to_sign_come_back(parts in parts()) {
        let strings = parts.strings.each_ref().map(Vec::as_slice);
        let [session_id, user, service, algorithm, key, last] = strings;
        let method = if parts.flag { GssapiMethod::WithMic } else { GssapiMethod::Keyex };
        there_and_back! {
            PublicKeySignatureData::decode <- PublicKeySignatureData {
                session_id, user, service, algorithm, key, host_key: parts.optional.as_deref(),
            };
            HostBasedSignatureData::decode <- HostBasedSignatureData {
                session_id, user, service, algorithm,
                host_key: key, client_host: last, client_user: last,
            };
            GssapiMicData::decode <- GssapiMicData { session_id, user, service, method };
        }
    }

    /// The data are the session identifier and the request, up to the signature: nothing a server
    /// says can change how they begin.
    #[test]
    fn data_to_sign_are_the_request(parts in parts()) {
        let strings = parts.strings.each_ref().map(Vec::as_slice);
        let [session_id, user, service, algorithm, key, host_key] = strings;
        let last = parts.optional.as_deref().unwrap_or_default();
        let signature = Some(last);
        for (host_key, method) in [
            (None, RequestMethod::PublicKey { algorithm, key, signature }),
            (
                Some(host_key),
                RequestMethod::HostBoundPublicKey { algorithm, key, host_key, signature },
            ),
        ] {
            let data = PublicKeySignatureData {
                session_id, user, service, algorithm, key, host_key,
            };
            prop_assert_eq!(data.method_name().as_bytes(), method.name());
            let mut bytes = encode_exact(&data).unwrap();
            bytes.extend(encode_exact(&last).unwrap());
            let mut expected = encode_exact(&session_id).unwrap();
            expected.extend(encode_exact(&Request { user, service, method }).unwrap());
            prop_assert_eq!(bytes, expected);
        }
    }
}
