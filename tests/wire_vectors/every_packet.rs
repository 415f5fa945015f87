//! Checks of whole tables: every proper prefix and every change of one byte of every good packet.

use ssh_userauth_testing::wire::{
    Banner, ClientMessage, DecodeError, DecodeReason, ExtInfo, Failure, GssapiError, GssapiErrtok,
    GssapiExchangeComplete, GssapiMic, GssapiMicData, GssapiResponse, GssapiToken,
    HostBasedSignatureData, InfoRequest, InfoResponse, ObjectIdentifier, PasswdChangeReq, PkOk,
    PublicKeySignatureData, Request, RequestMethod, ServerMessage, ServiceAccept, ServiceRequest,
    Success, encode_exact, number,
};

use crate::packets::{
    v01, v03, v04, v05, v06, v09, v09_hidden, v10, v13, v15_empty, v17, v18, v19, v21, v22, v23,
    v24, v25, v26, v28, v29, v31,
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
        (reader!(ServiceAccept, decode), v01()),
        (reader!(ExtInfo, decode), v17()),
        (reader!(ExtInfo, decode), v18()),
        (reader!(ExtInfo, decode), v29()),
        (reader!(Failure, decode), v05()),
        (reader!(Failure, decode), v06()),
        (reader!(Failure, decode), v13()),
        (reader!(Failure, decode), v15_empty()),
        (reader!(Success, decode), v04()),
        (reader!(Banner, decode), v19()),
        (reader!(PkOk, decode_payload), v26()),
        (reader!(PasswdChangeReq, decode_payload), v28()),
        (reader!(InfoRequest, decode_payload), v09()),
        (reader!(InfoRequest, decode_payload), v09_hidden()),
        (reader!(InfoRequest, decode_payload), v10()),
        (reader!(GssapiResponse, decode_payload), v23()),
        (reader!(PublicKeySignatureData, decode), v21()),
        (reader!(PublicKeySignatureData, decode), v22()),
        (reader!(GssapiMicData, decode), v24()),
        (request, v25()),
        (request, v31()),
        (server, v01()),
        (server, v03()),
        (server, v05()),
        (server, v17()),
        (reader!(ClientMessage, decode), v25()),
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
