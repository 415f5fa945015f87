//! What the login tests share: a user written down in advance, and what became of a login, in
//! lines that can be compared.
//!
//! Each file of tests uses a part of it.
#![allow(dead_code)]

pub(crate) mod keys;
pub(crate) mod openssh;
pub(crate) mod session;
pub(crate) mod user;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use core::time::Duration;
use interop::blocking::{Event, LoginError, log_in as drive};
use interop::transport::{ClientConfig, HostKeyRefused, Transport};
use ssh_userauth::{
    AttemptRecord, Authenticated, Candidate, Config, GiveUp, Outcome, Pipelining, Report, Session,
    Stage, UserAuthClient,
};

use user::TestUser;

/// A server that says nothing for so long is stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// One request, one answer: so that a server's reply to each of them can be told.
pub(crate) fn one_by_one(user: &str) -> Config {
    Config::new(user).pipelining(Pipelining::Off)
}

/// A login that has come to its end, one way or the other.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) result: Result<Authenticated, LoginError>,
    pub(crate) report: Report,
    /// Questions (`?`) and notices (`*`) in their order.
    pub(crate) dialogue: Vec<String>,
    /// What went out: methods of requests as they are named on the wire, numbers of other messages.
    pub(crate) wire: Vec<String>,
    /// Numbers of the messages of a method's own that came in (RFC 4252 section 6: 60 to 79).
    pub(crate) heard: Vec<u8>,
    /// `server-sig-algs` of the server's EXT_INFO.
    pub(crate) listed_algorithms: Option<String>,
    /// Flights from NEWKEYS to the end.
    pub(crate) round_trips: u32,
}

/// A client over `stream` that insists on the host key of `blob`.
pub(crate) fn connect(stream: UnixStream, blob: &[u8]) -> Transport<UnixStream> {
    connect_with(stream, blob, ClientConfig::new())
}

pub(crate) fn connect_with(
    stream: UnixStream,
    blob: &[u8],
    config: ClientConfig,
) -> Transport<UnixStream> {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    Transport::client(stream, config, |seen| expect_key(seen, blob)).unwrap()
}

pub(crate) fn expect_key(seen: &[u8], expected: &[u8]) -> Result<(), HostKeyRefused> {
    if seen == expected {
        Ok(())
    } else {
        Err(HostKeyRefused::new("another key"))
    }
}

/// The machine for a login over `transport`, which knows everything that a transport can know.
pub(crate) fn machine<S: Read + Write>(config: Config, transport: &Transport<S>) -> UserAuthClient {
    let session = Session::encrypted(transport.session_id())
        .host_key(transport.host_key().unwrap())
        .server_version(transport.peer_version());
    UserAuthClient::new(config, session).unwrap()
}

/// Lets `user` log in over `transport`, which stays open.
pub(crate) fn log_in<S: Read + Write>(
    transport: &mut Transport<S>,
    config: Config,
    mut user: TestUser,
) -> Login {
    let mut auth = machine(config, transport);
    let (mut wire, mut heard, mut listed_algorithms) = (Vec::new(), Vec::new(), None);
    let answer = |action| user.answer(action);
    let before = transport.round_trips();
    let result = drive(&mut auth, transport, answer, |event| match event {
        Event::Sent(payload) => wire.push(name_on_the_wire(payload)),
        Event::Received(payload) if payload[0] == 7 => listed_algorithms = algorithms(payload),
        Event::Received(payload) if (60..80).contains(&payload[0]) => heard.push(payload[0]),
        _ => {}
    });
    Login {
        result,
        report: auth.report().clone(),
        dialogue: user.dialogue,
        wire,
        heard,
        listed_algorithms,
        round_trips: transport.round_trips() - before,
    }
}

/// The string at the beginning (RFC 4251 section 5), and what is behind it.
fn string(bytes: &[u8]) -> (&str, &[u8]) {
    let (length, rest) = bytes.split_first_chunk::<4>().unwrap();
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap();
    let (string, rest) = rest.split_at(length);
    (str::from_utf8(string).unwrap(), rest)
}

/// The method of a request (RFC 4252 section 5: user, service, method), or the number of the
/// message. Read here by hand, as the report would repeat a mistake of the machine.
fn name_on_the_wire(payload: &[u8]) -> String {
    if payload[0] != 50 {
        return payload[0].to_string();
    }
    let (_user, rest) = string(&payload[1..]);
    let (_service, rest) = string(rest);
    string(rest).0.to_owned()
}

/// `server-sig-algs` of an EXT_INFO (RFC 8308 section 2.3).
fn algorithms(payload: &[u8]) -> Option<String> {
    let mut rest = &payload[5..];
    while !rest.is_empty() {
        let (name, behind) = string(rest);
        let (value, behind) = string(behind);
        if name == "server-sig-algs" {
            return Some(value.to_owned());
        }
        rest = behind;
    }
    None
}

impl Login {
    /// The success; anything else is the end of the test.
    pub(crate) fn success(&self) -> &Authenticated {
        match &self.result {
            Ok(done) => done,
            Err(error) => panic!("{error}\n{:#?}", self.attempts()),
        }
    }

    pub(crate) fn gave_up(&self) -> &GiveUp {
        match &self.result {
            Err(LoginError::GaveUp(why)) => why,
            other => panic!("{other:?}\n{:#?}", self.attempts()),
        }
    }

    /// The factors of a success that was earned, each as method and key.
    pub(crate) fn factors(&self) -> Vec<String> {
        let done = self.success();
        assert!(!done.is_trivial(), "nothing was proved");
        assert_eq!(done.service(), "ssh-connection");
        assert!(self.report.factors().eq(done.factors().iter().cloned()));
        done.factors().iter().map(ToString::to_string).collect()
    }

    /// The ledger, a line for each request.
    pub(crate) fn attempts(&self) -> Vec<String> {
        attempts(&self.report)
    }

    /// What was not attempted, and why.
    pub(crate) fn skips(&self) -> Vec<String> {
        let line = |skip: &ssh_userauth::Skip| match skip.candidate() {
            Candidate::Method(method) => format!("{method}: {:?}", skip.reason()),
            Candidate::Identity(identity) => format!("{identity}: {:?}", skip.reason()),
            other => panic!("{other:?}"),
        };
        self.report.skips().iter().map(line).collect()
    }
}

/// The ledger, a line for each request: method, key and algorithm, what became of it, and what the
/// server lists after it.
pub(crate) fn attempts(report: &Report) -> Vec<String> {
    report.attempts().iter().map(attempt).collect()
}

fn attempt(record: &AttemptRecord) -> String {
    let mut line = record.method().to_string();
    if record.stage() == Stage::Query {
        line.push('?');
    }
    if let Some(identity) = record.identity() {
        line = format!("{line} {}", identity.label().unwrap_or("unlabelled"));
    }
    if let Some(algorithm) = record.algorithm() {
        line = format!("{line} {algorithm}");
    }
    let outcome = match record.outcome() {
        Outcome::Unanswered => "unanswered",
        Outcome::KeyAccepted => "acceptable",
        Outcome::Refused => "refused",
        Outcome::RefusedWhileAsking => "refused while asking",
        Outcome::PartialSuccess => "partial",
        Outcome::Success => "success",
        Outcome::Abandoned => "abandoned",
        other => panic!("{other:?}"),
    };
    match record.methods_after() {
        Some(list) => format!("{line}: {outcome} [{list}]"),
        None => format!("{line}: {outcome}"),
    }
}
