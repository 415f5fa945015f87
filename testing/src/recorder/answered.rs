//! What an answer is as a line.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::keys::{SIGNATURE_BYTES, UNNAMED, plain, split_string, synthetic};
use crate::recorder::names::Names;
use crate::transcript::input::{InputLine, Reply as ReplyLine};
use crate::transcript::words::to_hex;
use ssh_userauth::{Action, Answer, AnswerContent, BadSignatureReason, Secret, Ticket};

/// A question that is not answered yet.
#[derive(Debug)]
pub(super) struct Asked {
    ticket: Ticket,
    /// The algorithm that a signature was asked for, and how long the data are.
    signing: Option<(String, usize)>,
}

impl Asked {
    pub(super) fn of(action: &Action) -> Option<Self> {
        let signing = |algorithm: &str, data: &[u8]| Some((algorithm.to_string(), data.len()));
        let signing = match action {
            Action::NeedSignature(need) => signing(need.signature_algorithm(), need.data()),
            Action::NeedHostSignature(need) => signing(need.signature_algorithm(), need.data()),
            _ => None,
        };
        let ticket = action.ticket()?.clone();
        Some(Self { ticket, signing })
    }
}

/// The line, or why there is none.
pub(super) fn line(
    answer: &Answer,
    asked: &mut Vec<Asked>,
    names: &mut Names,
) -> Result<InputLine, &'static str> {
    let ticket = answer.ticket();
    let at = asked.iter().position(|asked| asked.ticket == *ticket);
    let at = at.ok_or("an answer to a question that was answered")?;
    let is_newest = at.saturating_add(1) == asked.len();
    let question = asked.remove(at);
    let reply = reply(answer.content(), question.signing.as_ref(), names);
    let reply = reply.ok_or("an answer that a transcript has no word for")?;
    match at {
        _ if is_newest => Ok(InputLine::Answer(reply)),
        0 => Ok(InputLine::Late(reply)),
        _ => Err("an answer to a question that was neither the newest nor the oldest"),
    }
}

fn reply(
    content: &AnswerContent,
    signing: Option<&(String, usize)>,
    names: &mut Names,
) -> Option<ReplyLine> {
    let mut secret = |secret: &Secret| names.secret(secret.expose());
    Some(match content {
        AnswerContent::Declined => ReplyLine::Decline,
        AnswerContent::Keys {
            identities,
            last_is_unprobed,
            ..
        } => {
            let keys = identities.iter().map(|key| names.identity(key)).collect();
            match last_is_unprobed {
                true => ReplyLine::OfferUnprobed(keys),
                false => ReplyLine::Offer(keys),
            }
        }
        AnswerContent::Signed(signed) => ReplyLine::Sign(signature(signed, signing, names)),
        AnswerContent::BadSignature(BadSignatureReason::WrongAlgorithm { got, .. }) => {
            ReplyLine::SignAs(got.as_str().to_string())
        }
        AnswerContent::BadSignature(_) => ReplyLine::SignMalformed,
        AnswerContent::Password(password) => ReplyLine::Password(secret(password)),
        AnswerContent::NewPassword { old, new, .. } => ReplyLine::Change {
            old: secret(old),
            new: secret(new),
        },
        AnswerContent::Answers(answers) => ReplyLine::Answers(answers.iter().map(secret).collect()),
        AnswerContent::GssapiToken(token) => ReplyLine::GssapiToken(names.secret(token)),
        AnswerContent::GssapiEstablished {
            last, integrity, ..
        } => ReplyLine::GssapiEstablished {
            last: last.as_ref().map(|token| names.secret(token)),
            integrity: *integrity,
        },
        AnswerContent::GssapiMic(mic) => ReplyLine::Mic(names.secret(mic)),
        AnswerContent::Method(method) => ReplyLine::Choose(method.name().to_string()),
        AnswerContent::MethodRequest(data) => ReplyLine::MethodRequest(secret(data)),
        AnswerContent::MethodMessage(number, body) => ReplyLine::MethodMessage {
            number: *number,
            body: secret(body),
        },
        AnswerContent::Silence => ReplyLine::Silence,
        _ => return None,
    })
}

/// The name of a signature; its bytes, where it carries another algorithm than was asked for and
/// is good all the same (webauthn).
fn signature(signed: &[u8], signing: Option<&(String, usize)>, names: &mut Names) -> String {
    // It stands behind the data.
    let data = signing.map_or(0, |(_, length)| *length);
    let behind = signed.get(data..).and_then(split_string);
    let blob = behind.map_or(&[][..], |(blob, _)| blob);
    let algorithm = signing.map(|(algorithm, _)| algorithm.as_str());
    let name = names.signature(blob);
    let named = split_string(blob).and_then(|(named, _)| core::str::from_utf8(named).ok());
    match (named, algorithm) {
        (Some(named), Some(algorithm)) if named != plain(algorithm) => {
            let bytes = synthetic(named, &name, SIGNATURE_BYTES);
            format!("{UNNAMED}{}", to_hex(&bytes))
        }
        _ => name,
    }
}
