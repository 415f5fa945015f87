//! The transcript: a conversation as text.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::runner::{self, Mismatch};
use ssh_userauth::{ConfigError, Report};

pub(crate) mod client;
pub(crate) mod dialogue;
pub(crate) mod end;
pub(crate) mod input;
pub(crate) mod line;
pub(crate) mod look;
pub(crate) mod notice;
pub(crate) mod outcome;
pub(crate) mod question;
pub(crate) mod server;
pub(crate) mod setting;
pub(crate) mod words;

use line::Line;

/// A conversation between the machine, a server and a caller, as text; see the
/// [crate documentation](crate) for the grammar.
///
/// Reading what was printed gives the same transcript again, comments included.
///
/// ```
/// use ssh_userauth_testing::Transcript;
///
/// let transcript: Transcript = "
/// ## An open server lets everybody in.
/// config methods none
///
/// C service-request ssh-userauth
/// C request none
/// S service-accept ssh-userauth
/// S success
/// = start ssh-connection trivial
/// ".parse()?;
/// transcript.check()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    lines: Vec<Line>,
}

impl Transcript {
    /// Runs the conversation on a new [`UserAuthClient`](ssh_userauth::UserAuthClient) and compares what
    /// comes out with what the transcript says, line by line and byte by byte.
    ///
    /// Beyond the lines, it checks that nothing comes out after the end, that a protocol error is
    /// repeated, that the report counts every request, and that passwords and answers are marked
    /// for padding.
    ///
    /// # Errors
    /// The conversation took another course; the error prints as a diff of transcripts.
    pub fn check(&self) -> Result<(), Mismatch> {
        runner::check(self)
    }

    /// Runs the conversation on a new [`UserAuthClient`](ssh_userauth::UserAuthClient) and writes down
    /// what really happened: the head and the inputs are those of this transcript, all else is
    /// the machine's.
    ///
    /// ```
    /// use ssh_userauth_testing::Transcript;
    ///
    /// let inputs: Transcript = "config methods none\n\nS service-accept\nS success".parse()?;
    /// assert_eq!(
    ///     inputs.play()?.to_string(),
    ///     "config methods none\n\n\
    ///      C service-request ssh-userauth\n\
    ///      C request none\n\
    ///      S service-accept\n\
    ///      S success\n\
    ///      = start ssh-connection trivial\n"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No machine can be made from the head.
    pub fn play(&self) -> Result<Self, ConfigError> {
        runner::play(self).map(|played| played.actual)
    }

    /// Runs the conversation on a new [`UserAuthClient`](ssh_userauth::UserAuthClient) and gives its
    /// report: why somebody else's login failed, as this version sees it.
    ///
    /// ```
    /// use ssh_userauth_testing::Transcript;
    ///
    /// let theirs: Transcript = "\
    /// config methods password
    /// config pipelining off
    ///
    /// S service-accept
    /// S failure password
    /// ! password secret-1
    /// S disconnect 2 \"Too many authentication failures\"
    /// ".parse()?;
    /// let report = theirs.report()?;
    /// let said = report.server_disconnect().unwrap();
    /// assert_eq!(said.code(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Keys have the names of the transcript as labels, and fingerprints of their own.
    ///
    /// # Errors
    /// No machine can be made from the head.
    pub fn report(&self) -> Result<Report, ConfigError> {
        runner::play(self).map(|played| played.report)
    }

    pub(crate) fn of(lines: Vec<Line>) -> Self {
        Self { lines }
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }
}

impl FromStr for Transcript {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut lines = Vec::new();
        let mut head = true;
        for (index, line) in text.lines().enumerate() {
            let at = |reason| ParseError {
                line: index.saturating_add(1),
                reason,
            };
            let line = Line::parse(line).map_err(at)?;
            head &= !line.is_conversation();
            if !head && matches!(line, Line::Setting(_) | Line::Key(_)) {
                let reason = "the head ends where the conversation begins";
                return Err(at(String::from(reason)));
            }
            lines.push(line);
        }
        Ok(Self { lines })
    }
}

/// One line after the other, in the usual spelling.
impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.lines.iter();
        lines.try_for_each(|line| writeln!(f, "{}", line.print()))
    }
}

/// A text that is no transcript: which line, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct ParseError {
    line: usize,
    reason: String,
}

impl ParseError {
    /// The number of the line, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// What is wrong with it, for people.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
