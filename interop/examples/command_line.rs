//! A command-line client: keys from the agent and from files, passphrases, passwords and prompts
//! from a person at a terminal.
//!
//! ```sh
//! cargo run -p interop --example command_line
//! cargo run -p interop --example command_line -- ~/.ssh/id_ed25519
//! ```
//!
//! The server is one in the same process that wants a key and then an answer; without a file, it
//! takes the first key of the agent of `SSH_AUTH_SOCK`. A client for use, with known hosts and a
//! channel, is the command `login` of this crate.
//!
//! In Twisted Conch: `twisted.conch.client.default.SSHUserAuthClient`.

#[path = "support/agent.rs"]
mod bytes;
#[path = "support/connect.rs"]
pub(crate) mod connect;

use core::error::Error;
use std::env::{args_os, var_os};
use std::io::{BufRead as _, Write as _, stderr, stdin};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method, Round};
use ssh_agent_lib::blocking::Client;
use ssh_key::{Certificate, PrivateKey};
use ssh_userauth::{
    Action, Answer, Config, Identity, NeedAnswers, NeedNewPassword, NeedPassword, NeedPublicKey,
    NeedSignature, Notice, PreviousAttempt, Rejected, Secret, ServerText,
};

/// Who reads and types. `None` is an end of input or an interrupt.
pub(crate) trait Terminal {
    fn tell(&mut self, line: &str);
    fn ask(&mut self, prompt: &str, echo: bool) -> Option<Secret>;
}

pub(crate) struct Person<T> {
    pub(crate) label: String,
    pub(crate) agent: Option<Client<UnixStream>>,
    /// Key files, each perhaps with a certificate beside it.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) terminal: T,
}

impl<T: Terminal> Person<T> {
    /// Whatever the machine wants to know, and what the server wants to say.
    pub(crate) fn answer(&mut self, action: Action) -> Option<Answer> {
        Some(match action {
            Action::NeedPublicKey(need) if need.offered() == 0 => self.offer(need),
            Action::NeedSignature(need) => self.sign(need),
            Action::NeedPassword(need) => self.password(need),
            Action::NeedNewPassword(need) => self.new_password(need),
            Action::NeedAnswers(need) => self.prompts(need),
            Action::Notify(Notice::Banner { message, .. }) => {
                self.tell(&message);
                return None;
            }
            other => other.decline()?,
        })
    }

    /// The agent's keys first, as they need no passphrase; then the files'. A key of both is
    /// offered once.
    fn offer(&mut self, need: NeedPublicKey) -> Answer {
        let agent = self.agent.as_mut();
        let held = agent.and_then(|agent| agent.request_identities().ok());
        let held = bytes::identities(held.unwrap_or_default());
        need.offer_many(held.chain(self.files.iter().flat_map(|path| identities(path))))
    }

    /// The agent signs if it can, and else the file.
    fn sign(&mut self, need: NeedSignature) -> Answer {
        if let (Some(agent), Ok(request)) = (&mut self.agent, bytes::request(&need))
            && let Ok(signature) = agent.sign(request)
        {
            return bytes::signed(need, Ok(signature));
        }
        let is_it = |identity: Identity| identity.blob() == need.identity().blob();
        let mut files = self.files.iter();
        let path = files.find(|path| identities(path).into_iter().any(is_it));
        match path.cloned().and_then(|path| self.unlock(&path)) {
            Some(key) => need.sign_with(&key).unwrap_or_else(Rejected::decline),
            None => need.decline(),
        }
    }

    fn unlock(&mut self, path: &Path) -> Option<PrivateKey> {
        let key = PrivateKey::read_openssh_file(path).ok()?;
        if !key.is_encrypted() {
            return Some(key);
        }
        let prompt = format!("Enter passphrase for key '{}': ", path.display());
        (0..3).find_map(|_| {
            let typed = self.terminal.ask(&prompt, false)?;
            key.decrypt(typed.expose()).ok()
        })
    }

    fn password(&mut self, need: NeedPassword) -> Answer {
        if need.previous() == Some(PreviousAttempt::Refused) {
            self.terminal.tell("Permission denied, please try again.");
        }
        let prompt = format!("{}'s password: ", self.label);
        match self.terminal.ask(&prompt, false) {
            Some(password) => need.password(password),
            None => need.decline(),
        }
    }

