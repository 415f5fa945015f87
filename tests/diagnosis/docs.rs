//! `docs/diagnosis.md`, so that it can't drift.

use core::fmt::Write as _;
use ssh_userauth_explain::Explain as _;
use std::{env, fs};

use crate::cases::CASES;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/diagnosis.md");

const INTRODUCTION: &str = "\
# Why there is no login

When a run ends without a login, `Explain::diagnosis` of the crate `ssh-userauth-explain` says what
most likely has to change: an enum for programs, one sentence with advice for people.
`Explain::table` is a table for a bug report: what was tried, what was not and why, and what the
server said. Neither ever holds a password, an answer, or a signature, and all text of the server is
filtered for terminals. Without that crate, `GiveUp` displays as one sentence of facts.

## Find out why

| you have | do |
|---|---|
| a host that refuses | `cargo run --bin login -- -v alice@host`: the conversation, the table, the sentence; `--diagram STEM` draws it |
| your own client | show `report().diagnosis()`, or match it to do something about it: [`Diagnosis`](../explain/src/diagnosis.rs) has an example; log `report().table()` |
| a failed test | `Run::report` and `Run::transcript` of [the testing kit](testing.md) |
| somebody else's report | the table, read from the end; their [transcript](testing.md#a-login-that-went-wrong), by `Transcript::report` |
| a diagnosis that is wrong | [where it is made](../CONTRIBUTING.md#a-diagnosis) |

What the client can't see is not in it. To a client, a wrong user name, a locked account, a key that
is missing in `authorized_keys` and one of a type that the server doesn't allow are the same
`SSH_MSG_USERAUTH_FAILURE`: the advice names the usual reasons, and only the server's log knows
which it was (`LogLevel VERBOSE` of OpenSSH's `sshd`).

In the table, `query` asks whether a key would do and `proof` is a signature, a password or the
like. `refused while asking` is a dialogue that the server ended while the user was asked: it waited
no longer, and saw no answer to what it had asked last. `unanswered` is what was sent last before a
connection ended: a server that closes because of too many refusals does so in place of one more, so
that request was most likely refused, too. Under `not tried` stands what could have been tried, with
the reason.

## Each of them

Below is what a user sees, for each `Diagnosis`, from a run that leads to it. `cargo test` compares
this file with what the crate says; `UPDATE_DOCS=1 cargo test --test diagnosis`
writes it anew.

";

/// The one that has something of everything.
const DRAWN: &str = "second_factor_missing";

#[test]
fn the_documentation_is_what_a_user_sees() {
    let mut text = String::from(INTRODUCTION);
    for (name, run) in CASES {
        let play = run();
        let sentence = play.client.report().diagnosis().unwrap();
        writeln!(text, "## `{name}`\n").unwrap();
        writeln!(text, "> {sentence}\n").unwrap();
        writeln!(text, "```text\n{}```\n", play.table()).unwrap();
        if *name == DRAWN {
            let drawn = "The same run as `Explain::sequence_diagram` draws it:";
            writeln!(text, "{drawn}\n\n```mermaid\n{}```\n", play.diagram()).unwrap();
        }
    }
    let text = format!("{}\n", text.trim_end());
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PATH, &text).unwrap();
    }
    let committed = fs::read_to_string(PATH).unwrap_or_default();
    assert!(
        committed == text,
        "docs/diagnosis.md is not what the crate says; UPDATE_DOCS=1 writes it anew:\n{text}"
    );
}
