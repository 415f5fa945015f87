//! With a ticket, without one, and with one that is no good.

use core::time::Duration;

use interop::gss::MECHANISMS;
use interop::kerberos::REALM;
use ssh_userauth::{Ending, Method};

use crate::realm::{Person, inside, taking_tickets};
use crate::support::keys::TestKey;
use crate::support::openssh::{Run, run_with};

/// What this server lists when it takes tickets. Debian adds the second one.
const LISTED: &str = "publickey,gssapi-keyex,gssapi-with-mic,password";

/// 1.3.6.1.4.1.99999: a mechanism that nobody has.
const UNKNOWN: &[u8] = &[6, 8, 0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f];

/// A login of a person with this ticket or none, who has no key and knows the password.
fn log_in(person: &Person) -> Run {
    run_with(taking_tickets(), person.config(), person.user())
}

/// The ticket did not help, the password did.
fn assert_password_instead(run: &Run, outcome: &str, questions: &[&str]) {
    assert_eq!(run.login.factors(), ["password"]);
    let last = ["? key, 0 offered", "? password 1"];
    assert_eq!(run.login.dialogue, [questions, &last].concat());
    assert_eq!(
        run.login.attempts(),
        [
            format!("none?: refused [{LISTED}]"),
            format!("gssapi-with-mic: {outcome}"),
            "password: success".to_owned(),
        ]
    );
}

#[test]
fn ticket_logs_in() {
    inside(|person| {
        person.get_ticket(&[]);
        let run = log_in(person);
        assert_eq!(run.login.factors(), ["gssapi-with-mic"]);
        assert_eq!(
            run.login.dialogue,
            ["? token 1", "? token 2, given one", "? integrity code"]
        );
        assert_eq!(
            run.login.attempts(),
            [
                format!("none?: refused [{LISTED}]"),
                "gssapi-with-mic: success".to_owned(),
            ]
        );
        assert_eq!(run.login.skips(), [""; 0]);
        // The request, the first token and the integrity code; the server's token is the last one.
        assert_eq!(run.login.wire, ["5", "none", "gssapi-with-mic", "61", "66"]);
        assert_eq!(run.login.heard, [60, 61]);
        let principal = format!("{}@{REALM}", person.name());
        run.assert_logged(&["Accepted gssapi-with-mic for", &principal]);
    });
}

#[test]
fn ticket_and_key() {
    inside(|person| {
        person.get_ticket(&[]);
        let key = TestKey::ed25519("laptop");
        let server = taking_tickets()
            .config_line("AuthenticationMethods gssapi-with-mic,publickey")
            .authorized_key(&key.line());
        let run = run_with(server, person.config(), person.user().key(&key));
        assert_eq!(
            run.login.factors(),
            ["gssapi-with-mic", "publickey (ssh-ed25519 laptop)"]
        );
        assert_eq!(
            run.login.dialogue,
            [
                "? token 1",
                "? token 2, given one",
                "? integrity code",
                "* partial gssapi-with-mic, then publickey",
                "? key, 0 offered",
                "? signature 1 laptop ssh-ed25519 host-bound",
            ]
        );
        assert_eq!(
            run.login.attempts(),
            [
                "none?: refused [gssapi-with-mic]",
                "gssapi-with-mic: partial [publickey]",
                "publickey? laptop ssh-ed25519: acceptable",
                "publickey laptop ssh-ed25519: success",
            ]
        );
        run.assert_logged(&["Partial gssapi-with-mic for", person.name()]);
    });
}

#[test]
fn no_ticket_then_the_password() {
    inside(|person| {
        let run = log_in(person);
        assert_password_instead(&run, "abandoned", &["? token 1"]);
        assert_eq!(run.login.wire, ["5", "none", "gssapi-with-mic", "password"]);
        assert_eq!(run.login.heard, [60]);
        // The server counts no failure for what was given up.
        run.assert_logged(&["attempt 2 failures 0"]);
    });
}

#[test]
fn expired_ticket_then_a_key() {
    inside(|person| {
        person.get_ticket(&["-l", "1s"]);
        std::thread::sleep(Duration::from_secs(2));
        let key = TestKey::ed25519("laptop");
        let server = taking_tickets().authorized_key(&key.line());
        let run = run_with(server, person.config(), person.user().key(&key));
        assert_eq!(run.login.factors(), ["publickey (ssh-ed25519 laptop)"]);
        assert_eq!(
            run.login.dialogue,
            [
                "? token 1",
                "? key, 0 offered",
                "? signature 1 laptop ssh-ed25519 host-bound",
            ]
        );
        assert_eq!(
            run.login.attempts(),
            [
                format!("none?: refused [{LISTED}]"),
                "gssapi-with-mic: abandoned".to_owned(),
                "publickey? laptop ssh-ed25519: acceptable".to_owned(),
                "publickey laptop ssh-ed25519: success".to_owned(),
            ]
        );
        assert_eq!(run.login.heard, [60, 60]);
    });
}

