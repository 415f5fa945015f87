//! What an answer is as a line.
//!
//! An [`Answer`] is opaque for callers, so that this is one of the two places in the kit, beside
//! the head, that look into the crate.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::slice;

use crate::action::Action;
use crate::question::{Answer, Offer, Probing, Reply};
use crate::secret::Secret;
use crate::signature::{BadSignatureReason, split_string};
use crate::testing::keys::{SIGNATURE_BYTES, UNNAMED, plain, synthetic};
use crate::testing::recorder::names::Names;
use crate::testing::transcript::input::{InputLine, Reply as ReplyLine};
use crate::testing::transcript::words::to_hex;

/// A question that is not answered yet.
#[derive(Debug)]
pub(super) struct Asked {
    number: u32,
    /// The algorithm that a signature was asked for, and how long the data are.
    signing: Option<(String, usize)>,
}

impl Asked {
    pub(super) fn of(action: &Action) -> Option<Self> {
        let signing = |algorithm: &str, data: &[u8]| Some((algorithm.to_string(), data.len()));
        let (number, signing) = match action {
            Action::NeedPublicKey(need) => (need.question, None),
            Action::NeedSignature(need) => {
                let signing = signing(need.signature_algorithm(), need.data());
                (need.task.question, signing)
            }
            Action::NeedPassword(need) => (need.question, None),
            Action::NeedNewPassword(need) => (need.question, None),
            Action::NeedAnswers(need) => (need.question, None),
            Action::NeedHostSignature(need) => {
                let signing = signing(need.signature_algorithm(), need.data());
                (need.task.question, signing)
            }
            Action::NeedGssapiToken(need) => (need.question, None),
            Action::NeedGssapiMic(need) => (need.question, None),
            Action::NeedMethod(need) => (need.question, None),
            Action::NeedMethodRequest(need) => (need.question, None),
            Action::NeedMethodMessage(need) => (need.question, None),
            Action::SendRequest(_)
            | Action::Notify(_)
            | Action::StartService(_)
            | Action::GiveUp(_) => return None,
        };
        Some(Self { number, signing })
    }
}

/// The line, or why there is none.
pub(super) fn line(
    answer: &Answer,
    asked: &mut Vec<Asked>,
    names: &mut Names,
) -> Result<InputLine, &'static str> {
    let number = answer.ticket.number;
    let session = names.scene().session_id.iter();
    // As the ticket has it: the first bytes of the session identifier, and zeros.
    let expected = session.copied().chain(core::iter::repeat(0));
    if !answer
        .ticket
        .connection
        .iter()
        .copied()
        .eq(expected.take(answer.ticket.connection.len()))
    {
        return Err("an answer to a question of another connection");
    }
    let at = asked.iter().position(|asked| asked.number == number);
    let at = at.ok_or("an answer to a question that was answered")?;
    let is_newest = at.saturating_add(1) == asked.len();
    let question = asked.remove(at);
    let reply = reply(&answer.reply, question.signing.as_ref(), names);
    match at {
        _ if is_newest => Ok(InputLine::Answer(reply)),
        0 => Ok(InputLine::Late(reply)),
        _ => Err("an answer to a question that was neither the newest nor the oldest"),
    }
}

fn reply(reply: &Reply, signing: Option<&(String, usize)>, names: &mut Names) -> ReplyLine {
    let mut secret = |secret: &Secret| names.secret(secret.expose());
    match reply {
        Reply::Declined => ReplyLine::Decline,
        Reply::Offer(offer) => offered(slice::from_ref(offer), names),
        Reply::Offers(offers) => offered(offers, names),
        Reply::Signed(signed) => ReplyLine::Sign(signature(signed, signing, names)),
        Reply::SignerFailed(failure) => match &failure.0 {
            BadSignatureReason::WrongAlgorithm { got, .. } => {
                ReplyLine::SignAs(got.as_str().to_string())
            }
            _ => ReplyLine::SignMalformed,
        },
        Reply::Password(_, password) => ReplyLine::Password(secret(password)),
        Reply::NewPassword { old, new, .. } => ReplyLine::Change {
            old: secret(old),
            new: secret(new),
        },
        Reply::Answers(_, answers) => ReplyLine::Answers(answers.iter().map(secret).collect()),
        Reply::GssapiToken(token) => ReplyLine::GssapiToken(names.secret(token)),
        Reply::GssapiEstablished { last, integrity } => ReplyLine::GssapiEstablished {
            last: last.as_ref().map(|token| names.secret(token)),
            integrity: *integrity,
        },
        Reply::GssapiMic(mic) => ReplyLine::Mic(names.secret(mic)),
        Reply::Method(method) => ReplyLine::Choose(method.name().to_string()),
        Reply::MethodData(data) => ReplyLine::MethodRequest(secret(data)),
        Reply::MethodMessage(number, body) => ReplyLine::MethodMessage {
            number: *number,
            body: secret(body),
        },
        Reply::Silence => ReplyLine::Silence,
    }
}

fn offered(offers: &[Offer], names: &mut Names) -> ReplyLine {
    let keys = offers.iter().map(|offer| names.identity(&offer.identity));
    let keys = keys.collect();
    match offers.last().map(|last| last.probing) {
        Some(Probing::Unasked) => ReplyLine::OfferUnprobed(keys),
        Some(Probing::Query) | None => ReplyLine::Offer(keys),
    }
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
