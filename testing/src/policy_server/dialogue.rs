//! What the client owes an answer to: rounds of prompts, or the demand for a new password.

use alloc::vec::Vec;

use crate::packet::Packet;
use crate::policy_server::{Account, PROTOCOL_ERROR, PolicyServer, Round};
use crate::server::Reply;
use crate::wire::{InfoRequest, InfoResponse, MethodMessage, Prompt};
use ssh_userauth::Method;

/// A dialogue that is open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Dialogue {
    /// The rounds that are left; the first was asked.
    Prompts(Vec<Round>),
    /// The password must be changed.
    NewPassword,
}

impl Dialogue {
    /// The exchange of an account that has one.
    pub(super) fn of(account: &Account) -> Option<Self> {
        let rounds = account.rounds.clone();
        (!rounds.is_empty()).then_some(Self::Prompts(rounds))
    }

    pub(super) fn ask(&self) -> Option<Reply> {
        let Self::Prompts(rounds) = self else {
            return None;
        };
        let round = rounds.first()?;
        let prompts = round.prompts.iter().map(|prompt| Prompt {
            text: prompt.text.as_bytes(),
            echo: prompt.echo,
        });
        let packet = Packet::of(&InfoRequest {
            name: round.name.as_bytes(),
            instruction: round.instruction.as_bytes(),
            language: b"",
            prompts: prompts.collect(),
        });
        Some(packet.into())
    }
}

impl PolicyServer {
    /// A message of the exchange. The answers are judged round by round, as PAM does: whoever is
    /// wrong hears of no further prompts.
    pub(super) fn go_on(&mut self, message: &MethodMessage<'_>) -> Vec<Reply> {
        let Some(Dialogue::Prompts(mut rounds)) = self.dialogue.take() else {
            return Vec::from([Reply::Unimplemented]);
        };
        let Ok(response) = InfoResponse::decode(message) else {
            return self.close(PROTOCOL_ERROR, "malformed response");
        };
        let round = rounds.remove(0);
        if response.responses.len() != round.prompts.len() {
            return self.close(PROTOCOL_ERROR, "wrong number of answers");
        }
        let mut pairs = round.prompts.iter().zip(&response.responses);
        if !pairs.all(|(prompt, response)| prompt.answer == *response) {
            return self.refuse();
        }
        let dialogue = Dialogue::Prompts(rounds);
        match dialogue.ask() {
            Some(next) => {
                self.dialogue = Some(dialogue);
                Vec::from([next])
            }
            None => self.accept(Method::KeyboardInteractive),
        }
    }
}
