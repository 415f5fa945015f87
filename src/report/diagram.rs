//! The conversation as a Mermaid sequence diagram.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::iter::Enumerate;
use core::slice::Iter;

use crate::algorithm_list::AlgorithmList;
use crate::method_list::MethodList;
use crate::method_name::Method;
use crate::report::event::Event;
use crate::report::words::{banner_line, clip, join, line, mark_of, name_of, own_line, wrap};
use crate::report::{AttemptRecord, Candidate, End, Outcome, Report, Skip, SkipReason, Stage};
use crate::text::ServerText;

/// Columns of the text at an arrow: Mermaid does not break lines.
const LABEL_COLUMNS: usize = 90;

const NOTE_COLUMNS: usize = 60;
const NOTE_LINES: usize = 4;

/// The conversation in the language of Mermaid, ready to be formatted; see
/// [`Report::sequence_diagram`].
///
/// Whatever could mean something to Mermaid, to Markdown or to HTML in what the server wrote or
/// the caller named is written as `_`.
#[derive(Clone, Copy, Debug)]
pub struct SequenceDiagram<'a>(pub(super) &'a Report);

/// What the next event of each kind is about.
struct Next<'a> {
    attempts: Enumerate<Iter<'a, AttemptRecord>>,
    extensions: Iter<'a, Option<AlgorithmList>>,
    banners: Iter<'a, ServerText>,
    skips: Iter<'a, Skip>,
}

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
        if let Some(version) = &report.server_version {
            write_note("Server", &own_line(version), f)?;
        }
        let mut next = Next {
            attempts: report.attempts.iter().enumerate(),
            extensions: report.extensions.iter(),
            banners: report.banners.iter(),
            skips: report.skips.iter(),
        };
        let before = report.service_requested.map_or(0, usize::from);
        let (before, after) = report.events.split_at_checked(before).unwrap_or_default();
        for event in before {
            self.write_event(event, &mut next, f)?;
        }
        if report.service_requested.is_some() {
            write_arrow(Arrow::Asks, "service ssh-userauth", f)?;
        }
        for event in after {
            self.write_event(event, &mut next, f)?;
        }
        if let Some(said) = report.server_disconnect() {
            let text = format!("DISCONNECT {} {}", said.code(), line(said.description()));
            write_arrow(Arrow::Says, &text, f)?;
        }
        self.write_end(f)
    }
}

impl SequenceDiagram<'_> {
    fn write_event(
        &self,
        event: &Event,
        next: &mut Next<'_>,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        match event {
            Event::ServiceAccepted => {
                write_arrow(Arrow::Answers, "service ssh-userauth accepted", f)
            }
            Event::ExtInfo => {
                let text = match next.extensions.next().and_then(Option::as_ref) {
                    Some(list) => format!("EXT_INFO, signature algorithms {list}"),
                    None => "EXT_INFO".into(),
                };
                write_arrow(Arrow::Says, &text, f)
            }
            Event::Banner => {
                let banner = next.banners.next();
                let text = banner.map(banner_line).unwrap_or_default();
                let text = format!("banner: {}", text.replace("\\n", " / "));
                write_arrow(Arrow::Says, &text, f)
            }
            Event::BannersDropped => write_note("Client", "more banners are not shown", f),
            Event::Skipped => next.skips.next().map_or(Ok(()), |skip| write_skip(skip, f)),
            Event::Sent => match next.attempts.next() {
                Some((index, record)) => write_message(event, index, record, f),
                None => Ok(()),
            },
            Event::Spoke(index) | Event::Continued(index) => {
                let index = usize::from(*index);
                match self.0.attempts.get(index) {
                    Some(record) => write_message(event, index, record, f),
                    None => Ok(()),
                }
            }
            Event::Answered(index, outcome) => write_answer(usize::from(*index), *outcome, None, f),
            Event::AnsweredWithList(index, outcome) => {
                let index = usize::from(*index);
                let record = self.0.attempts.get(index);
                let list = record.and_then(AttemptRecord::methods_after);
                write_answer(index, *outcome, list, f)
            }
        }
    }

    fn write_end(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let factors = self.0.proofs().map(AttemptRecord::method);
        match (self.0.end, self.0.diagnosis()) {
            (End::Running, _) => Ok(()),
            (End::Authenticated, _) => {
                let factors = join(factors, " and ");
                write_note(
                    "Client,Server",
                    format!("logged in {factors}").trim_end(),
                    f,
                )
            }
            (_, Some(why)) => write_note("Client,Server", &why.what(), f),
            (_, None) => Ok(()),
        }
    }
}

/// A request, or what follows it in its dialogue.
fn write_message(
    event: &Event,
    index: usize,
    record: &AttemptRecord,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let number = index + 1;
    let (theirs, ours) = match record.method() {
        Method::KeyboardInteractive => ("prompts", "answers"),
        Method::Password => ("a new password is demanded", "new password"),
        Method::GssapiWithMic | Method::GssapiKeyex => ("token", "token"),
        _ => ("message", "message"),
    };
    match event {
        Event::Spoke(_) => write_arrow(Arrow::Says, &format!("({number}) {theirs}"), f),
        Event::Continued(_) => write_arrow(Arrow::Asks, &format!("({number}) {ours}"), f),
        _ => write_arrow(Arrow::Asks, &format!("({number}) {}", request(record)), f),
    }
}

/// Keys that were passed over, but not the summary that is made at the end.
fn write_skip(skip: &Skip, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (skip.candidate(), skip.reason()) {
        (Candidate::Identity(identity), reason) if *reason != SkipReason::RunEnded => {
            let text = format!("not tried: {}, {reason}", name_of(identity));
            write_note("Client", &text, f)
        }
        _ => Ok(()),
    }
}

fn request(record: &AttemptRecord) -> String {
    let stage = match (record.stage(), record.identity()) {
        (Stage::Query, Some(_)) => " query",
        (Stage::Proof, Some(_)) => " signed",
        (_, None) => "",
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

fn write_answer(
    index: usize,
    outcome: Outcome,
    list: Option<&MethodList>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let number = index + 1;
    let offers = match list {
        Some(list) if list.is_empty() => ", offers nothing".into(),
        Some(list) => format!(", offers {list}"),
        None => String::new(),
    };
    match outcome {
        // What we do, and what the server may still say to it.
        Outcome::Abandoned if list.is_none() => {
            write_note("Client", &format!("({number}) abandoned"), f)
        }
        Outcome::Abandoned => {
            write_arrow(Arrow::Answers, &format!("({number}) refused{offers}"), f)
        }
        outcome => write_arrow(Arrow::Answers, &format!("({number}) {outcome}{offers}"), f),
    }
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