    fn new_password(&mut self, need: NeedNewPassword) -> Answer {
        self.tell(need.prompt());
        let questions = ["Old password: ", "New password: ", "The new one again: "];
        match questions.map(|question| self.terminal.ask(question, false)) {
            [Some(old), Some(new), Some(again)] if new.expose() == again.expose() => {
                need.change(old, new)
            }
            _ => need.decline(),
        }
    }

    fn prompts(&mut self, need: NeedAnswers) -> Answer {
        self.tell(need.name());
        self.tell(need.instruction());
        let answers = need.prompts().iter().map(|prompt| {
            // So that nobody takes the server's words for ours.
            let shown = format!("({}) {}", self.label, prompt.text().display());
            self.terminal.ask(&shown, prompt.echo())
        });
        match answers.collect::<Option<Vec<Secret>>>() {
            Some(answers) => need.answers(answers).unwrap_or_else(Rejected::decline),
            None => need.decline(),
        }
    }

    /// Words of the server, marked as such on every line.
    fn tell(&mut self, words: &ServerText) {
        for line in words.display().to_string().lines() {
            self.terminal.tell(&format!("| {line}"));
        }
    }
}

/// The certificate beside a key file, if there is one, and the public half, which an encrypted
/// file shows, too.
fn identities(path: &Path) -> Vec<Identity> {
    let mut beside = path.as_os_str().to_owned();
    beside.push("-cert.pub");
    let certificate = Certificate::read_file(Path::new(&beside)).ok();
    let certificate = certificate.and_then(|read| Identity::try_from(&read).ok());
    let key = PrivateKey::read_openssh_file(path).ok();
    let key = key.and_then(|read| Identity::try_from(&read).ok());
    let both = certificate.into_iter().chain(key);
    both.map(|identity| identity.with_label(path.display().to_string()))
        .collect()
}

/// The terminal of this process.
struct Tty;

impl Terminal for Tty {
    fn tell(&mut self, line: &str) {
        eprintln!("{line}");
    }

    fn ask(&mut self, prompt: &str, echo: bool) -> Option<Secret> {
        if !echo {
            return rpassword::prompt_password(prompt).ok().map(Secret::from);
        }
        let mut typed = String::new();
        write!(stderr(), "{prompt}").ok()?;
        let count = stdin().lock().read_line(&mut typed).ok()?;
        typed.truncate(typed.trim_end_matches(['\r', '\n']).len());
        (count > 0).then(|| typed.into())
    }
}

/// A login to a server that takes the first of the keys, and then wants an answer.
pub(crate) fn demo<T: Terminal>(mut person: Person<T>) -> Result<Vec<String>, Box<dyn Error>> {
    let agent = person.agent.as_mut();
    let held = agent.and_then(|agent| agent.request_identities().ok());
    let held = bytes::identities(held.unwrap_or_default());
    let files = person.files.iter().flat_map(|path| identities(path));
    let mut keys = files.chain(held).filter(|key| !key.is_certificate());
    let key = keys
        .next()
        .ok_or("neither a key file nor a key in an agent")?;
    drop(keys);
    let policy = EmbeddedPolicy::new("demo")
        .with_banner("This server lives as long as this login.\n")
        .with_key(key.blob())
        .with_round(Round::new("", "").with_prompt("What is six times seven? ", true, "42"))
        .then(Method::PublicKey)
        .then(Method::KeyboardInteractive);
    let (server, stream) = EmbeddedServer::start(policy)?;
    let config = Config::new("demo").label(&*person.label);
    let answer = |action| person.answer(action);
    let (_transport, done) = connect::connect(stream, server.host_key(), config, answer)?;
    Ok(done.factors().iter().map(ToString::to_string).collect())
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let stream = var_os("SSH_AUTH_SOCK").map(UnixStream::connect).transpose();
    for factor in demo(Person {
        label: "demo@embedded".to_owned(),
        agent: stream.ok().flatten().map(Client::new),
        files: args_os().skip(1).map(PathBuf::from).collect(),
        terminal: Tty,
    })? {
        println!("in by {factor}");
    }
    Ok(())
}
