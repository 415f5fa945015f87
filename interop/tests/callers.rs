//! The callers in `examples`: their code is taken in here, and logs in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    // The examples share files, and each takes in its own copy.
    clippy::duplicate_mod,
    missing_docs
)]

extern crate alloc;

#[path = "../examples/async_tokio.rs"]
mod async_tokio;
#[path = "../examples/blocking.rs"]
mod blocking;
#[path = "../examples/callbacks.rs"]
mod callbacks;
#[path = "../examples/command_line.rs"]
#[expect(
    dead_code,
    reason = "its `main` needs a terminal; the tests have one of their own"
)]
mod command_line;
#[path = "../examples/endpoint.rs"]
mod endpoint;
#[path = "../examples/fixed_password.rs"]
mod fixed_password;
#[path = "../examples/graphical.rs"]
mod graphical;
#[path = "../examples/many_mio.rs"]
mod many_mio;
#[path = "../examples/ssh_agent.rs"]
mod ssh_agent;

#[path = "callers/agents.rs"]
mod agents;
#[path = "callers/conch.rs"]
mod conch;
#[path = "callers/flow.rs"]
mod flow;
#[path = "callers/guide.rs"]
mod guide;
#[path = "callers/loops.rs"]
mod loops;
#[path = "support/support.rs"]
mod support;
#[path = "callers/window.rs"]
mod window;

/// Every example as it is run by its command. The server of each is in the same process.
#[test]
fn every_example_runs() {
    type Main = fn() -> Result<(), Box<dyn core::error::Error>>;
    let examples: [(&str, Main); 8] = [
        ("async_tokio", async_tokio::main),
        ("blocking", blocking::main),
        ("callbacks", callbacks::main),
        ("endpoint", endpoint::main),
        ("fixed_password", fixed_password::main),
        ("graphical", graphical::main),
        ("many_mio", many_mio::main),
        ("ssh_agent", ssh_agent::main),
    ];
    for (name, main) in examples {
        main().unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
