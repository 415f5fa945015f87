//! What a server sends.

use alloc::vec::Vec;

use super::cursor::{Cursor, wrong_number};
use super::error::{DecodeError, DecodeReason, Label};
use super::name_list::NameList;
use super::number;

const ACCEPT: Label = Label::numbered(number::SERVICE_ACCEPT);
const EXT_INFO: Label = Label::numbered(number::EXT_INFO);
const FAILURE: Label = Label::numbered(number::USERAUTH_FAILURE);
const SUCCESS: Label = Label::numbered(number::USERAUTH_SUCCESS);
const BANNER: Label = Label::numbered(number::USERAUTH_BANNER);
const PK_OK: Label = Label::named(number::USERAUTH_PK_OK, "USERAUTH_PK_OK");
const CHANGEREQ: Label = Label::named(
    number::USERAUTH_PASSWD_CHANGEREQ,
    "USERAUTH_PASSWD_CHANGEREQ",
);
const INFO_REQUEST: Label = Label::named(number::USERAUTH_INFO_REQUEST, "USERAUTH_INFO_REQUEST");
const RESPONSE: Label = Label::named(number::USERAUTH_GSSAPI_RESPONSE, "USERAUTH_GSSAPI_RESPONSE");
const TOKEN: Label = Label::named(number::USERAUTH_GSSAPI_TOKEN, "USERAUTH_GSSAPI_TOKEN");
const ERROR: Label = Label::named(number::USERAUTH_GSSAPI_ERROR, "USERAUTH_GSSAPI_ERROR");
const ERRTOK: Label = Label::named(number::USERAUTH_GSSAPI_ERRTOK, "USERAUTH_GSSAPI_ERRTOK");

/// RFC 8308 section 3.1: the signature algorithms that the server takes, a name-list.
const SERVER_SIG_ALGS: &str = "server-sig-algs";

/// OpenSSH's PROTOCOL file: the server takes host-bound signatures.
pub(crate) const PUBLICKEY_HOSTBOUND: &str = "publickey-hostbound@openssh.com";

/// The least an extension takes: two empty strings.
const SMALLEST_EXTENSION: usize = 8;

/// As OpenSSH (`kex_input_ext_info`): "if (ninfo >= 1024)".
const MOST_EXTENSIONS: usize = 1023;

/// The least a prompt takes: an empty string and the boolean.
const SMALLEST_PROMPT: usize = 5;

/// A message from server to client.
pub(crate) enum ServerMessage<'a> {
    ServiceAccept(ServiceAccept<'a>),
    ExtInfo(ExtInfo<'a>),
    Failure(Failure<'a>),
    Success,
    Banner(Banner<'a>),
    Method(MethodMessage<'a>),
}

impl<'a> ServerMessage<'a> {
    /// Reads a whole payload.
    pub(crate) fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let Some((&number, body)) = payload.split_first() else {
            let label = Label::named(0, "message");
            return Err(DecodeError::new(
                label,
                "message number",
                DecodeReason::Empty,
            ));
        };
        match number {
            number::SERVICE_ACCEPT => ServiceAccept::read(body).map(Self::ServiceAccept),
            number::EXT_INFO => ExtInfo::read(body).map(Self::ExtInfo),
            number::USERAUTH_FAILURE => Failure::read(body).map(Self::Failure),
            number::USERAUTH_SUCCESS => {
                Cursor::inside(body, SUCCESS).finish()?;
                Ok(Self::Success)
            }
            number::USERAUTH_BANNER => Banner::read(body).map(Self::Banner),
            60..=79 => Ok(Self::Method(MethodMessage { number, body })),
            other => Err(wrong_number(other)),
        }
    }
}

/// `SSH_MSG_SERVICE_ACCEPT` (RFC 4253 section 10).
pub(crate) struct ServiceAccept<'a> {
    /// The service that was asked for; `None` from old servers that leave it out.
    pub(crate) name: Option<&'a [u8]>,
}

impl<'a> ServiceAccept<'a> {
    fn read(body: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::inside(body, ACCEPT);
        if cursor.is_empty() {
            return Ok(Self { name: None });
        }
        let name = cursor.string("service name")?;
        cursor.finish()?;
        Ok(Self { name: Some(name) })
    }
}

/// `SSH_MSG_EXT_INFO` (RFC 8308 section 2.3).
pub(crate) struct ExtInfo<'a> {
    /// The names and values, in the server's order.
    entries: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> ExtInfo<'a> {
    /// Reads a whole payload.
    pub(crate) fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        Cursor::open(payload, EXT_INFO).and_then(Self::from_cursor)
    }

    fn read(body: &'a [u8]) -> Result<Self, DecodeError> {
        Self::from_cursor(Cursor::inside(body, EXT_INFO))
    }

    fn from_cursor(mut cursor: Cursor<'a>) -> Result<Self, DecodeError> {
        let count = cursor.count("number of extensions", SMALLEST_EXTENSION, MOST_EXTENSIONS)?;
        let mut entries = Vec::with_capacity(count);
        for _ in 0..count {
            let name = cursor.string("extension name")?;
            entries.push((name, cursor.string("extension value")?));
        }
        cursor.finish()?;
        Ok(Self { entries })
    }

    /// The value of the first extension of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&'a [u8]> {
        let mut entries = self.entries.iter();
        let found = entries.find(|(own, _)| *own == name.as_bytes());
        found.map(|(_, value)| *value)
    }

    /// The server's signature algorithms, if it says which.
    pub(crate) fn server_sig_algs(&self) -> Result<Option<NameList<'a>>, DecodeError> {
        self.get(SERVER_SIG_ALGS)
            .map(NameList::new)
            .transpose()
            .map_err(|reason| DecodeError::new(EXT_INFO, SERVER_SIG_ALGS, reason))
    }
}

