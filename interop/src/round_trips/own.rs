//! A login by the state machine.

use core::net::SocketAddr;
use core::time::Duration;
use std::time::Instant;

use ssh_userauth::{
    Action, Answer, Config, EarlyPassword, Identity, NeedPublicKey, Pipelining, Quirks, Rejected,
    Session, UserAuthClient,
};

use super::Failure;
use super::case::Client;
use super::door::Door;
use super::person::Person;
use crate::blocking::log_in;
use crate::transport::{ClientConfig, HostKeyRefused, LowLatencyTcp, Transport};

/// Key queries on their way at the same time.
const QUERIES: u32 = 3;

/// A server that is silent for so long is stuck.
const PATIENCE: Duration = Duration::from_secs(60);

/// Logs in; gives the time of the success.
pub(super) fn run(
    person: &Person,
    client: Client,
    address: SocketAddr,
    door: &Door,
) -> Result<Instant, Failure> {
    let stream = LowLatencyTcp::connect(address, PATIENCE)?;
    stream.get_ref().set_read_timeout(Some(PATIENCE))?;
    let mut transport = Transport::client(stream, ClientConfig::new(), |blob| {
        if door.has_host_key(blob) {
            Ok(())
        } else {
            Err(HostKeyRefused::new("it is another server's"))
        }
    })?;
    let mut session = Session::encrypted(transport.session_id());
    session = session.server_version(transport.peer_version());
    if let Some(key) = transport.host_key() {
        session = session.host_key(key);
    }
    let pipelining = match client {
        Client::Off => Pipelining::Off,
        _ => Pipelining::Opening { queries: QUERIES },
    };
    let early = match client {
        Client::Unasked if person.identities().next().is_none() => EarlyPassword::InOpening,
        Client::Together => EarlyPassword::BehindSignature,
        _ => EarlyPassword::Never,
    };
    let config = Config::new(person.user.as_str())
        .pipelining(pipelining)
        .early_password(early)
        .quirks(Quirks::of_server(transport.peer_version()));
    let mut auth = UserAuthClient::new(config, session)?;
    let mut answers = Answers {
        person,
        unasked: matches!(client, Client::Unasked | Client::Together),
        offered: false,
    };
    let answer = |action| answers.answer(action);
    let result = log_in(&mut auth, &mut transport, answer, |_| {});
    let success = Instant::now();
    door.note_version(transport.peer_version());
    result?;
    Ok(success)
}

struct Answers<'p> {
    person: &'p Person,
    unasked: bool,
    offered: bool,
}

impl Answers<'_> {
    fn answer(&mut self, action: Action) -> Option<Answer> {
        Some(match action {
            Action::NeedPublicKey(need) => self.offer(need),
            Action::NeedSignature(need) => {
                let key = self.person.private(need.identity())?;
                need.sign_with(key).unwrap_or_else(Rejected::decline)
            }
            Action::NeedPassword(need) => need.password(self.person.password.as_str()),
            Action::NeedAnswers(need) => {
                let answer = self.person.answer.as_str();
                need.answer_each(|_| answer)
            }
            other => return other.decline(),
        })
    }

    /// All keys at once; unasked, the last one with its signature.
    fn offer(&mut self, need: NeedPublicKey) -> Answer {
        if core::mem::replace(&mut self.offered, true) {
            return need.none_left();
        }
        let mut keys: Vec<Identity> = self.person.identities().collect();
        match keys.pop() {
            None => need.none_left(),
            Some(last) if self.unasked => need.offer_unprobed_after(keys, last),
            Some(last) => {
                keys.push(last);
                need.offer_many(keys)
            }
        }
    }
}
