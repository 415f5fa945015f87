//! One login to one server, recorded.

use core::fmt;
use core::time::Duration;
use std::io::{Read, Write};

use interop::blocking::LoginError;
use interop::servers::{Kind, Server};
use interop::transport::{Incoming, Transport, TransportError};
use ssh_userauth::{Action, Authenticated, Config, GiveUp, Pipelining, Receipt, Report, Session};
use ssh_userauth_explain::Explain as _;
use ssh_userauth_testing::Recorder;

use crate::plan::{Expected, Plan, Question};
use crate::support::session::run_command;
use crate::support::user::TestUser;
use crate::support::{attempts, connect};

/// Whether requests are sent ahead of the replies to earlier ones.
pub(crate) const MODES: [(&str, Pipelining); 2] = [
    ("one_by_one", Pipelining::Off),
    ("ahead", Pipelining::Opening { queries: 3 }),
];

/// A login that has come to its end.
pub(crate) struct Run {
    pub(crate) ahead: bool,
    pub(crate) end: Outcome,
    pub(crate) report: Report,
    /// Questions and notices in their order.
    pub(crate) dialogue: Vec<String>,
    /// The numbers of the messages that came, in their order.
    pub(crate) heard: Vec<u8>,
    /// Flights from NEWKEYS to the end, where they are the same each time.
    pub(crate) round_trips: Option<u32>,
    /// The server's version string.
    pub(crate) version: String,
    /// The conversation as a transcript, without a head.
    pub(crate) transcript: String,
    /// The server's log, for whoever has to find out why a test failed.
    log: String,
}

/// How a login ended, with what the user reads.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    In {
        methods: Vec<&'static str>,
        trivial: bool,
    },
    Refused {
        diagnosis: &'static str,
        sentence: String,
    },
}

impl PartialEq<Expected> for Outcome {
    fn eq(&self, expected: &Expected) -> bool {
        match (self, expected) {
            (Self::In { methods, .. }, Expected::In(expected)) => methods == expected,
            (Self::Refused { diagnosis, .. }, Expected::Refused(expected)) => diagnosis == expected,
            _ => false,
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}", self.end)?;
        writeln!(f, "{:#?}", self.dialogue)?;
        writeln!(f, "{:#?}", attempts(&self.report))?;
        writeln!(f, "heard {:?}", self.heard)?;
        writeln!(f, "{}\nthe server's log:\n{}", self.transcript, self.log)
    }
}

impl Run {
    /// The ledger, a line for each request.
    pub(crate) fn attempts(&self) -> Vec<String> {
        attempts(&self.report)
    }
}

/// Runs a plan against a new server of `kind`. Behind a success a command must run; behind a run
/// that ended by itself the server is told why.
pub(crate) fn run(kind: Kind, plan: &Plan, pipelining: Pipelining) -> Run {
    let server = Server::new(kind, &plan.site).unwrap();
    let (mut running, stream) = server.connect().unwrap();
    let mut transport = connect(stream, running.host_key());
    let version = stable_version(transport.peer_version());
    let session = Session::encrypted(transport.session_id())
        .host_key(transport.host_key().unwrap())
        .server_version(&version);
    let name = plan.name.unwrap_or_else(|| server.user());
    let config = plan.configured(Config::new(name).pipelining(pipelining));
    let mut auth = Recorder::new(config, session).unwrap();
    let mut user = plan.test_user(&server);
    let before = transport.round_trips();
    let mut heard = Vec::new();
    let result = drive(
        &mut auth,
        &mut transport,
        &mut user,
        plan.cancel,
        &mut heard,
    );
    let round_trips = plan.counted.then(|| transport.round_trips() - before);
    let end = end(kind, &mut transport, result, auth.report());
    drop(transport);
    // The system's users have random names.
    let transcript = auth.transcript().to_string();
    assert!(!transcript.contains(server.password()), "{transcript}");
    let transcript = transcript.replace(server.user(), Server::USER);
    assert!(
        running.wait(Duration::from_secs(20)),
        "{kind} did not end\n{}",
        running.log()
    );
    Run {
        ahead: pipelining != Pipelining::Off,
        end,
        report: auth.report().clone(),
        dialogue: user.dialogue,
        heard,
        round_trips,
        version,
        transcript,
        log: running.log(),
    }
}

