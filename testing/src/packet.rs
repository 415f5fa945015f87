//! What a server can say, made from the wire types.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use ssh_encoding::Encode;

use crate::transcript::words::to_hex;
use crate::wire::{
    Banner, ExtInfo, Extension, Failure, InfoRequest, NameList, PUBLICKEY_HOSTBOUND,
    PasswdChangeReq, PkOk, Prompt, SERVER_SIG_ALGS, ServiceAccept, Success, encode_exact,
};

/// The service of this layer (RFC 4252 section 1).
const SERVICE: &[u8] = b"ssh-userauth";

/// The payload of one packet of a server.
///
/// The constructors make well-formed messages; [`of`](Self::of) takes any message of
/// [`wire`](crate::wire), and [`raw`](Self::raw) any bytes.
///
/// ```
/// use ssh_userauth_testing::Packet;
///
/// let refusal = Packet::failure(["publickey", "password"]);
/// assert_eq!(refusal.bytes(), b"\x33\0\0\0\x12publickey,password\0");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Packet(Vec<u8>);

impl Packet {
    /// Any message. One that can't be encoded becomes an empty packet, which no client takes.
    #[must_use]
    pub fn of(message: &impl Encode) -> Self {
        Self(encode_exact(message).unwrap_or_default())
    }

    /// Any bytes.
    #[must_use]
    pub fn raw(payload: impl Into<Vec<u8>>) -> Self {
        Self(payload.into())
    }

    /// `SSH_MSG_SERVICE_ACCEPT` for `ssh-userauth`.
    #[must_use]
    pub fn service_accept() -> Self {
        let name = Some(SERVICE);
        Self::of(&ServiceAccept { name })
    }

    /// `SSH_MSG_USERAUTH_SUCCESS`.
    #[must_use]
    pub fn success() -> Self {
        Self::of(&Success)
    }

    /// `SSH_MSG_USERAUTH_FAILURE`: no, and these methods can continue.
    #[must_use]
    pub fn failure<N: AsRef<str>>(methods: impl IntoIterator<Item = N>) -> Self {
        Self::refusal(methods, false)
    }

    /// `SSH_MSG_USERAUTH_FAILURE` with partial success: good, and these methods can continue.
    #[must_use]
    pub fn partial_success<N: AsRef<str>>(methods: impl IntoIterator<Item = N>) -> Self {
        Self::refusal(methods, true)
    }

    fn refusal<N: AsRef<str>>(methods: impl IntoIterator<Item = N>, partial_success: bool) -> Self {
        let list = join(methods);
        let methods = NameList::new(list.as_bytes()).unwrap_or_default();
        Self::of(&Failure {
            methods,
            partial_success,
        })
    }

    /// `SSH_MSG_USERAUTH_BANNER`.
    #[must_use]
    pub fn banner(text: impl AsRef<[u8]>) -> Self {
        Self::of(&Banner {
            message: text.as_ref(),
            language: b"",
        })
    }

    /// `SSH_MSG_EXT_INFO` with these names and values.
    #[must_use]
    pub fn ext_info<'e>(entries: impl IntoIterator<Item = (&'e str, &'e [u8])>) -> Self {
        let entries = entries.into_iter().map(|(name, value)| Extension {
            name: name.as_bytes(),
            value,
        });
        Self::of(&ExtInfo {
            entries: entries.collect(),
        })
    }

    /// `SSH_MSG_EXT_INFO` with `server-sig-algs`.
    #[must_use]
    pub fn signature_algorithms<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Self {
        Self::ext_info([(SERVER_SIG_ALGS, join(names).as_bytes())])
    }

    /// `SSH_MSG_EXT_INFO` with `server-sig-algs`, and host-bound signatures announced as OpenSSH
    /// does.
    #[must_use]
    pub fn host_bound<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Self {
        let names = join(names);
        let entries = [
            (SERVER_SIG_ALGS, names.as_bytes()),
            (PUBLICKEY_HOSTBOUND, &b"0"[..]),
        ];
        Self::ext_info(entries)
    }

    /// `SSH_MSG_USERAUTH_PK_OK`: this key would do.
    #[must_use]
    pub fn pk_ok(algorithm: &str, key: &[u8]) -> Self {
        let algorithm = algorithm.as_bytes();
        Self::of(&PkOk { algorithm, key })
    }

    /// `SSH_MSG_USERAUTH_PASSWD_CHANGEREQ`: the password must be changed.
    #[must_use]
    pub fn change_request(prompt: &str) -> Self {
        Self::of(&PasswdChangeReq {
            prompt: prompt.as_bytes(),
            language: b"",
        })
    }

    /// `SSH_MSG_USERAUTH_INFO_REQUEST` with these prompts, each with whether what is typed may be
    /// shown. PAM often sends one without any prompt at the end.
    #[must_use]
    pub fn prompts<'p>(prompts: impl IntoIterator<Item = (&'p str, bool)>) -> Self {
        let prompts = prompts.into_iter().map(|(text, echo)| Prompt {
            text: text.as_bytes(),
            echo,
        });
        Self::of(&InfoRequest {
            name: b"",
            instruction: b"",
            language: b"",
            prompts: prompts.collect(),
        })
    }

    /// The bytes: what a transport would hand to
    /// [`handle_packet`](ssh_userauth::UserAuthClient::handle_packet).
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Packet {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The bytes, in hexadecimal digits: a server has no secrets.
impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packet({})", to_hex(&self.0))
    }
}

fn join<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> String {
    let names: Vec<N> = names.into_iter().collect();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.join(",")
}
