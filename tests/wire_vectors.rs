//! Known bytes of the wire format, good and bad, each with what must come of it.
//!
//! The names of the tests carry the numbers of the vectors, V01 to V31. After them come whole-table checks: every
//! proper prefix and every change of one byte of every good packet.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use ssh_encoding::Encode;
use ssh_userauth::wire::{
    Banner, ClientMessage, DecodeError, DecodeReason, ExtInfo, Extension, Failure, GssapiError,
    GssapiErrtok, GssapiExchangeComplete, GssapiMethod, GssapiMic, GssapiMicData, GssapiResponse,
    GssapiToken, HostBasedSignatureData, InfoRequest, InfoResponse, MethodMessage, NameList,
    ObjectIdentifier, PUBLICKEY_HOSTBOUND, PasswdChangeReq, PkOk, Prompt, PublicKeySignatureData,
    Request, RequestMethod, SERVER_SIG_ALGS, ServerMessage, ServiceAccept, ServiceRequest, Success,
    encode_exact, method_name, number, split_signature,
};

const USER: &[u8] = b"u";
const SERVICE: &[u8] = b"ssh-connection";
const ED25519: &[u8] = b"ssh-ed25519";

fn hex(digits: &str) -> Vec<u8> {
    assert_eq!(digits.len() % 2, 0, "odd number of digits");
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

fn session_id() -> Vec<u8> {
    (0..32).collect()
}

/// An Ed25519 key blob whose key is 32 times this byte.
fn blob(byte: u8) -> Vec<u8> {
    let mut blob = hex("0000000b7373682d6564323535313900000020");
    blob.extend([byte; 32]);
    blob
}

#[track_caller]
fn refused<T: core::fmt::Debug>(result: Result<T, DecodeError>, field: &str, reason: DecodeReason) {
    let error = result.expect_err("must be refused");
    assert_eq!((error.field(), error.reason()), (field, reason), "{error}");
}

/// Encodes, and checks on the way that the length was known beforehand and that the buffer never grew.
#[track_caller]
fn encoded(message: &impl Encode) -> Vec<u8> {
    let bytes = encode_exact(message).unwrap();
    assert_eq!(bytes.len(), message.encoded_len().unwrap());
    assert_eq!(bytes.capacity(), bytes.len());
    bytes
}

#[track_caller]
fn server(digits: &str, expected: &ServerMessage<'_>) {
    let bytes = hex(digits);
    assert_eq!(&ServerMessage::decode(&bytes).unwrap(), expected);
    assert_eq!(encoded(expected), bytes);
}

/// A server's packet that is a message of the method under way.
#[track_caller]
fn method(bytes: &[u8]) -> MethodMessage<'_> {
    match ServerMessage::decode(bytes).unwrap() {
        ServerMessage::Method(message) => message,
        other => panic!("{other:?}"),
    }
}

fn list(names: &str) -> NameList<'_> {
    NameList::try_from(names).unwrap()
}

