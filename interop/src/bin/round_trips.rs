//! Measures what a login costs over a link with a delay, and prints it as a table.
//!
//! Everything is in [`interop::round_trips`], where tests can reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    interop::round_trips::main()
}
