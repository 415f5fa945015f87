//! `C`: what we send.

use alloc::string::String;
use alloc::vec::Vec;

use crate::scene::Scene;
use crate::transcript::server::message_number;
use crate::transcript::words::{Parsed, Sentence, Words};
use crate::wire::{
    ClientMessage, GssapiExchangeComplete, GssapiMic, GssapiToken, InfoResponse, MethodMessage,
    ServiceRequest, encode_exact, number,
};

mod request;

use request::RequestLine;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClientLine {
    ServiceRequest(Vec<u8>),
    Request(RequestLine),
    Response(Vec<Vec<u8>>),
    GssapiToken(Vec<u8>),
    GssapiMic(Vec<u8>),
    GssapiComplete,
    /// A message of a method of the caller's own.
    MethodMessage {
        number: u8,
        body: Vec<u8>,
    },
    /// What no other form can say.
    Raw(Vec<u8>),
}

/// Whose messages 60 to 79 are: that depends on the request before them (RFC 4252 section 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// Nobody's.
    #[default]
    None,
    KeyboardInteractive,
    Gssapi,
    Own,
}

impl ClientLine {
    pub(crate) fn parse(words: &mut Words) -> Parsed<Self> {
        let what = words.text("what we send")?;
        Ok(match what.as_str() {
            "service-request" => Self::ServiceRequest(words.bytes("service name")?),
            "request" => Self::Request(RequestLine::parse(words)?),
            "response" => Self::Response(words.all_bytes()),
            "gssapi-token" => Self::GssapiToken(words.hex("token")?),
            "gssapi-mic" => Self::GssapiMic(words.hex("integrity code")?),
            "gssapi-complete" => Self::GssapiComplete,
            "method-message" => Self::MethodMessage {
                number: message_number(words)?,
                body: words.optional_hex()?,
            },
            "raw" => Self::Raw(words.hex("bytes")?),
            other => return Err(alloc::format!("we never send {other:?}")),
        })
    }

    pub(crate) fn print(&self) -> String {
        let sentence = Sentence::new("C");
        let sentence = match self {
            Self::ServiceRequest(name) => sentence.word("service-request").value(name),
            Self::Request(request) => request.print(sentence.word("request")),
            Self::Response(answers) => sentence.word("response").values(answers),
            Self::GssapiToken(token) => sentence.word("gssapi-token").hex(token),
            Self::GssapiMic(mic) => sentence.word("gssapi-mic").hex(mic),
            Self::GssapiComplete => sentence.word("gssapi-complete"),
            Self::MethodMessage { number, body } => {
                let sentence = sentence.word("method-message").number(number);
                sentence.optional_hex(body)
            }
            Self::Raw(bytes) => sentence.word("raw").hex(bytes),
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
            Self::GssapiToken(token) => encode_exact(&GssapiToken { token }),
            Self::GssapiMic(mic) => encode_exact(&GssapiMic { mic }),
            Self::GssapiComplete => encode_exact(&GssapiExchangeComplete),
            Self::MethodMessage { number, body } => {
                let message = MethodMessage::new(*number, body);
                message.map_or(Ok(Vec::new()), |message| encode_exact(&message))
            }
            Self::Raw(bytes) => return bytes.clone(),
        };
        bytes.unwrap_or_default()
    }

    /// The line that means exactly these bytes.
    pub(crate) fn of(payload: &[u8], scene: &Scene, exchange: Exchange) -> Self {
        let line = match ClientMessage::decode(payload) {
            Ok(ClientMessage::ServiceRequest(request)) => {
                Some(Self::ServiceRequest(request.name.to_vec()))
            }
            Ok(ClientMessage::Request(request)) => {
                RequestLine::of(&request.method, scene).map(Self::Request)
            }
            Ok(ClientMessage::Method(message)) => Self::of_exchange(&message, exchange),
            _ => None,
        };
        line.filter(|line| line.payload(scene) == payload)
            .unwrap_or_else(|| Self::Raw(payload.to_vec()))
    }