const V01: &str = "060000000c7373682d7573657261757468";
const V03: &str = "060000000e7373682d636f6e6e656374696f6e";
const V04: &str = "34";
const V05: &str = "33000000097075626c69636b657900";
const V06: &str = "33000000146b6579626f6172642d696e74657261637469766501";
const V07: &str = "3c000000000000000000000000ffffffff";
const V08: &str = "3c0000000000000000000000003fffffff";
const V09_NONE: &str = "3c00000000000000000000000000000000";
const V09_ONE: &str = "3c000000000000000000000000000000010000000a50617373776f72643a2000";
const V10: &str = "3c00000000000000101b5d35323b633b634864755a57513d070000000000000001000000141b5b324a1b5b313b314850617373776f72643a2000";
const V13: &str = "33000000137075626c69636b65792c2c70617373776f726400";
const V15_EMPTY: &str = "330000000000";
const V17: &str = "07000000010000000f7365727665722d7369672d616c6773000000257273612d736861322d3531322c7273612d736861322d3235362c7373682d65643235353139";
const V18: &str = "07000000010000000f7365727665722d7369672d616c6773000000147373682d65643235353139002c7373682d727361";
const V19: &str = "3500000026417574686f72697a656420616363657373206f6e6c790d0a1b5d303b70776e6564071b5b324a00000000";
const V21: &str = "00000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f3200000001750000000e7373682d636f6e6e656374696f6e000000097075626c69636b6579010000000b7373682d65643235353139000000330000000b7373682d6564323535313900000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const V22: &str = "00000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f3200000001750000000e7373682d636f6e6e656374696f6e000000237075626c69636b65792d686f7374626f756e642d763030406f70656e7373682e636f6d010000000b7373682d65643235353139000000330000000b7373682d6564323535313900000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa000000330000000b7373682d6564323535313900000020cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
const V23: &str = "3c0000000b06092a864886f712010202";
const V24: &str = "00000020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f3200000001750000000e7373682d636f6e6e656374696f6e0000000f6773736170692d776974682d6d6963";
const V25: &str = "3200000001750000000e7373682d636f6e6e656374696f6e000000097075626c69636b6579000000000b7373682d65643235353139000000330000000b7373682d6564323535313900000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const V26: &str = "3c0000000b7373682d65643235353139000000330000000b7373682d6564323535313900000020aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const V27: &str = "3c0000000b7373682d65643235353139000000330000000b7373682d6564323535313900000020bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const V28: &str = "3c000000076578706972656400000000";
const V29: &str =
    "07000000010000001f7075626c69636b65792d686f7374626f756e64406f70656e7373682e636f6d0000000130";
const V31: &str = "3200000001750000000e7373682d636f6e6e656374696f6e0000000870617373776f72640000000006736563726574";

#[test]
fn v01_service_accept() {
    let name = Some(b"ssh-userauth".as_slice());
    server(V01, &ServerMessage::ServiceAccept(ServiceAccept { name }));
}

#[test]
fn v02_service_accept_without_a_name() {
    server(
        "06",
        &ServerMessage::ServiceAccept(ServiceAccept { name: None }),
    );
}

#[test]
fn v03_service_accept_of_another_service() {
    let name = Some(SERVICE);
    server(V03, &ServerMessage::ServiceAccept(ServiceAccept { name }));
}

#[test]
fn v04_success() {
    server(V04, &ServerMessage::Success);
    assert_eq!(Success::decode(&hex(V04)), Ok(Success));
    let error = ServerMessage::decode(&hex("3400")).unwrap_err();
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
        V05,
        &ServerMessage::Failure(Failure {
            methods,
            partial_success: false,
        }),
    );
    let trailing = hex(&format!("{V05}00"));
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
        V06,
        &ServerMessage::Failure(Failure {
            methods,
            partial_success: true,
        }),
    );
}

#[test]
fn v07_v08_prompts_that_are_not_there() {
    for digits in [V07, V08] {
        let bytes = hex(digits);
        assert_eq!(bytes.len(), 17);
        refused(
            InfoRequest::decode(&method(&bytes)),
            "number of prompts",
            DecodeReason::CountPastEnd,
        );
    }
}

#[test]
fn v09_info_request() {
    for (digits, prompts) in [
        (V09_NONE, vec![]),
        (
            V09_ONE,
            vec![Prompt {
                text: b"Password: ",
                echo: false,
            }],
        ),
    ] {
        let bytes = hex(digits);
        let expected = InfoRequest {
            name: b"",
            instruction: b"",
            language: b"",
            prompts,
        };
        assert_eq!(InfoRequest::decode(&method(&bytes)).as_ref(), Ok(&expected));
        assert_eq!(InfoRequest::decode_payload(&bytes).as_ref(), Ok(&expected));
        assert_eq!(encoded(&expected), bytes);
    }
}

