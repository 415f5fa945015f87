//! The difference of two texts, line by line.

use alloc::string::String;
use alloc::vec::Vec;

/// Lines that are shown around a difference.
const CONTEXT: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Both,
    Expected,
    Actual,
}

/// The lines of both, those that only one has marked with `-` (expected) or `+` (actual), as in a
/// unified diff.
pub(crate) fn diff(expected: &[String], actual: &[String]) -> String {
    let lines = align(expected, actual);
    let is_near = |at: usize| {
        let from = at.saturating_sub(CONTEXT);
        let mut window = lines.iter().skip(from).take(2 * CONTEXT + 1);
        window.any(|(side, _)| *side != Side::Both)
    };
    let mut text = String::new();
    let mut gap = false;
    for (at, (side, line)) in lines.iter().enumerate() {
        if !is_near(at) {
            gap = true;
            continue;
        }
        if core::mem::take(&mut gap) {
            text.push_str("...\n");
        }
        text.push_str(match side {
            Side::Both => "  ",
            Side::Expected => "- ",
            Side::Actual => "+ ",
        });
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// A longest common subsequence, and what is left of either side where it stands.
fn align<'t>(expected: &'t [String], actual: &'t [String]) -> Vec<(Side, &'t String)> {
    let table = common_lengths(expected, actual);
    let length = |i: usize, j: usize| {
        let row: Option<&Vec<usize>> = table.get(i);
        row.and_then(|row| row.get(j)).copied().unwrap_or_default()
    };
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    loop {
        match (expected.get(i), actual.get(j)) {
            (Some(wanted), Some(got)) if wanted == got => {
                lines.push((Side::Both, got));
                i += 1;
                j += 1;
            }
            // Without this line, there is as much in common.
            (Some(wanted), got) if got.is_none() || length(i + 1, j) == length(i, j) => {
                lines.push((Side::Expected, wanted));
                i += 1;
            }
            (_, Some(got)) => {
                lines.push((Side::Actual, got));
                j += 1;
            }
            (_, None) => return lines,
        }
    }
}

/// For every pair of tails, how many lines they have in common, in order.
fn common_lengths(expected: &[String], actual: &[String]) -> Vec<Vec<usize>> {
    let mut below = alloc::vec![0; actual.len() + 1];
    let mut table = alloc::vec![below.clone()];
    for wanted in expected.iter().rev() {
        let mut row = alloc::vec![0];
        let mut right = 0;
        let pairs = below.iter().zip(below.iter().skip(1)).rev();
        for (got, (here, diagonal)) in actual.iter().rev().zip(pairs) {
            right = if wanted == got {
                diagonal + 1
            } else {
                right.max(*here)
            };
            row.push(right);
        }
        row.reverse();
        below.clone_from(&row);
        table.push(row);
    }
    table.reverse();
    table
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.chars().map(|line| line.to_string()).collect()
    }

    #[test]
    fn what_differs_is_marked() {
        assert_eq!(
            diff(&lines("abcd"), &lines("axcde")),
            "  a\n- b\n+ x\n  c\n  d\n+ e\n"
        );
        assert_eq!(
            diff(&lines("abcdefghix"), &lines("abcdefghiy")),
            "...\n  f\n  g\n  h\n  i\n- x\n+ y\n"
        );
        assert_eq!(diff(&lines("same"), &lines("same")), "");
        assert_eq!(diff(&lines(""), &lines("n")), "+ n\n");
    }
}