    fn of_exchange(message: &MethodMessage<'_>, exchange: Exchange) -> Option<Self> {
        match (exchange, message.number()) {
            (Exchange::KeyboardInteractive, number::USERAUTH_INFO_RESPONSE) => response(message),
            (Exchange::Gssapi, number::USERAUTH_GSSAPI_TOKEN) => {
                let token = GssapiToken::decode(message).ok()?.token;
                Some(Self::GssapiToken(token.to_vec()))
            }
            (Exchange::Gssapi, number::USERAUTH_GSSAPI_MIC) => {
                let mic = GssapiMic::decode(message).ok()?.mic;
                Some(Self::GssapiMic(mic.to_vec()))
            }
            (Exchange::Gssapi, number::USERAUTH_GSSAPI_EXCHANGE_COMPLETE) => {
                Some(Self::GssapiComplete)
            }
            (Exchange::Own, number) => Some(Self::MethodMessage {
                number,
                body: message.body().to_vec(),
            }),
            (Exchange::None | Exchange::KeyboardInteractive | Exchange::Gssapi, _) => None,
        }
    }

    /// Without what goes without saying.
    pub(crate) fn normal(&self, scene: &Scene, exchange: Exchange) -> Self {
        Self::of(&self.payload(scene), scene, exchange)
    }

    /// Whether a transport should hide its length (RFC 4252 section 8).
    pub(crate) fn is_secret(&self) -> bool {
        match self {
            Self::Response(_) | Self::MethodMessage { .. } => true,
            Self::Request(request) => request.is_secret(),
            Self::ServiceRequest(_)
            | Self::GssapiToken(_)
            | Self::GssapiMic(_)
            | Self::GssapiComplete
            | Self::Raw(_) => false,
        }
    }

    /// Shows all that may be secret to these functions, which may put something else in its place.
    pub(crate) fn disguise(
        &mut self,
        secret: &mut dyn FnMut(&mut Vec<u8>),
        signature: &mut dyn FnMut(&mut String),
    ) {
        match self {
            Self::ServiceRequest(_) | Self::GssapiComplete => {}
            Self::Request(request) => request.disguise(secret, signature),
            Self::Response(answers) => answers.iter_mut().for_each(secret),
            Self::GssapiToken(bytes) | Self::GssapiMic(bytes) => secret(bytes),
            Self::MethodMessage { body, .. } => secret(body),
            // Whatever it is.
            Self::Raw(bytes) => secret(bytes),
        }
    }

    /// Whose messages may follow, if it is an `SSH_MSG_USERAUTH_REQUEST`, of which the ledger
    /// must have a record.
    pub(crate) fn opens(&self) -> Option<Exchange> {
        match self {
            Self::Request(request) => Some(request.opens()),
            Self::Raw(bytes) if bytes.first() == Some(&number::USERAUTH_REQUEST) => {
                Some(Exchange::None)
            }
            Self::ServiceRequest(_)
            | Self::Response(_)
            | Self::GssapiToken(_)
            | Self::GssapiMic(_)
            | Self::GssapiComplete
            | Self::MethodMessage { .. }
            | Self::Raw(_) => None,
        }
    }
}

fn response(message: &MethodMessage<'_>) -> Option<ClientLine> {
    let response = InfoResponse::decode(message).ok()?;
    let answers = response.responses.iter().map(|answer| answer.to_vec());
    Some(ClientLine::Response(answers.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request that no form can say is one all the same: the report must have it.
    #[test]
    fn a_request_in_bytes_is_a_request() {
        let opens = |bytes: &[u8]| ClientLine::Raw(bytes.to_vec()).opens();
        assert_eq!(opens(b"\x32\0\0\0\x03bob"), Some(Exchange::None));
        for other in [&b""[..], b"\x05\0\0\0\x0cssh-userauth", b"\x3d\0\0\0\0"] {
            assert_eq!(opens(other), None, "{other:?}");
        }
    }
}
