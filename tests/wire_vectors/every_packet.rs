//! Checks of whole tables: every proper prefix and every change of one byte of every good packet.

use ssh_userauth_testing::wire::{
    Banner, ClientMessage, DecodeError, DecodeReason, ExtInfo, Failure, GssapiError, GssapiErrtok,
    GssapiExchangeComplete, GssapiMic, GssapiMicData, GssapiResponse, GssapiToken,
    HostBasedSignatureData, InfoRequest, InfoResponse, ObjectIdentifier, PasswdChangeReq, PkOk,
    PublicKeySignatureData, Request, RequestMethod, ServerMessage, ServiceAccept, ServiceRequest,
    Success, encode_exact, number,
};

use crate::packets::{
    banner_hostile, change_request, failure, failure_empty_list, failure_empty_name,
    gssapi_mic_data, gssapi_response, host_bound_announced, host_bound_data, info_request_empty,
    info_request_hidden, info_request_hostile, partial_success, password_request, pk_ok_a,
    publickey_data, query_a, service_accept, service_accept_of_another, sig_algs, sig_algs_nul,
    success,
};
use crate::{ED25519, SERVICE, USER, blob, encoded, session_id};

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

/// A good packet, the name of its type, and what reads it.
type Good = ((&'static str, Reader), Vec<u8>);

/// One good packet of every type at least.
fn good() -> Vec<Good> {
    let mut good = known();
    good.extend(encoded_here());
    good.extend(requests());
    good
}

/// Those that are written down.
fn known() -> Vec<Good> {
    let request = reader!(Request, decode);
    let server = reader!(ServerMessage, decode);
    vec![
        (reader!(ServiceAccept, decode), service_accept()),
        (reader!(ExtInfo, decode), sig_algs()),
        (reader!(ExtInfo, decode), sig_algs_nul()),
        (reader!(ExtInfo, decode), host_bound_announced()),
        (reader!(Failure, decode), failure()),
        (reader!(Failure, decode), partial_success()),
        (reader!(Failure, decode), failure_empty_name()),
        (reader!(Failure, decode), failure_empty_list()),
        (reader!(Success, decode), success()),
        (reader!(Banner, decode), banner_hostile()),
        (reader!(PkOk, decode_payload), pk_ok_a()),
        (reader!(PasswdChangeReq, decode_payload), change_request()),
        (reader!(InfoRequest, decode_payload), info_request_empty()),
        (reader!(InfoRequest, decode_payload), info_request_hidden()),
        (reader!(InfoRequest, decode_payload), info_request_hostile()),
        (reader!(GssapiResponse, decode_payload), gssapi_response()),
        (reader!(PublicKeySignatureData, decode), publickey_data()),
        (reader!(PublicKeySignatureData, decode), host_bound_data()),
        (reader!(GssapiMicData, decode), gssapi_mic_data()),
        (request, query_a()),
        (request, password_request()),
        (server, service_accept()),
        (server, service_accept_of_another()),
        (server, failure()),
        (server, sig_algs()),
        (reader!(ClientMessage, decode), query_a()),
    ]
}

/// Of the other types, as they are encoded here.
fn encoded_here() -> Vec<Good> {
    macro_rules! good {
        ($type:ident::$decode:ident <- $message:expr) => {
            (reader!($type, $decode), encoded(&$message))
        };
    }
    let service = ServiceRequest {
        name: b"ssh-userauth",
    };
    let responses = vec![b"one".as_slice(), b"", b"three"];
    let error = GssapiError {
        major: 1,
        minor: u32::MAX,
        message: b"no",
        language: b"en",
    };
    let host_based = HostBasedSignatureData {
        session_id: &session_id(),
        user: USER,
        service: SERVICE,
        algorithm: ED25519,
        host_key: &blob(0xaa),
        client_host: b"client.example.",
        client_user: b"me",
    };
    vec![
        good!(ServiceRequest::decode <- service),
        good!(InfoResponse::decode_payload <- InfoResponse { responses }),
        good!(GssapiToken::decode_payload <- GssapiToken { token: b"token" }),
        good!(GssapiExchangeComplete::decode_payload <- GssapiExchangeComplete),
        good!(GssapiError::decode_payload <- error),
        good!(GssapiErrtok::decode_payload <- GssapiErrtok { token: b"token" }),
        good!(GssapiMic::decode_payload <- GssapiMic { mic: b"mic" }),
        good!(HostBasedSignatureData::decode <- host_based),
    ]
}

/// Of all methods.
fn requests() -> Vec<Good> {
    let key = blob(0xaa);
    let signature = Some(b"signature".as_slice());
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
    let request = |method| Request {
        user: USER,
        service: SERVICE,
        method,
    };
    let good = methods.map(|method| (reader!(Request, decode), encoded(&request(method))));
    good.into()
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

/// Whatever one byte becomes: no panic, and what is accepted is what is encoded again (but for
/// booleans).
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
