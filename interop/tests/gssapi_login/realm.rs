//! Tests that run inside a realm.

use std::process::Command;

use interop::gss::{GssClient, MECHANISMS};
use interop::kerberos::{self, Realm};
use interop::sshd::{self, SshdBuilder, TestAccount};
use ssh_userauth::{Action, Answer, Config, Method, NeedGssapiMic};

use crate::support::one_by_one;
use crate::support::openssh::server;
use crate::support::user::TestUser;

/// A user of the system who is one of the realm, too, with the same password.
pub(crate) struct Person {
    pub(crate) realm: Realm,
    pub(crate) account: TestAccount,
}

/// Runs `body` in a process inside a new realm: this test alone, in this program once more. A
/// process that has threads can't change its environment.
pub(crate) fn inside(body: impl FnOnce(&Person)) {
    if let Some(realm) = Realm::inside() {
        let account = TestAccount::create().unwrap();
        realm.add_user(account.name(), account.password()).unwrap();
        return body(&Person { realm, account });
    }
    // Says what is missing, if something is.
    if !kerberos::require() || !sshd::require_root() {
        return;
    }
    let realm = Realm::start().unwrap();
    let thread = std::thread::current();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", thread.name().unwrap()])
        .envs(realm.variables())
        .output()
        .unwrap();
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.contains("1 passed"), "{out}\n{err}");
}

impl Person {
    pub(crate) fn name(&self) -> &str {
        self.account.name()
    }

    /// Gets a ticket that lasts, or what the options of `kinit` say.
    pub(crate) fn get_ticket(&self, options: &[&str]) {
        let password = self.account.password();
        self.realm
            .get_ticket(self.name(), password, options)
            .unwrap();
    }

    /// Knows the password, and uses whatever ticket there is.
    pub(crate) fn user(&self) -> TestUser {
        self.user_with(GssClient::mic)
    }

    /// The same, with `mic` to make the integrity code.
    pub(crate) fn user_with(&self, mic: fn(&mut GssClient, NeedGssapiMic) -> Answer) -> TestUser {
        let mut client = GssClient::new("localhost");
        let user = TestUser::new().password(self.account.password());
        user.helper(move |action| match action {
            Action::NeedGssapiToken(need) => Some(client.token(need)),
            Action::NeedGssapiMic(need) => Some(mic(&mut client, need)),
            other => other.decline(),
        })
    }

    /// First by ticket, then by key, then by password.
    pub(crate) fn config(&self) -> Config {
        one_by_one(self.name())
            .methods([Method::GssapiWithMic, Method::PublicKey, Method::Password])
            .gssapi_mechanisms(MECHANISMS)
    }
}

/// A server that takes tickets and passwords.
pub(crate) fn taking_tickets() -> SshdBuilder {
    server()
        .config_line("GSSAPIAuthentication yes")
        // The host has more names than the one of its principal.
        .config_line("GSSAPIStrictAcceptorCheck no")
        .config_line("KbdInteractiveAuthentication no")
}
