//! The report as a table for a bug report: at most 80 columns, ASCII but for what others named.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use ssh_userauth::{
    AttemptRecord, Candidate, Event, Identity, Method, MethodList, Outcome, Report, Unavailable,
};

use crate::cause::{self, is_refused_while_asking};
use crate::names::{self, why_skipped};
use crate::words::{banner_line, clip, factors, line, mark_of, own_line, width_of, wrap};

const COLUMNS: usize = 80;

/// A list of the server takes so many lines, whatever it is.
const MOST_LINES: usize = 4;

/// OpenSSH 9.2 lists RSA last, and RSA is what one looks for.
const ALGORITHM_LINES: usize = 6;

/// So many banners are shown.
const MOST_BANNERS: usize = 4;

/// Number, method, stage, key, algorithm, outcome.
const CELLS: usize = 6;
const HEAD: [&str; CELLS] = ["#", "method", "stage", "key", "algorithm", "outcome"];
const GAP: &str = "  ";

/// What may be cut short where a row is too long, in this order, and how far.
const SHRINKS: [(usize, usize); 3] = [(4, 12), (1, 12), (5, 10)];

/// The keys of a report, and the number of each by its blob: there may be very many.
#[derive(Default)]
struct Keys<'a> {
    in_order: Vec<&'a Identity>,
    numbers: BTreeMap<&'a [u8], usize>,
}

/// A report as a table for a bug report, at most 80 columns wide; see
/// [`Explain::table`](crate::Explain::table).
///
/// What the server wrote and what the caller named is filtered for terminals.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a>(pub(crate) &'a Report);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.keys();
        self.write_result(f)?;
        self.write_server(f)?;
        self.write_attempts(&keys, f)?;
        write_keys(&keys, f)?;
        self.write_skips(&keys, f)
    }
}

impl<'a> Table<'a> {
    /// Every key of the report once, in order of appearance.
    fn keys(&self) -> Keys<'a> {
        let offered = self.0.attempts().iter().filter_map(AttemptRecord::identity);
        let skipped = self
            .0
            .skips()
            .iter()
            .filter_map(|skip| match skip.candidate() {
                Candidate::Identity(identity) => Some(identity),
                _ => None,
            });
        let mut keys = Keys::default();
        for identity in offered.chain(skipped) {
            let next = keys.in_order.len() + 1;
            keys.numbers.entry(identity.blob()).or_insert_with(|| {
                keys.in_order.push(identity);
                next
            });
        }
        keys
    }

    fn write_result(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (label, text) = match cause::of(self.0) {
            Some(why) => ("no login", why.to_string()),
            None if !self.0.is_authenticated() => ("running", factors(self.0)),
            None => match factors(self.0) {
                none if none.is_empty() => ("logged in", "no proof".into()),
                factors => ("logged in", factors),
            },
        };
        // The sentence is the point of it all, and bounded by itself.
        write_block(label, &text, usize::MAX, f)
    }

    fn write_server(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(version) = self.0.server_version() {
            write_block("server", &own_line(version), MOST_LINES, f)?;
        }
        if let Some(list) = self.0.signature_algorithms() {
            write_block("sig-algs", &list.to_string(), ALGORITHM_LINES, f)?;
        }
        if self.0.offers_host_bound() {
            write_block("host-bound", "announced", 1, f)?;
        }
        for banner in self.0.banners().iter().take(MOST_BANNERS) {
            write_block("banner", &banner_line(banner), MOST_LINES, f)?;
        }
        let is_drop = |event: &Event| *event == Event::BannersDropped;
        let more = self.0.banners().len().saturating_sub(MOST_BANNERS);
        match (more, self.0.events().iter().any(is_drop)) {
            (0, false) => {}
            (more, false) => write_block("banner", &format!("{more} more"), 1, f)?,
            (more, true) => {
                let more = format!("{more} more, the rest was dropped");
                write_block("banner", &more, 1, f)?;
            }
        }
        if let Some(said) = self.0.server_disconnect() {
            let text = format!("{} {}", said.code(), line(said.description()));
            write_block("disconnect", &text, MOST_LINES, f)?;
        }
        Ok(())
    }

    fn write_attempts(&self, keys: &Keys<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.attempts().is_empty() {
            return writeln!(f, "no request was sent");
        }
        let numbered = self.0.attempts().iter().enumerate();
        let rows: Vec<_> = numbered
            .map(|(index, record)| (row(index, record, keys), record))
            .collect();
        let widths = widths(rows.iter().map(|(row, _)| row));
        write_row(&HEAD.map(String::from), &widths, f)?;
        let mut latest: Option<&MethodList> = None;
        for (row, record) in &rows {
            write_row(row, &widths, f)?;
            if let Some(list) = record.methods_after()
                && latest != Some(list)
            {
                latest = Some(list);
                write_list(list, widths.first().map_or(0, |number| number + 4), f)?;
            }
        }
        Ok(())
    }

    fn write_skips(&self, keys: &Keys<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.skips().is_empty() {
            return Ok(());
        }
        writeln!(f, "not tried")?;
        for skip in self.0.skips().iter() {
            let what = match skip.candidate() {
                Candidate::Identity(identity) => number_of(identity, keys),
                Candidate::Method(method) => method.to_string(),
                _ => "other".into(),
            };
            let text = match (skip.candidate(), skip.reason()) {
                (Candidate::Method(Method::PublicKey), Unavailable::Declined) => {
                    format!("{what}: no more keys were given")
                }
                (_, reason) => format!("{what}: {}", why_skipped(reason)),
            };
            write_indented("  ", "    ", &text, MOST_LINES, f)?;
        }
        Ok(())
    }
}

