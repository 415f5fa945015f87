//! Tests that this machine can't run: said aloud, so that a test that did nothing does not pass
//! unseen, and in CI a failure.

use core::fmt::Display;
use std::io::{self, Write as _};

/// For tests: says on standard error what the test that calls this lacks. It then returns.
///
/// # Panics
///
/// If the environment has `CI` set: there, a skipped test is a failure.
pub fn without(what: impl Display) {
    let line = line(what, in_ci());
    // Written directly: the print macros' output is hidden when a test passes.
    let _unseen = writeln!(io::stderr(), "{line}");
}

fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

fn line(what: impl Display, ci: bool) -> String {
    assert!(!ci, "this test needs {what}");
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("a test");
    format!("SKIPPED: {name} needs {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_ci_it_is_only_said() {
        let said = line("a thing: install it", false);
        assert!(said.starts_with("SKIPPED: "), "{said}");
        assert!(said.ends_with("outside_ci_it_is_only_said needs a thing: install it"));
    }

    #[test]
    #[should_panic(expected = "this test needs a thing: install it")]
    fn in_ci_it_is_a_failure() {
        let _unreached = line("a thing: install it", true);
    }
}
