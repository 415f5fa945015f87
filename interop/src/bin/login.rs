//! Logs in over SSH: to a server of its own without arguments, else to the host that is named.
//!
//! Everything is in [`interop::login`], where tests can reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    interop::login::main()
}