fn write_keys(keys: &Keys<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if keys.in_order.is_empty() {
        return Ok(());
    }
    writeln!(f, "keys")?;
    for identity in &keys.in_order {
        let number = number_of(identity, keys);
        let text = format!("{} {}", identity.key_type(), mark_of(identity));
        let under = " ".repeat(number.len() + 4);
        let first = format!("  {number}  ");
        write_indented(&first, &under, &text, MOST_LINES, f)?;
        if let Some(label) = identity.label() {
            write_indented(&under, &under, &own_line(label), 2, f)?;
        }
    }
    Ok(())
}

fn row(index: usize, record: &AttemptRecord, keys: &Keys<'_>) -> [String; CELLS] {
    let dash = || String::from("-");
    let dialogue = match (record.demanded_new_password(), record.rounds()) {
        (true, _) if record.outcome() == Outcome::NewPasswordDemanded => String::new(),
        (true, _) if is_refused_while_asking(record) => " for a new password".into(),
        (true, _) => ", new password demanded".into(),
        (false, 0) => String::new(),
        (false, 1) => ", 1 round".into(),
        (false, many) => format!(", {many} rounds"),
    };
    [
        (index + 1).to_string(),
        record.method().to_string(),
        names::stage(record.stage()).into(),
        record
            .identity()
            .map_or_else(dash, |key| number_of(key, keys)),
        record
            .algorithm()
            .map_or_else(dash, |name| name.to_string()),
        format!("{}{dialogue}", names::outcome(record.outcome())),
    ]
}

fn number_of(identity: &Identity, keys: &Keys<'_>) -> String {
    let number = keys.numbers.get(identity.blob());
    number.map_or_else(String::new, |number| format!("k{number}"))
}

/// As wide as their widest cell, unless a row becomes too long.
fn widths<'a>(rows: impl Iterator<Item = &'a [String; CELLS]>) -> [usize; CELLS] {
    let mut widths = HEAD.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(width_of(cell));
        }
    }
    let gaps = GAP.len() * CELLS;
    for (cell, least) in SHRINKS {
        let total = gaps + widths.iter().sum::<usize>();
        if let Some(width) = widths.get_mut(cell) {
            let spare = width.saturating_sub(least);
            *width -= spare.min(total.saturating_sub(COLUMNS));
        }
    }
    widths
}

fn write_row(
    row: &[String; CELLS],
    widths: &[usize; CELLS],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut line = String::new();
    for (index, (cell, width)) in row.iter().zip(widths).enumerate() {
        let cell = clip(cell, *width);
        let padding = " ".repeat(width.saturating_sub(width_of(&cell)));
        line.push_str(GAP);
        // Numbers stand at the right.
        let (before, behind) = match index {
            0 => (padding.as_str(), ""),
            _ => ("", padding.as_str()),
        };
        line.push_str(before);
        line.push_str(&cell);
        line.push_str(behind);
    }
    writeln!(f, "{}", line.trim_end())
}

fn write_list(list: &MethodList, indent: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let indent = " ".repeat(indent);
    let text = match list.is_empty() {
        true => "server offers nothing".into(),
        false => format!("server offers {list}"),
    };
    write_indented(&indent, &indent, &text, MOST_LINES, f)
}

fn write_block(label: &str, text: &str, most: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let first = format!("{label:<10}  ");
    let under = " ".repeat(first.len());
    match text.trim() {
        "" => writeln!(f, "{label}"),
        text => write_indented(&first, &under, text, most, f),
    }
}

fn write_indented(
    first: &str,
    under: &str,
    text: &str,
    most: usize,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let columns = COLUMNS.saturating_sub(first.len().max(under.len()));
    let mut indent = first;
    for line in wrap(text, columns, most) {
        writeln!(f, "{indent}{line}")?;
        indent = under;
    }
    Ok(())
}
