//! A login with the keys and certificates of an ssh-agent that takes its time.
//!
//! ```sh
//! cargo run -p interop --example ssh_agent
//! ```
//!
//! Server and agent are in the same process. The agent has a key and a certificate for it, and
//! signs when it is touched, which here happens after a second. The loop is that of the example
//! `async_tokio`, so packets are handled meanwhile. With the agent of `SSH_AUTH_SOCK`, only
//! `Agent::connect` gets another path.

extern crate alloc;

#[path = "async_tokio.rs"]
#[expect(dead_code, reason = "only its loop is used")]
mod async_tokio;
#[path = "support/agent.rs"]
mod bytes;
#[path = "support/touch_agent.rs"]
pub(crate) mod touch_agent;

use alloc::sync::Arc;
use core::error::Error;
use core::time::Duration;
use std::path::Path;

use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method};
use ssh_agent_lib::agent::Session as _;
use ssh_agent_lib::client::Client;
use ssh_userauth::{
    Action, Answer, Authenticated, Config, NeedPublicKey, NeedSignature, Notice, Quirks, Session,
    UserAuthClient,
};
use tokio::net::UnixStream;
use tokio::runtime::Builder;
use tokio::sync::Mutex;

use touch_agent::TouchAgent;

/// A connection to an agent, for one request at a time.
pub(crate) struct Agent(Mutex<Client<UnixStream>>);

impl Agent {
    pub(crate) async fn connect(path: &Path) -> Result<Self, Box<dyn Error>> {
        Ok(Self(Mutex::new(Client::new(
            UnixStream::connect(path).await?,
        ))))
    }

    async fn offer(&self, need: NeedPublicKey) -> Answer {
        match self.0.lock().await.request_identities().await {
            Ok(held) => need.offer_many(bytes::identities(held)),
            Err(_) => need.none_left(),
        }
    }

    async fn sign(&self, need: NeedSignature) -> Answer {
        let signature = match bytes::request(&need) {
            Ok(request) => self.0.lock().await.sign(request).await,
            Err(error) => Err(error),
        };
        bytes::signed(need, signature)
    }

    async fn answer(self: Arc<Self>, question: Action) -> Option<Answer> {
        Some(match question {
            Action::NeedPublicKey(need) if need.offered() == 0 => self.offer(need).await,
            Action::NeedSignature(need) => self.sign(need).await,
            other => other.decline()?,
        })
    }
}

/// Key exchange and login.
pub(crate) async fn connect(
    stream: &mut UnixStream,
    host_key: &[u8],
    user: &str,
    agent: Agent,
    tell: impl FnMut(Notice),
) -> Result<Authenticated, Box<dyn Error>> {
    let mut connection = async_tokio::exchange_keys(stream, host_key).await?;
    let session = Session::encrypted(connection.session_id()).host_key(host_key);
    let config = Config::new(user).quirks(Quirks::of_server(connection.peer_version()));
    let mut auth = UserAuthClient::new(config, session)?;
    let agent = Arc::new(agent);
    let ask = |question| Arc::clone(&agent).answer(question);
    let done = async_tokio::log_in(&mut auth, stream, &mut connection, ask, tell).await;
    async_tokio::leave_after(&done, stream, &mut connection).await;
    Ok(done?)
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("agent");
    let touch = TouchAgent::new("alice")?;
    let policy = EmbeddedPolicy::new("alice")
        .with_authority(&touch.authority()?)
        .then(Method::PublicKey);
    let (server, stream) = EmbeddedServer::start(policy)?;
    stream.set_nonblocking(true)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let finger = Arc::clone(&touch.touches);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            finger.add_permits(1);
        });
        touch.start(&path)?;
        let agent = Agent::connect(&path).await?;
        let mut stream = UnixStream::from_std(stream)?;
        let tell = |notice| println!("{notice:?}");
        let done = connect(&mut stream, server.host_key(), "alice", agent, tell).await?;
        for factor in done.factors() {
            println!("in by {factor}");
        }
        Ok(())
    })
}
