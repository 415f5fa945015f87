//! A line as words: splitting and quoting.

use alloc::collections::VecDeque;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

/// What can be wrong with a line, told to people.
pub(crate) type Parsed<T> = Result<T, String>;

/// Words with a meaning behind which values may stand; as values they are quoted.
const RESERVED: [&str; 19] = [
    "=>",
    "times",
    "language",
    "name",
    "instruction",
    "prompt-hidden",
    "prompt-shown",
    "remaining",
    "attempt",
    "round",
    "blob",
    "only",
    "offered",
    "host-bound",
    "data",
    "factors",
    "with",
    "input",
    "prompt",
];

/// One word of a line. Only unquoted words can be keywords.
#[derive(Clone, Debug)]
struct Word {
    bytes: Vec<u8>,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Bare,
    Quoted,
}

impl Word {
    fn is(&self, keyword: &str) -> bool {
        self.form == Form::Bare && self.bytes == keyword.as_bytes()
    }
}

/// The words of a line, read from left to right.
#[derive(Debug)]
pub(crate) struct Words(VecDeque<Word>);

impl Words {
    /// Splits a line at spaces outside of quotes.
    pub(crate) fn of(line: &str) -> Parsed<Self> {
        let mut words = VecDeque::new();
        let mut rest = line.trim_start();
        while !rest.is_empty() {
            let (word, after) = match rest.strip_prefix('"') {
                Some(inner) => quoted(inner)?,
                None => bare(rest)?,
            };
            words.push_back(word);
            rest = after.trim_start();
        }
        Ok(Self(words))
    }

    /// Takes `keyword value` off the end of the line, if it ends so.
    pub(crate) fn suffix(&mut self, keyword: &str) -> Parsed<Option<String>> {
        let at = self.0.len().checked_sub(2);
        if !at
            .and_then(|at| self.0.get(at))
            .is_some_and(|word| word.is(keyword))
        {
            return Ok(None);
        }
        let value = self.0.pop_back();
        self.0.pop_back();
        value.map(|word| utf8(word.bytes)).transpose()
    }

    fn next_if(&mut self, is_wanted: impl Fn(&Word) -> bool) -> Option<Word> {
        self.0.front().filter(|word| is_wanted(word))?;
        self.0.pop_front()
    }

    /// The next word, if it is this keyword.
    pub(crate) fn keyword(&mut self, keyword: &str) -> bool {
        self.next_if(|word| word.is(keyword)).is_some()
    }

    /// The next word as bytes.
    pub(crate) fn bytes(&mut self, what: &str) -> Parsed<Vec<u8>> {
        let word = self.0.pop_front();
        word.map(|word| word.bytes)
            .ok_or_else(|| alloc::format!("{what} is missing"))
    }

    /// The next word as text.
    pub(crate) fn text(&mut self, what: &str) -> Parsed<String> {
        self.bytes(what).and_then(utf8)
    }

    /// The next word as text, if there is one that is no keyword.
    pub(crate) fn optional_text(&mut self) -> Parsed<Option<String>> {
        let is_value = |word: &Word| !RESERVED.iter().any(|keyword| word.is(keyword));
        let word = self.next_if(is_value);
        word.map(|word| utf8(word.bytes)).transpose()
    }

    /// The value behind a keyword; empty if the keyword doesn't come next.
    pub(crate) fn behind(&mut self, keyword: &str) -> Parsed<Vec<u8>> {
        if self.keyword(keyword) {
            self.bytes(keyword)
        } else {
            Ok(Vec::new())
        }
    }

    /// The next word as a number.
    pub(crate) fn number<N: core::str::FromStr>(&mut self, what: &str) -> Parsed<N> {
        let text = self.text(what)?;
        text.parse()
            .map_err(|_| alloc::format!("{what}: {text:?} is not a number"))
    }

