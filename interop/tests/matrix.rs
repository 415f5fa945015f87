//! Every server that others wrote, and the same questions to all of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

extern crate alloc;

#[path = "support/support.rs"]
mod support;

use core::time::Duration;

use interop::servers::{Kind, Server, Site};
use ssh_userauth::{Config, Method};

use support::keys::TestKey;
use support::session::run_command;
use support::user::TestUser;
use support::{connect, log_in};

#[test]
fn each_server_lets_a_key_in() {
    for kind in Kind::ALL.iter().copied().filter(|kind| kind.require()) {
        let key = TestKey::ed25519("key");
        let site = Site::new().one_of(&[Method::PublicKey]).key(&key.line());
        let server = Server::new(kind, &site).unwrap();
        let (mut running, stream) = server.connect().unwrap();
        let mut transport = connect(stream, running.host_key());
        let login = log_in(
            &mut transport,
            Config::new(server.user()),
            TestUser::new().key(&key),
        );
        assert!(
            login.result.is_ok(),
            "{kind}: {:?}\n{:?}\n{}",
            login.result,
            login.attempts(),
            running.log()
        );
        let said = run_command(&mut transport, "expr 6 '*' 7");
        assert!(said.ends_with("42\n"), "{said}");
        assert!(transport.peer_version().starts_with("SSH-2.0-"));
        drop(transport);
        assert!(running.wait(Duration::from_secs(20)), "{kind} did not end");
    }
}
