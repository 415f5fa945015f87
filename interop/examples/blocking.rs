//! A login over anything that blocks and is `Read + Write`, here one end of a socket pair.
//!
//! ```sh
//! cargo run -p interop --example blocking
//! ```
//!
//! The server is one in the same process. It wants the key, and then the password.

use core::error::Error;
use std::io::{Read, Write};

use interop::blocking::{LoginError, tell_end};
use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method, demo_key};
use interop::transport::{ClientConfig, HostKeyRefused, Incoming, Transport};
use ssh_key::PrivateKey;
use ssh_userauth::{
    Action, Authenticated, Config, Identity, Quirks, Receipt, Rejected, Session, UserAuthClient,
};

/// What the user has.
pub(crate) struct User<'a> {
    pub(crate) name: &'a str,
    pub(crate) key: &'a PrivateKey,
    pub(crate) password: &'a str,
}

/// The key exchange and the login. Only the server with this host key is told anything.
pub(crate) fn connect<S: Read + Write>(
    stream: S,
    host_key: &[u8],
    user: &User<'_>,
) -> Result<(Transport<S>, Authenticated), Box<dyn Error>> {
    let mut transport = Transport::client(stream, ClientConfig::new(), |seen| {
        let refused = || HostKeyRefused::new("not the key of this server");
        (seen == host_key).then_some(()).ok_or_else(refused)
    })?;
    let session = Session::encrypted(transport.session_id())
        .host_key(host_key)
        .server_version(transport.peer_version());
    let config = Config::new(user.name).quirks(Quirks::of_server(transport.peer_version()));
    let mut auth = UserAuthClient::new(config, session)?;
    match log_in(&mut auth, &mut transport, user) {
        Ok(done) => Ok((transport, done)),
        Err(error) => {
            if let Some(reason) = error.disconnect_reason() {
                transport.disconnect(reason.code(), &reason.to_string());
            }
            Err(error.into())
        }
    }
}

/// The loop.
fn log_in<S: Read + Write>(
    auth: &mut UserAuthClient,
    transport: &mut Transport<S>,
    user: &User<'_>,
) -> Result<Authenticated, LoginError> {
    let mut keys = Identity::try_from(user.key).into_iter();
    // EXT_INFO may be here already, and the first requests should know of it.
    let mut arrived = transport.try_recv().map(Ok);
    loop {
        match arrived {
            Some(Ok(Incoming::Payload(payload))) => match auth.handle_packet(&payload)? {
                Receipt::Taken => {}
                Receipt::NotOurs => drop(transport.send_unimplemented()?),
            },
            Some(Ok(_unimplemented)) => drop(auth.unimplemented()?),
            // The next action is to give up, and says why.
            Some(Err(error)) => tell_end(auth, &error),
            None => {}
        }
        while let Some(action) = auth.poll_action() {
            let answer = match action {
                Action::SendRequest(payload) => {
                    let look_like = payload.pad_hint().unwrap_or_default();
                    transport.send_padded(payload.bytes(), look_like)?;
                    continue;
                }
                Action::StartService(done) => return Ok(done),
                Action::GiveUp(why) => return Err(LoginError::GaveUp(why)),
                Action::NeedPublicKey(need) => match keys.next() {
                    Some(key) => need.offer(key),
                    None => need.none_left(),
                },
                Action::NeedSignature(need) => {
                    need.sign_with(user.key).unwrap_or_else(Rejected::decline)
                }
                // The same password again would be refused again.
                Action::NeedPassword(need) if need.previous().is_none() => {
                    need.password(user.password)
                }
                other => match other.decline() {
                    Some(answer) => answer,
                    None => continue,
                },
            };
            auth.handle_answer(answer)?;
        }
        // All that can go without waiting is in the buffer, from NEWKEYS on: `recv` writes it in
        // one piece, and waits.
        arrived = Some(transport.recv());
    }
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let key = demo_key("laptop")?;
    let policy = EmbeddedPolicy::new("alice")
        .with_key(&key.public_key().to_bytes()?)
        .with_password("hunter2")
        .then(Method::PublicKey)
        .then(Method::Password);
    let (server, stream) = EmbeddedServer::start(policy)?;
    let user = User {
        name: "alice",
        key: &key,
        password: "hunter2",
    };
    let (transport, done) = connect(stream, server.host_key(), &user)?;
    for factor in done.factors() {
        println!("in by {factor}");
    }
    println!("{} writes in all", transport.writes());
    Ok(())
}
