//! One line of a transcript.

use alloc::string::{String, ToString as _};

use crate::keys::Key;
use crate::scene::Scene;
use crate::transcript::client::{ClientLine, Exchange};
use crate::transcript::end::EndLine;
use crate::transcript::input::InputLine;
use crate::transcript::look::LookLine;
use crate::transcript::notice::NoticeLine;
use crate::transcript::outcome::Outcome;
use crate::transcript::question::QuestionLine;
use crate::transcript::server::ServerLine;
use crate::transcript::setting::Setting;
use crate::transcript::words::{Parsed, Words};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Blank,
    Comment(String),
    Setting(Setting),
    Key(Key),
    /// `C`
    Client(ClientLine),
    /// `S`
    Server {
        message: ServerLine,
        times: u32,
        outcome: Outcome,
    },
    /// `?`
    Question(QuestionLine),
    /// `!`
    Input {
        input: InputLine,
        outcome: Outcome,
    },
    /// `*`
    Notice(NoticeLine),
    /// `=`
    End(EndLine),
    Look(LookLine),
}

impl Line {
    pub(crate) fn parse(text: &str) -> Parsed<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::Blank);
        }
        if let Some(comment) = text.strip_prefix('#') {
            return Ok(Self::Comment(comment.trim().to_string()));
        }
        let mut words = Words::of(text)?;
        let mark = words.text("mark")?;
        let line = Self::parse_marked(&mark, &mut words)?;
        words.finish()?;
        Ok(line)
    }

    fn parse_marked(mark: &str, words: &mut Words) -> Parsed<Self> {
        match mark {
            "config" => Setting::parse_config(words).map(Self::Setting),
            "session" => Setting::parse_session(words).map(Self::Setting),
            "key" => Key::parse(words).map(Self::Key),
            "C" => ClientLine::parse(words).map(Self::Client),
            "S" => {
                let outcome = Outcome::parse(words.suffix("=>")?)?;
                let times = words.suffix("times")?;
                let times = times.map_or(Ok(1), |number| number.parse());
                Ok(Self::Server {
                    message: ServerLine::parse(words)?,
                    times: times.map_err(|_| "times needs a number".to_string())?,
                    outcome,
                })
            }
            "?" => QuestionLine::parse(words).map(Self::Question),
            "!" => {
                let outcome = Outcome::parse(words.suffix("=>")?)?;
                let input = InputLine::parse(words)?;
                Ok(Self::Input { input, outcome })
            }
            "*" => NoticeLine::parse(words).map(Self::Notice),
            "=" => EndLine::parse(words).map(Self::End),
            "turn" => LookLine::parse_turn(words).map(Self::Look),
            "skipped" => LookLine::parse_skipped(words).map(Self::Look),
            "refusals-left" => LookLine::parse_refusals_left(words).map(Self::Look),
            "unanswered" => LookLine::parse_unanswered(words).map(Self::Look),
            "attempt" => LookLine::parse_attempt(words).map(Self::Look),
            "disconnected" => LookLine::parse_disconnected(words).map(Self::Look),
            other => Err(alloc::format!("no line begins with {other:?}")),
        }
    }

    pub(crate) fn print(&self) -> String {
        match self {
            Self::Blank => String::new(),
            Self::Comment(text) if text.is_empty() => "#".to_string(),
            Self::Comment(text) => alloc::format!("# {text}"),
            Self::Setting(setting) => setting.print(),
            Self::Key(key) => key.print(),
            Self::Client(line) => line.print(),
            Self::Server {
                message,
                times,
                outcome,
            } => {
                let sentence = message.print();
                outcome.print(match times {
                    1 => sentence,
                    _ => sentence.word("times").number(times),
                })
            }
            Self::Question(line) => line.print(),
            Self::Input { input, outcome } => outcome.print(input.print()),
            Self::Notice(line) => line.print(),
            Self::End(line) => line.print(),
            Self::Look(line) => line.print(),
        }
    }

    /// Whether the line belongs to the conversation, not to its head or to its comments.
    pub(crate) fn is_conversation(&self) -> bool {
        !matches!(
            self,
            Self::Blank | Self::Comment(_) | Self::Setting(_) | Self::Key(_)
        )
    }

    /// Without what goes without saying.
    pub(crate) fn normal(&self, scene: &Scene, exchange: Exchange) -> Self {
        match self {
            Self::Client(line) => Self::Client(line.normal(scene, exchange)),
            Self::Question(line) => Self::Question(line.normal(scene)),
            other => other.clone(),
        }
    }
}
