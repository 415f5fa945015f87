//! What a packet that was taken changes in what an observer knows.

use ssh_userauth::Method;
use ssh_userauth_testing::wire::{Failure, InfoRequest, ServerMessage};

use crate::oracle::{Dialogue, Seen, Sent};

impl Seen {
    /// The packet was taken. Says whether the question that is open was withdrawn by it.
    pub(crate) fn took(&mut self, packet: &[u8]) -> bool {
        match ServerMessage::decode(packet) {
            Ok(ServerMessage::ServiceAccept(_)) => {
                self.flight.pop_front();
            }
            Ok(ServerMessage::ExtInfo(info)) => self.learn(&info),
            Ok(ServerMessage::Banner(_)) => self.banners += 1,
            Ok(ServerMessage::Failure(failure)) => return self.took_failure(&failure),
            Ok(ServerMessage::Success) => {
                self.success = self.flight.pop_front();
                self.owed = self.flight.len();
                self.flight.clear();
            }
            Ok(ServerMessage::Method(message)) => {
                self.refused_in_front = false;
                match self.flight.front() {
                    Some(Sent::Gss(_) | Sent::Own { .. }) => self.took_other(&message),
                    _ => self.took_60(packet),
                }
            }
            other => panic!("taken: {other:?}"),
        }
        false
    }

    fn took_failure(&mut self, failure: &Failure<'_>) -> bool {
        let proves = failure.partial_success && self.may_prove();
        if self.refused_in_front && !self.flight.is_empty() {
            self.refused_in_front = false;
            self.refused = true;
            self.list = Some(failure.methods.as_bytes().to_vec());
            self.withdrawn_unseen();
            return false;
        }
        let sent = self.flight.pop_front();
        let method = match &sent {
            Some(Sent::Query { .. } | Sent::Signed { .. }) => Method::PublicKey,
            Some(Sent::Password) => Method::Password,
            Some(Sent::Prompts { .. }) => Method::KeyboardInteractive,
            _ => Method::None,
        };
        let was_listed = self.list.is_some() && self.is_listed(method);
        let dialogue = match sent {
            Some(_) => None,
            None => self.dialogue.take(),
        };
        let withdrawn = dialogue.is_some() && !self.answered;
        self.abandoned = false;
        self.answered = false;
        self.refused = true;
        self.list = Some(failure.methods.as_bytes().to_vec());
        self.withdrawn_unseen();
        match (&sent, &dialogue) {
            (Some(Sent::Signed { key }), _) if proves => {
                self.proved.insert(key.clone());
            }
            _ if proves => {}
            // A guess, and no verdict: a key may be asked about again when keys are wanted.
            (Some(Sent::Query { key, .. } | Sent::Signed { key }), _)
                if !was_listed && !self.is_listed(method) =>
            {
                self.queried.retain(|(_, queried), _| queried != key);
            }
            (Some(Sent::Password), _) if !was_listed && !self.is_listed(method) => {}
            (Some(Sent::Prompts { .. }), _)
                if !self.prompted && !was_listed && !self.is_listed(method) => {}
            _ => self.count_refusal(&sent, &dialogue),
        }
        self.partial_successes += u32::from(proves);
        withdrawn
    }

    /// The question for a signature may have been withdrawn before it was polled. The key may be
    /// asked about again, if the method is listed again.
    fn withdrawn_unseen(&mut self) {
        if self.delayed && !self.is_listed(Method::PublicKey) {
            let keys = core::mem::take(&mut self.unsigned);
            self.queried
                .retain(|(_, queried), _| !keys.contains(queried));
        }
    }

    pub(crate) fn count_refusal(&mut self, sent: &Option<Sent>, dialogue: &Option<Dialogue>) {
        match (sent, dialogue) {
            (Some(Sent::Password | Sent::Change { .. }), _)
            | (_, Some(Dialogue::Change { .. })) => self.password_refusals += 1,
            (Some(Sent::Prompts { .. }), _) if !self.prompted => self.refused_at_once = true,
            (Some(Sent::Prompts { .. }), _) | (_, Some(Dialogue::Prompts { .. })) => {
                self.prompts_refusals += 1;
            }
            (Some(Sent::Own { .. }), _) | (_, Some(Dialogue::Own { .. })) => {
                self.own_refusals += 1;
            }
            _ => {}
        }
    }

    fn took_60(&mut self, packet: &[u8]) {
        match self.flight.pop_front() {
            Some(Sent::Query { algorithm, key }) => {
                self.unsigned.insert(key.clone());
                self.accepted.insert((algorithm, key));
            }
            Some(Sent::Password) => self.dialogue = Some(Dialogue::Change { demands: 1 }),
            Some(Sent::Change { demands }) => {
                let demands = demands + 1;
                self.dialogue = Some(Dialogue::Change { demands });
            }
            Some(Sent::Prompts { rounds }) => {
                let request = InfoRequest::decode_payload(packet).expect("it was taken");
                // Without prompts, the machine answers by itself.
                self.answered = request.prompts.is_empty();
                self.prompted |= !self.answered;
                self.dialogue = Some(Dialogue::Prompts {
                    rounds: rounds + 1,
                    prompts: request.prompts.len(),
                });
            }
            other => panic!("taken in answer to {other:?}"),
        }
    }
}
