//! Text that comes from the server, and how to show it without letting it touch the terminal.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::fmt::{self, Write as _};

/// Text written by the server: a banner, a prompt, an instruction, the name of a method.
///
/// That a string is of this type says where it came from: never show it as if the client had
/// written it (a server may well send the prompt "Passphrase for key ...").
///
/// RFC 4252 section 5.4: "If the 'message' string is displayed, control character filtering,
/// discussed in [SSH-ARCH], SHOULD be used to avoid attacks by sending terminal control
/// characters." [`display`](Self::display) and [`line`](Self::line) do that; [`raw`](Self::raw)
/// is the bytes as they came.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
// Shared: one list of the server may be the reason for skipping many keys. None is the empty text.
pub struct ServerText(Option<Arc<[u8]>>);

impl ServerText {
    /// Text of the server that came another way, such as the description in
    /// `SSH_MSG_DISCONNECT`.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self((!bytes.is_empty()).then(|| bytes.into()))
    }

    /// The bytes as they came: any control character, possibly not UTF-8.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }

    /// Whether the server sent nothing here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The text for people: lines and tabs stay, everything that could move the cursor, change
    /// the title, reorder or hide text is written as an escape such as `\u{1b}`.
    ///
    /// Invalid UTF-8 becomes U+FFFD. CR LF becomes LF.
    #[must_use]
    pub fn display(&self) -> DisplayText<'_> {
        DisplayText {
            bytes: self.raw(),
            form: Form::Lines,
        }
    }

    /// As [`display`](Self::display), on one line: a line feed is written as `\n`, a tab as `\t`.
    /// For logs and for the errors of this crate.
    #[must_use]
    pub fn line(&self) -> DisplayText<'_> {
        DisplayText {
            bytes: self.raw(),
            form: Form::OneLine,
        }
    }
}

/// Writes names of the server as a name-list, filtered for display.
pub(crate) fn write_names(
    names: impl Iterator<Item = ServerText>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut separator = "";
    for name in names {
        write!(f, "{separator}{}", name.line())?;
        separator = ",";
    }
    Ok(())
}

impl fmt::Debug for ServerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerText(\"{}\")", self.line())
    }
}

/// Filtered text, ready to be formatted; see [`ServerText::display`].
#[derive(Clone, Copy)]
pub struct DisplayText<'a> {
    bytes: &'a [u8],
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Lines,
    OneLine,
}

impl<'a> DisplayText<'a> {
    /// One line of filtered text straight from bytes, for errors that keep none.
    pub(crate) fn line_of(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            form: Form::OneLine,
        }
    }
}

impl fmt::Debug for DisplayText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.to_string();
        fmt::Debug::fmt(&text, f)
    }
}

impl fmt::Display for DisplayText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A CR is held back until the next character shows whether it begins CR LF.
        let mut carriage_return = false;
        for chunk in self.bytes.utf8_chunks() {
            let mut rest = chunk.valid();
            while let Some(character) = rest.chars().next() {
                if carriage_return && character != '\n' {
                    f.write_str("\\r")?;
                }
                // Nearly all text is such a run, and written as a whole.
                let run = printable_ascii(rest);
                carriage_return = character == '\r';
                if !run.is_empty() {
                    f.write_str(run)?;
                } else if !carriage_return {
                    self.form.write(character, f)?;
                }
                let written = run.len().max(character.len_utf8());
                rest = rest.get(written..).unwrap_or_default();
            }
            if !chunk.invalid().is_empty() {
                if carriage_return {
                    f.write_str("\\r")?;
                    carriage_return = false;
                }
                f.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        if carriage_return {
            f.write_str("\\r")?;
        }
        Ok(())
    }
}

/// The printable ASCII in front, which is never dangerous.
fn printable_ascii(text: &str) -> &str {
    let is_other = |byte: &u8| !matches!(byte, b' '..=b'~');
    let length = text.as_bytes().iter().position(is_other);
    text.get(..length.unwrap_or(text.len())).unwrap_or_default()
}

impl Form {
    fn write(self, character: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (character, self) {
            ('\n' | '\t', Self::Lines) => f.write_char(character),
            ('\n', Self::OneLine) => f.write_str("\\n"),
            ('\t', Self::OneLine) => f.write_str("\\t"),
            (control, _) if is_unsafe(control) => {
                // `escape_unicode` writes ASCII only, so filtering twice changes nothing.
                write!(f, "{}", control.escape_unicode())
            }
            (printable, _) => f.write_char(printable),
        }
    }
}

/// Characters that could make a terminal do something, or show text in another order or place
/// than it was written: C0, DEL and C1 controls, bidirectional controls, line and paragraph
/// separators, and the invisible tags block.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}' | '\u{200e}' | '\u{200f}' // Arabic letter mark, direction marks
            | '\u{2028}' | '\u{2029}'            // line and paragraph separator
            | '\u{202a}'..='\u{202e}'            // embeddings and overrides
            | '\u{2066}'..='\u{2069}'            // isolates
            | '\u{e0000}'..='\u{e007f}'          // tags
        )
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;

    use super::*;

    fn display(bytes: &[u8]) -> String {
        ServerText::new(bytes).display().to_string()
    }

    #[test]
    fn table_of_the_filter() {
        for (raw, shown) in [
            (&b"plain"[..], "plain"),
            (b"two\nlines\tand a tab", "two\nlines\tand a tab"),
            (b"dos\r\nlines\r\n", "dos\nlines\n"),
            (b"over\rwrite", "over\\rwrite"),
            (b"end\r", "end\\r"),
            (b"\r\r\n", "\\r\n"),
            (b"\r\xff", "\\r\u{fffd}"),
            (b"\x1b]0;pwned\x07", "\\u{1b}]0;pwned\\u{7}"),
            (b"\x7f\x00", "\\u{7f}\\u{0}"),
            ("\u{9b}2J".as_bytes(), "\\u{9b}2J"),
            (
                "a\u{202e}b\u{2066}c\u{2028}d".as_bytes(),
                "a\\u{202e}b\\u{2066}c\\u{2028}d",
            ),
            (b"bad \xff utf-8 \xc3", "bad \u{fffd} utf-8 \u{fffd}"),
            ("Grüße, 世界".as_bytes(), "Grüße, 世界"),
            (b"back\\slash", "back\\slash"),
        ] {
            assert_eq!(display(raw), shown, "{raw:?}");
        }
    }

    #[test]
    fn one_line_has_no_line_break() {
        let text = ServerText::new(b"a\nb\tc\r\nd");
        assert_eq!(text.line().to_string(), "a\\nb\\tc\\nd");
        assert_eq!(format!("{text:?}"), "ServerText(\"a\\nb\\tc\\nd\")");
    }

    #[test]
    fn filtering_twice_changes_nothing() {
        let mut every_byte = Vec::new();
        for byte in 0..=255u8 {
            every_byte.push(byte);
        }
        let once = display(&every_byte);
        assert_eq!(display(once.as_bytes()), once);
    }
}
