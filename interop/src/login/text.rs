//! Text that fits on a terminal: filtered, measured and wrapped.

use unicode_width::UnicodeWidthStr as _;

use crate::transport::PeerText;

/// Bytes of the server as one line without control characters.
pub(super) fn line(bytes: &[u8]) -> String {
    PeerText::new(bytes).to_string()
}

/// Bytes of the server as lines without control characters; a line break at the end is none.
pub(super) fn lines(bytes: &[u8]) -> Vec<String> {
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let lines = text.split(|byte| *byte == b'\n');
    lines
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .map(|line| self::line(&spaces_for_tabs(line)))
        .collect()
}

/// Banners are often laid out with tabs, which are the one control character to expect.
fn spaces_for_tabs(line: &[u8]) -> Vec<u8> {
    let spaced = |byte: &u8| if *byte == b'\t' { b' ' } else { *byte };
    line.iter().map(spaced).collect()
}

/// How many columns `text` takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// `text` in lines of at most `limit` columns, broken at spaces where there are any.
pub(super) fn wrap(text: &str, limit: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let glue = usize::from(!line.is_empty());
        if width(&line)
            .saturating_add(glue)
            .saturating_add(width(word))
            <= limit
        {
            if glue == 1 {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(core::mem::take(&mut line));
        }
        for c in word.chars() {
            let mut longer = line.clone();
            longer.push(c);
            if width(&longer) > limit && !line.is_empty() {
                lines.push(core::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping() {
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("a bc def", 4), ["a bc", "def"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(
            wrap("\u{4e16}\u{754c} \u{4e16}", 4),
            ["\u{4e16}\u{754c}", "\u{4e16}"]
        );
    }

    #[test]
    fn lines_of_the_server_cannot_touch_the_terminal() {
        assert_eq!(lines(b"one\r\n\ttwo\x1b[2J\n"), ["one", " two\\u{1b}[2J"]);
        assert_eq!(line(b"a\nb"), "a\\nb");
    }
}
