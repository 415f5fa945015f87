//! What comes out, as far as the model knows it.

use ssh_userauth::{Action, Notice};
use ssh_userauth_testing::wire::{ClientMessage, RequestMethod};

/// Something that comes out. A key is the number that the script gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Out {
    SendService,
    SendNone,
    SendQuery(u8),
    SendSigned(u8),
    SendPassword,
    SendChange,
    SendPrompts,
    SendAnswers(usize),
    AskKeys,
    AskSignature(u8),
    AskPassword,
    /// How often in a row a new one was demanded.
    AskNewPassword(u32),
    /// The round, and so many prompts.
    AskAnswers(u32, usize),
    TellBanner,
    TellDropped,
    TellPartial,
    TellChanged,
    TellNotChanged,
    /// We are in; whether that is trivial, and by how many factors.
    Start(bool, usize),
    /// Name of the ending.
    GiveUp(String),
}

impl Out {
    pub(crate) fn is_question(&self) -> bool {
        matches!(
            self,
            Self::AskKeys
                | Self::AskSignature(_)
                | Self::AskPassword
                | Self::AskNewPassword(_)
                | Self::AskAnswers(..)
        )
    }
}

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Taken,
    NotOurs,
    Error,
}

/// The key with this number, as a blob.
pub(crate) fn blob(key: u8) -> Vec<u8> {
    let mut blob = vec![0, 0, 0, 11];
    blob.extend(b"ssh-ed25519");
    blob.extend([0, 0, 0, 4, key, key, key, key]);
    blob
}

fn number(blob: &[u8]) -> u8 {
    *blob.last().expect("a blob of ours")
}

pub(crate) fn of(action: &Action) -> Out {
    match action {
        Action::SendRequest(payload) => {
            let message = ClientMessage::decode(payload.bytes()).expect("what is sent can be read");
            of_message(&message)
        }
        Action::NeedPublicKey(_) => Out::AskKeys,
        Action::NeedSignature(need) => Out::AskSignature(number(need.identity().blob())),
        Action::NeedPassword(_) => Out::AskPassword,
        Action::NeedNewPassword(need) => Out::AskNewPassword(need.attempt()),
        Action::NeedAnswers(need) => Out::AskAnswers(need.round(), need.prompts().len()),
        Action::Notify(notice) => match notice {
            Notice::Banner { .. } => Out::TellBanner,
            Notice::BannersDropped => Out::TellDropped,
            Notice::PartialSuccess { .. } => Out::TellPartial,
            Notice::PasswordChanged => Out::TellChanged,
            Notice::PasswordNotChanged => Out::TellNotChanged,
            other => panic!("not in the model: {other:?}"),
        },
        Action::StartService(done) => Out::Start(done.is_trivial(), done.factors().len()),
        Action::GiveUp(why) => Out::GiveUp(format!("{:?}", why.ending())),
        other => panic!("not in the model: {other:?}"),
    }
}

fn of_message(message: &ClientMessage<'_>) -> Out {
    match message {
        ClientMessage::ServiceRequest(_) => Out::SendService,
        ClientMessage::Request(request) => match &request.method {
            RequestMethod::None => Out::SendNone,
            RequestMethod::PublicKey {
                key,
                signature: None,
                ..
            } => Out::SendQuery(number(key)),
            RequestMethod::PublicKey { key, .. } => Out::SendSigned(number(key)),
            RequestMethod::Password { .. } => Out::SendPassword,
            RequestMethod::PasswordChange { .. } => Out::SendChange,
            RequestMethod::KeyboardInteractive { .. } => Out::SendPrompts,
            other => panic!("not in the model: {other:?}"),
        },
        ClientMessage::Method(message) => {
            let response = ssh_userauth_testing::wire::InfoResponse::decode(message);
            Out::SendAnswers(response.expect("the only one").responses.len())
        }
        other => panic!("not in the model: {other:?}"),
    }
}
