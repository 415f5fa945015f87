//! What the server sends, in sane and insane forms.

use ssh_userauth_testing::wire::{
    self, Banner, ExtInfo, Extension, Failure, InfoRequest, NameList, PUBLICKEY_HOSTBOUND,
    PasswdChangeReq, PkOk, Prompt, SERVER_SIG_ALGS, encode_exact,
};

use crate::keys::identity;
use crate::script::{Message, Variation};
use crate::setup::OWN;

const TEXTS: [&[u8]; 8] = [
    b"",
    b"hi",
    b"Password: ",
    b"two\r\nlines\n",
    b"\x1b]52;c;cHduZWQ=\x07\x1b[2J",
    b"\xff\xfe invalid",
    "\u{202e}desrever\u{2066}\u{9b}2J".as_bytes(),
    b"Passphrase for key '/home/u/.ssh/id_rsa': ",
];

fn text(which: u8) -> &'static [u8] {
    TEXTS[usize::from(which) % TEXTS.len()]
}

fn encode(message: &impl ssh_encoding::Encode) -> Vec<u8> {
    encode_exact(message).expect("nothing here is that long")
}

/// The packet. `query` is the key that we asked about last, with its algorithm.
pub(crate) fn build(
    message: &Message,
    query: Option<(&[u8], &[u8])>,
    variation: Variation,
) -> Vec<u8> {
    let varied = variation == Variation::OtherLists;
    match message {
        Message::Accept(how) => encode(&wire::ServiceAccept {
            name: match how {
                1 => None,
                2 => Some(b"ssh-connection"),
                3 => Some(b""),
                _ => Some(b"ssh-userauth"),
            },
        }),
        Message::ExtInfo(which) => ext_info(*which, varied),
        Message::Banner(which) => encode(&Banner {
            message: text(*which),
            language: text(which >> 3),
        }),
        Message::Failure {
            methods,
            more,
            flags,
        } => failure(*methods, *more, *flags, varied),
        Message::Success => vec![52],
        Message::Gss(which) => gss(*which),
        Message::PkOk(how) => pk_ok(*how, query),
        Message::ChangeRequest(which) => encode(&PasswdChangeReq {
            prompt: text(*which),
            language: text(which >> 3),
        }),
        Message::InfoRequest { prompts, text } => info_request(*prompts, *text),
        Message::Method { number, body } => [&[*number][..], body].concat(),
        Message::Raw(bytes) => bytes.clone(),
    }
}

/// What GSS-API adds: the choice of a mechanism, tokens, errors.
fn gss(which: u8) -> Vec<u8> {
    let krb5 = wire::ObjectIdentifier::KERBEROS_V5.as_der();
    let error = |message| wire::GssapiError {
        major: 1,
        minor: 2,
        message,
        language: b"",
    };
    match which & 7 {
        0 => encode(&wire::GssapiResponse { mechanism: krb5 }),
        1 => encode(&wire::GssapiResponse {
            mechanism: OTHER_MECHANISM,
        }),
        // Neither the tag nor the length is right.
        2 => encode(&wire::GssapiResponse {
            mechanism: &krb5[1..],
        }),
        3 => encode(&wire::GssapiToken { token: b"token" }),
        4 => encode(&wire::GssapiToken { token: b"" }),
        5 => encode(&error(text(which))),
        6 => encode(&wire::GssapiErrtok { token: b"no" }),
        _ => encode(&wire::GssapiResponse {
            mechanism: &[6, 1, 99],
        }),
    }
}

pub(crate) const OTHER_MECHANISM: &[u8] = &[6, 1, 42];