    /// The next word as hexadecimal digits.
    pub(crate) fn hex(&mut self, what: &str) -> Parsed<Vec<u8>> {
        self.text(what).and_then(|digits| unhex(&digits))
    }

    /// The next word as hexadecimal digits; no bytes if there is none.
    pub(crate) fn optional_hex(&mut self) -> Parsed<Vec<u8>> {
        let digits = self.optional_text()?;
        digits.map_or(Ok(Vec::new()), |digits| unhex(&digits))
    }

    /// The hexadecimal digits behind a keyword, if it comes next.
    pub(crate) fn hex_behind(&mut self, keyword: &str) -> Parsed<Option<Vec<u8>>> {
        if self.keyword(keyword) {
            self.hex(keyword).map(Some)
        } else {
            Ok(None)
        }
    }

    /// All words that are left, as bytes.
    pub(crate) fn all_bytes(&mut self) -> Vec<Vec<u8>> {
        self.0.drain(..).map(|word| word.bytes).collect()
    }

    /// All words that are left, as text.
    pub(crate) fn all_text(&mut self) -> Parsed<Vec<String>> {
        self.0.drain(..).map(|word| utf8(word.bytes)).collect()
    }

    /// Refuses words that are left.
    pub(crate) fn finish(&mut self) -> Parsed<()> {
        match self.0.pop_front() {
            None => Ok(()),
            Some(word) => Err(alloc::format!(
                "{} does not belong here",
                quote(&word.bytes)
            )),
        }
    }
}

fn utf8(bytes: Vec<u8>) -> Parsed<String> {
    String::from_utf8(bytes).map_err(|_| "text was expected, not bytes".to_string())
}

fn bare(text: &str) -> Parsed<(Word, &str)> {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    if word.starts_with('#') {
        return Err("a comment stands on a line of its own".to_string());
    }
    if word.contains(['"', '\\']) {
        return Err(alloc::format!("{word} needs quotes around it"));
    }
    let word = Word {
        bytes: word.as_bytes().to_vec(),
        form: Form::Bare,
    };
    Ok((word, after))
}

