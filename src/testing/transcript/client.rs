//! `C`: what we send.

use alloc::string::String;
use alloc::vec::Vec;

use crate::testing::keys::{self, check_name, signature_name};
use crate::testing::scene::Scene;
use crate::testing::transcript::words::{Parsed, Sentence, Words, to_hex, unhex};
use crate::wire::{
    ClientMessage, InfoResponse, MethodMessage, Request, RequestMethod, ServiceRequest,
    encode_exact,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClientLine {
    ServiceRequest(Vec<u8>),
    Request(RequestLine),
    Response(Vec<Vec<u8>>),
    /// What no other form can say.
    Raw(Vec<u8>),
}

/// A request of the user and for the service of the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestLine {
    None,
    PublicKey(KeyRequest),
    Password(Vec<u8>),
    PasswordChange { old: Vec<u8>, new: Vec<u8> },
    KeyboardInteractive { submethods: Vec<u8> },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyRequest {
    pub(crate) form: KeyForm,
    pub(crate) key: String,
    /// The name of the signature; none in a query.
    pub(crate) signature: Option<String>,
    /// The algorithm, if it isn't the type of the key.
    pub(crate) algorithm: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyForm {
    Plain,
    HostBound,
}

impl ClientLine {
    pub(crate) fn parse(words: &mut Words) -> Parsed<Self> {
        let what = words.text("what we send")?;
        Ok(match what.as_str() {
            "service-request" => Self::ServiceRequest(words.bytes("service name")?),
            "request" => Self::Request(RequestLine::parse(words)?),
            "response" => Self::Response(words.all_bytes()),
            "raw" => Self::Raw(unhex(&words.text("bytes")?)?),
            other => return Err(alloc::format!("we never send {other:?}")),
        })
    }

    pub(crate) fn print(&self) -> String {
        let sentence = Sentence::new("C");
        let sentence = match self {
            Self::ServiceRequest(name) => sentence.word("service-request").value(name),
            Self::Request(request) => request.print(sentence.word("request")),
            Self::Response(answers) => sentence.word("response").values(answers),
            Self::Raw(bytes) => sentence.word("raw").word(&to_hex(bytes)),
        };
        sentence.finish()
    }

    /// The bytes that the line means.
    pub(crate) fn payload(&self, scene: &Scene) -> Vec<u8> {
        let bytes = match self {
            Self::ServiceRequest(name) => encode_exact(&ServiceRequest { name }),
            Self::Request(request) => return request.payload(scene),
            Self::Response(answers) => encode_exact(&InfoResponse {
                responses: answers.iter().map(Vec::as_slice).collect(),
            }),
            Self::Raw(bytes) => return bytes.clone(),
        };
        bytes.unwrap_or_default()
    }

    /// The line that means exactly these bytes.
    pub(crate) fn of(payload: &[u8], scene: &Scene) -> Self {
        let line = match ClientMessage::decode(payload) {
            Ok(ClientMessage::ServiceRequest(request)) => {
                Some(Self::ServiceRequest(request.name.to_vec()))
            }
            Ok(ClientMessage::Request(request)) => {
                RequestLine::of(&request.method, scene).map(Self::Request)
            }
            Ok(ClientMessage::Method(message)) => response(&message),
            _ => None,
        };
        line.filter(|line| line.payload(scene) == payload)
            .unwrap_or_else(|| Self::Raw(payload.to_vec()))
    }

    /// Without what goes without saying.
    pub(crate) fn normal(&self, scene: &Scene) -> Self {
        Self::of(&self.payload(scene), scene)
    }

    /// Whether a transport should hide its length (RFC 4252 section 8).
    pub(crate) fn is_secret(&self) -> bool {
        match self {
            Self::ServiceRequest(_) | Self::Raw(_) => false,
            Self::Response(_) => true,
            Self::Request(request) => matches!(
                request,
                RequestLine::Password(_) | RequestLine::PasswordChange { .. }
            ),
        }
    }

    /// Whether it is an `SSH_MSG_USERAUTH_REQUEST`, of which the ledger must have a record.
    pub(crate) fn is_request(&self) -> bool {
        matches!(self, Self::Request(_))
    }
}

fn response(message: &MethodMessage<'_>) -> Option<ClientLine> {
    let response = InfoResponse::decode(message).ok()?;
    let answers = response.responses.iter().map(|answer| answer.to_vec());
    Some(ClientLine::Response(answers.collect()))
}

impl RequestLine {
    fn parse(words: &mut Words) -> Parsed<Self> {
        let method = words.text("method")?;
        Ok(match method.as_str() {
            "none" => Self::None,
            "publickey" => Self::PublicKey(KeyRequest::parse(KeyForm::Plain, words)?),
            "hostbound" => Self::PublicKey(KeyRequest::parse(KeyForm::HostBound, words)?),
            "password" => Self::Password(words.bytes("password")?),
            "password-change" => Self::PasswordChange {
                old: words.bytes("old password")?,
                new: words.bytes("new password")?,
            },
            "keyboard-interactive" => {
                let submethods = words.optional_text()?.unwrap_or_default();
                Self::KeyboardInteractive {
                    submethods: submethods.into_bytes(),
                }
            }
            other => return Err(alloc::format!("there is no request {other:?}")),
        })
    }

    fn print(&self, sentence: Sentence) -> Sentence {
        match self {
            Self::None => sentence.word("none"),
            Self::PublicKey(request) => request.print(sentence),
            Self::Password(password) => sentence.word("password").value(password),
            Self::PasswordChange { old, new } => {
                sentence.word("password-change").value(old).value(new)
            }
            Self::KeyboardInteractive { submethods } => {
                let sentence = sentence.word("keyboard-interactive");
                sentence.values((!submethods.is_empty()).then_some(submethods))
            }
        }
    }

    fn of(method: &RequestMethod<'_>, scene: &Scene) -> Option<Self> {
        let key_request = |form, algorithm: &[u8], key: &[u8], signature: Option<&[u8]>| {
            let algorithm = core::str::from_utf8(algorithm).ok()?;
            let key = scene.keys.name(key);
            Some(Self::PublicKey(KeyRequest {
                form,
                signature: signature.map(|blob| signature_name(blob, algorithm)),
                algorithm: scene.said(&key, algorithm),
                key,
            }))
        };
        match *method {
            RequestMethod::None => Some(Self::None),
            RequestMethod::PublicKey {
                algorithm,
                key,
                signature,
            } => key_request(KeyForm::Plain, algorithm, key, signature),
            RequestMethod::HostBoundPublicKey {
                algorithm,
                key,
                signature,
                ..
            } => key_request(KeyForm::HostBound, algorithm, key, signature),
            RequestMethod::Password { password } => Some(Self::Password(password.to_vec())),
            RequestMethod::PasswordChange { old, new } => Some(Self::PasswordChange {
                old: old.to_vec(),
                new: new.to_vec(),
            }),
            RequestMethod::KeyboardInteractive { submethods, .. } => {
                Some(Self::KeyboardInteractive {
                    submethods: submethods.to_vec(),
                })
            }
            _ => None,
        }
    }

    fn payload(&self, scene: &Scene) -> Vec<u8> {
        let method = match self {
            Self::None => RequestMethod::None,
            Self::PublicKey(request) => return request.payload(scene),
            Self::Password(password) => RequestMethod::Password { password },
            Self::PasswordChange { old, new } => RequestMethod::PasswordChange { old, new },
            Self::KeyboardInteractive { submethods } => RequestMethod::KeyboardInteractive {
                language: b"",
                submethods,
            },
        };
        encode(scene, method)
    }
}

fn encode(scene: &Scene, method: RequestMethod<'_>) -> Vec<u8> {
    let request = Request {
        user: &scene.user,
        service: scene.service.as_bytes(),
        method,
    };
    encode_exact(&request).unwrap_or_default()
}

impl KeyRequest {
    fn parse(form: KeyForm, words: &mut Words) -> Parsed<Self> {
        let key = check_name(words.text("key")?)?;
        let signature = match words.text("query or signed")?.as_str() {
            "query" => None,
            "signed" => Some(check_name(words.text("signature")?)?),
            other => return Err(alloc::format!("{other:?} is neither query nor signed")),
        };
        Ok(Self {
            form,
            key,
            signature,
            algorithm: words.optional_text()?,
        })
    }

    fn print(&self, sentence: Sentence) -> Sentence {
        let sentence = sentence.word(match self.form {
            KeyForm::Plain => "publickey",
            KeyForm::HostBound => "hostbound",
        });
        let sentence = sentence.word(&self.key);
        let sentence = match &self.signature {
            None => sentence.word("query"),
            Some(name) => sentence.word("signed").word(name),
        };
        sentence.values(self.algorithm.as_ref())
    }

    fn payload(&self, scene: &Scene) -> Vec<u8> {
        let key = scene.keys.blob(&self.key);
        let algorithm = scene.algorithm(&self.key, self.algorithm.as_ref());
        let signature = self.signature.as_ref();
        let signature = signature.map(|name| keys::signature(name, &algorithm));
        let host_key = scene.host_key.as_ref();
        let host_key = host_key.map_or_else(Vec::new, |name| scene.keys.blob(name));
        let (algorithm, signature) = (algorithm.as_bytes(), signature.as_deref());
        let method = match self.form {
            KeyForm::Plain => RequestMethod::PublicKey {
                algorithm,
                key: &key,
                signature,
            },
            KeyForm::HostBound => RequestMethod::HostBoundPublicKey {
                algorithm,
                key: &key,
                host_key: &host_key,
                signature,
            },
        };
        encode(scene, method)
    }
}
