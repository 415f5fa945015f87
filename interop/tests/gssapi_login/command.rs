//! The login command with a ticket.

use crate::daemon::OpenSsh;
use crate::realm::{Person, inside, taking_tickets};
use crate::user::{Ran, User};

fn log_in(person: &Person, server: &OpenSsh, options: &[&str]) -> Ran {
    let place = format!("{}@localhost:{}", person.name(), server.port);
    let fixed = ["-v", "-o", "StrictHostKeyChecking=accept-new"];
    let words = [&fixed[..], options, &[place.as_str(), "id -un"]].concat();
    User::new().run_with(&words, |command| {
        command.envs(person.realm.variables());
    })
}

#[test]
fn the_command_uses_a_ticket_if_told_to() {
    inside(|person| {
        let server = OpenSsh::start(taking_tickets());
        let told = [
            "-o",
            "GSSAPIAuthentication=yes",
            "-o",
            "PreferredAuthentications=gssapi-with-mic",
        ];
        let ran = log_in(person, &server, &told);
        ran.expect(255);
        let why = "permission denied: no ticket: ";
        assert!(ran.err.contains(why), "{}", ran.err);
        assert!(ran.err.contains("No Kerberos credentials"), "{}", ran.err);

        person.get_ticket(&[]);
        let ran = log_in(person, &server, &told);
        ran.expect(0);
        assert_eq!(ran.out.trim(), person.name());
        for shown in [
            "gssapi-with-mic: which mechanism?",
            "this mechanism",
            "? token 1 for the server?",
            "! a token",
            "? the integrity code over this login?",
            "the integrity code",
            "= service ssh-connection started",
        ] {
            assert!(ran.err.contains(shown), "{shown}\n{}", ran.err);
        }

        let ran = log_in(person, &server, &told[2..]);
        ran.expect(255);
        assert!(ran.err.contains("permission denied"), "{}", ran.err);
        assert!(!ran.err.contains("token"), "{}", ran.err);
    });
}
