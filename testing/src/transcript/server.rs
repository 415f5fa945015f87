//! `S`: what the server says.

use alloc::string::String;
use alloc::vec::Vec;

use crate::keys::check_name;
use crate::names::{mechanism, mechanism_word};
use crate::scene::Scene;
use crate::transcript::dialogue::Dialogue;
use crate::transcript::notice::GssapiErrorLine;
use crate::transcript::setting::{Entries, parse_entries, print_entries};
use crate::transcript::words::{Parsed, Sentence, Words};
use crate::wire::{
    Banner, ExtInfo, Extension, Failure, GssapiError, GssapiErrtok, GssapiResponse, GssapiToken,
    MethodMessage, NameList, PasswdChangeReq, PkOk, ServiceAccept, Success, encode_exact,
};
use ssh_userauth::{ProtocolError, Receipt, UserAuthClient};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServerLine {
    ServiceAccept(Option<Vec<u8>>),
    Failure(String),
    Partial(String),
    Success,
    Banner {
        message: Vec<u8>,
        language: Vec<u8>,
    },
    ExtInfo(Entries),
    PkOk {
        key: String,
        algorithm: Option<String>,
    },
    ChangeRequest {
        prompt: Vec<u8>,
        language: Vec<u8>,
    },
    InfoRequest(Dialogue),
    /// The mechanism, well encoded or not.
    GssapiResponse(Vec<u8>),
    GssapiToken(Vec<u8>),
    GssapiError(GssapiErrorLine),
    GssapiErrtok(Vec<u8>),
    MethodMessage {
        number: u8,
        body: Vec<u8>,
    },
    Raw(Vec<u8>),
    /// The transport tells of `SSH_MSG_DISCONNECT`.
    Disconnect {
        code: u32,
        description: Vec<u8>,
    },
    /// The transport tells that the connection is closed.
    Close,
    /// The transport tells of `SSH_MSG_UNIMPLEMENTED` to a message of ours.
    Unimplemented,
}

impl ServerLine {
    pub(crate) fn parse(words: &mut Words) -> Parsed<Self> {
        let what = words.text("what the server says")?;
        Ok(match what.as_str() {
            "service-accept" => Self::ServiceAccept(words.optional_text()?.map(String::into_bytes)),
            "failure" => Self::Failure(method_list(words)?),
            "partial" => Self::Partial(method_list(words)?),
            "success" => Self::Success,
            "banner" => Self::Banner {
                message: words.bytes("text")?,
                language: words.behind("language")?,
            },
            "ext-info" => Self::ExtInfo(parse_entries(words)?),
            "pk-ok" => Self::PkOk {
                key: check_name(words.text("key")?)?,
                algorithm: words.optional_text()?,
            },
            "change-request" => Self::ChangeRequest {
                prompt: words.bytes("prompt")?,
                language: words.behind("language")?,
            },
            "info-request" => Self::InfoRequest(Dialogue::parse(words)?),
            "gssapi-response" => Self::GssapiResponse(mechanism(&words.text("mechanism")?)?),
            "gssapi-token" => Self::GssapiToken(words.hex("token")?),
            "gssapi-error" => Self::GssapiError(GssapiErrorLine::parse(words)?),
            "gssapi-errtok" => Self::GssapiErrtok(words.hex("token")?),
            "method-message" => Self::MethodMessage {
                number: message_number(words)?,
                body: words.optional_hex()?,
            },
            "raw" => Self::Raw(words.optional_hex()?),
            "disconnect" => Self::Disconnect {
                code: words.number("reason")?,
                description: words.bytes("text")?,
            },
            "close" => Self::Close,
            "unimplemented" => Self::Unimplemented,
            other => return Err(alloc::format!("a server never says {other:?}")),
        })
    }

