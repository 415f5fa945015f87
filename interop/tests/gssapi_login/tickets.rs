//! With a ticket, without one, and with one that is no good.

use crate::realm::{inside, taking_tickets};
use crate::support::openssh::run_with;

#[test]
fn ticket_logs_in() {
    inside(|person| {
        person.get_ticket(&[]);
        let run = run_with(taking_tickets(), person.config(), person.user());
        println!("{:#?}\n{}", run.login, run.log);
        println!("{:#?}", run.login.attempts());
        println!("{:#?}", run.login.skips());
        assert_eq!(run.login.factors(), ["gssapi-with-mic"]);
    });
}
