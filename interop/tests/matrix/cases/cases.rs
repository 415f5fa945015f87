//! All cases, in the order of the table.

mod dialogues;
mod endings;
mod factors;
mod hosts;
mod keys;
mod passwords;

use interop::servers::{Kind, Server, Site};
use ssh_userauth::Method;

use crate::plan::Case;
use crate::support::keys::TestKey;
use crate::support::user::TestUser;

pub(crate) fn all() -> Vec<Case> {
    [
        keys::CASES,
        passwords::CASES,
        dialogues::CASES,
        hosts::CASES,
        factors::CASES,
        endings::CASES,
    ]
    .into_iter()
    .flatten()
    .map(|&(slug, title, plan)| Case { slug, title, plan })
    .collect()
}

type Row = (
    &'static str,
    &'static str,
    fn(Kind) -> Option<crate::plan::Plan>,
);

/// A site that admits by `method` alone, if this kind of server can.
fn by(kind: Kind, method: Method) -> Option<Site> {
    let methods = kind.abilities().methods;
    methods
        .contains(&method)
        .then(|| Site::new().one_of(&[method]))
}

/// A site that admits by either of two methods.
fn by_either(kind: Kind, one: Method, other: Method) -> Option<Site> {
    let methods = kind.abilities().methods;
    let both = methods.contains(&one) && methods.contains(&other);
    both.then(|| Site::new().one_of(&[one, other]))
}

/// A new key, named by its label.
fn key(label: &str) -> TestKey {
    TestKey::ed25519(label)
}

/// Answers all rounds of the server's dialogue.
fn answering(user: TestUser, server: &Server) -> TestUser {
    server.answers().iter().fold(user, |user, round| {
        let round: Vec<&str> = round.iter().map(String::as_str).collect();
        user.answers(&round)
    })
}