/// Shows that a login is one, or tells the server why there is none.
fn end<S: Read + Write>(
    kind: Kind,
    transport: &mut Transport<S>,
    result: Result<Authenticated, LoginError>,
    report: &Report,
) -> Outcome {
    match result {
        Ok(done) => {
            // Behind whatever the user's shell says by itself.
            let output = run_command(transport, "expr 6 '*' 7");
            assert!(output.ends_with("42\n"), "{kind}: {output}");
            Outcome::In {
                methods: done
                    .factors()
                    .iter()
                    .map(|one| one.method().name())
                    .collect(),
                trivial: done.is_trivial(),
            }
        }
        Err(error) => {
            if let LoginError::GaveUp(why) = &error {
                say_why(transport, why);
            }
            let diagnosis = report.diagnosis();
            let diagnosis = diagnosis.unwrap_or_else(|| panic!("{kind}: {error}"));
            Outcome::Refused {
                diagnosis: diagnosis.name(),
                sentence: diagnosis.to_string(),
            }
        }
    }
}

/// TinySSH's version string ends with random characters.
fn stable_version(version: &str) -> String {
    let kept = match version.split_once(' ') {
        Some((kept, _)) if kept.contains("tinyssh") => kept,
        _ => version,
    };
    kept.to_owned()
}

/// As `interop::blocking::log_in`, for a client that is recorded and may be cancelled.
fn drive<S: Read + Write>(
    auth: &mut Recorder,
    transport: &mut Transport<S>,
    user: &mut TestUser,
    cancel: Option<Question>,
    heard: &mut Vec<u8>,
) -> Result<Authenticated, LoginError> {
    let result = talk(auth, transport, user, cancel, heard);
    // So that the report tells how it ended.
    match &result {
        Err(LoginError::Transport(TransportError::Disconnected { code, text })) => {
            auth.disconnected(*code, text.as_bytes());
        }
        Err(LoginError::Transport(_)) => auth.connection_lost(),
        _ => {}
    }
    result
}

fn talk<S: Read + Write>(
    auth: &mut Recorder,
    transport: &mut Transport<S>,
    user: &mut TestUser,
    cancel: Option<Question>,
    heard: &mut Vec<u8>,
) -> Result<Authenticated, LoginError> {
    loop {
        while let Some(action) = auth.poll_action() {
            match action {
                Action::SendRequest(payload) => {
                    let sent = match payload.pad_hint() {
                        Some(length) => transport.send_padded(payload.bytes(), length),
                        None => transport.send(payload.bytes()),
                    };
                    if let Err(gone) = sent {
                        // What the server said before it went.
                        while let Some(Incoming::Payload(payload)) = transport.try_recv() {
                            heard.push(payload[0]);
                            auth.handle_packet(&payload)?;
                        }
                        return Err(gone.into());
                    }
                }
                Action::StartService(done) => return Ok(done),
                Action::GiveUp(why) => return Err(LoginError::GaveUp(why)),
                notice @ Action::Notify(_) => drop(user.answer(notice)),
                question if cancel.is_some_and(|when| when.is(&question)) => auth.cancel(),
                question => match user.answer(question) {
                    Some(answer) => auth.handle_answer(answer)?,
                    None => drop(auth.decline_pending()),
                },
            }
        }
        match transport.recv()? {
            Incoming::Payload(payload) => {
                heard.push(payload[0]);
                if auth.handle_packet(&payload)? == Receipt::NotOurs {
                    transport.send_unimplemented()?;
                }
            }
            _unimplemented => drop(auth.unimplemented()?),
        }
    }
}

/// Ends the connection as the machine advises. The server may have gone already.
fn say_why<S: Read + Write>(transport: &mut Transport<S>, why: &GiveUp) {
    let text = why.ending().to_string();
    let length = u32::try_from(text.len()).unwrap().to_be_bytes();
    let code = why.disconnect_reason().code().to_be_bytes();
    let message = [&[1], &code[..], &length, text.as_bytes(), &[0; 4]].concat();
    let _gone = transport.send(&message).and_then(|_| transport.flush());
}
