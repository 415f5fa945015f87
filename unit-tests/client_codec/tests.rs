//! The client's half of the codec against the codec of `ssh-userauth-testing`, which was written
//! independently and is checked by `tests/wire_vectors` and `tests/wire_properties`: both read the
//! same from any bytes, refuse the same bytes for the same reason, and write the same.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use ssh_userauth_testing::wire as kit;

use crate::wire;

#[path = "vectors.rs"]
mod vectors;

/// All that a refusal says.
macro_rules! refusal {
    ($error:expr) => {{
        let error = $error;
        let (number, name) = (error.message_number(), error.message_name());
        let (field, reason) = (error.field(), error.reason());
        format!("{error} ({number} {name} {field} {reason:?})")
    }};
}

/// What a decoder makes of a message: its fields, or the refusal.
macro_rules! read {
    ($decoded:expr, |$message:ident| $fields:expr) => {
        match $decoded {
            Ok($message) => format!("{:?}", $fields),
            Err(error) => refusal!(error),
        }
    };
}

/// What a codec makes of a payload, whatever the method.
macro_rules! reading {
    ($wire:ident, $info_request:ident, |$info:ident| $prompts:expr, $gssapi:expr, $payload:expr) => {{
        use $wire::*;
        #[allow(unreachable_patterns, reason = "one of the two enums may grow")]
        match ServerMessage::decode($payload) {
            Ok(ServerMessage::ServiceAccept(accept)) => format!("accept {:?}", accept.name),
            Ok(ServerMessage::ExtInfo(info)) => format!(
                "extensions {:?} {:?} {}",
                info.get("server-sig-algs"),
                info.get(PUBLICKEY_HOSTBOUND),
                read!(info.server_sig_algs(), |list| list
                    .map(|list| list.as_bytes())),
            ),
            Ok(ServerMessage::Failure(failure)) => {
                let (list, partial) = (failure.methods, failure.partial_success);
                let names: Vec<_> = list.iter().collect();
                format!("failure {:?} {names:?} {partial}", list.as_bytes())
            }
            Ok(ServerMessage::Success) => "success".to_string(),
            Ok(ServerMessage::Banner(banner)) => {
                format!("banner {:?} {:?}", banner.message, banner.language)
            }
            Ok(ServerMessage::Method(message)) => [
                format!("{} {:?}", message.number(), message.body()),
                read!(PkOk::decode(&message), |ok| (ok.algorithm, ok.key)),
                read!(PasswdChangeReq::decode(&message), |demand| (
                    demand.prompt,
                    demand.language
                )),
                read!($info_request::decode(&message), |$info| (
                    $info.name,
                    $info.instruction,
                    $info.language,
                    $prompts
                )),
                read!($gssapi.0(&message), |mechanism| mechanism),
                read!($gssapi.1(&message), |token| token),
                read!(GssapiError::decode(&message), |error| (
                    error.major,
                    error.minor,
                    error.message,
                    error.language
                )),
                read!($gssapi.2(&message), |token| token),
            ]
            .join("\n"),
            Ok(_) => "another message".to_string(),
            Err(error) => refusal!(error),
        }
    }};
}

fn by_us(payload: &[u8]) -> String {
    reading!(
        wire,
        InfoRequestView,
        |info| {
            assert_eq!(info.prompts().len(), info.count());
            let prompts = info.prompts().map(|prompt| (prompt.text, prompt.echo));
            prompts.collect::<Vec<_>>()
        },
        (gssapi_mechanism, gssapi_token, gssapi_error_token,),
        payload
    )
}

fn by_the_kit(payload: &[u8]) -> String {
    reading!(
        kit,
        InfoRequest,
        |info| {
            let prompts = info.prompts.iter();
            let prompts = prompts.map(|prompt| (prompt.text, prompt.echo));
            prompts.collect::<Vec<_>>()
        },
        (
            |message: &_| GssapiResponse::decode(message).map(|reply| reply.mechanism),
            |message: &_| GssapiToken::decode(message).map(|token| token.token),
            |message: &_| GssapiErrtok::decode(message).map(|token| token.token),
        ),
        payload
    )
}

