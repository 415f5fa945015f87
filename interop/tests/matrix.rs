//! Every server that others wrote, and the same questions to all of them: a login for each server
//! and case, request by request and with requests sent ahead.
//!
//! The table of what happened is `docs/interop.md`, the conversations are in
//! `interop/recorded`; both are compared with what happens now. `UPDATE_DOCS=1` in the
//! environment writes them anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

extern crate alloc;

#[path = "matrix/cases/cases.rs"]
mod cases;
#[path = "matrix/page.rs"]
mod page;
#[path = "matrix/plan.rs"]
mod plan;
#[path = "matrix/record.rs"]
mod record;
#[path = "matrix/results.rs"]
mod results;
#[path = "matrix/run.rs"]
mod run;
#[path = "support/support.rs"]
mod support;

use interop::servers::Kind;

fn every_case(kind: Kind) {
    if kind.require() {
        results::of(kind).assert();
    }
}

#[test]
fn openssh() {
    every_case(Kind::OpenSsh);
}

#[test]
fn asyncssh() {
    every_case(Kind::AsyncSsh);
}

#[test]
fn conch() {
    every_case(Kind::Conch);
}

#[test]
fn russh() {
    every_case(Kind::Russh);
}

#[test]
fn paramiko() {
    every_case(Kind::Paramiko);
}

#[test]
fn ssh2() {
    every_case(Kind::Ssh2);
}

#[test]
fn dropbear() {
    every_case(Kind::Dropbear);
}

#[test]
fn tinyssh() {
    every_case(Kind::TinySsh);
}
