//! Messages 60 and 61 of the methods `publickey`, `password` and `keyboard-interactive`.
//!
//! The same numbers mean different things: whoever made the request knows which type to read.

use alloc::vec::Vec;

use super::cursor::Cursor;
use super::error::{DecodeError, Label};
use super::layout::{Layout, Sink, encode_by_layout};
use super::number;
use super::reply::MethodMessage;
use super::show::debug_fields;

const PK_OK: Label = Label::named(number::USERAUTH_PK_OK, "USERAUTH_PK_OK");
const CHANGEREQ: Label = Label::named(
    number::USERAUTH_PASSWD_CHANGEREQ,
    "USERAUTH_PASSWD_CHANGEREQ",
);
const INFO_REQUEST: Label = Label::named(number::USERAUTH_INFO_REQUEST, "USERAUTH_INFO_REQUEST");
const INFO_RESPONSE: Label = Label::named(number::USERAUTH_INFO_RESPONSE, "USERAUTH_INFO_RESPONSE");

const PROMPT_COUNT: &str = "number of prompts";

/// An empty text and the echo flag: the least a prompt can take.
const SMALLEST_PROMPT: usize = 5;

/// Implements the two ways of reading a method-specific message, from its `read(cursor)`.
macro_rules! method_message {
    ($type:ident $(<$life:lifetime>)?, $label:expr) => {
        impl<'a> $type $(<$life>)? {
            /// Reads a message whose meaning is known from the request it answers.
            ///
            /// # Errors
            /// If it has another number, a field that doesn't fit, or trailing bytes.
            pub fn decode(message: &MethodMessage<'a>) -> Result<Self, DecodeError> {
                let mut cursor = message.cursor($label)?;
                let this = Self::read(&mut cursor)?;
                cursor.finish()?;
                Ok(this)
            }

            /// Reads a whole payload.
            ///
            /// # Errors
            /// If it is empty, has another number, a field that doesn't fit, or trailing bytes.
            pub fn decode_payload(payload: &'a [u8]) -> Result<Self, DecodeError> {
                let mut cursor = Cursor::open(payload, $label)?;
                let this = Self::read(&mut cursor)?;
                cursor.finish()?;
                Ok(this)
            }
        }
    };
}

pub(super) use method_message;

/// `SSH_MSG_USERAUTH_PK_OK`: the server would take a signature of this key (RFC 4252 section 7).
///
/// Both fields repeat those of the request; it is for the client to compare them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4252 section 7 fixes these fields"
)]
pub struct PkOk<'a> {
    /// The algorithm "from the request".
    pub algorithm: &'a [u8],
    /// The key or certificate "from the request", encoded.
    pub key: &'a [u8],
}

impl<'a> PkOk<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            algorithm: cursor.string("algorithm")?,
            key: cursor.string("key")?,
        })
    }
}

impl Layout for PkOk<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(PK_OK.number);
        sink.string(self.algorithm);
        sink.string(self.key);
    }
}

/// `SSH_MSG_USERAUTH_PASSWD_CHANGEREQ`: the password has to be changed first (RFC 4252 section 8).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4252 section 8 fixes these fields"
)]
pub struct PasswdChangeReq<'a> {
    /// What to tell the user; untrusted text.
    pub prompt: &'a [u8],
    /// The language of the text, as a tag of RFC 3066; mostly empty.
    pub language: &'a [u8],
}

impl<'a> PasswdChangeReq<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            prompt: cursor.string("prompt")?,
            language: cursor.string("language tag")?,
        })
    }
}

impl Layout for PasswdChangeReq<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(CHANGEREQ.number);
        sink.string(self.prompt);
        sink.string(self.language);
    }
}

/// One prompt of an [`InfoRequest`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4256 section 3.2 fixes these fields"
)]
pub struct Prompt<'a> {
    /// What to ask; untrusted text.
    pub text: &'a [u8],
    /// Whether the answer may be seen while it is typed.
    pub echo: bool,
}