#[test]
fn v10_terminal_sequences_come_through_as_bytes_and_are_escaped_in_debug() {
    let bytes = hex(V10);
    let request = InfoRequest::decode(&method(&bytes)).unwrap();
    assert_eq!(request.instruction, b"\x1b]52;c;cHduZWQ=\x07");
    assert_eq!(
        request.prompts,
        [Prompt {
            text: b"\x1b[2J\x1b[1;1HPassword: ",
            echo: false
        }]
    );
    assert_eq!(encoded(&request), bytes);
    assert!(
        format!("{request:?}")
            .bytes()
            .all(|byte| (0x20..0x7f).contains(&byte))
    );
}

#[test]
fn v11_any_byte_but_zero_is_true() {
    let bytes = hex("33000000097075626c69636b657902");
    let failure = Failure::decode(&bytes).unwrap();
    assert!(failure.partial_success);
    assert_eq!(encoded(&failure), hex("33000000097075626c69636b657901"));
}

#[test]
fn v12_failure_without_the_boolean() {
    let bytes = hex("33000000097075626c69636b6579");
    refused(
        ServerMessage::decode(&bytes),
        "partial success",
        DecodeReason::Truncated,
    );
}

#[test]
fn v13_empty_names_are_skipped_and_noted() {
    let bytes = hex(V13);
    let failure = Failure::decode(&bytes).unwrap();
    assert!(
        failure
            .methods
            .iter()
            .eq([b"publickey".as_slice(), b"password"])
    );
    assert!(failure.methods.contains(method_name::PASSWORD));
    assert!(failure.methods.has_empty_names());
    assert!(!failure.methods.contains(""));
    assert_eq!(encoded(&failure), bytes);

    let bytes = hex("33000000012c00");
    let failure = Failure::decode(&bytes).unwrap();
    assert!(failure.methods.is_empty());
    assert!(failure.methods.has_empty_names());
    assert_eq!(encoded(&failure), bytes);
}

#[test]
fn v14_nul_in_a_name_list() {
    let bytes = hex("330000000a7075626c6963006b657900");
    refused(
        Failure::decode(&bytes),
        "methods",
        DecodeReason::NulInNameList,
    );
}

#[test]
fn v15_list_past_the_end_and_empty_list() {
    let bytes = hex("33ffffffff7075626c69636b6579");
    let error = Failure::decode(&bytes).unwrap_err();
    assert_eq!(error.reason(), DecodeReason::LengthPastEnd);
    assert_eq!(
        (error.message(), error.message_name()),
        (51, "USERAUTH_FAILURE")
    );
    assert_eq!(
        error.to_string(),
        "USERAUTH_FAILURE: field `methods`: the length runs past the end"
    );

    let methods = NameList::EMPTY;
    server(
        V15_EMPTY,
        &ServerMessage::Failure(Failure {
            methods,
            partial_success: false,
        }),
    );
    assert!(methods.is_empty() && !methods.has_empty_names());
}

#[test]
fn v16_extensions_that_are_not_there() {
    refused(
        ServerMessage::decode(&hex("07ffffffff")),
        "number of extensions",
        DecodeReason::TooManyEntries,
    );
    refused(
        ServerMessage::decode(&hex("0700000400")),
        "number of extensions",
        DecodeReason::TooManyEntries,
    );
    refused(
        ServerMessage::decode(&hex("07000003ff")),
        "number of extensions",
        DecodeReason::CountPastEnd,
    );
    refused(
        ServerMessage::decode(&hex(
            "07000000020000000f7365727665722d7369672d616c67730000000b7373682d65643235353139",
        )),
        "extension name",
        DecodeReason::Truncated,
    );
}