    pub(crate) fn print(&self) -> Sentence {
        let sentence = Sentence::new("S");
        match self {
            Self::ServiceAccept(name) => sentence.word("service-accept").values(name.as_ref()),
            Self::Failure(list) => print_list(sentence.word("failure"), list),
            Self::Partial(list) => print_list(sentence.word("partial"), list),
            Self::Success => sentence.word("success"),
            Self::Banner { message, language } => {
                let sentence = sentence.word("banner").value(message);
                sentence.behind("language", language)
            }
            Self::ExtInfo(entries) => print_entries(sentence.word("ext-info"), entries),
            Self::PkOk { key, algorithm } => {
                let sentence = sentence.word("pk-ok").word(key);
                sentence.values(algorithm.as_ref())
            }
            Self::ChangeRequest { prompt, language } => {
                let sentence = sentence.word("change-request").value(prompt);
                sentence.behind("language", language)
            }
            Self::InfoRequest(dialogue) => dialogue.print(sentence.word("info-request")),
            Self::GssapiResponse(der) => {
                sentence.word("gssapi-response").value(mechanism_word(der))
            }
            Self::GssapiToken(token) => sentence.word("gssapi-token").hex(token),
            Self::GssapiError(error) => error.print(sentence.word("gssapi-error")),
            Self::GssapiErrtok(token) => sentence.word("gssapi-errtok").hex(token),
            Self::MethodMessage { number, body } => {
                let sentence = sentence.word("method-message").number(number);
                sentence.optional_hex(body)
            }
            Self::Raw(bytes) => sentence.word("raw").optional_hex(bytes),
            Self::Disconnect { code, description } => {
                sentence.word("disconnect").number(code).value(description)
            }
            Self::Close => sentence.word("close"),
            Self::Unimplemented => sentence.word("unimplemented"),
        }
    }

    /// Says it to the machine.
    pub(crate) fn tell(
        &self,
        client: &mut UserAuthClient,
        scene: &Scene,
    ) -> Result<Receipt, ProtocolError> {
        match self {
            Self::Disconnect { code, description } => client.disconnected(*code, description),
            Self::Close => client.connection_lost(),
            Self::Unimplemented => return client.unimplemented(),
            packet => return client.handle_packet(&packet.payload(scene)),
        }
        Ok(Receipt::Taken)
    }

    /// The bytes that the line means; none, where the transport tells in its own words.
    pub(crate) fn payload(&self, scene: &Scene) -> Vec<u8> {
        let bytes = match self {
            Self::ServiceAccept(name) => encode_exact(&ServiceAccept {
                name: name.as_deref(),
            }),
            Self::Failure(list) => return failure(list, false),
            Self::Partial(list) => return failure(list, true),
            Self::Success => encode_exact(&Success),
            Self::Banner { message, language } => encode_exact(&Banner { message, language }),
            Self::ExtInfo(entries) => {
                let entries = entries
                    .iter()
                    .map(|(name, value)| Extension { name, value });
                let entries = entries.collect();
                encode_exact(&ExtInfo { entries })
            }
            Self::PkOk { key, algorithm } => encode_exact(&PkOk {
                algorithm: scene.algorithm(key, algorithm.as_ref()).as_bytes(),
                key: &scene.keys.blob(key),
            }),
            Self::ChangeRequest { prompt, language } => {
                encode_exact(&PasswdChangeReq { prompt, language })
            }
            Self::InfoRequest(dialogue) => encode_exact(&dialogue.info_request()),
            Self::GssapiResponse(mechanism) => encode_exact(&GssapiResponse { mechanism }),
            Self::GssapiToken(token) => encode_exact(&GssapiToken { token }),
            Self::GssapiError(error) => encode_exact(&GssapiError {
                major: error.major,
                minor: error.minor,
                message: &error.message,
                language: &error.language,
            }),
            Self::GssapiErrtok(token) => encode_exact(&GssapiErrtok { token }),
            Self::MethodMessage { number, body } => {
                let message = MethodMessage::new(*number, body);
                message.map_or(Ok(Vec::new()), |message| encode_exact(&message))
            }
            Self::Raw(bytes) => return bytes.clone(),
            Self::Disconnect { .. } | Self::Close | Self::Unimplemented => return Vec::new(),
        };
        bytes.unwrap_or_default()
    }
}

/// The number of a message that belongs to a method (RFC 4252 section 6).
pub(crate) fn message_number(words: &mut Words) -> Parsed<u8> {
    let number = words.number("number of the message")?;
    match MethodMessage::new(number, &[]) {
        Some(_) => Ok(number),
        None => Err(alloc::format!("{number} is not one of 60 to 79")),
    }
}

/// The list may be empty, and then needn't be written.
fn method_list(words: &mut Words) -> Parsed<String> {
    let list = words.optional_text()?.unwrap_or_default();
    match NameList::new(list.as_bytes()) {
        Ok(_) => Ok(list),
        Err(reason) => Err(alloc::format!("{reason}; write it as raw bytes")),
    }
}

fn print_list(sentence: Sentence, list: &str) -> Sentence {
    sentence.values((!list.is_empty()).then_some(list))
}

fn failure(list: &str, partial_success: bool) -> Vec<u8> {
    let methods = NameList::new(list.as_bytes()).unwrap_or_default();
    let failure = Failure {
        methods,
        partial_success,
    };
    encode_exact(&failure).unwrap_or_default()
}