/// A good ticket, but not of a user who may log in here under that name.
#[test]
fn ticket_of_somebody_else_then_the_password() {
    inside(|person| {
        person.realm.add_user("mallory", "secret").unwrap();
        person.realm.get_ticket("mallory", "secret", &[]).unwrap();
        let run = log_in(person);
        let outcome = format!("refused [{LISTED}]");
        let questions = ["? token 1", "? token 2, given one", "? integrity code"];
        assert_password_instead(&run, &outcome, &questions);
        assert_eq!(run.login.heard, [60, 61]);
        run.assert_logged(&["Failed gssapi-with-mic for", person.name()]);
    });
}

/// The server can't read what the ticket says: it gives up in the middle of the exchange.
#[test]
fn server_whose_key_is_out_of_date_then_the_password() {
    inside(|person| {
        person.realm.change_key_of_service().unwrap();
        person.get_ticket(&[]);
        let run = log_in(person);
        assert_password_instead(&run, &format!("refused [{LISTED}]"), &["? token 1"]);
        // A last token for the context that failed, ahead of the failure.
        assert_eq!(run.login.heard, [60, 65]);
        run.assert_logged(&["keytab is likely out of date"]);
    });
}

#[test]
fn wrong_integrity_code_then_the_password() {
    inside(|person| {
        person.get_ticket(&[]);
        let user = person.user_with(|client, need| {
            let answer = client.mic_over(b"something else");
            need.mic(answer.unwrap())
        });
        let run = run_with(taking_tickets(), person.config(), user);
        let outcome = format!("refused [{LISTED}]");
        let questions = ["? token 1", "? token 2, given one", "? integrity code"];
        assert_password_instead(&run, &outcome, &questions);
        assert_eq!(
            run.login.wire,
            ["5", "none", "gssapi-with-mic", "61", "66", "password"]
        );
    });
}

#[test]
fn no_integrity_code_then_the_password() {
    inside(|person| {
        person.get_ticket(&[]);
        let user = person.user_with(|_, need| need.decline());
        let run = run_with(taking_tickets(), person.config(), user);
        let questions = ["? token 1", "? token 2, given one", "? integrity code"];
        assert_password_instead(&run, "abandoned", &questions);
        assert_eq!(
            run.login.wire,
            ["5", "none", "gssapi-with-mic", "61", "password"]
        );
    });
}

#[test]
fn mechanism_that_the_server_does_not_know() {
    inside(|person| {
        person.get_ticket(&[]);
        let config = person.config().gssapi_mechanisms([UNKNOWN]);
        let run = run_with(taking_tickets(), config, person.user());
        assert_password_instead(&run, &format!("refused [{LISTED}]"), &[]);
        assert_eq!(run.login.heard, [0; 0]);

        let config = person.config().gssapi_mechanisms([UNKNOWN, MECHANISMS[0]]);
        let run = run_with(taking_tickets(), config, person.user());
        assert_eq!(run.login.factors(), ["gssapi-with-mic"]);
    });
}

/// Debian's server lists `gssapi-keyex` whether or not the key exchange was one by GSS-API; only
/// the client knows that it was none.
#[test]
fn gssapi_keyex_without_such_a_key_exchange() {
    inside(|person| {
        person.get_ticket(&[]);
        let config = person.config().methods([Method::GssapiKeyex]);
        let run = run_with(taking_tickets(), config, person.user());
        assert_eq!(run.login.gave_up().ending(), Ending::NoMethodLeft);
        assert_eq!(run.login.dialogue, [""; 0]);
        assert_eq!(run.requests(), ["none"]);
        assert_eq!(run.login.skips(), ["gssapi-keyex: NotConfigured"]);

        let methods = [Method::GssapiKeyex, Method::GssapiWithMic];
        let config = person.config().methods(methods);
        let run = run_with(taking_tickets(), config, person.user());
        assert_eq!(run.login.factors(), ["gssapi-with-mic"]);
        assert_eq!(run.requests(), ["none", "gssapi-with-mic"]);
    });
}