/// `SSH_MSG_USERAUTH_FAILURE` (RFC 4252 section 5.1).
pub(crate) struct Failure<'a> {
    /// The "authentications that can continue".
    pub(crate) methods: NameList<'a>,
    pub(crate) partial_success: bool,
}

impl<'a> Failure<'a> {
    fn read(body: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::inside(body, FAILURE);
        let methods = cursor.name_list("methods")?;
        let partial_success = cursor.boolean("partial success")?;
        cursor.finish()?;
        Ok(Self {
            methods,
            partial_success,
        })
    }
}

/// `SSH_MSG_USERAUTH_BANNER` (RFC 4252 section 5.4).
pub(crate) struct Banner<'a> {
    pub(crate) message: &'a [u8],
    pub(crate) language: &'a [u8],
}

impl<'a> Banner<'a> {
    /// Lenient: a banner proves nothing, so a server that gets its end wrong does no harm. A
    /// language tag that is missing or doesn't fit reads as empty, and bytes after it are ignored.
    fn read(body: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::inside(body, BANNER);
        let message = cursor.string("message")?;
        let language = cursor.string("language tag").unwrap_or_default();
        Ok(Self { message, language })
    }
}

/// A message numbered 60 to 79, not yet decoded (RFC 4252 section 6).
pub(crate) struct MethodMessage<'a> {
    number: u8,
    body: &'a [u8],
}

impl<'a> MethodMessage<'a> {
    /// A message of this number; `None` if it isn't one of 60 to 79.
    pub(crate) const fn new(number: u8, body: &'a [u8]) -> Option<Self> {
        match number {
            60..=79 => Some(Self { number, body }),
            _ => None,
        }
    }

    pub(crate) const fn number(&self) -> u8 {
        self.number
    }

    /// What follows the number.
    pub(crate) const fn body(&self) -> &'a [u8] {
        self.body
    }

    fn cursor(&self, label: Label) -> Result<Cursor<'a>, DecodeError> {
        if self.number == label.number {
            Ok(Cursor::inside(self.body, label))
        } else {
            Err(wrong_number(self.number))
        }
    }

    /// Reads a message that has one string.
    fn string(&self, label: Label, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let mut cursor = self.cursor(label)?;
        let string = cursor.string(field)?;
        cursor.finish()?;
        Ok(string)
    }
}

