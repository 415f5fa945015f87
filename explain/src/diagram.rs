//! The conversation as a Mermaid sequence diagram.

use alloc::format;
use alloc::string::String;
use core::fmt;

use ssh_userauth::{
    AttemptRecord, Candidate, Event, Method, Outcome, Report, Skip, Stage, Unavailable,
};

use crate::cause;
use crate::names::{self, why_skipped};
use crate::words::{banner_line, clip, factors, join, line, mark_of, name_of, own_line, wrap};

/// Columns of the text at an arrow: Mermaid does not break lines.
const LABEL_COLUMNS: usize = 90;

const NOTE_COLUMNS: usize = 60;
const NOTE_LINES: usize = 4;

/// The conversation in the language of Mermaid, ready to be formatted; see
/// [`Explain::sequence_diagram`](crate::Explain::sequence_diagram).
///
/// Whatever could mean something to Mermaid, to Markdown or to HTML in what the server wrote or
/// the caller named is written as `_`.
#[derive(Clone, Copy, Debug)]
pub struct SequenceDiagram<'a>(pub(crate) &'a Report);

/// Who speaks.
#[derive(Clone, Copy)]
enum Arrow {
    Asks,
    Says,
    Answers,
}

impl fmt::Display for Arrow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Asks => "Client->>Server",
            Self::Says => "Server->>Client",
            Self::Answers => "Server-->>Client",
        })
    }
}

impl fmt::Display for SequenceDiagram<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        writeln!(f, "sequenceDiagram")?;
        writeln!(f, "    participant Client")?;
        writeln!(f, "    participant Server")?;
        if let Some(version) = report.server_version() {
            write_note("Server", &own_line(version), f)?;
        }
        for event in report.events() {
            self.write_event(event, f)?;
        }
        if let Some(said) = report.server_disconnect() {
            let text = format!("DISCONNECT {} {}", said.code(), line(said.description()));
            write_arrow(Arrow::Says, &text, f)?;
        }
        self.write_end(f)
    }
}

impl SequenceDiagram<'_> {
    fn write_event(&self, event: &Event, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *event {
            Event::ServiceRequested => write_arrow(Arrow::Asks, "service ssh-userauth", f),
            Event::ServiceAccepted => {
                write_arrow(Arrow::Answers, "service ssh-userauth accepted", f)
            }
            Event::ExtInfo(Some(ref list)) => {
                let text = format!("EXT_INFO, signature algorithms {list}");
                write_arrow(Arrow::Says, &text, f)
            }
            Event::ExtInfo(None) => write_arrow(Arrow::Says, "EXT_INFO", f),
            Event::Banner(index) => {
                let Some(banner) = self.0.banners().get(index) else {
                    return Ok(());
                };
                let text = banner_line(banner).replace("\\n", " / ");
                write_arrow(Arrow::Says, &format!("banner: {text}"), f)
            }
            Event::BannersDropped => write_note("Client", "more banners are not shown", f),
            Event::Skipped(index) => match self.0.skips().get(index) {
                Some(skip) => write_skip(skip, f),
                None => Ok(()),
            },
            Event::Sent(index) => self.write_message(Arrow::Asks, index, request, f),
            Event::ServerContinued(index) => {
                self.write_message(Arrow::Says, index, |record| words_of(record).0.into(), f)
            }
            Event::ClientContinued(index) => {
                self.write_message(Arrow::Asks, index, |record| words_of(record).1.into(), f)
            }
            Event::Answered(index) => self.write_message(Arrow::Answers, index, answer, f),
            Event::Abandoned(index) => {
                write_note("Client", &format!("({}) abandoned", index + 1), f)
            }
            // What a later version of the core adds.
            _ => Ok(()),
        }
    }

    /// A message that belongs to a request, with the number of that request.
    fn write_message(
        &self,
        arrow: Arrow,
        index: usize,
        text: impl FnOnce(&AttemptRecord) -> String,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let Some(record) = self.0.attempts().get(index) else {
            return Ok(());
        };
        write_arrow(arrow, &format!("({}) {}", index + 1, text(record)), f)
    }

    fn write_end(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match cause::of(self.0) {
            Some(why) => write_note("Client,Server", &why.what(), f),
            None if self.0.is_authenticated() => {
                let text = format!("logged in {}", factors(self.0));
                write_note("Client,Server", text.trim_end(), f)
            }
            None => Ok(()),
        }
    }
}

/// The messages of a dialogue: the server's and the client's.
fn words_of(record: &AttemptRecord) -> (&'static str, &'static str) {
    match record.method() {
        Method::KeyboardInteractive => ("prompts", "answers"),
        Method::Password => ("a new password is demanded", "new password"),
        Method::GssapiWithMic | Method::GssapiKeyex => ("token", "token"),
        _ => ("message", "message"),
    }
}

/// Keys that were passed over, but not the summary that is made at the end.
fn write_skip(skip: &Skip, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (skip.candidate(), skip.reason()) {
        (Candidate::Identity(identity), reason) if *reason != Unavailable::RunEnded => {
            let why = why_skipped(reason);
            let text = format!("not tried: {}, {why}", name_of(identity));
            write_note("Client", &text, f)
        }
        _ => Ok(()),
    }
}

fn request(record: &AttemptRecord) -> String {
    let stage = match (record.stage(), record.identity()) {
        (Stage::Query, Some(_)) => " query",
        (Stage::Proof, Some(_)) => " signed",
        _ => "",
    };
    let algorithm = record.algorithm();
    let algorithm = algorithm.map_or_else(String::new, |name| format!(" {name}"));
    let key = record.identity();
    let key = key.map_or_else(String::new, |key| match key.label() {
        Some(_) => format!(" {}", name_of(key)),
        // The algorithm tells the type.
        None => format!(" {}", mark_of(key)),
    });
    format!("{}{stage}{algorithm}{key}", record.method())
}

fn answer(record: &AttemptRecord) -> String {
    let outcome = match record.outcome() {
        // What the server still said to a dialogue that the client had abandoned.
        Outcome::Abandoned => Outcome::Refused,
        outcome => outcome,
    };
    let offers = match record.methods_after() {
        Some(list) if list.is_empty() => ", offers nothing".into(),
        Some(list) => format!(", offers {list}"),
        None => String::new(),
    };
    format!("{}{offers}", names::outcome(outcome))
}

fn write_arrow(arrow: Arrow, text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = clip(&harmless(text), LABEL_COLUMNS);
    writeln!(f, "    {arrow}: {text}")
}

/// Notes may have several lines.
fn write_note(over: &str, text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let lines = wrap(&harmless(text), NOTE_COLUMNS, NOTE_LINES);
    writeln!(f, "    Note over {over}: {}", join(lines, "<br/>"))
}

/// Letters, digits, and the few signs that mean nothing to Mermaid (`;` ends a statement, `#`
/// begins an entity, `%%` a comment, `$$` a formula), Markdown or HTML.
fn harmless(text: &str) -> String {
    let is_harmless = |character: char| {
        let sign = matches!(
            character,
            ' ' | '.' | ',' | '-' | '_' | '/' | '(' | ')' | '@' | ':' | '+' | '='
        );
        sign || character.is_alphanumeric()
    };
    let shown = text.chars().map(|character| match character {
        quiet if is_harmless(quiet) => quiet,
        _ => '_',
    });
    shown.collect()
}