#[test]
fn v16_as_many_extensions_as_allowed() {
    let entry = Extension {
        name: b"",
        value: b"",
    };
    let most = ExtInfo {
        entries: vec![entry; 1023],
    };
    let bytes = encoded(&most);
    assert_eq!(ExtInfo::decode(&bytes), Ok(most));

    let too_many = ExtInfo {
        entries: vec![entry; 1024],
    };
    assert_eq!(too_many.encoded_len(), Err(ssh_encoding::Error::Length));
    assert_eq!(encode_exact(&too_many), Err(ssh_encoding::Error::Length));
    let mut bytes = hex("0700000400");
    bytes.resize(5 + 1024 * 8, 0);
    refused(
        ExtInfo::decode(&bytes),
        "number of extensions",
        DecodeReason::TooManyEntries,
    );
}

#[test]
fn v17_server_sig_algs() {
    let algorithms = "rsa-sha2-512,rsa-sha2-256,ssh-ed25519";
    let info = ExtInfo {
        entries: vec![Extension {
            name: SERVER_SIG_ALGS.as_bytes(),
            value: algorithms.as_bytes(),
        }],
    };
    assert_eq!(info.server_sig_algs(), Ok(Some(list(algorithms))));
    assert_eq!(info.get(PUBLICKEY_HOSTBOUND), None);
    server(V17, &ServerMessage::ExtInfo(info));
}

#[test]
fn v18_nul_in_server_sig_algs() {
    let bytes = hex(V18);
    let info = ExtInfo::decode(&bytes).unwrap();
    refused(
        info.server_sig_algs(),
        SERVER_SIG_ALGS,
        DecodeReason::NulInNameList,
    );
    assert_eq!(encoded(&info), bytes);
}

#[test]
fn v19_banner() {
    let message = b"Authorized access only\r\n\x1b]0;pwned\x07\x1b[2J";
    server(
        V19,
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
        "350000000268690000000000",     // a NUL more, after the text
        "35000000026869",               // no language tag
        "3500000002686900",             // a piece of the length of the language tag
        "35000000026869000000ff656e",   // a language tag past the end
        "350000000268690000000000beef", // bytes after it
    ] {
        assert_eq!(Banner::decode(&hex(lenient)), Ok(expected), "{lenient}");
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
        Banner::decode(&hex("35fffffff06869")),
        "message",
        DecodeReason::LengthPastEnd,
    );
    refused(
        Banner::decode(&hex("35")),
        "message",
        DecodeReason::Truncated,
    );
}

#[test]
fn v21_data_to_sign() {
    let (session_id, key) = (session_id(), blob(0xaa));
    let data = PublicKeySignatureData {
        session_id: &session_id,
        user: USER,
        service: SERVICE,
        algorithm: ED25519,
        key: &key,
        host_key: None,
    };
    assert_eq!(encoded(&data), hex(V21));
    assert_eq!(PublicKeySignatureData::decode(&hex(V21)), Ok(data));
    assert_eq!(data.method_name(), "publickey");
}

#[test]
fn v22_data_to_sign_host_bound() {
    let (session_id, key, host_key) = (session_id(), blob(0xaa), blob(0xcc));
    let data = PublicKeySignatureData {
        session_id: &session_id,
        user: USER,
        service: SERVICE,
        algorithm: ED25519,
        key: &key,
        host_key: Some(&host_key),
    };
    assert_eq!(encoded(&data), hex(V22));
    assert_eq!(PublicKeySignatureData::decode(&hex(V22)), Ok(data));
    assert_eq!(data.method_name(), "publickey-hostbound-v00@openssh.com");
}