#[track_caller]
fn check(payload: &[u8]) {
    assert_eq!(by_us(payload), by_the_kit(payload), "{payload:02x?}");
    let as_extensions = (
        wire::ExtInfo::decode(payload).map_err(|error| refusal!(error)),
        kit::ExtInfo::decode(payload).map_err(|error| refusal!(error)),
    );
    assert_eq!(as_extensions.0.err(), as_extensions.1.err());
}

/// Random numbers that are the same in every run (Knuth's generator).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> usize {
        let (factor, sum) = (6_364_136_223_846_793_005, 1_442_695_040_888_963_407);
        self.0 = self.0.wrapping_mul(factor).wrapping_add(sum);
        usize::try_from((self.0 >> 33) % below).unwrap()
    }

    fn bytes(&mut self, most: u64) -> Vec<u8> {
        let length = self.roll(most);
        (0..length)
            .map(|_| self.roll(256).to_le_bytes()[0])
            .collect()
    }

    fn string(&mut self) -> Vec<u8> {
        let bytes = self.bytes(24);
        let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        [&length[..], &bytes].concat()
    }
}

#[test]
fn every_vector_is_read_as_the_kit_reads_it() {
    for (_, payload) in vectors::all() {
        check(&payload);
        for length in 0..payload.len() {
            check(&payload[..length]);
        }
        check(&[&payload[..], &[0]].concat());
    }
    for number in 0..=255 {
        check(&[number]);
    }
}

#[test]
fn every_change_of_one_byte_is_read_as_the_kit_reads_it() {
    for (_, payload) in vectors::all() {
        for at in 0..payload.len() {
            for flip in [1, 2, 4, 0x40, 0x80, 0xff] {
                let mut changed = payload.clone();
                changed[at] ^= flip;
                check(&changed);
            }
        }
    }
}

#[test]
fn huge_lengths_anywhere_are_refused_as_by_the_kit() {
    for (_, payload) in vectors::all() {
        for at in 0..payload.len().saturating_sub(3) {
            for length in [
                0xffff_fff0_u32,
                u32::MAX,
                1 << 31,
                i32::MAX.unsigned_abs(),
                1024,
            ] {
                let mut changed = payload.clone();
                changed[at..at + 4].copy_from_slice(&length.to_be_bytes());
                check(&changed);
            }
        }
    }
}

#[test]
fn random_packets_are_read_as_the_kit_reads_them() {
    let mut dice = Dice(1);
    for _ in 0..20_000 {
        let numbers = [6, 7, 51, 52, 53, 60, 60, 60, 61, 64, 65, 66, 79];
        let mut payload = alloc::vec![numbers[dice.roll(13)]];
        for _ in 0..dice.roll(7) {
            match dice.roll(8) {
                0 => payload.push(dice.roll(3).to_le_bytes()[0]),
                1 => payload.extend([0, 0, 0, dice.roll(4).to_le_bytes()[0]]),
                2 => payload.extend(dice.bytes(6)),
                3 => payload.extend(b"\0\0\0\x0fserver-sig-algs"),
                _ => payload.extend(dice.string()),
            }
        }
        check(&payload);
    }
}

#[test]
fn object_identifiers_are_those_of_the_kit() {
    let mut dice = Dice(2);
    assert!(wire::is_object_identifier(wire::KERBEROS_V5));
    let longest = |length: u8| [&[6, length][..], &[1; 200][..usize::from(length)]].concat();
    let mut all = alloc::vec![longest(127), longest(128), longest(1), alloc::vec![6, 0]];
    for _ in 0..5_000 {
        let content = dice.bytes(140);
        let mut der = alloc::vec![5 + dice.roll(3).to_le_bytes()[0]];
        der.push((content.len() + dice.roll(2)).to_le_bytes()[0]);
        der.extend(content);
        all.push(der);
    }
    for der in all {
        let by_the_kit = kit::ObjectIdentifier::from_der(&der).is_ok();
        assert_eq!(wire::is_object_identifier(&der), by_the_kit, "{der:02x?}");
    }
}

