//! What the opening flight asked for before the server had listed anything, and the server does not
//! offer, is no reason.

use ssh_userauth::{Config, Method, Unavailable};
use ssh_userauth_explain::{Diagnosis, Explain as _};

use crate::play::{Play, key};

/// What a server that offers only passwords says to a key and to a request for prompts.
#[test]
fn a_key_that_was_shown_in_vain() {
    let mut play = Play::new(Config::new("alice"));
    play.offer([key(1, "laptop"), key(2, "work")]);
    play.refuse("password");
    play.refuse("password");
    play.decline();
    play.refuse("password");
    play.finish();
    let report = play.client.report();
    let Some(Diagnosis::NothingToTry {
        offered, declined, ..
    }) = report.diagnosis()
    else {
        panic!("{}", report.table());
    };
    assert!(offered.unwrap().contains(Method::Password));
    assert_eq!(declined, [Method::Password]);
    let unlisted = |skip: &&ssh_userauth::Skip| *skip.reason() == Unavailable::NotListed;
    assert_eq!(
        report.skips().iter().filter(unlisted).count(),
        2,
        "{}",
        report.table()
    );
}

#[test]
fn a_request_for_prompts_in_vain() {
    let mut play = Play::new(Config::new("alice").methods([Method::KeyboardInteractive]));
    play.send();
    play.refuse("hostbased");
    play.refuse("hostbased");
    play.finish();
    let report = play.client.report();
    let Some(Diagnosis::NoCommonMethod { allowed, .. }) = report.diagnosis() else {
        panic!("{}", report.table());
    };
    assert_eq!(allowed, [Method::KeyboardInteractive]);
}

/// Where the list has the method, the refusal is a verdict.
#[test]
fn a_key_that_was_refused() {
    let mut play = Play::new(Config::new("alice").methods([Method::PublicKey]));
    play.offer([key(1, "laptop")]);
    play.refuse("publickey");
    play.offer([]);
    play.refuse("publickey");
    play.finish();
    let report = play.client.report();
    assert!(
        matches!(
            report.diagnosis(),
            Some(Diagnosis::AllKeysRefused { refused: 1, .. })
        ),
        "{}",
        report.table()
    );
}
