//! A login by somebody else's client.

use core::net::SocketAddr;
use core::time::Duration;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Instant;

use super::Failure;
use super::case::{Case, Client};
use super::person::Person;
use crate::servers;

/// A client that is not logged in after so long is stuck, or goes round in circles.
const PATIENCE: Duration = Duration::from_secs(20);

/// What our programs around the Python clients print at the success.
const WORD: &str = "LOGGED-IN";

/// Runs the client until it says that it is logged in; gives the time of that.
pub(super) fn run(
    person: &Person,
    client: Client,
    case: Case,
    address: SocketAddr,
) -> Result<Instant, Failure> {
    let mut command = match client {
        Client::Ssh => ssh(person, case, address)?,
        _ => python(person, client, case, address)?,
    };
    let word = match client {
        Client::Ssh => "Authenticated to ",
        _ => WORD,
    };
    let mut child = Running(command.spawn()?);
    let (sender, receiver) = channel();
    for stream in [
        child
            .0
            .stdout
            .take()
            .map(|out| -> Box<dyn Read + Send> { Box::new(out) }),
        child
            .0
            .stderr
            .take()
            .map(|err| -> Box<dyn Read + Send> { Box::new(err) }),
    ] {
        let (Some(stream), sender) = (stream, sender.clone()) else {
            continue;
        };
        thread::spawn(move || {
            for line in BufReader::new(stream).lines() {
                let now = Instant::now();
                if line.is_ok_and(|line| sender.send((now, line)).is_err()) {
                    return;
                }
            }
        });
    }
    drop(sender);
    let mut said = Vec::new();
    let start = Instant::now();
    loop {
        let left = PATIENCE.saturating_sub(start.elapsed());
        match receiver.recv_timeout(left) {
            Ok((at, line)) if line.starts_with(word) => return Ok(at),
            Ok((_, line)) => said.push(line),
            Err(reason) => {
                let late = reason == RecvTimeoutError::Timeout;
                let end = if late { "takes too long" } else { "has ended" };
                let last = said.iter().rev().take(3).rev().cloned().collect::<Vec<_>>();
                let text = format!("{client} {end}: {}", last.join(" | "));
                return Err(Failure::Client(text));
            }
        }
    }
}

/// A client at work. Dropping it ends it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _already_gone = self.0.kill();
        let _status = self.0.wait();
    }
}

fn prepared(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn ssh(person: &Person, case: Case, address: SocketAddr) -> Result<Command, Failure> {
    let mut command = prepared("ssh");
    // Its own defaults, but for what would make it look at this machine's files or ask.
    command.args(["-v", "-N", "-F", "none", "-l", &person.user]);
    command.args(["-p", &address.port().to_string()]);
    for option in [
        "IdentitiesOnly=yes",
        "IdentityAgent=none",
        "StrictHostKeyChecking=no",
        "UserKnownHostsFile=/dev/null",
        "GlobalKnownHostsFile=/dev/null",
    ] {
        command.args(["-o", option]);
    }
    if case.keys() == 0 {
        command.args(["-o", "IdentityFile=none"]);
    }
    for file in person.files() {
        command.arg("-i").arg(file);
    }
    command
        .arg(address.ip().to_string())
        .env("SSH_ASKPASS", person.askpass(case)?)
        .env("SSH_ASKPASS_REQUIRE", "force");
    Ok(command)
}

fn python(
    person: &Person,
    client: Client,
    case: Case,
    address: SocketAddr,
) -> Result<Command, Failure> {
    let mut command = prepared(servers::python());
    command
        .arg(script(client))
        .args([address.ip().to_string(), address.port().to_string()])
        .args([person.user.as_str(), case.name()])
        .args(person.files())
        .current_dir(person.folder())
        // Not on the command line, which everybody can read.
        .env("ROUND_TRIPS_SECRET", person.secret(case));
    Ok(command)
}

fn script(client: Client) -> PathBuf {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/clients"));
    folder.join(format!("{client}_client.py"))
}

/// What is in the way of running `client`, and how to get it out of the way.
pub(super) fn problem(client: Client) -> Option<String> {
    let program = match client {
        Client::Off | Client::Opening | Client::Unasked | Client::Together => return None,
        Client::Ssh => {
            return version(client)
                .is_none()
                .then(|| "no ssh; `apt-get install openssh-client`".to_owned());
        }
        Client::AsyncSsh | Client::Paramiko => servers::python(),
    };
    (!program.exists()).then(|| {
        let missing = program.display();
        format!("no {missing}; `interop/servers/setup` brings it")
    })
}

/// As the client itself says.
pub(super) fn version(client: Client) -> Option<String> {
    let mut command = match client {
        Client::Off | Client::Opening | Client::Unasked | Client::Together => return None,
        Client::Ssh => {
            let mut command = Command::new("ssh");
            command.arg("-V");
            command
        }
        Client::AsyncSsh | Client::Paramiko => {
            let mut command = Command::new(servers::python());
            let code = format!("import {client}; print('{client}', {client}.__version__)");
            command.args(["-c", &code]);
            command
        }
    };
    let output = command.stdin(Stdio::null()).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    // `ssh` names its TLS library, too.
    let text = text.trim().split(',').next()?;
    Some(text.to_owned())
}