/// Our bytes are the kit's, in a buffer that had the right size from the beginning.
#[track_caller]
fn written(ours: &impl wire::Layout, theirs: &impl ssh_encoding::Encode) {
    let bytes = wire::encode_exact(ours).unwrap();
    assert_eq!(bytes, kit::encode_exact(theirs).unwrap());
    assert_eq!(bytes.capacity(), bytes.len());
    let roomy = wire::encode_within(bytes.len(), ours, 7).unwrap();
    assert_eq!((&roomy, roomy.capacity()), (&bytes, bytes.len() + 7));
    let too_long = wire::encode_within(bytes.len() - 1, ours, 7);
    assert_eq!(too_long, Err(ssh_encoding::Error::Length));
}

#[test]
fn every_message_is_written_as_the_kit_writes_it() {
    let mut dice = Dice(3);
    for _ in 0..500 {
        let strings: [_; 7] = core::array::from_fn(|_| dice.bytes(300));
        let [a, b, c, d, e, user, service] = strings.each_ref().map(Vec::as_slice);
        macro_rules! request {
            ($method:ident $fields:tt, $kit:ident $kit_fields:tt) => {{
                let (ours, theirs) = (
                    wire::RequestMethod::$method $fields,
                    kit::RequestMethod::$kit $kit_fields,
                );
                let ours = wire::Request { user, service, method: ours };
                written(&ours, &kit::Request { user, service, method: theirs });
            }};
            ($method:ident $fields:tt) => {
                request!($method $fields, $method $fields)
            };
        }
        request!(None {});
        request!(
            PublicKey {
                algorithm: a,
                key: b
            },
            PublicKey {
                algorithm: a,
                key: b,
                signature: None
            }
        );
        request!(Password { password: a });
        request!(PasswordChange { old: a, new: b });
        request!(KeyboardInteractive {
            language: a,
            submethods: b
        });
        request!(GssapiWithMic {
            mechanisms: [a, b, c].into()
        });
        request!(GssapiWithMic {
            mechanisms: Vec::new()
        });
        request!(GssapiKeyex { mic: a });
        request!(Other { name: a, data: b });

        let responses = alloc::vec![a, b, c];
        written(
            &wire::Responses(responses.iter().copied()),
            &kit::InfoResponse {
                responses: responses.clone(),
            },
        );
        let string = |number| wire::StringMessage { number, string: a };
        written(&string(61), &kit::GssapiToken { token: a });
        written(&string(66), &kit::GssapiMic { mic: a });
        let end = wire::MethodMessage::new(63, &[]).unwrap();
        written(&end, &kit::GssapiExchangeComplete);
        for number in [60, 79] {
            written(
                &wire::MethodMessage::new(number, a).unwrap(),
                &kit::MethodMessage::new(number, a).unwrap(),
            );
        }
        let signed = |method| wire::SignedData {
            session_id: c,
            request: wire::Request {
                user,
                service,
                method,
            },
        };
        for host_key in [None, Some(d)] {
            written(
                &signed(wire::RequestMethod::SignedPublicKey {
                    algorithm: a,
                    key: b,
                    host_key,
                }),
                &kit::PublicKeySignatureData {
                    session_id: c,
                    user,
                    service,
                    algorithm: a,
                    key: b,
                    host_key,
                },
            );
        }
        written(
            &signed(wire::RequestMethod::HostBased {
                algorithm: a,
                host_key: b,
                client_host: d,
                client_user: e,
            }),
            &kit::HostBasedSignatureData {
                session_id: c,
                user,
                service,
                algorithm: a,
                host_key: b,
                client_host: d,
                client_user: e,
            },
        );
        for (name, method) in [
            ("gssapi-with-mic", kit::GssapiMethod::WithMic),
            ("gssapi-keyex", kit::GssapiMethod::Keyex),
        ] {
            let name = name.as_bytes();
            written(
                &signed(wire::RequestMethod::Other { name, data: &[] }),
                &kit::GssapiMicData {
                    session_id: c,
                    user,
                    service,
                    method,
                },
            );
        }
    }
    for number in 0..=255 {
        let is_of_a_method = (60..=79).contains(&number);
        assert_eq!(
            wire::MethodMessage::new(number, &[]).is_some(),
            is_of_a_method
        );
        assert_eq!(wire::number::name(number), kit::number::name(number));
    }
}