/// The list has a method for each bit, and for each bit of `more`; the flags are partial success,
/// an unknown name, the other order, and names that shouldn't be there.
pub(crate) fn failure(methods: u8, more: u8, flags: u8, varied: bool) -> Vec<u8> {
    let names = ["publickey", "password", "keyboard-interactive", "none"];
    let mut list: Vec<&str> = (0..4)
        .filter(|bit| methods & (1 << bit) != 0)
        .map(|bit| names[bit])
        .collect();
    let others = ["hostbased", "gssapi-with-mic", "gssapi-keyex", OWN];
    list.extend(
        (0..4)
            .filter(|bit| more & (1 << bit) != 0)
            .map(|bit| others[bit]),
    );
    if flags & 2 != 0 {
        list.push("gssapi-with-mic");
    }
    if (flags & 4 != 0) != varied {
        list.reverse();
    }
    if flags & 8 != 0 {
        list.extend(["", "Password", "publickey-hostbound-v00@openssh.com"]);
    }
    if varied {
        list.insert(0, "unknown@example.org");
        list.push("another@example.org");
    }
    let list = list.join(",");
    encode(&Failure {
        methods: NameList::try_from(list.as_str()).expect("no NUL"),
        partial_success: flags & 1 != 0,
    })
}

pub(crate) fn ext_info(which: u8, varied: bool) -> Vec<u8> {
    let bound = (PUBLICKEY_HOSTBOUND, "0");
    let algorithms = |list| (SERVER_SIG_ALGS, list);
    let modern = "ssh-ed25519,rsa-sha2-512,rsa-sha2-256,ecdsa-sha2-nistp256,\
        sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com";
    let entries: &[(&str, &str)] = match which {
        1 => &[algorithms("rsa-sha2-512,rsa-sha2-256,ssh-ed25519")],
        2 => &[algorithms("ssh-rsa")],
        3 => &[algorithms(modern)],
        4 => &[bound],
        5 => &[algorithms(modern), bound],
        6 => &[(PUBLICKEY_HOSTBOUND, "1")],
        7 => &[algorithms("ssh-ed25519\0,ssh-rsa")],
        8 => return vec![7, 0xff, 0xff, 0xff, 0xff],
        9 => &[algorithms("")],
        10 => &[algorithms("ssh-dss,ssh-rsa,ssh-ed25519")],
        11 => &[algorithms("ssh-rsa"), algorithms(modern)],
        12 => &[("ext-info-in-auth@openssh.com", "0")],
        13 => &[bound, algorithms("ssh-mldsa-65,x@example.org")],
        14 => &[algorithms(",,ssh-ed25519-cert-v01@openssh.com,")],
        _ => &[],
    };
    let mut entries: Vec<Extension<'_>> = entries
        .iter()
        .map(|(name, value)| Extension {
            name: name.as_bytes(),
            value: value.as_bytes(),
        })
        .collect();
    if varied {
        entries.insert(
            0,
            Extension {
                name: b"unknown@example.org",
                value: b"\0\xff",
            },
        );
    }
    encode(&ExtInfo { entries })
}

fn pk_ok(how: u8, query: Option<(&[u8], &[u8])>) -> Vec<u8> {
    let other = identity(how);
    let (algorithm, key) = query.unwrap_or((b"ssh-ed25519", other.blob()));
    let longer = [key, &[0]].concat();
    let (algorithm, key): (&[u8], &[u8]) = match how {
        1 => (b"ssh-rsa", key),
        2 => (b"rsa-sha2-256", key),
        3 => (algorithm, other.blob()),
        4 => (algorithm, &key[..key.len() / 2]),
        5 => (algorithm, &longer),
        6 => (algorithm, &[]),
        7 => (b"", key),
        8 => (b"ssh-ed25519", key),
        9 => (b"ssh-rsa-cert-v01@openssh.com", key),
        10 => (b"name with blanks", key),
        _ => (algorithm, key),
    };
    encode(&PkOk { algorithm, key })
}

fn info_request(prompts: u8, which: u8) -> Vec<u8> {
    let count = match prompts {
        15 => 101,
        14 => 100,
        other => usize::from(other & 3),
    };
    let prompt = |index: usize| Prompt {
        text: text(which.wrapping_add(u8::try_from(index).unwrap_or_default())),
        echo: (usize::from(prompts >> 2) + index) & 1 != 0,
    };
    encode(&InfoRequest {
        name: text(which >> 1),
        instruction: text(which),
        language: text(which >> 3),
        prompts: (0..count).map(prompt).collect(),
    })
}
