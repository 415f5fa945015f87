//! What messages are made of, and bytes that look like packets.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use ssh_userauth_testing::wire::{Extension, Prompt, RequestMethod, encode_exact, method_name};

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
pub(crate) struct Parts {
    pub(crate) strings: [Vec<u8>; 6],
    pub(crate) many: Vec<(Vec<u8>, Vec<u8>, bool)>,
    pub(crate) optional: Option<Vec<u8>>,
    pub(crate) names: Vec<u8>,
    pub(crate) flag: bool,
    pub(crate) numbers: (u32, u32),
    pub(crate) method_number: u8,
}

pub(crate) fn string() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(Vec::new()),
        vec(any::<u8>(), 0..24),
        vec(any::<u8>(), 200..300),
        "[ -~]{0,12}".prop_map(String::into_bytes),
    ]
}

pub(crate) fn parts() -> impl Strategy<Value = Parts> {
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
    pub(crate) fn firsts(&self) -> Vec<&[u8]> {
        self.many
            .iter()
            .map(|(first, ..)| first.as_slice())
            .collect()
    }

    pub(crate) fn methods(&self) -> Vec<RequestMethod<'_>> {
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

    pub(crate) fn entries(&self) -> Vec<Extension<'_>> {
        self.many
            .iter()
            .map(|(name, value, _)| Extension { name, value })
            .collect()
    }

    pub(crate) fn prompts(&self) -> Vec<Prompt<'_>> {
        self.many
            .iter()
            .map(|(text, _, echo)| Prompt { text, echo: *echo })
            .collect()
    }
}

/// Bytes that look like a packet: a number that matters, then fields that may or may not fit.
pub(crate) fn packet_like() -> impl Strategy<Value = Vec<u8>> {
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
