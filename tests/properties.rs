//! Properties of whole logins: any server, any user, any order of events. Public API only.
//!
//! `SSH_USERAUTH_RUNS=100000` makes each of them run so many times.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

use proptest::prelude::ProptestConfig;

#[path = "properties/credentials.rs"]
mod credentials;
#[path = "properties/interleavings.rs"]
mod interleavings;
#[path = "properties/logins.rs"]
mod logins;
#[path = "properties/metamorphic.rs"]
mod metamorphic;
#[path = "properties/tree.rs"]
mod tree;
#[path = "properties/world.rs"]
mod world;

/// How many runs of a property, unless the environment says otherwise.
fn runs(usual: u32) -> ProptestConfig {
    let runs = std::env::var("SSH_USERAUTH_RUNS");
    let cases = runs.map_or(usual, |runs| runs.parse().unwrap());
    ProptestConfig {
        cases,
        // No file beside the sources: a failure is shrunk, and prints what it takes to repeat it.
        failure_persistence: None,
        max_shrink_iters: 4096,
        ..ProptestConfig::default()
    }
}