/// What stands behind an opening quote.
fn quoted(text: &str) -> Parsed<(Word, &str)> {
    let mut bytes = Vec::new();
    let mut characters = text.chars();
    loop {
        match characters.next() {
            None => return Err("a quote is not closed".to_string()),
            Some('"') => break,
            Some('\\') => bytes.push(escaped(&mut characters)?),
            Some(other) => bytes.extend(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    let after = characters.as_str();
    if after.starts_with(|next: char| !next.is_whitespace()) {
        return Err("a space is missing behind a closing quote".to_string());
    }
    let form = Form::Quoted;
    Ok((Word { bytes, form }, after))
}

fn escaped(characters: &mut core::str::Chars<'_>) -> Parsed<u8> {
    match characters.next() {
        Some('n') => Ok(b'\n'),
        Some('r') => Ok(b'\r'),
        Some('t') => Ok(b'\t'),
        Some('"') => Ok(b'"'),
        Some('\\') => Ok(b'\\'),
        Some('x') => {
            let digits: String = characters.by_ref().take(2).collect();
            unhex(&digits).and_then(|bytes| {
                let byte = bytes.first().copied();
                byte.ok_or_else(|| "\\x needs two digits".to_string())
            })
        }
        _ => Err("an escape is one of \\n \\r \\t \\\" \\\\ \\xNN".to_string()),
    }
}

/// A value as it stands in a line: bare if it can be, quoted otherwise.
pub(crate) fn quote(bytes: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_graphic() && *byte != b'"' && *byte != b'\\';
    let reserved = RESERVED.iter().any(|word| word.as_bytes() == bytes);
    if !bytes.is_empty() && bytes.iter().all(plain) && !bytes.starts_with(b"#") && !reserved {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let mut text = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|next| push(&mut text, next));
        chunk
            .invalid()
            .iter()
            .for_each(|byte| hex(&mut text, *byte));
    }
    text.push('"');
    text
}

fn push(text: &mut String, character: char) {
    match character {
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        '"' => text.push_str("\\\""),
        '\\' => text.push_str("\\\\"),
        ' '..='~' => text.push(character),
        letter if letter.is_alphanumeric() => text.push(letter),
        // Everything that might not look like what it is.
        other => {
            let mut buffer = [0; 4];
            let bytes = other.encode_utf8(&mut buffer).as_bytes();
            bytes.iter().for_each(|byte| hex(text, *byte));
        }
    }
}

fn hex(text: &mut String, byte: u8) {
    text.push_str(&alloc::format!("\\x{byte:02x}"));
}

/// Bytes as hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| alloc::format!("{byte:02x}"))
        .collect()
}

/// Hexadecimal digits as bytes.
pub(crate) fn unhex(digits: &str) -> Parsed<Vec<u8>> {
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(value(high)? * 16 + value(low)?).ok(),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(pair).collect();
    bytes.ok_or_else(|| alloc::format!("{digits:?} is not pairs of hexadecimal digits"))
}

/// A line under construction.
#[derive(Debug)]
pub(crate) struct Sentence(String);

impl Sentence {
    pub(crate) fn new(first: &str) -> Self {
        Self(first.to_string())
    }

    /// A keyword, or a name that needs no quotes.
    #[must_use]
    pub(crate) fn word(mut self, word: &str) -> Self {
        self.0.push(' ');
        self.0.push_str(word);
        self
    }

    /// A value, quoted if need be.
    #[must_use]
    pub(crate) fn value(self, value: impl AsRef<[u8]>) -> Self {
        self.word(&quote(value.as_ref()))
    }

    #[must_use]
    pub(crate) fn values<V: AsRef<[u8]>>(self, values: impl IntoIterator<Item = V>) -> Self {
        values.into_iter().fold(self, Self::value)
    }

    #[must_use]
    pub(crate) fn number(self, number: impl core::fmt::Display) -> Self {
        self.word(&number.to_string())
    }

    /// Bytes as hexadecimal digits; the empty word if there are none.
    #[must_use]
    pub(crate) fn hex(self, bytes: &[u8]) -> Self {
        self.value(to_hex(bytes))
    }

    /// Bytes as hexadecimal digits, unless there are none.
    #[must_use]
    pub(crate) fn optional_hex(self, bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            self
        } else {
            self.hex(bytes)
        }
    }

    /// A keyword and bytes as hexadecimal digits, if there are any to write.
    #[must_use]
    pub(crate) fn hex_behind(self, keyword: &str, bytes: Option<&[u8]>) -> Self {
        match bytes {
            Some(bytes) => self.word(keyword).hex(bytes),
            None => self,
        }
    }

    /// A keyword and its value, unless that is empty.
    #[must_use]
    pub(crate) fn behind(self, keyword: &str, value: &[u8]) -> Self {
        if value.is_empty() {
            self
        } else {
            self.word(keyword).value(value)
        }
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_read_again() {
        let every: Vec<u8> = (0..=255).collect();
        for value in [
            &b"plain"[..],
            b"",
            b"two words",
            b"\xff\xfe",
            b"#1",
            b"=>",
            b"language",
            b"a\"b\\c",
            "Grüße \u{202e}".as_bytes(),
            &every,
        ] {
            let line = Sentence::new("x").value(value).value(value).finish();
            let mut words = Words::of(&line).unwrap();
            assert!(words.keyword("x"));
            assert!(!words.keyword("language"), "a value is never a keyword");
            assert_eq!(words.all_bytes(), [value, value], "{line}");
        }
    }

    #[test]
    fn what_can_not_be_read() {
        for line in ["\"open", "a\"b", "a # b", "\"a\"b", r#""\q""#, r#""\x1""#] {
            Words::of(line).expect_err(line);
        }
    }
}
