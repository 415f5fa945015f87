//! Promise: with one request on its way at a time, the machine does after every packet, answer and
//! command exactly what a simple reference model says that it does, in this order, and nothing
//! else; and it takes, hands back, or calls a protocol error what the model says.
//!
//! The model (`differential/reference.rs`) is written from RFC 4252, RFC 4256 and the crate's
//! documentation, not from its code: lists instead of queues, no flight, no tokens, no bytes.
//!
//! The input is a script: eight digits of setup, then letters with digits behind them
//! (`differential/script.rs`). Keys are of one type, so that no algorithm has to be chosen; what
//! has to do with algorithms, bytes and secrets is the affair of `conversation`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "differential/outcome.rs"]
mod outcome;
#[path = "differential/reference.rs"]
mod reference;
#[path = "differential/replies.rs"]
mod replies;
#[path = "differential/run.rs"]
mod run;
#[path = "differential/script.rs"]
mod script;

fuzz_target!(|script: script::Script| run::run(&script));
