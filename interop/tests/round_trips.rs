//! The flights of a login, counted against servers that others wrote. What they cost in time is
//! what the command `round_trips` measures.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

extern crate alloc;

#[path = "round_trips/command.rs"]
mod command;
#[path = "round_trips/link.rs"]
mod link;
#[path = "round_trips/servers.rs"]
mod servers;
#[path = "support/support.rs"]
mod support;
