//! The testing kit, used as a client's author would use it: public API only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

#[path = "support/blobs.rs"]
mod blobs;
#[path = "testing/fake_keys.rs"]
mod fake_keys;
#[path = "testing/flights.rs"]
mod flights;
#[path = "testing/judged.rs"]
mod judged;
#[path = "testing/people.rs"]
mod people;
#[path = "testing/policy_server.rs"]
mod policy_server;
#[path = "testing/quirks.rs"]
mod quirks;
#[path = "testing/recorded.rs"]
mod recorded;
#[path = "testing/recorder.rs"]
mod recorder;
#[path = "testing/scripted.rs"]
mod scripted;
#[path = "testing/shown.rs"]
mod shown;
#[path = "testing/support.rs"]
mod support;
