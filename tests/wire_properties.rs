//! Properties of the wire format: what is encoded comes back as it was, and what is accepted is encoded as it was.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use ssh_encoding::Encode;
use ssh_userauth::wire::{
    Banner, ClientMessage, DecodeError, DecodeReason, ExtInfo, Extension, Failure, GssapiError,
    GssapiErrtok, GssapiExchangeComplete, GssapiMethod, GssapiMic, GssapiMicData, GssapiResponse,
    GssapiToken, HostBasedSignatureData, InfoRequest, InfoResponse, MethodMessage, NameList,
    ObjectIdentifier, PasswdChangeReq, PkOk, Prompt, PublicKeySignatureData, Request,
    RequestMethod, ServerMessage, ServiceAccept, ServiceRequest, Success, encode_exact,
    method_name, split_signature,
};

/// The names of all methods with a variant of their own.
const METHODS: [&str; 8] = [
    method_name::NONE,
    method_name::PUBLIC_KEY,
    method_name::HOST_BOUND_PUBLIC_KEY,
    method_name::PASSWORD,
    method_name::KEYBOARD_INTERACTIVE,
    method_name::HOST_BASED,
    method_name::GSSAPI_WITH_MIC,
    method_name::GSSAPI_KEYEX,
];

/// The parts messages are made of; the messages borrow from it, as they do from a packet.
#[derive(Clone, Debug)]
struct Parts {
    strings: [Vec<u8>; 6],
    many: Vec<(Vec<u8>, Vec<u8>, bool)>,
    optional: Option<Vec<u8>>,
    names: Vec<u8>,
    flag: bool,
    numbers: (u32, u32),
    method_number: u8,
}

fn string() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(Vec::new()),
        vec(any::<u8>(), 0..24),
        vec(any::<u8>(), 200..300),
        "[ -~]{0,12}".prop_map(String::into_bytes),
    ]
}

fn parts() -> impl Strategy<Value = Parts> {
    (
        [string(), string(), string(), string(), string(), string()],
        vec((string(), string(), any::<bool>()), 0..6),
        option::of(string()),
        vec(prop_oneof![Just(b','), 1_u8..], 0..40),
        any::<bool>(),
        any::<(u32, u32)>(),
        60_u8..=79,
    )
        .prop_map(
            |(strings, many, optional, names, flag, numbers, method_number)| Parts {
                strings,
                many,
                optional,
                names,
                flag,
                numbers,
                method_number,
            },
        )
}

impl Parts {
    fn firsts(&self) -> Vec<&[u8]> {
        self.many
            .iter()
            .map(|(first, ..)| first.as_slice())
            .collect()
    }

    fn methods(&self) -> Vec<RequestMethod<'_>> {
        let [a, b, c, d, e, _] = self.strings.each_ref().map(Vec::as_slice);
        let signature = self.optional.as_deref();
        vec![
            RequestMethod::None,
            RequestMethod::PublicKey {
                algorithm: a,
                key: b,
                signature,
            },
            RequestMethod::HostBoundPublicKey {
                algorithm: a,
                key: b,
                host_key: c,
                signature,
            },
            RequestMethod::Password { password: a },
            RequestMethod::PasswordChange { old: a, new: b },
            RequestMethod::KeyboardInteractive {
                language: a,
                submethods: b,
            },
            RequestMethod::HostBased {
                algorithm: a,
                host_key: b,
                client_host: c,
                client_user: d,
                signature: e,
            },
            RequestMethod::GssapiWithMic {
                mechanisms: self.firsts(),
            },
            RequestMethod::GssapiKeyex { mic: a },
            RequestMethod::Other {
                name: b"method@example.com",
                data: a,
            },
        ]
    }

    fn entries(&self) -> Vec<Extension<'_>> {
        self.many
            .iter()
            .map(|(name, value, _)| Extension { name, value })
            .collect()
    }

    fn prompts(&self) -> Vec<Prompt<'_>> {
        self.many
            .iter()
            .map(|(text, _, echo)| Prompt { text, echo: *echo })
            .collect()
    }
}

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
        $(there_and_back(&$message, |bytes, message| $type::$decode(bytes).map(|again| again == *message))?;)+
    };
}

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

/// Whether the two differ at most in bytes that are 1 in the second and more in the first: booleans.
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

