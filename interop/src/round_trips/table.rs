//! The numbers as a table.

use super::measure::{Cell, Measured};
use super::options::{Link, Options};

/// Wide enough for `12 12.34  1234`.
const COLUMN: usize = 14;

const FIRST: usize = 9;

/// One table: a line for each client, a column for each case.
pub(super) fn render(measured: &Measured, options: &Options) -> String {
    let mut lines = vec![title(measured, options)];
    if options.markdown {
        lines.push(String::new());
        markdown(measured, options, &mut lines);
    } else {
        text(measured, options, &mut lines);
    }
    lines.push(String::new());
    lines.join("\n")
}

fn title(measured: &Measured, options: &Options) -> String {
    let version = measured.version.as_deref();
    let version = version.map_or_else(String::new, |version| format!(" ({version})"));
    let link = match options.link {
        Link::Device => "device",
        Link::Shuttle => "shuttle",
    };
    let (rtt, runs) = (options.rtt.as_millis(), options.runs);
    let kind = measured.kind;
    format!("{kind}{version}: RTT {rtt} ms, {link}, median of {runs}")
}

fn text(measured: &Measured, options: &Options, lines: &mut Vec<String>) {
    let mut cases = " ".repeat(FIRST);
    let mut units = cases.clone();
    for case in &options.cases {
        cases.push_str(&format!("  {case:>COLUMN$}"));
        units.push_str(&format!("  {:>COLUMN$}", "fl   RTT    ms"));
    }
    lines.extend([cases, units]);
    for row in &measured.rows {
        let mut line = format!("{:<FIRST$}", row.client);
        for cell in &row.cells {
            let cell = match cell {
                Cell::Nothing => "-".to_owned(),
                Cell::Failed => "failed".to_owned(),
                Cell::Cost(cost) => {
                    let (trips, millis) = (cost.round_trips(options.rtt), cost.time.as_millis());
                    format!("{:>2} {trips:>5.2} {millis:>5}", cost.flights)
                }
            };
            line.push_str(&format!("  {cell:>COLUMN$}"));
        }
        lines.push(line);
    }
}

fn markdown(measured: &Measured, options: &Options, lines: &mut Vec<String>) {
    let cases: Vec<&str> = options.cases.iter().map(|case| case.name()).collect();
    lines.push(format!("| client | {} |", cases.join(" | ")));
    lines.push(format!("| --- |{}", " --- |".repeat(cases.len())));
    for row in &measured.rows {
        let cells = row.cells.iter().map(|cell| match cell {
            Cell::Nothing => "-".to_owned(),
            Cell::Failed => "failed".to_owned(),
            Cell::Cost(cost) => {
                let (trips, millis) = (cost.round_trips(options.rtt), cost.time.as_millis());
                format!("{} · {trips:.2} · {millis} ms", cost.flights)
            }
        });
        let cells: Vec<String> = cells.collect();
        lines.push(format!("| {} | {} |", row.client, cells.join(" | ")));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use core::time::Duration;

    use super::super::case::{Case, Client};
    use super::super::measure::{Cost, Row};
    use super::*;
    use crate::servers::Kind;

    fn measured() -> Measured {
        let cost = Cost {
            flights: 2,
            time: Duration::from_micros(205_900),
        };
        Measured {
            kind: Kind::OpenSsh,
            version: Some("SSH-2.0-x".to_owned()),
            rows: vec![Row {
                client: Client::Opening,
                cells: vec![Cell::Cost(cost), Cell::Nothing, Cell::Failed],
            }],
            notes: Vec::new(),
        }
    }

    fn options(markdown: bool) -> Options {
        Options {
            link: Link::Shuttle,
            cases: vec![Case::Key, Case::KeyAndPassword, Case::Password],
            markdown,
            ..Options::default()
        }
    }

    #[test]
    fn as_text() {
        let table = render(&measured(), &options(false));
        let expected = [
            "OpenSSH (SSH-2.0-x): RTT 100 ms, shuttle, median of 3",
            "                      key    key+password        password",
            "           fl   RTT    ms  fl   RTT    ms  fl   RTT    ms",
            "opening     2  2.06   205               -          failed",
            "",
        ];
        assert_eq!(table.lines().collect::<Vec<_>>(), expected[..4]);
        assert_eq!(table, expected.join("\n"));
    }

    #[test]
    fn as_markdown() {
        let table = render(&measured(), &options(true));
        let lines: Vec<_> = table.lines().skip(2).collect();
        let expected = [
            "| client | key | key+password | password |",
            "| --- | --- | --- | --- |",
            "| opening | 2 · 2.06 · 205 ms | - | failed |",
        ];
        assert_eq!(lines, expected);
    }

    /// All columns, in a terminal of ordinary width.
    #[test]
    fn it_is_not_too_wide() {
        let width = FIRST + Case::ALL.len() * (COLUMN + 2);
        assert!(width <= 100, "{width}");
    }
}
