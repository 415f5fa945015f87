//! The key exchange and the login of the examples that block: what differs between them is who
//! answers.

use core::error::Error;
use std::io::{Read, Write};

use interop::blocking::log_in;
use interop::transport::{ClientConfig, HostKeyRefused, Transport};
use ssh_userauth::{Action, Answer, Authenticated, Config, Quirks, Session, UserAuthClient};

/// A connection to the server with this host key, and whom it lets in there. `answer` gets every
/// question and notice; what it answers with `None` is declined.
pub(crate) fn connect<S: Read + Write>(
    stream: S,
    host_key: &[u8],
    config: Config,
    answer: impl FnMut(Action) -> Option<Answer>,
) -> Result<(Transport<S>, Authenticated), Box<dyn Error>> {
    let mut transport = Transport::client(stream, ClientConfig::new(), |seen| {
        let refused = || HostKeyRefused::new("not the key of this server");
        (seen == host_key).then_some(()).ok_or_else(refused)
    })?;
    let session = Session::encrypted(transport.session_id())
        .host_key(host_key)
        .server_version(transport.peer_version());
    let config = config.quirks(Quirks::of_server(transport.peer_version()));
    let mut auth = UserAuthClient::new(config, session)?;
    match log_in(&mut auth, &mut transport, answer, |_| {}) {
        Ok(done) => Ok((transport, done)),
        Err(error) => {
            if let Some(reason) = error.disconnect_reason() {
                transport.disconnect(reason.code(), &reason.to_string());
            }
            Err(error.into())
        }
    }
}