/// `SSH_MSG_USERAUTH_INFO_REQUEST`: the server asks the user (RFC 4256 section 3.2).
///
/// No prompts at all is valid: the answer is then an [`InfoResponse`] without responses.
#[derive(Clone, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4256 section 3.2 fixes these fields"
)]
pub struct InfoRequest<'a> {
    /// A title; untrusted text.
    pub name: &'a [u8],
    /// What to tell before asking; untrusted text.
    pub instruction: &'a [u8],
    /// The language of the texts; RFC 4256 section 3.2 deprecates it.
    pub language: &'a [u8],
    /// What to ask, in this order.
    pub prompts: Vec<Prompt<'a>>,
}

impl<'a> InfoRequest<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            name: cursor.string("name")?,
            instruction: cursor.string("instruction")?,
            language: cursor.string("language tag")?,
            prompts: cursor.list(PROMPT_COUNT, SMALLEST_PROMPT, usize::MAX, Prompt::read)?,
        })
    }
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

/// An [`InfoRequest`] without a list of its prompts: they are read where they are.
pub(crate) struct InfoRequestView<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) instruction: &'a [u8],
    pub(crate) language: &'a [u8],
    count: usize,
    prompts: Cursor<'a>,
}

impl<'a> InfoRequestView<'a> {
    /// Reads the message to its end, as [`InfoRequest::decode`] does.
    pub(crate) fn decode(message: &MethodMessage<'a>) -> Result<Self, DecodeError> {
        let mut cursor = message.cursor(INFO_REQUEST)?;
        let name = cursor.string("name")?;
        let instruction = cursor.string("instruction")?;
        let language = cursor.string("language tag")?;
        let count = cursor.count(PROMPT_COUNT, SMALLEST_PROMPT, usize::MAX)?;
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

impl Layout for InfoRequest<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(INFO_REQUEST.number);
        sink.string(self.name);
        sink.string(self.instruction);
        sink.string(self.language);
        sink.count(self.prompts.len());
        for prompt in &self.prompts {
            sink.string(prompt.text);
            sink.boolean(prompt.echo);
        }
    }
}

/// `SSH_MSG_USERAUTH_INFO_RESPONSE`: what the user answered (RFC 4256 section 3.4).
///
/// RFC 4256 section 3.4: "If the num-responses field does not match the num-prompts field in the
/// request message, the server MUST send a failure message."
#[derive(Clone, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4256 section 3.4 fixes these fields"
)]
pub struct InfoResponse<'a> {
    /// One response for each prompt, in the order of the prompts. `Debug` shows their lengths only.
    pub responses: Vec<&'a [u8]>,
}

impl<'a> InfoResponse<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        let responses = cursor.strings("number of responses", "response")?;
        Ok(Self { responses })
    }
}

impl Layout for InfoResponse<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        Responses(self.responses.iter().copied()).lay_out(sink);
    }
}

/// An [`InfoResponse`] without a list of its responses.
pub(crate) struct Responses<I>(pub(crate) I);

impl<'a, I: ExactSizeIterator<Item = &'a [u8]> + Clone> Layout for Responses<I> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(INFO_RESPONSE.number);
        sink.count(self.0.len());
        self.0.clone().for_each(|string| sink.string(string));
    }
}

debug_fields!(PkOk {
    algorithm: text,
    key: hidden
});
debug_fields!(PasswdChangeReq {
    prompt: text,
    language: text
});
debug_fields!(Prompt {
    text: text,
    echo: plain
});
debug_fields!(InfoRequest {
    name: text,
    instruction: text,
    language: text,
    prompts: plain_ref
});
debug_fields!(InfoResponse {
    responses: all_hidden
});

method_message!(PkOk<'a>, PK_OK);
method_message!(PasswdChangeReq<'a>, CHANGEREQ);
method_message!(InfoRequest<'a>, INFO_REQUEST);
method_message!(InfoResponse<'a>, INFO_RESPONSE);
encode_by_layout!(
    PkOk<'_>,
    PasswdChangeReq<'_>,
    InfoRequest<'_>,
    InfoResponse<'_>
);
