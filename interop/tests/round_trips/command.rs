//! The command that prints the table.

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_round_trips"));
    command.args(arguments).output().unwrap()
}

/// On the link that needs no rights, with the server that is always there.
#[test]
fn flights_and_times() {
    let output = run(&[
        "--server",
        "russh",
        "--link",
        "shuttle",
        "--rtt",
        "60",
        "--runs",
        "1",
        "--case",
        "key",
        "--case",
        "third-key",
        "--client",
        "opening",
        "--client",
        "unasked",
    ]);
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}{errors}");
    assert!(text.starts_with("russh (SSH-2.0-russh_"), "{text}");
    for (client, flights) in [("opening", 2), ("unasked", 1)] {
        let line = text.lines().find(|line| line.starts_with(client)).unwrap();
        let numbers: Vec<f64> = line
            .split_whitespace()
            .skip(1)
            .map(|number| number.parse().unwrap())
            .collect();
        // Flights, round trips and milliseconds, for each of two cases.
        assert_eq!(numbers.len(), 6, "{line}");
        for case in numbers.chunks(3) {
            assert_eq!(case[0], f64::from(flights), "{line}");
            assert!(case[1] >= f64::from(flights), "{line}");
            assert!(case[2] >= 60.0 * f64::from(flights), "{line}");
        }
    }
}

#[test]
fn mistakes_are_told() {
    let output = run(&["--server", "telnet"]);
    assert!(!output.status.success());
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("telnet"), "{errors}");
    assert!(output.stdout.is_empty());
}
