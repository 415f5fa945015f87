//! `C request`: the requests.

use alloc::string::String;
use alloc::vec::Vec;

use super::Exchange;
use crate::keys::{self, check_name, signature_name, unusual_algorithm};
use crate::names::{is_own, mechanism, mechanism_word};
use crate::scene::Scene;
use crate::transcript::words::{Parsed, Sentence, Words};
use crate::wire::{Request, RequestMethod, encode_exact};

/// A request of the user and for the service of the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestLine {
    None,
    PublicKey(KeyRequest),
    Password(Vec<u8>),
    PasswordChange {
        old: Vec<u8>,
        new: Vec<u8>,
    },
    KeyboardInteractive {
        submethods: Vec<u8>,
    },
    GssapiWithMic {
        mechanisms: Vec<Vec<u8>>,
    },
    GssapiKeyex {
        mic: Vec<u8>,
    },
    /// A method of the caller's own.
    Own {
        name: String,
        data: Vec<u8>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyRequest {
    pub(super) form: KeyForm,
    pub(super) key: String,
    /// The name of the signature; none in a query.
    pub(super) signature: Option<String>,
    /// The algorithm, if it isn't the type of the key.
    pub(super) algorithm: Option<String>,
    /// The algorithm that the signature names, if it isn't the plain one of the request.
    pub(super) with: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyForm {
    Plain,
    HostBound,
    HostBased,
}

impl RequestLine {
    pub(super) fn parse(words: &mut Words) -> Parsed<Self> {
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
            "hostbased" => Self::PublicKey(KeyRequest::parse(KeyForm::HostBased, words)?),
            "gssapi-with-mic" => {
                let words = words.all_text()?;
                let mechanisms = words.iter().map(|word| mechanism(word));
                Self::GssapiWithMic {
                    mechanisms: mechanisms.collect::<Parsed<_>>()?,
                }
            }
            "gssapi-keyex" => Self::GssapiKeyex {
                mic: words.hex("integrity code")?,
            },
            name if is_own(name) => Self::Own {
                data: words.optional_hex()?,
                name: method,
            },
            other => return Err(alloc::format!("there is no request {other:?}")),
        })
    }

    pub(super) fn print(&self, sentence: Sentence) -> Sentence {
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
            Self::GssapiWithMic { mechanisms } => {
                let words = mechanisms.iter().map(|der| mechanism_word(der));
                sentence.word("gssapi-with-mic").values(words)
            }
            Self::GssapiKeyex { mic } => sentence.word("gssapi-keyex").hex(mic),
            Self::Own { name, data } => sentence.value(name).optional_hex(data),
        }
    }

    pub(super) fn of(method: &RequestMethod<'_>, scene: &Scene) -> Option<Self> {
        Some(match method {
            RequestMethod::None => Self::None,
            RequestMethod::PublicKey { .. }
            | RequestMethod::HostBoundPublicKey { .. }
            | RequestMethod::HostBased { .. } => Self::PublicKey(KeyRequest::of(method, scene)?),
            RequestMethod::Password { password } => Self::Password(password.to_vec()),
            RequestMethod::PasswordChange { old, new } => Self::PasswordChange {
                old: old.to_vec(),
                new: new.to_vec(),
            },
            RequestMethod::KeyboardInteractive { submethods, .. } => Self::KeyboardInteractive {
                submethods: submethods.to_vec(),
            },
            RequestMethod::GssapiWithMic { mechanisms } => Self::GssapiWithMic {
                mechanisms: mechanisms.iter().map(|der| der.to_vec()).collect(),
            },
            RequestMethod::GssapiKeyex { mic } => Self::GssapiKeyex { mic: mic.to_vec() },
            RequestMethod::Other { name, data } => Self::Own {
                name: String::from(
                    core::str::from_utf8(name)
                        .ok()
                        .filter(|name| is_own(name))?,
                ),
                data: data.to_vec(),
            },
        })
    }

    /// Whose messages may follow.
    pub(super) fn opens(&self) -> Exchange {
        match self {
            Self::KeyboardInteractive { .. } => Exchange::KeyboardInteractive,
            Self::GssapiWithMic { .. } => Exchange::Gssapi,
            Self::Own { .. } => Exchange::Own,
            Self::None
            | Self::PublicKey(_)
            | Self::Password(_)
            | Self::PasswordChange { .. }
            | Self::GssapiKeyex { .. } => Exchange::None,
        }
    }

    pub(super) fn is_secret(&self) -> bool {
        match self {
            Self::Password(_) | Self::PasswordChange { .. } | Self::Own { .. } => true,
            Self::None
            | Self::PublicKey(_)
            | Self::KeyboardInteractive { .. }
            | Self::GssapiWithMic { .. }
            | Self::GssapiKeyex { .. } => false,
        }
    }

    pub(super) fn disguise(
        &mut self,
        secret: &mut dyn FnMut(&mut Vec<u8>),
        signature: &mut dyn FnMut(&mut String),
    ) {
        match self {
            Self::None | Self::KeyboardInteractive { .. } | Self::GssapiWithMic { .. } => {}
            Self::PublicKey(request) => request.signature.iter_mut().for_each(signature),
            Self::Password(password) => secret(password),
            Self::PasswordChange { old, new } => {
                secret(old);
                secret(new);
            }
            Self::GssapiKeyex { mic } => secret(mic),
            Self::Own { data, .. } => secret(data),
        }
    }

    pub(super) fn payload(&self, scene: &Scene) -> Vec<u8> {
        let method = match self {
            Self::None => RequestMethod::None,
            Self::PublicKey(request) => return request.payload(scene),
            Self::Password(password) => RequestMethod::Password { password },
            Self::PasswordChange { old, new } => RequestMethod::PasswordChange { old, new },
            Self::KeyboardInteractive { submethods } => RequestMethod::KeyboardInteractive {
                language: b"",
                submethods,
            },
            Self::GssapiWithMic { mechanisms } => RequestMethod::GssapiWithMic {
                mechanisms: mechanisms.iter().map(Vec::as_slice).collect(),
            },
            Self::GssapiKeyex { mic } => RequestMethod::GssapiKeyex { mic },
            Self::Own { name, data } => RequestMethod::Other {
                name: name.as_bytes(),
                data,
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
            "query" if form != KeyForm::HostBased => None,
            "signed" => Some(check_name(words.text("signature")?)?),
            other if form == KeyForm::HostBased => {
                return Err(alloc::format!(
                    "hostbased is always signed, never {other:?}"
                ));
            }
            other => return Err(alloc::format!("{other:?} is neither query nor signed")),
        };
        Ok(Self {
            form,
            key,
            signature,
            algorithm: words.optional_text()?,
            with: if words.keyword("with") {
                Some(words.text("algorithm of the signature")?)
            } else {
                None
            },
        })
    }

    fn print(&self, sentence: Sentence) -> Sentence {
        let sentence = sentence.word(match self.form {
            KeyForm::Plain => "publickey",
            KeyForm::HostBound => "hostbound",
            KeyForm::HostBased => "hostbased",
        });
        let sentence = sentence.word(&self.key);
        let sentence = match &self.signature {
            None => sentence.word("query"),
            Some(name) => sentence.word("signed").word(name),
        };
        let sentence = sentence.values(self.algorithm.as_ref());
        match &self.with {
            Some(algorithm) => sentence.word("with").value(algorithm),
            None => sentence,
        }
    }

    fn of(method: &RequestMethod<'_>, scene: &Scene) -> Option<Self> {
        let (form, algorithm, key, signature) = match *method {
            RequestMethod::PublicKey {
                algorithm,
                key,
                signature,
            } => (KeyForm::Plain, algorithm, key, signature),
            RequestMethod::HostBoundPublicKey {
                algorithm,
                key,
                signature,
                ..
            } => (KeyForm::HostBound, algorithm, key, signature),
            RequestMethod::HostBased {
                algorithm,
                host_key,
                signature,
                ..
            } => (KeyForm::HostBased, algorithm, host_key, Some(signature)),
            _ => return None,
        };
        let algorithm = core::str::from_utf8(algorithm).ok()?;
        let key = scene.keys.name(key);
        let with = signature.and_then(|blob| unusual_algorithm(blob, algorithm));
        let signed_with = with.as_deref().unwrap_or(algorithm);
        Some(Self {
            form,
            signature: signature.map(|blob| signature_name(blob, signed_with)),
            algorithm: scene.said(&key, algorithm),
            key,
            with,
        })
    }

    fn payload(&self, scene: &Scene) -> Vec<u8> {
        let key = scene.keys.blob(&self.key);
        let algorithm = scene.algorithm(&self.key, self.algorithm.as_ref());
        let signed_with = self.with.as_ref().unwrap_or(&algorithm);
        let signature = self.signature.as_ref();
        let signature = signature.map(|name| keys::signature(name, signed_with));
        let host_key = scene.host_key.as_ref();
        let host_key = host_key.map_or_else(Vec::new, |name| scene.keys.blob(name));
        let (client_host, client_user) = &scene.client_host;
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
            KeyForm::HostBased => RequestMethod::HostBased {
                algorithm,
                host_key: &key,
                client_host: client_host.as_bytes(),
                client_user: client_user.as_bytes(),
                signature: signature.unwrap_or_default(),
            },
        };
        encode(scene, method)
    }
}
