//! A login with an async runtime: every question becomes a task, and packets keep flowing while
//! somebody thinks, types or touches.
//!
//! ```sh
//! cargo run -p interop --example async_tokio
//! ```
//!
//! The server is one in the same process. The signer takes a second, as a person with a security
//! key does.

extern crate alloc;

use alloc::sync::Arc;
use core::error::Error;
use core::future::Future;
use core::time::Duration;

use interop::blocking::{LoginError, tell_end};
use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method, demo_key};
use interop::transport::{ClientConfig, Connection, HostKeyRefused, Incoming, TransportError};
use ssh_key::PrivateKey;
use ssh_userauth::{
    Action, Answer, AnswerError, Authenticated, Config, Identity, Notice, Quirks, Receipt,
    Rejected, Session, UserAuthClient,
};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

/// The key exchange: until requests can be sent, with NEWKEYS still to be written.
pub(crate) async fn exchange_keys<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    host_key: &[u8],
) -> Result<Connection, TransportError> {
    let mut connection = Connection::client(ClientConfig::new())?;
    let mut bytes = Vec::new();
    while !connection.can_send() {
        match connection.pending_host_key() {
            Some(seen) if seen == host_key => connection.accept_host_key()?,
            Some(_) => {
                let refused = HostKeyRefused::new("not the key of this server");
                let error = connection.refuse_host_key(refused);
                stream.write_all(&connection.take_output()).await?;
                return Err(error);
            }
            None => {
                stream.write_all(&connection.take_output()).await?;
                if stream.read_buf(&mut bytes).await? == 0 {
                    return Err(TransportError::Eof);
                }
                connection.receive(&bytes)?;
                bytes.clear();
            }
        }
    }
    Ok(connection)
}

/// The login. `ask` gets every question, and its future becomes a task; `tell` gets the notices.
/// Tasks that are still at it when the login ends are cancelled.
pub(crate) async fn log_in<S, F>(
    auth: &mut UserAuthClient,
    stream: &mut S,
    connection: &mut Connection,
    mut ask: impl FnMut(Action) -> F,
    mut tell: impl FnMut(Notice),
) -> Result<Authenticated, LoginError>
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Future<Output = Option<Answer>> + Send + 'static,
{
    let mut answers = JoinSet::new();
    let mut bytes = Vec::new();
    let mut broken = None;
    loop {
        // One packet, and then its actions: what stands behind SUCCESS is for the service. EXT_INFO
        // may be here already, and the first requests should know of it.
        let incoming = connection.poll_payload();
        if let Some(incoming) = &incoming {
            take(auth, connection, incoming)?;
        }
        while let Some(action) = auth.poll_action() {
            match action {
                Action::SendRequest(payload) => {
                    connection.send(payload.bytes(), payload.pad_hint())?;
                }
                Action::Notify(notice) => tell(notice),
                Action::StartService(done) => return Ok(done),
                Action::GiveUp(why) => return Err(LoginError::GaveUp(why)),
                question => drop(answers.spawn(ask(question))),
            }
        }
        if incoming.is_some() {
            continue;
        }
        if let Some(error) = broken.take() {
            tell_end(auth, &error);
            continue;
        }
        // Whoever can't be written to may have left his reason to be read.
        let _for_the_read_to_find = stream.write_all(&connection.take_output()).await;
        tokio::select! {
            Some(answer) = answers.join_next() => match answer {
                Ok(answer) => give(auth, answer)?,
                // The task panicked. If there is no other, its question is the open one.
                Err(_) if answers.is_empty() => drop(auth.decline_pending()),
                Err(_) => {}
            },
            read = stream.read_buf(&mut bytes) => {
                broken = match read {
                    Ok(0) => Some(TransportError::Eof),
                    Ok(_) => connection.receive(&bytes).err(),
                    Err(error) => Some(error.into()),
                };
                bytes.clear();
            }
        }
    }
}

fn take(
    auth: &mut UserAuthClient,
    connection: &mut Connection,
    incoming: &Incoming,
) -> Result<(), LoginError> {
    match incoming {
        Incoming::Payload(payload) => {
            if auth.handle_packet(payload)? == Receipt::NotOurs {
                connection.send_unimplemented()?;
            }
        }
        _unimplemented => drop(auth.unimplemented()?),
    }
    Ok(())
}

/// `None` is the answer to what was no question.
fn give(auth: &mut UserAuthClient, answer: Option<Answer>) -> Result<(), AnswerError> {
    match answer.map(|answer| auth.handle_answer(answer)) {
        // The server moved on while somebody was thinking: nothing has happened.
        None | Some(Err(AnswerError::Withdrawn)) => Ok(()),
        Some(given) => given,
    }
}

/// What the user's client does with a question. The key is in another task's hands.
async fn answer(question: Action, key: Arc<PrivateKey>) -> Option<Answer> {
    Some(match question {
        Action::NeedPublicKey(need) => match Identity::try_from(&*key) {
            Ok(identity) if need.offered() == 0 => need.offer(identity),
            _ => need.none_left(),
        },
        Action::NeedSignature(need) => {
            println!("touch your security key for {}", need.identity());
            tokio::time::sleep(Duration::from_secs(1)).await;
            need.sign_with(&key).unwrap_or_else(Rejected::decline)
        }
        other => other.decline()?,
    })
}

/// Key exchange and login.
pub(crate) async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    host_key: &[u8],
    key: Arc<PrivateKey>,
) -> Result<Authenticated, Box<dyn Error>> {
    let mut connection = exchange_keys(stream, host_key).await?;
    let session = Session::encrypted(connection.session_id())
        .host_key(host_key)
        .server_version(connection.peer_version());
    let config = Config::new("alice").quirks(Quirks::of_server(connection.peer_version()));
    let mut auth = UserAuthClient::new(config, session)?;
    let ask = |question| answer(question, Arc::clone(&key));
    let tell = |notice| println!("{notice:?}");
    let done = log_in(&mut auth, stream, &mut connection, ask, tell).await;
    leave_after(&done, stream, &mut connection).await;
    Ok(done?)
}

/// Says good-bye after a login that failed, as far as somebody still listens.
pub(crate) async fn leave_after<S: AsyncWrite + Unpin>(
    done: &Result<Authenticated, LoginError>,
    stream: &mut S,
    connection: &mut Connection,
) {
    if let Some(reason) = done.as_ref().err().and_then(LoginError::disconnect_reason) {
        connection.disconnect(reason.code(), "");
        let _best_effort = stream.write_all(&connection.take_output()).await;
    }
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let key = demo_key("security key")?;
    let policy = EmbeddedPolicy::new("alice")
        .with_banner("Welcome.\n")
        .with_key(&key.public_key().to_bytes()?)
        .then(Method::PublicKey);
    let (server, address) = EmbeddedServer::start_tcp(policy)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let done = connect(&mut stream, server.host_key(), Arc::new(key)).await?;
        for factor in done.factors() {
            println!("in by {factor}");
        }
        Ok(())
    })
}
