//! The conversation as a ladder: the client on the left, the server on the right, and the
//! questions and answers between the machine and its caller in the margin.
//!
//! A row is written when it happens, so that a conversation that hangs or fails shows where.

mod words;

use core::fmt;
use std::io::Write;

use ssh_userauth::{Identity, Notice};

use self::words::{Row, Words};
use crate::login::look::{Look, Tone};
use crate::login::text::{width, wrap};

/// Columns between the rails. With the rails and the margin a row has 78.
const INNER: usize = 74;

/// What is written ahead of every row.
const MARGIN: &str = "  ";

/// What stands for every password and answer, whatever its length.
pub(super) const HIDDEN: &str = "********";

/// Draws a conversation.
pub(super) struct Ladder {
    out: Box<dyn Write>,
    look: Look,
    words: Words,
    /// Whether the last row was an empty one.
    is_blank: bool,
}

impl fmt::Debug for Ladder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ladder").finish_non_exhaustive()
    }
}

impl Ladder {
    pub(super) fn new(out: Box<dyn Write>, look: Look) -> Self {
        Self {
            out,
            look,
            words: Words::default(),
            is_blank: false,
        }
    }

    /// A named fact outside of the ladder.
    pub(super) fn fact(&mut self, name: &str, value: &str) {
        const NAME: usize = 13;
        let mut name = name;
        for line in wrap(value, 80 - NAME) {
            self.write(&format!("{name:NAME$}{line}"));
            name = "";
        }
    }

    /// A line outside of the ladder.
    pub(super) fn line(&mut self, text: &str) {
        self.write(text);
    }

    /// Who is on which side.
    pub(super) fn heading(&mut self, client: &str, server: &str) {
        let used = width(client).saturating_add(width(server));
        let gap = " ".repeat(INNER.saturating_add(2).saturating_sub(used).max(2));
        let client = self.look.paint(Tone::Client, client);
        let server = self.look.paint(Tone::Server, server);
        self.write("");
        self.write(&format!("{MARGIN}{client}{gap}{server}"));
        self.blank();
    }

    /// A payload to the server.
    pub(super) fn sent(&mut self, payload: &[u8]) {
        let row = self.words.sent(payload);
        let glyphs = self.look.glyphs;
        let title = self.title(&row);
        // Two dashes and a space, the title, a space, and the rest of the arrow.
        let dashes = INNER.saturating_sub(width(&title)).saturating_sub(5);
        let arrow = [
            self.rail(&format!("{0}{0} ", glyphs.dash)),
            self.look.paint(Tone::Client, &title),
            self.rail(&format!(
                " {}{}",
                glyphs.dash.repeat(dashes),
                glyphs.to_server
            )),
        ];
        self.between(&arrow.concat());
        for line in row.details {
            for line in wrap(&line, INNER - 8) {
                self.padded(4, &line, Tone::Client);
            }
        }
    }

    /// A payload from the server.
    pub(super) fn received(&mut self, payload: &[u8]) {
        let row = self.words.received(payload);
        let glyphs = self.look.glyphs;
        let title = self.title(&row);
        let dashes = INNER.saturating_sub(width(&title)).saturating_sub(5);
        let arrow = [
            self.rail(&format!(
                "{}{} ",
                glyphs.to_client,
                glyphs.dash.repeat(dashes)
            )),
            self.look.paint(Tone::Server, &title),
            self.rail(&format!(" {0}{0}", glyphs.dash)),
        ];
        self.between(&arrow.concat());
        let lines = row.details.iter().flat_map(|line| wrap(line, INNER - 8));
        let lines: Vec<String> = lines.collect();
        // Aligned with each other on the left, and with the server on the right.
        let longest = lines.iter().map(|line| width(line)).max();
        let indent = (INNER - 4).saturating_sub(longest.unwrap_or_default());
        for line in lines {
            self.padded(indent, &line, Tone::Server);
        }
    }

    /// A title fits between the rails with at least one dash of the arrow.
    fn title(&self, row: &Row) -> String {
        let mut lines = wrap(&row.title, INNER - 6).into_iter();
        let first = lines.next().unwrap_or_default();
        match lines.next() {
            Some(_) => format!("{}...", first.chars().take(INNER - 12).collect::<String>()),
            None => first,
        }
    }

    /// A question of the machine to its caller.
    pub(super) fn question(&mut self, text: &str) {
        self.blank();
        self.marked('?', text, Tone::Question);
    }

    /// What the caller answered.
    pub(super) fn answer(&mut self, text: &str) {
        self.marked('!', text, Tone::Answer);
        self.blank();
    }

    /// A key that will appear in requests.
    pub(super) fn learn(&mut self, identity: &Identity) {
        self.words.learn(identity);
    }

    /// Something that the machine tells and that is not seen in the packets alone.
    pub(super) fn notice(&mut self, notice: &Notice) {
        let text = match notice {
            Notice::PartialSuccess {
                factor, remaining, ..
            } => {
                format!("{factor} succeeded; {remaining} can continue")
            }
            Notice::PasswordChanged => "the password was changed".to_owned(),
            Notice::PasswordNotChanged => "the password was not changed".to_owned(),
            Notice::BannersDropped => "further banners are dropped".to_owned(),
            // A row of the server has said it.
            _ => return,
        };
        self.marked('*', &text, Tone::Notice);
    }

    /// The last row.
    pub(super) fn end(&mut self, text: &str, tone: Tone) {
        self.blank();
        self.marked('=', text, tone);
        self.write("");
    }

    fn marked(&mut self, mark: char, text: &str, tone: Tone) {
        let mut mark = self.look.paint(tone, &mark.to_string());
        for line in text.lines().flat_map(|line| wrap(line, INNER - 4)) {
            let pad = " ".repeat((INNER - 1).saturating_sub(width(&line)));
            let line = self.look.paint(tone, &line);
            let rail = self.rail(self.look.glyphs.rail);
            self.write(&format!("{MARGIN}{mark} {line}{pad}{rail}"));
            " ".clone_into(&mut mark);
        }
    }

    fn padded(&mut self, indent: usize, text: &str, tone: Tone) {
        let left = " ".repeat(indent);
        let right = INNER.saturating_sub(indent).saturating_sub(width(text));
        let text = self.look.paint(tone, text);
        self.between(&format!("{left}{text}{}", " ".repeat(right)));
    }

    /// One empty row, however often it is wanted.
    fn blank(&mut self) {
        if !self.is_blank {
            self.between(&" ".repeat(INNER));
            self.is_blank = true;
        }
    }

    fn rail(&self, text: &str) -> String {
        self.look.paint(Tone::Rail, text)
    }

    fn between(&mut self, text: &str) {
        let rail = self.rail(self.look.glyphs.rail);
        self.write(&format!("{MARGIN}{rail}{text}{rail}"));
    }

    /// Nobody reading any more is no reason to end a login.
    fn write(&mut self, line: &str) {
        self.is_blank = false;
        let _unread = writeln!(self.out, "{}", line.trim_end());
    }
}
