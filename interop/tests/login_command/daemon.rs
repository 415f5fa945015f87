//! OpenSSH's server at a port, as the command can only reach those.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;

use interop::sshd::{self, HostKeyType, Sshd, SshdBuilder};

use super::user::User;

/// OpenSSH's server at a TCP port, for as long as the test runs.
pub(crate) struct OpenSsh {
    pub(crate) port: String,
    sshd: Sshd,
}

impl OpenSsh {
    pub(crate) fn start(builder: SshdBuilder) -> Self {
        let sshd = builder.build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let serving = sshd.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (process, server) = serving.connect().unwrap();
                let client = stream.unwrap();
                thread::spawn(move || {
                    bridge(client, server);
                    drop(process);
                });
            }
        });
        Self { port, sshd }
    }

    pub(crate) fn trusted_by(&self, user: &User, key: HostKeyType) {
        user.trust_key(&self.sshd.host_key(key).unwrap(), &self.port);
    }
}

/// Copies both ways until both sides have ended.
fn bridge(client: TcpStream, server: UnixStream) {
    let (from_client, to_client) = (client.try_clone().unwrap(), client);
    let (from_server, to_server) = (server.try_clone().unwrap(), server);
    let up = thread::spawn(move || {
        copy(from_client, &to_server);
        let _gone = to_server.shutdown(Shutdown::Write);
    });
    copy(from_server, &to_client);
    let _gone = to_client.shutdown(Shutdown::Both);
    up.join().unwrap();
}

/// An end that closes early is an end like any other.
fn copy(mut from: impl Read, mut to: impl Write) {
    let _ended = io::copy(&mut from, &mut to);
}

/// The arguments for a login of this process's user.
pub(crate) fn place(server: &OpenSsh) -> String {
    format!(
        "{}@127.0.0.1:{}",
        sshd::current_user().unwrap(),
        server.port
    )
}
