//! What a packet of the server is as a line.

use alloc::string::String;

use crate::scene::Scene;
use crate::transcript::client::Exchange;
use crate::transcript::dialogue::Dialogue;
use crate::transcript::notice::GssapiErrorLine;
use crate::transcript::server::ServerLine;
use crate::wire::{
    GssapiError, GssapiErrtok, GssapiResponse, GssapiToken, InfoRequest, MethodMessage, NameList,
    PasswdChangeReq, PkOk, ServerMessage, number,
};

/// What messages 60 to 79 mean: it depends on the request before them (RFC 4252 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    Password,
    Exchange(Exchange),
}

impl Default for Context {
    fn default() -> Self {
        Self::Exchange(Exchange::default())
    }
}

/// The line that means exactly these bytes.
pub(super) fn line(payload: &[u8], scene: &Scene, context: Context) -> ServerLine {
    let line = match ServerMessage::decode(payload) {
        Ok(ServerMessage::ServiceAccept(accept)) => {
            Some(ServerLine::ServiceAccept(accept.name.map(<[u8]>::to_vec)))
        }
        Ok(ServerMessage::ExtInfo(info)) => {
            let entries = info.entries.iter();
            let entries = entries.map(|entry| (entry.name.to_vec(), entry.value.to_vec()));
            Some(ServerLine::ExtInfo(entries.collect()))
        }
        Ok(ServerMessage::Failure(failure)) => {
            text(&failure.methods).map(|list| match failure.partial_success {
                true => ServerLine::Partial(list),
                false => ServerLine::Failure(list),
            })
        }
        Ok(ServerMessage::Success) => Some(ServerLine::Success),
        Ok(ServerMessage::Banner(banner)) => Some(ServerLine::Banner {
            message: banner.message.to_vec(),
            language: banner.language.to_vec(),
        }),
        Ok(ServerMessage::Method(message)) => of_method(&message, scene, context),
        Err(_) => None,
    };
    let is_readable = |line: &ServerLine| is_readable(line) && line.payload(scene) == payload;
    line.filter(is_readable)
        .unwrap_or_else(|| ServerLine::Raw(payload.to_vec()))
}

fn of_method(message: &MethodMessage<'_>, scene: &Scene, context: Context) -> Option<ServerLine> {
    // Key queries may be on their way together with what opens a dialogue.
    let pk_ok = PkOk::decode(message)
        .ok()
        .map(|pk_ok| (pk_ok, scene.keys.name(pk_ok.key)));
    if let Some((pk_ok, key)) = pk_ok
        && (scene.keys.is_declared(&key) || context == Context::default())
    {
        let algorithm = core::str::from_utf8(pk_ok.algorithm).ok()?;
        let algorithm = scene.said(&key, algorithm);
        return Some(ServerLine::PkOk { key, algorithm });
    }
    match context {
        Context::Password => {
            let demand = PasswdChangeReq::decode(message).ok()?;
            Some(ServerLine::ChangeRequest {
                prompt: demand.prompt.to_vec(),
                language: demand.language.to_vec(),
            })
        }
        Context::Exchange(Exchange::KeyboardInteractive) => {
            let request = InfoRequest::decode(message).ok()?;
            Some(ServerLine::InfoRequest(Dialogue::of_wire(&request)))
        }
        Context::Exchange(Exchange::Gssapi) => of_gssapi(message),
        Context::Exchange(Exchange::Own) => Some(ServerLine::MethodMessage {
            number: message.number(),
            body: message.body().to_vec(),
        }),
        Context::Exchange(Exchange::None) => None,
    }
}

fn of_gssapi(message: &MethodMessage<'_>) -> Option<ServerLine> {
    Some(match message.number() {
        number::USERAUTH_GSSAPI_RESPONSE => {
            ServerLine::GssapiResponse(GssapiResponse::decode(message).ok()?.mechanism.to_vec())
        }
        number::USERAUTH_GSSAPI_TOKEN => {
            ServerLine::GssapiToken(GssapiToken::decode(message).ok()?.token.to_vec())
        }
        number::USERAUTH_GSSAPI_ERRTOK => {
            ServerLine::GssapiErrtok(GssapiErrtok::decode(message).ok()?.token.to_vec())
        }
        number::USERAUTH_GSSAPI_ERROR => {
            let error = GssapiError::decode(message).ok()?;
            ServerLine::GssapiError(GssapiErrorLine {
                major: error.major,
                minor: error.minor,
                message: error.message.to_vec(),
                language: error.language.to_vec(),
            })
        }
        _ => return None,
    })
}

fn text(list: &NameList<'_>) -> Option<String> {
    core::str::from_utf8(list.as_bytes()).ok().map(String::from)
}

/// Whether it is still the same when it is read again.
fn is_readable(line: &ServerLine) -> bool {
    match line {
        // Of a name and its value, the first `=` is between them.
        ServerLine::ExtInfo(entries) => entries.iter().all(|(name, _)| !name.contains(&b'=')),
        // Text is all that the form takes for a name.
        ServerLine::ServiceAccept(Some(name)) => core::str::from_utf8(name).is_ok(),
        _ => true,
    }
}