/// Bytes that look like a packet: a number that matters, then fields that may or may not fit.
fn packet_like() -> impl Strategy<Value = Vec<u8>> {
    let field = prop_oneof![
        4 => string().prop_map(|string| encode_exact(&string).unwrap()),
        1 => proptest::sample::select(&METHODS[..]).prop_map(|name| encode_exact(&name).unwrap()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
        1 => (0_u8..6).prop_map(|count| vec![0, 0, 0, count]),
        1 => vec(any::<u8>(), 0..6),
    ];
    let number = prop_oneof![
        Just(5_u8),
        Just(6),
        Just(7),
        50_u8..=53,
        60_u8..=66,
        any::<u8>()
    ];
    (number, vec(field, 0..8)).prop_map(|(number, fields)| {
        let mut bytes = vec![number];
        bytes.extend(fields.concat());
        bytes
    })
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
        let [session_id, user, service, algorithm, key, last] = parts.strings.each_ref().map(Vec::as_slice);
        let method = if parts.flag { GssapiMethod::WithMic } else { GssapiMethod::Keyex };
        there_and_back! {
            PublicKeySignatureData::decode <- PublicKeySignatureData {
                session_id, user, service, algorithm, key, host_key: parts.optional.as_deref(),
            };
            HostBasedSignatureData::decode <- HostBasedSignatureData {
                session_id, user, service, algorithm, host_key: key, client_host: last, client_user: last,
            };
            GssapiMicData::decode <- GssapiMicData { session_id, user, service, method };
        }
    }

    /// The data are the session identifier and the request, up to the signature: nothing a server says can change
    /// how they begin.
    #[test]
    fn data_to_sign_are_the_request(parts in parts()) {
        let [session_id, user, service, algorithm, key, host_key] = parts.strings.each_ref().map(Vec::as_slice);
        let signature = parts.optional.as_deref().unwrap_or_default();
        let with_signature = Some(signature);
        for (host_key, method) in [
            (None, RequestMethod::PublicKey { algorithm, key, signature: with_signature }),
            (
                Some(host_key),
                RequestMethod::HostBoundPublicKey { algorithm, key, host_key, signature: with_signature },
            ),
        ] {
            let data = PublicKeySignatureData { session_id, user, service, algorithm, key, host_key };
            prop_assert_eq!(data.method_name().as_bytes(), method.name());
            let mut bytes = encode_exact(&data).unwrap();
            bytes.extend(encode_exact(&signature).unwrap());
            let mut expected = encode_exact(&session_id).unwrap();
            expected.extend(encode_exact(&Request { user, service, method }).unwrap());
            prop_assert_eq!(bytes, expected);
        }
    }

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
    fn an_accepted_banner_means_the_same_when_encoded_again(bytes in packet_like(), as_banner in any::<bool>()) {
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
            Ok(ServerMessage::ServiceAccept(accept)) => prop_assert_eq!(ServiceAccept::decode(&bytes), Ok(accept)),
            Ok(ServerMessage::ExtInfo(info)) => prop_assert_eq!(ExtInfo::decode(&bytes), Ok(info)),
            Ok(ServerMessage::Failure(failure)) => prop_assert_eq!(Failure::decode(&bytes), Ok(failure)),
            Ok(ServerMessage::Success) => prop_assert_eq!(Success::decode(&bytes), Ok(Success)),
            Ok(ServerMessage::Banner(banner)) => prop_assert_eq!(Banner::decode(&bytes), Ok(banner)),
            Ok(ServerMessage::Method(method)) => prop_assert_eq!(MethodMessage::decode(&bytes), Ok(method)),
            Ok(other) => panic!("{other:?}"),
            Err(error) => {
                let known = matches!(bytes[0], 6 | 7 | 51..=53 | 60..=79);
                prop_assert_eq!(error.reason() == DecodeReason::WrongNumber, !known);
                prop_assert_eq!(error.message(), bytes[0]);
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
        prop_assert_eq!(GssapiExchangeComplete::decode(&message), GssapiExchangeComplete::decode_payload(&bytes));
    }

    /// Vectors are never larger than the bytes that were really there allow, whatever a count says.
    #[test]
    fn memory_is_bounded_by_the_packet(parts in parts(), count in any::<u32>()) {
        let prompts = InfoRequest { name: b"", instruction: b"", language: b"", prompts: parts.prompts() };
        let mut bytes = encode_exact(&prompts).unwrap();
        bytes[13..17].copy_from_slice(&count.to_be_bytes());
        if let Ok(request) = InfoRequest::decode_payload(&bytes) {
            prop_assert!(request.prompts.capacity() * 5 <= bytes.len());
        }
        let mut bytes = encode_exact(&InfoResponse { responses: parts.firsts() }).unwrap();
        bytes[1..5].copy_from_slice(&count.to_be_bytes());
        if let Ok(response) = InfoResponse::decode_payload(&bytes) {
            prop_assert!(response.responses.capacity() * 4 <= bytes.len());
        }
    }

    #[test]
    fn name_lists(names in vec("[a-z@.-]{1,70}|[\\PC&&[^,]]{0,5}", 0..8)) {
        let text = names.join(",");
        let list = NameList::try_from(text.as_str()).unwrap();
        prop_assert!(list.iter().eq(names.iter().filter(|name| !name.is_empty()).map(String::as_bytes)));
        prop_assert_eq!(list.is_empty(), list.iter().next().is_none());
        prop_assert_eq!(list.as_bytes(), text.as_bytes());
        prop_assert_eq!(list.has_empty_names(), !text.is_empty() && names.iter().any(String::is_empty));
        for name in &names {
            let allowed = (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
            prop_assert_eq!(list.contains(name), allowed, "{}", name);
        }
    }

    #[test]
    fn signature_blobs_lose_nothing(algorithm in string(), rest in string()) {
        let mut blob = encode_exact(&algorithm).unwrap();
        blob.extend(&rest);
        prop_assert_eq!(split_signature(&blob), Ok((algorithm.as_slice(), rest.as_slice())));
    }

    #[test]
    fn object_identifiers_have_the_length_they_say(content in vec(any::<u8>(), 0..140), tag in 5_u8..8, off in -1_i32..2) {
        let length = i32::try_from(content.len()).unwrap() + off;
        prop_assume!((0..256).contains(&length));
        let mut der = vec![tag, u8::try_from(length).unwrap()];
        der.extend(&content);
        let good = tag == 6 && off == 0 && (1..128).contains(&content.len());
        prop_assert_eq!(ObjectIdentifier::from_der(&der).is_ok(), good);
    }
}
