//! `turn`, `skipped` and others: what can be seen from outside between two inputs.

use alloc::string::{String, ToString as _};

use crate::keys::check_name;
use crate::names;
use crate::scene::Scene;
use crate::transcript::end::variant;
use crate::transcript::words::{Parsed, Sentence, Words};
use ssh_userauth::{Candidate, Outcome, ServerDisconnect, Skip, Turn, UserAuthClient};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LookLine {
    /// Who has to act.
    Turn(Turn),
    /// The report has a skip of this candidate (a method, or a key by its name) with this reason
    /// (the name of a [`Unavailable`](ssh_userauth::Unavailable)).
    Skipped { candidate: String, reason: String },
    /// How many refusals the server is expected to bear.
    RefusalsLeft(u32),
    /// How many requests of the report were never answered.
    Unanswered(usize),
    /// What became of a request of the report, counted from 1 (the name of an [`Outcome`]).
    Attempt { number: usize, outcome: String },
    /// What the server said when it closed the connection, as people see it.
    Disconnected { code: u32, shown: String },
}

impl LookLine {
    pub(crate) fn parse_turn(words: &mut Words) -> Parsed<Self> {
        match words.text("whose turn it is")?.as_str() {
            "server" => Ok(Self::Turn(Turn::Server)),
            "caller" => Ok(Self::Turn(Turn::Caller)),
            "nobody" => Ok(Self::Turn(Turn::Nobody)),
            other => Err(alloc::format!("it is never the turn of {other:?}")),
        }
    }

    pub(crate) fn parse_skipped(words: &mut Words) -> Parsed<Self> {
        Ok(Self::Skipped {
            candidate: candidate(words.text("method or key")?)?,
            reason: words.text("reason")?,
        })
    }

    pub(crate) fn parse_refusals_left(words: &mut Words) -> Parsed<Self> {
        words.number("number of refusals").map(Self::RefusalsLeft)
    }

    pub(crate) fn parse_unanswered(words: &mut Words) -> Parsed<Self> {
        words.number("number of requests").map(Self::Unanswered)
    }

    pub(crate) fn parse_attempt(words: &mut Words) -> Parsed<Self> {
        Ok(Self::Attempt {
            number: words.number("number of the request")?,
            outcome: words.text("outcome")?,
        })
    }

    pub(crate) fn parse_disconnected(words: &mut Words) -> Parsed<Self> {
        Ok(Self::Disconnected {
            code: words.number("reason")?,
            shown: words.text("text")?,
        })
    }

    pub(crate) fn print(&self) -> String {
        match self {
            Self::Turn(turn) => Sentence::new("turn").word(match turn {
                Turn::Server => "server",
                Turn::Caller => "caller",
                Turn::Nobody => "nobody",
            }),
            Self::Skipped { candidate, reason } => {
                Sentence::new("skipped").word(candidate).value(reason)
            }
            Self::RefusalsLeft(number) => Sentence::new("refusals-left").number(number),
            Self::Unanswered(number) => Sentence::new("unanswered").number(number),
            Self::Attempt { number, outcome } => {
                Sentence::new("attempt").number(number).value(outcome)
            }
            Self::Disconnected { code, shown } => {
                Sentence::new("disconnected").number(code).value(shown)
            }
        }
        .finish()
    }

    /// What there is to see where this line looks.
    pub(crate) fn look(&self, client: &UserAuthClient, scene: &Scene) -> Self {
        match self {
            Self::Turn(_) => Self::Turn(client.turn()),
            Self::RefusalsLeft(_) => Self::RefusalsLeft(client.refusals_left()),
            Self::Unanswered(_) => {
                let records = client.report().attempts().iter();
                let open = records.filter(|record| record.outcome() == Outcome::Unanswered);
                Self::Unanswered(open.count())
            }
            Self::Attempt { number, .. } => {
                let index = number.checked_sub(1);
                let record = index.and_then(|index| client.report().attempts().get(index));
                let outcome = record.map(|record| variant(&record.outcome()));
                Self::Attempt {
                    number: *number,
                    outcome: outcome.unwrap_or_else(|| "-".to_string()),
                }
            }
            Self::Disconnected { .. } => {
                let said = client.report().server_disconnect();
                let shown = said.map(|said| said.description().display().to_string());
                Self::Disconnected {
                    code: said.map_or(0, ServerDisconnect::code),
                    shown: shown.unwrap_or_else(|| "-".to_string()),
                }
            }
            Self::Skipped { candidate, reason } => {
                let of_candidate = |skip: &&Skip| name(skip, scene) == *candidate;
                let skips = client.report().skips().iter().filter(of_candidate);
                let mut reasons = skips.map(|skip| variant(skip.reason()));
                let last = reasons.clone().next_back();
                let found = reasons.find(|each| each == reason).or(last);
                Self::Skipped {
                    candidate: candidate.clone(),
                    reason: found.unwrap_or_else(|| "-".to_string()),
                }
            }
        }
    }
}

/// The name of a method or of a key.
fn candidate(name: String) -> Parsed<String> {
    if names::is_own(&name) {
        Ok(name)
    } else {
        check_name(name)
    }
}

fn name(skip: &Skip, scene: &Scene) -> String {
    match skip.candidate() {
        Candidate::Method(method) => method.to_string(),
        Candidate::Identity(key) => scene.keys.name(key.blob()),
        other => alloc::format!("{other:?}"),
    }
}
