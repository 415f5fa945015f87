//! A program's way to a server: given a user, keys, an agent and a password, gives a connection.
//! Nobody is asked anything.
//!
//! ```sh
//! cargo run -p interop --example endpoint
//! ```
//!
//! In Twisted Conch: `SSHCommandClientEndpoint.newConnection` and its `_UserAuth`.

#[path = "support/agent.rs"]
mod bytes;
#[path = "support/connect.rs"]
mod connect;

use core::error::Error;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method, demo_key};
use interop::transport::Transport;
use ssh_agent_lib::blocking::Client;
use ssh_key::PrivateKey;
use ssh_userauth::{
    Action, Answer, Authenticated, Config, Identity, NeedPublicKey, NeedSignature, Rejected,
};

/// What the program was given: tried in the order agent, keys, password.
#[derive(Default)]
pub(crate) struct Endpoint {
    pub(crate) user: String,
    pub(crate) agent: Option<Client<UnixStream>>,
    pub(crate) keys: Vec<PrivateKey>,
    pub(crate) password: Option<String>,
}

impl Endpoint {
    /// Connects. The agent is let go when this returns.
    pub(crate) fn connect<S: Read + Write>(
        mut self,
        stream: S,
        host_key: &[u8],
    ) -> Result<(Transport<S>, Authenticated), Box<dyn Error>> {
        use ssh_userauth::Method;
        let config = Config::new(&*self.user).methods([Method::PublicKey, Method::Password]);
        connect::connect(stream, host_key, config, |action| self.answer(action))
    }

    fn answer(&mut self, question: Action) -> Option<Answer> {
        Some(match question {
            Action::NeedPublicKey(need) if need.offered() == 0 => self.offer(need),
            Action::NeedSignature(need) => self.sign(need),
            // The same password again would be refused again.
            Action::NeedPassword(need) if need.previous().is_none() => {
                need.password(self.password.as_deref()?)
            }
            other => other.decline()?,
        })
    }

    fn offer(&mut self, need: NeedPublicKey) -> Answer {
        let agent = self.agent.as_mut();
        let held = agent.and_then(|agent| agent.request_identities().ok());
        let held = bytes::identities(held.unwrap_or_default());
        let own = self
            .keys
            .iter()
            .filter_map(|key| Identity::try_from(key).ok());
        need.offer_many(held.chain(own))
    }

    fn sign(&mut self, need: NeedSignature) -> Answer {
        let is_it = |key: &&PrivateKey| {
            let identity = Identity::try_from(*key);
            identity.is_ok_and(|identity| identity.blob() == need.identity().blob())
        };
        match (self.keys.iter().find(is_it), &mut self.agent) {
            (Some(key), _) => need.sign_with(key).unwrap_or_else(Rejected::decline),
            (None, Some(agent)) => {
                let request = bytes::request(&need);
                bytes::signed(need, request.and_then(|request| agent.sign(request)))
            }
            (None, None) => need.decline(),
        }
    }
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let policy = EmbeddedPolicy::new("deploy")
        .with_password("hunter2")
        .then(Method::Password);
    let (server, stream) = EmbeddedServer::start(policy)?;
    let endpoint = Endpoint {
        user: "deploy".to_owned(),
        keys: vec![demo_key("not known there")?],
        password: Some("hunter2".to_owned()),
        ..Endpoint::default()
    };
    let (_transport, done) = endpoint.connect(stream, server.host_key())?;
    for factor in done.factors() {
        println!("in by {factor}");
    }
    Ok(())
}