/// A message of a method, whose fields are these.
macro_rules! method_message {
    (
        $(#[$doc:meta])* struct $type:ident = $label:ident {
            $($field:ident: $kind:ty = $read:ident($name:literal);)+
        }
    ) => {
        $(#[$doc])*
        pub(crate) struct $type<'a> {
            $(pub(crate) $field: $kind,)+
        }

        impl<'a> $type<'a> {
            /// Reads the body of a message with the right number.
            pub(crate) fn decode(message: &MethodMessage<'a>) -> Result<Self, DecodeError> {
                let mut cursor = message.cursor($label)?;
                let this = Self { $($field: cursor.$read($name)?,)+ };
                cursor.finish()?;
                Ok(this)
            }
        }
    };
}

method_message! {
    /// `SSH_MSG_USERAUTH_PK_OK` (RFC 4252 section 7). Only valid for the key that was asked about:
    /// both fields must be compared with the request.
    struct PkOk = PK_OK {
        algorithm: &'a [u8] = string("algorithm");
        key: &'a [u8] = string("key");
    }
}

method_message! {
    /// `SSH_MSG_USERAUTH_PASSWD_CHANGEREQ` (RFC 4252 section 8).
    struct PasswdChangeReq = CHANGEREQ {
        prompt: &'a [u8] = string("prompt");
        language: &'a [u8] = string("language tag");
    }
}

method_message! {
    /// `SSH_MSG_USERAUTH_GSSAPI_ERROR` (RFC 4462 section 3.8).
    struct GssapiError = ERROR {
        major: u32 = uint32("major status");
        minor: u32 = uint32("minor status");
        message: &'a [u8] = string("message");
        language: &'a [u8] = string("language tag");
    }
}

/// The mechanism in `SSH_MSG_USERAUTH_GSSAPI_RESPONSE` (RFC 4462 section 3.3).
pub(crate) fn gssapi_mechanism<'a>(message: &MethodMessage<'a>) -> Result<&'a [u8], DecodeError> {
    message.string(RESPONSE, "mechanism")
}

/// The token in `SSH_MSG_USERAUTH_GSSAPI_TOKEN` (RFC 4462 section 3.4).
pub(crate) fn gssapi_token<'a>(message: &MethodMessage<'a>) -> Result<&'a [u8], DecodeError> {
    message.string(TOKEN, "token")
}

/// The token in `SSH_MSG_USERAUTH_GSSAPI_ERRTOK` (RFC 4462 section 3.9).
pub(crate) fn gssapi_error_token<'a>(message: &MethodMessage<'a>) -> Result<&'a [u8], DecodeError> {
    message.string(ERRTOK, "error token")
}

/// One prompt of an INFO_REQUEST.
pub(crate) struct Prompt<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) echo: bool,
}

impl<'a> Prompt<'a> {
    const EMPTY: Self = Self {
        text: b"",
        echo: false,
    };

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            text: cursor.string("prompt")?,
            echo: cursor.boolean("echo")?,
        })
    }
}

/// `SSH_MSG_USERAUTH_INFO_REQUEST` (RFC 4256 section 3.2), whose prompts stay in the packet.
pub(crate) struct InfoRequestView<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) instruction: &'a [u8],
    pub(crate) language: &'a [u8],
    count: usize,
    prompts: Cursor<'a>,
}

impl<'a> InfoRequestView<'a> {
    pub(crate) fn decode(message: &MethodMessage<'a>) -> Result<Self, DecodeError> {
        let mut cursor = message.cursor(INFO_REQUEST)?;
        let name = cursor.string("name")?;
        let instruction = cursor.string("instruction")?;
        let language = cursor.string("language tag")?;
        let count = cursor.count("number of prompts", SMALLEST_PROMPT, usize::MAX)?;
        let prompts = cursor.clone();
        for _ in 0..count {
            Prompt::read(&mut cursor)?;
        }
        cursor.finish()?;
        Ok(Self {
            name,
            instruction,
            language,
            count,
            prompts,
        })
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn prompts(&self) -> impl ExactSizeIterator<Item = Prompt<'a>> {
        let mut cursor = self.prompts.clone();
        // They were read before.
        let prompt = move |_| Prompt::read(&mut cursor).unwrap_or(Prompt::EMPTY);
        (0..self.count).map(prompt)
    }
}
