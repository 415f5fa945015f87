//! What the command line says.

use core::time::Duration;
use std::ffi::OsString;

use lexopt::{Arg, Parser, ValueExt as _};

use super::Failure;
use super::case::{Case, Client};
use crate::servers::Kind;

pub(super) const HELP: &str = "\
Usage: round_trips [options]

Measures what logins cost over a link with a delay, from the client's NEWKEYS
to the server's SUCCESS, and prints a table for each server: flights of the
client, round trips, milliseconds.

  --rtt MS          the link's round trip; 100 if not said otherwise
  --runs N          logins for each number, of which the median is printed; 3
  --link KIND       device: real TCP over a network device; needs root and Linux
                    shuttle: a program between two connections; needs nothing,
                    but hides what Nagle's algorithm costs
                    the device if there can be one, if not said otherwise
  --server NAME     openssh, asyncssh, conch, russh, dropbear (these if not said
                    otherwise), paramiko, ssh2, tinyssh
  --case NAME       key, third-key, password, interactive, key+password
  --client NAME     off, opening, unasked, together: this repository's, by
                    policy; the last sends signature and password unasked
                    ssh, asyncssh, paramiko: for comparison
                    each of these three may be repeated
  --markdown        print the tables in Markdown
  --trace           print on standard error what crossed the link
  -h, --help        this text

Servers and clients in Python: interop/servers/setup installs them.
";

/// What the user wants.
#[derive(Debug)]
pub(super) enum Request {
    Help,
    Measure(Options),
}

/// Which link to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Device,
    Shuttle,
}

#[derive(Debug)]
pub(super) struct Options {
    pub(super) rtt: Duration,
    pub(super) runs: usize,
    pub(super) link: Link,
    pub(super) servers: Vec<Kind>,
    pub(super) cases: Vec<Case>,
    pub(super) clients: Vec<Client>,
    pub(super) markdown: bool,
    pub(super) trace: bool,
}

/// Those of the table.
const SERVERS: [Kind; 5] = [
    Kind::OpenSsh,
    Kind::AsyncSsh,
    Kind::Conch,
    Kind::Russh,
    Kind::Dropbear,
];

impl Default for Options {
    fn default() -> Self {
        Self {
            rtt: Duration::from_millis(100),
            runs: 3,
            link: if crate::sshd::is_root() && cfg!(target_os = "linux") {
                Link::Device
            } else {
                Link::Shuttle
            },
            servers: Vec::new(),
            cases: Vec::new(),
            clients: Vec::new(),
            markdown: false,
            trace: false,
        }
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error.to_string())
    }
}

pub(super) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Request, Failure> {
    let mut parser = Parser::from_args(arguments);
    let mut options = Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("rtt") => {
                let millis = parser.value()?.parse()?;
                options.rtt = Duration::from_millis(millis);
            }
            Arg::Long("runs") => options.runs = parser.value()?.parse()?,
            Arg::Long("link") => {
                let links = [("device", Link::Device), ("shuttle", Link::Shuttle)];
                options.link = named(&mut parser, links)?;
            }
            Arg::Long("server") => {
                let kinds = Kind::ALL.iter().map(|kind| (kind.slug(), *kind));
                options.servers.push(named(&mut parser, kinds)?);
            }
            Arg::Long("case") => {
                let cases = Case::ALL.iter().map(|case| (case.name(), *case));
                options.cases.push(named(&mut parser, cases)?);
            }
            Arg::Long("client") => {
                let clients = Client::ALL.iter().map(|client| (client.name(), *client));
                options.clients.push(named(&mut parser, clients)?);
            }
            Arg::Long("markdown") => options.markdown = true,
            Arg::Long("trace") => options.trace = true,
            Arg::Short('h') | Arg::Long("help") => return Ok(Request::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    if options.runs == 0 || options.rtt.is_zero() {
        return Err(Failure::Usage("there is nothing to measure".to_owned()));
    }
    fill(&mut options.servers, &SERVERS);
    fill(&mut options.cases, &Case::ALL);
    fill(&mut options.clients, &Client::ALL);
    Ok(Request::Measure(options))
}

/// What was not named is everything.
fn fill<T: Copy>(chosen: &mut Vec<T>, all: &[T]) {
    if chosen.is_empty() {
        chosen.extend_from_slice(all);
    }
}

fn named<T>(
    parser: &mut Parser,
    all: impl IntoIterator<Item = (&'static str, T)>,
) -> Result<T, Failure> {
    let wanted = parser.value()?.string()?;
    let found = all.into_iter().find(|(name, _)| *name == wanted);
    let found = found.map(|(_, value)| value);
    found.ok_or_else(|| Failure::Usage(format!("what is {wanted:?}? See --help")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn parsed(line: &str) -> Result<Request, Failure> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn what_is_not_named_is_everything() {
        let Request::Measure(options) = parsed("--server conch --rtt 300").unwrap() else {
            panic!("help");
        };
        assert_eq!(options.servers, [Kind::Conch]);
        assert_eq!(options.cases, Case::ALL);
        assert_eq!(options.clients, Client::ALL);
        assert_eq!(options.rtt, Duration::from_millis(300));
    }

    #[test]
    fn mistakes_are_told() {
        for line in [
            "--runs 0",
            "--rtt 0",
            "--case keys",
            "--link",
            "--rtt x",
            "openssh",
        ] {
            assert!(matches!(parsed(line), Err(Failure::Usage(_))), "{line}");
        }
    }
}
