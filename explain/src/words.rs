//! Text in columns: how wide it is on a terminal, how to cut it short, where to break it.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt::{Display, Write as _};

use ssh_userauth::{Identity, Report, ServerText};
use unicode_width::UnicodeWidthChar as _;

/// What stands for the rest of a text that was cut short.
const REST: &str = "...";

/// Columns of a key's label inside a sentence.
const LABEL_COLUMNS: usize = 40;

/// Text of the server on one line, filtered.
pub(crate) fn line(text: &ServerText) -> String {
    text.line().to_string()
}

/// A banner on one line. Most end in a line feed, which says nothing.
pub(crate) fn banner_line(text: &ServerText) -> String {
    line(&ServerText::new(text.raw().trim_ascii_end()))
}

/// A list of the server inside a sentence, in at most so many columns. What doesn't look like
/// names stands in quotes, so that nobody takes it for our words.
pub(crate) fn quoted_names(text: &str, columns: usize) -> String {
    let is_plain = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, ',' | '-' | '_' | '.' | '@' | '+')
    };
    if text.chars().all(is_plain) {
        clip(text, columns)
    } else {
        quoted(text, columns)
    }
}

/// Text of the server inside a sentence, in at most so many columns; it can't end the quotation.
pub(crate) fn quoted(text: &str, columns: usize) -> String {
    format!("\"{}\"", clip(&text.replace('"', "'"), columns))
}

/// The caller's text, filtered the same way: a label may be the comment in somebody's agent.
pub(crate) fn own_line(text: &str) -> String {
    line(&ServerText::new(text.as_bytes()))
}

/// What people call the key, or else what it is.
pub(crate) fn name_of(identity: &Identity) -> String {
    match identity.label() {
        Some(label) if !label.trim().is_empty() => clip(&own_line(label), LABEL_COLUMNS),
        _ => format!("{} {}", identity.key_type(), mark_of(identity)),
    }
}

/// What tells the key from others of its type: the fingerprint, or as much as there is without a
/// hash function.
pub(crate) fn mark_of(identity: &Identity) -> String {
    #[cfg(feature = "ssh-key")]
    let mark = identity.fingerprint();
    #[cfg(not(feature = "ssh-key"))]
    let mark = format!("({} bytes)", identity.blob().len());
    mark.to_string()
}

/// The methods that succeeded.
pub(crate) fn factors(report: &Report) -> String {
    join(report.factors().map(|factor| factor.method()), " and ")
}

pub(crate) fn join<T: Display>(parts: impl IntoIterator<Item = T>, separator: &str) -> String {
    let mut joined = String::new();
    for part in parts {
        if !joined.is_empty() {
            joined.push_str(separator);
        }
        // Writing to a string does not fail.
        let _ = write!(joined, "{part}");
    }
    joined
}

/// As many columns of the text as fit, whole characters only.
fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let fits = |(_, character): &(usize, char)| {
        used += width(*character);
        used <= columns
    };
    let fitting = text.char_indices().take_while(fits).last();
    let end = fitting.map_or(0, |(at, character)| at + character.len_utf8());
    text.get(..end).unwrap_or_default()
}

/// The text in at most so many columns.
pub(crate) fn clip(text: &str, columns: usize) -> String {
    if width_of(text) <= columns {
        return text.into();
    }
    let kept = head(text, columns.saturating_sub(REST.len()));
    format!("{kept}{REST}")
}

/// The text in lines of at most so many columns, broken behind spaces and commas where that is
/// possible; what doesn't fit into `most` lines is left out.
pub(crate) fn wrap(text: &str, columns: usize, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if lines.len() + 1 >= most || width_of(rest) <= columns {
            lines.push(clip(rest, columns));
            break;
        }
        let full = head(rest, columns);
        // With a third or less the line would be wasted.
        let broken = full.rfind([' ', ',']).filter(|at| at * 3 > full.len());
        let end = broken.map_or(full.len(), |at| at + 1);
        let (line, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if line.is_empty() {
            // Not even one character fits.
            break;
        }
        lines.push(line.trim_end().into());
        rest = behind.trim_start();
    }
    lines
}

/// How many columns the text takes on a terminal.
pub(crate) fn width_of(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Text that is filtered has no control characters, which have no width.
fn width(character: char) -> usize {
    character.width().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_widths() {
        for (text, columns) in [
            ("", 0),
            ("laptop", 6),
            ("Grüße", 5),
            ("世界", 4),
            ("e\u{301}", 1),
            ("\u{1f511}", 2),
            ("ｋｅｙ", 6),
            ("\u{fffd}", 1),
        ] {
            assert_eq!(width_of(text), columns, "{text}");
        }
    }

    #[test]
    fn cut_short_between_characters() {
        for (text, columns, clipped) in [
            ("laptop", 6, "laptop"),
            ("laptops", 6, "lap..."),
            ("世界世界", 7, "世界..."),
            ("世界世界", 6, "世..."),
            ("e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}", 4, "e\u{301}..."),
            ("世界", 1, "..."),
        ] {
            assert_eq!(clip(text, columns), clipped, "{text} in {columns}");
        }
    }

    #[test]
    fn broken_where_it_reads_well() {
        for (text, columns, most, lines) in [
            ("", 10, 3, &[][..]),
            ("one two", 10, 3, &["one two"]),
            ("one two three", 10, 3, &["one two", "three"]),
            ("alpha,beta,gamma", 12, 3, &["alpha,beta,", "gamma"]),
            ("abc defghijkl", 9, 3, &["abc defgh", "ijkl"]),
            ("abcd efghijkl", 9, 3, &["abcd", "efghijkl"]),
            ("aaaaaaaaaaaaaaa", 10, 3, &["aaaaaaaaaa", "aaaaa"]),
            ("one two three four", 10, 1, &["one two..."]),
            ("世界世界", 5, 2, &["世界", "世界"]),
            ("世界世界", 1, 9, &[]),
        ] {
            assert_eq!(wrap(text, columns, most), lines, "{text} in {columns}");
        }
    }
}