/// RFC 4252 section 7: what is signed is the session identifier and then the request up to the signature.
#[test]
fn v21_v22_data_to_sign_is_the_session_identifier_and_the_request() {
    let (key, host_key) = (blob(0xaa), blob(0xcc));
    let signature = Some(b"sig".as_slice());
    for (data, method) in [
        (
            V21,
            RequestMethod::PublicKey {
                algorithm: ED25519,
                key: &key,
                signature,
            },
        ),
        (
            V22,
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
        assert_eq!(expected, hex(data));
    }
}

#[test]
fn v21_data_of_other_things_is_refused() {
    let good = hex(V21);
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
fn v23_gssapi_response() {
    let bytes = hex(V23);
    let response = GssapiResponse::decode(&method(&bytes)).unwrap();
    assert_eq!(
        response.object_identifier(),
        Ok(ObjectIdentifier::KERBEROS_V5)
    );
    assert_eq!(response.mechanism, ObjectIdentifier::KERBEROS_V5.as_der());
    assert_eq!(encoded(&response), bytes);
}

#[test]
fn v23_mechanisms_that_are_no_object_identifiers() {
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

#[test]
fn v24_data_for_the_mic() {
    let session_id = session_id();
    let data = GssapiMicData {
        session_id: &session_id,
        user: USER,
        service: SERVICE,
        method: GssapiMethod::WithMic,
    };
    assert_eq!(encoded(&data), hex(V24));
    assert_eq!(GssapiMicData::decode(&hex(V24)), Ok(data));

    let keyex = GssapiMicData {
        method: GssapiMethod::Keyex,
        ..data
    };
    let bytes = encoded(&keyex);
    assert!(bytes.ends_with(b"\0\0\0\x0cgssapi-keyex"));
    assert_eq!(GssapiMicData::decode(&bytes), Ok(keyex));
}

#[test]
fn v25_key_query() {
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
    let bytes = hex(V25);
    assert_eq!(Request::decode(&bytes).as_ref(), Ok(&expected));
    assert_eq!(encoded(&expected), bytes);
    assert_eq!(
        ClientMessage::decode(&bytes),
        Ok(ClientMessage::Request(expected))
    );
}

#[test]
fn v26_v27_pk_ok() {
    for (digits, byte) in [(V26, 0xaa), (V27, 0xbb)] {
        let (bytes, key) = (hex(digits), blob(byte));
        let expected = PkOk {
            algorithm: ED25519,
            key: &key,
        };
        assert_eq!(PkOk::decode(&method(&bytes)), Ok(expected));
        assert_eq!(encoded(&expected), bytes);
    }
}

#[test]
fn v28_password_change() {
    let bytes = hex(V28);
    let expected = PasswdChangeReq {
        prompt: b"expired",
        language: b"",
    };
    assert_eq!(PasswdChangeReq::decode(&method(&bytes)), Ok(expected));
    assert_eq!(encoded(&expected), bytes);
    let error = PasswdChangeReq::decode_payload(&hex("3c0000000765787069726564")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "USERAUTH_PASSWD_CHANGEREQ: field `language tag`: the payload ends too early"
    );
}

#[test]
fn v29_host_bound_is_offered() {
    let info = ExtInfo {
        entries: vec![Extension {
            name: PUBLICKEY_HOSTBOUND.as_bytes(),
            value: b"0",
        }],
    };
    assert_eq!(info.get(PUBLICKEY_HOSTBOUND), Some(b"0".as_slice()));
    assert_eq!(info.server_sig_algs(), Ok(None));
    server(V29, &ServerMessage::ExtInfo(info));
}

#[test]
fn v30_info_requests_that_end_wrong() {
    for (digits, field, reason) in [
        (
            "3c00000000000000000000000000000001000000034f5450",
            "echo",
            DecodeReason::Truncated,
        ),
        (
            "3c000000000000000000000000000000020000000a50617373776f72643a2000",
            "prompt",
            DecodeReason::Truncated,
        ),
        (
            "3c0000000000000000000000000000000000",
            "number of prompts",
            DecodeReason::TrailingBytes,
        ),
    ] {
        refused(InfoRequest::decode(&method(&hex(digits))), field, reason);
        refused(InfoRequest::decode_payload(&hex(digits)), field, reason);
    }
}

#[test]
fn v31_password() {
    let expected = Request {
        user: USER,
        service: SERVICE,
        method: RequestMethod::Password {
            password: b"secret",
        },
    };
    let bytes = hex(V31);
    assert_eq!(Request::decode(&bytes).as_ref(), Ok(&expected));
    assert_eq!(encoded(&expected), bytes);
    assert_eq!(
        format!("{expected:?}"),
        r#"Request { user: b"u", service: b"ssh-connection", method: Password { password: <6 bytes> } }"#
    );
}

#[test]
fn secrets_are_not_in_debug() {
    const SECRET: &[u8] = b"hunter2";
    let request = |method| Request {
        user: USER,
        service: SERVICE,
        method,
    };
    let message = MethodMessage::new(61, SECRET).unwrap();
    let shown = [
        format!(
            "{:?}",
            request(RequestMethod::Password { password: SECRET })
        ),
        format!(
            "{:?}",
            request(RequestMethod::PasswordChange {
                old: SECRET,
                new: SECRET
            })
        ),
        format!(
            "{:?}",
            request(RequestMethod::Other {
                name: b"x",
                data: SECRET
            })
        ),
        format!(
            "{:?}",
            InfoResponse {
                responses: vec![SECRET]
            }
        ),
        format!("{:?}", GssapiToken { token: SECRET }),
        format!("{message:?}"),
        format!("{:?}", ServerMessage::Method(message)),
        format!("{:?}", ClientMessage::Method(message)),
    ];
    let as_numbers = format!("{SECRET:?}");
    for text in shown {
        assert!(text.contains("<7 bytes>"), "{text}");
        assert!(
            !text.contains("hunter2") && !text.contains(as_numbers.trim_matches(['[', ']'])),
            "{text}"
        );
    }
}

/// A name that no standard allows is kept for reports, but is no name we know.
#[test]
fn odd_names_are_never_contained() {
    let long = "x".repeat(65);
    let text = format!("{long},passw\u{f6}rd,pass word,\x1b[2J,Password,password");
    let names = list(&text);
    assert_eq!(names.iter().count(), 6);
    for odd in [
        long.as_str(),
        "passw\u{f6}rd",
        "pass word",
        "\x1b[2J",
        "password,",
        "",
    ] {
        assert!(!names.contains(odd), "{odd:?}");
    }
    assert!(
        names.contains("password") && names.contains("Password") && !names.contains("PASSWORD")
    );
    let longest = "y".repeat(64);
    assert!(list(&longest).contains(&longest));
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

/// Each role takes the other's messages for what they are: not its own.
#[test]
fn every_number_is_taken_by_the_right_role_only() {
    refused(
        ServerMessage::decode(&[]),
        "message number",
        DecodeReason::Empty,
    );
    refused(
        ClientMessage::decode(&[]),
        "message number",
        DecodeReason::Empty,
    );
    refused(
        MethodMessage::decode(&[]),
        "message number",
        DecodeReason::Empty,
    );
    for first in 0..=255 {
        let wrong = |error: DecodeError| {
            error.reason() == DecodeReason::WrongNumber && error.message() == first
        };
        let by_server = matches!(first, 6 | 7 | 51..=53 | 60..=79);
        let by_client = matches!(first, 5 | 7 | 50 | 60..=79);
        assert_eq!(
            ServerMessage::decode(&[first]).is_err_and(wrong),
            !by_server,
            "{first}"
        );
        assert_eq!(
            ClientMessage::decode(&[first]).is_err_and(wrong),
            !by_client,
            "{first}"
        );
        assert_eq!(
            MethodMessage::new(first, &[]).is_some(),
            matches!(first, 60..=79)
        );
        assert!(!number::name(first).is_empty());
        if let Ok(message) = ServerMessage::decode(&[first]) {
            assert_eq!(message.number(), first);
        }
        if let Ok(message) = ClientMessage::decode(&[first]) {
            assert_eq!(message.number(), first);
        }
    }
}

#[test]
fn method_messages_of_another_number_are_refused() {
    let message = MethodMessage::new(62, &[]).unwrap();
    refused(
        PkOk::decode(&message),
        "message number",
        DecodeReason::WrongNumber,
    );
    refused(
        InfoResponse::decode(&message),
        "message number",
        DecodeReason::WrongNumber,
    );
    refused(
        PkOk::decode_payload(&[61]),
        "message number",
        DecodeReason::WrongNumber,
    );
    refused(
        PkOk::decode_payload(&[]),
        "message number",
        DecodeReason::Empty,
    );
}

/// Reads a payload and encodes what it was.
type Reader = fn(&[u8]) -> Result<Vec<u8>, DecodeError>;

macro_rules! reader {
    ($type:ident, $decode:ident) => {{
        fn read(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
            $type::$decode(bytes).map(|message| {
                let _ = format!("{message:?}");
                encode_exact(&message).unwrap()
            })
        }
        let read: Reader = read;
        (stringify!($type), read)
    }};
}

/// One good packet of every type at least, and what reads it.
fn good() -> Vec<((&'static str, Reader), Vec<u8>)> {
    let key = blob(0xaa);
    let request = |method| {
        encoded(&Request {
            user: USER,
            service: SERVICE,
            method,
        })
    };
    let request_reader = reader!(Request, decode);
    let server_reader = reader!(ServerMessage, decode);
    let signature = Some(b"signature".as_slice());
    let mut good = vec![
        (
            reader!(ServiceRequest, decode),
            encoded(&ServiceRequest {
                name: b"ssh-userauth",
            }),
        ),
        (reader!(ServiceAccept, decode), hex(V01)),
        (reader!(ExtInfo, decode), hex(V17)),
        (reader!(ExtInfo, decode), hex(V18)),
        (reader!(ExtInfo, decode), hex(V29)),
        (reader!(Failure, decode), hex(V05)),
        (reader!(Failure, decode), hex(V06)),
        (reader!(Failure, decode), hex(V13)),
        (reader!(Failure, decode), hex(V15_EMPTY)),
        (reader!(Success, decode), hex(V04)),
        (reader!(Banner, decode), hex(V19)),
        (reader!(PkOk, decode_payload), hex(V26)),
        (reader!(PasswdChangeReq, decode_payload), hex(V28)),
        (reader!(InfoRequest, decode_payload), hex(V09_NONE)),
        (reader!(InfoRequest, decode_payload), hex(V09_ONE)),
        (reader!(InfoRequest, decode_payload), hex(V10)),
        (
            reader!(InfoResponse, decode_payload),
            encoded(&InfoResponse {
                responses: vec![b"one", b"", b"three"],
            }),
        ),
        (reader!(GssapiResponse, decode_payload), hex(V23)),
        (
            reader!(GssapiToken, decode_payload),
            encoded(&GssapiToken { token: b"token" }),
        ),
        (
            reader!(GssapiExchangeComplete, decode_payload),
            encoded(&GssapiExchangeComplete),
        ),
        (
            reader!(GssapiError, decode_payload),
            encoded(&GssapiError {
                major: 1,
                minor: u32::MAX,
                message: b"no",
                language: b"en",
            }),
        ),
        (
            reader!(GssapiErrtok, decode_payload),
            encoded(&GssapiErrtok { token: b"token" }),
        ),
        (
            reader!(GssapiMic, decode_payload),
            encoded(&GssapiMic { mic: b"mic" }),
        ),
        (reader!(PublicKeySignatureData, decode), hex(V21)),
        (reader!(PublicKeySignatureData, decode), hex(V22)),
        (reader!(GssapiMicData, decode), hex(V24)),
        (
            reader!(HostBasedSignatureData, decode),
            encoded(&HostBasedSignatureData {
                session_id: &session_id(),
                user: USER,
                service: SERVICE,
                algorithm: ED25519,
                host_key: &key,
                client_host: b"client.example.",
                client_user: b"me",
            }),
        ),
        (request_reader, hex(V25)),
        (request_reader, hex(V31)),
        (server_reader, hex(V01)),
        (server_reader, hex(V03)),
        (server_reader, hex(V05)),
        (server_reader, hex(V17)),
        (reader!(ClientMessage, decode), hex(V25)),
    ];
    let methods = [
        RequestMethod::None,
        RequestMethod::PublicKey {
            algorithm: ED25519,
            key: &key,
            signature,
        },
        RequestMethod::HostBoundPublicKey {
            algorithm: ED25519,
            key: &key,
            host_key: &key,
            signature,
        },
        RequestMethod::HostBoundPublicKey {
            algorithm: ED25519,
            key: &key,
            host_key: &key,
            signature: None,
        },
        RequestMethod::PasswordChange {
            old: b"old",
            new: b"new",
        },
        RequestMethod::KeyboardInteractive {
            language: b"",
            submethods: b"pam,otp",
        },
        RequestMethod::HostBased {
            algorithm: ED25519,
            host_key: &key,
            client_host: b"client.example.",
            client_user: b"me",
            signature: b"signature",
        },
        RequestMethod::GssapiWithMic {
            mechanisms: vec![ObjectIdentifier::KERBEROS_V5.as_der(), b""],
        },
        RequestMethod::GssapiKeyex { mic: b"mic" },
    ];
    good.extend(methods.map(|method| (request_reader, request(method))));
    good
}

#[test]
fn good_packets_come_back_byte_for_byte() {
    for ((name, read), bytes) in good() {
        assert_eq!(read(&bytes).as_ref(), Ok(&bytes), "{name}");
    }
}

#[test]
fn one_byte_more_is_refused_except_in_a_banner() {
    for ((name, read), mut bytes) in good() {
        bytes.push(0);
        match read(&bytes) {
            Ok(_) => assert_eq!(name, "Banner"),
            Err(error) => assert_eq!(
                error.reason(),
                DecodeReason::TrailingBytes,
                "{name}: {error}"
            ),
        }
    }
}

#[test]
fn every_proper_prefix_is_refused_but_for_the_documented_leniency() {
    for ((name, read), bytes) in good() {
        for length in 0..bytes.len() {
            let accepted = read(&bytes[..length]).is_ok();
            let lenient = match name {
                // the text is there; the language tag may be cut
                "Banner" => length >= bytes.len() - 4,
                "ServiceAccept" => length == 1,
                "ServerMessage" => length == 1 && bytes[0] == number::SERVICE_ACCEPT,
                _ => false,
            };
            assert_eq!(
                accepted,
                lenient,
                "{name}, {length} of {} bytes",
                bytes.len()
            );
        }
    }
}

/// Whatever one byte becomes: no panic, and what is accepted is what is encoded again (but for booleans).
#[test]
fn every_change_of_one_byte_is_survived() {
    for ((name, read), bytes) in good() {
        for at in 0..bytes.len() {
            for flip in 1..=255 {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                let _ = (
                    ServerMessage::decode(&changed),
                    ClientMessage::decode(&changed),
                );
                let Ok(again) = read(&changed) else { continue };
                if matches!(name, "Banner" | "ServerMessage")
                    && changed[0] == number::USERAUTH_BANNER
                {
                    continue; // lenient: its end is passed over
                }
                let mut normal = changed.clone();
                if again != normal && normal[at] > 1 {
                    normal[at] = 1; // a boolean
                }
                assert_eq!(again, normal, "{name}, byte {at}");
            }
        }
    }
}

/// A length of nearly 2^32 in the place of any four bytes.
#[test]
fn huge_lengths_anywhere_are_survived() {
    for ((_, read), bytes) in good() {
        for at in 0..bytes.len().saturating_sub(3) {
            for length in [
                0xffff_fff0_u32,
                0xffff_ffff,
                0x8000_0000,
                0x7fff_ffff,
                0x3fff_ffff,
            ] {
                let mut changed = bytes.clone();
                changed[at..at + 4].copy_from_slice(&length.to_be_bytes());
                let _ = read(&changed);
            }
        }
    }
}
