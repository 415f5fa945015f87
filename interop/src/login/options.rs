//! What the command line says.

use core::time::Duration;
use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt as _};
use ssh_userauth::Method;

use crate::login::failure::Failure;
use crate::login::look::Colour;

pub(super) const HELP: &str = "\
Usage: login [--no-color] [--diagram STEM]
       login [options] [user@]host[:port] [command]

Without a host: logs in to a server inside this process and prints the
conversation.
With a host: logs in there and runs the command, whose output and exit status
are passed on; without a command, tells that the login worked. Whatever goes
wrong is one line on standard error and exit status 255.

  -i FILE               a key file to try ahead of the agent's keys, in place of
                        the usual files; may be repeated
  -l USER, -p PORT      as in user@host:port
  -v, --verbose         print the conversation on standard error
  --diagram STEM        write the conversation to STEM.mmd (Mermaid) and STEM.svg
  --known-hosts FILE    the only known_hosts file to read and to add to
  --no-color            no colours; so does NO_COLOR in the environment
  -o NAME=VALUE         one of
      StrictHostKeyChecking=ask|yes|accept-new
                        what to do about a host key that is not known: ask,
                        refuse, add. One that has changed is always refused
      BatchMode=yes|no  never ask for anything
      IdentitiesOnly=yes|no
                        keys of the agent only if they are in a file, too
      PreferredAuthentications=LIST
                        the only methods to use, in this order
      PubkeyAcceptedAlgorithms=LIST
                        the only signature algorithms to use
      GSSAPIAuthentication=yes|no
                        log in by Kerberos ticket, if built with that feature
      HostbasedAuthentication=yes|no
                        let this host vouch for its user
      HostKey=FILE      a key of this host for that, in place of those in
                        /etc/ssh; may be repeated
      Pipelining=yes|no send the first requests without waiting for replies
      NumberOfPasswordPrompts=N
      ConnectTimeout=SECONDS
  -h, --help            this text

As for ssh, SSH_ASKPASS names a program that asks in place of the terminal if
SSH_ASKPASS_REQUIRE is `force` or `prefer`.
";

/// What the user wants.
#[derive(Debug)]
pub(super) enum Request {
    Help,
    Demo(Box<Flags>),
    Login(Box<Options>),
}

/// What to do about a host key that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnknownHost {
    Ask,
    Refuse,
    Add,
}

/// Everything about a login to a host.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) user: Option<String>,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) command: Option<Vec<u8>>,
    pub(super) flags: Flags,
}

/// The options that are independent of the host.
#[derive(Debug)]
pub(super) struct Flags {
    pub(super) key_files: Vec<PathBuf>,
    pub(super) known_hosts: Option<PathBuf>,
    pub(super) unknown_host: UnknownHost,
    pub(super) batch: bool,
    pub(super) identities_only: bool,
    pub(super) methods: Option<Vec<Method>>,
    pub(super) tickets: bool,
    pub(super) hostbased: bool,
    pub(super) host_keys: Vec<PathBuf>,
    pub(super) key_algorithms: Option<Vec<String>>,
    pub(super) pipelining: bool,
    pub(super) password_tries: Option<u32>,
    pub(super) connect_timeout: Duration,
    pub(super) verbose: bool,
    pub(super) diagram: Option<PathBuf>,
    pub(super) colour: Colour,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            key_files: Vec::new(),
            known_hosts: None,
            unknown_host: UnknownHost::Ask,
            batch: false,
            identities_only: false,
            methods: None,
            tickets: false,
            hostbased: false,
            host_keys: Vec::new(),
            key_algorithms: None,
            pipelining: true,
            password_tries: None,
            connect_timeout: Duration::from_secs(30),
            verbose: false,
            diagram: None,
            colour: Colour::Auto,
        }
    }
}

/// Reads the arguments, without the program's name.
pub(super) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Request, Failure> {
    parse_all(arguments).map_err(|error| Failure::Usage(error.to_string()))
}

fn parse_all(arguments: impl Iterator<Item = OsString>) -> Result<Request, lexopt::Error> {
    let mut parser = Parser::from_args(arguments);
    let mut flags = Flags::default();
    let mut user = None;
    let mut port = None;
    let mut destination = None;
    let mut command = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(Request::Help),
            Arg::Short('v') | Arg::Long("verbose") => flags.verbose = true,
            Arg::Long("no-color" | "no-colour") => flags.colour = Colour::Never,
            Arg::Long("diagram") => flags.diagram = Some(parser.value()?.into()),
            Arg::Short('i') => flags.key_files.push(parser.value()?.into()),
            Arg::Short('l') => user = Some(parser.value()?.string()?),
            Arg::Short('p') => port = Some(parser.value()?.parse()?),
            Arg::Short('o') => flags.set(&parser.value()?.string()?)?,
            Arg::Long("known-hosts") => flags.known_hosts = Some(parser.value()?.into()),
            Arg::Value(value) if destination.is_none() => destination = Some(value.string()?),
            // The first word of the command ends the options: the rest is the command's.
            Arg::Value(first) => {
                command = Some(joined(first, parser.raw_args()?));
                break;
            }
            other => return Err(other.unexpected()),
        }
    }
    let Some(destination) = destination else {
        return if user.is_some() || port.is_some() || !flags.key_files.is_empty() {
            Err("which host? See --help".into())
        } else {
            Ok(Request::Demo(Box::new(flags)))
        };
    };
    let place = Place::parse(&destination)?;
    Ok(Request::Login(Box::new(Options {
        user: user.or(place.user),
        host: place.host,
        port: port.or(place.port).unwrap_or(22),
        command,
        flags,
    })))
}

/// The words with spaces between them, as `ssh` sends them.
fn joined(first: OsString, rest: impl Iterator<Item = OsString>) -> Vec<u8> {
    use std::os::unix::ffi::OsStringExt as _;
    let mut command = first.into_vec();
    for word in rest {
        command.push(b' ');
        command.append(&mut word.into_vec());
    }
    command
}

impl Flags {
    /// Takes one `-o NAME=VALUE`.
    fn set(&mut self, option: &str) -> Result<(), lexopt::Error> {
        let (name, value) = option
            .split_once(['=', ' '])
            .ok_or_else(|| format!("-o {option}: there is no value"))?;
        let wrong = || format!("-o {option}: not a value of {name}");
        match name.to_ascii_lowercase().as_str() {
            "stricthostkeychecking" => {
                self.unknown_host = match value {
                    "ask" => UnknownHost::Ask,
                    "yes" => UnknownHost::Refuse,
                    // `ssh` goes on with a changed key for `no`; this command never does.
                    "accept-new" | "no" => UnknownHost::Add,
                    _ => return Err(wrong().into()),
                };
            }
            "userknownhostsfile" => self.known_hosts = Some(value.into()),
            "batchmode" => self.batch = yes_or_no(value).ok_or_else(wrong)?,
            "identitiesonly" => self.identities_only = yes_or_no(value).ok_or_else(wrong)?,
            "preferredauthentications" => self.methods = Some(methods(value).ok_or_else(wrong)?),
            "pubkeyacceptedalgorithms" => {
                self.key_algorithms = Some(value.split(',').map(str::to_owned).collect());
            }
            "gssapiauthentication" => {
                self.tickets = yes_or_no(value).ok_or_else(wrong)?;
                if self.tickets && !cfg!(feature = "gssapi") {
                    return Err(format!("-o {option}: built without Kerberos").into());
                }
            }
            "hostbasedauthentication" => self.hostbased = yes_or_no(value).ok_or_else(wrong)?,
            "hostkey" => self.host_keys.push(value.into()),
            "pipelining" => self.pipelining = yes_or_no(value).ok_or_else(wrong)?,
            "numberofpasswordprompts" => {
                self.password_tries = Some(value.parse().map_err(|_| wrong())?);
            }
            "connecttimeout" => {
                let seconds = value.parse().ok().filter(|seconds| *seconds > 0);
                self.connect_timeout = Duration::from_secs(seconds.ok_or_else(wrong)?);
            }
            _ => return Err(format!("-o {option}: there is no such option").into()),
        }
        Ok(())
    }
}

impl Flags {
    /// The methods to use, in this order: what was asked for, as far as it was also allowed.
    pub(super) fn methods(&self) -> Vec<Method> {
        let wanted = self.methods.clone().unwrap_or_else(|| USUAL.to_vec());
        let allowed = |method: &Method| match method {
            Method::GssapiWithMic => self.tickets,
            Method::HostBased => self.hostbased,
            _ => true,
        };
        wanted.into_iter().filter(allowed).collect()
    }
}

/// As `ssh` has it: what asks nothing of anybody goes first.
const USUAL: [Method; 5] = [
    Method::GssapiWithMic,
    Method::HostBased,
    Method::PublicKey,
    Method::KeyboardInteractive,
    Method::Password,
];

fn yes_or_no(value: &str) -> Option<bool> {
    match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn methods(list: &str) -> Option<Vec<Method>> {
    let named = |name: &str| {
        let mut known = USUAL.into_iter().chain([Method::None]);
        known.find(|method| method.to_string() == name)
    };
    list.split(',').map(named).collect()
}

/// The parts of `[user@]host[:port]`.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    user: Option<String>,
    host: String,
    port: Option<u16>,
}

impl Place {
    fn parse(text: &str) -> Result<Self, String> {
        // Names of users may contain an `@`, names of hosts may not.
        let (user, rest) = match text.rsplit_once('@') {
            Some((user, rest)) => (Some(user.to_owned()), rest),
            None => (None, text),
        };
        let (host, port) = Self::split_port(rest).ok_or_else(|| format!("{text}: which host?"))?;
        let port = port.map(str::parse).transpose();
        let port = port.map_err(|_| format!("{text}: the port is not a number up to 65535"))?;
        // The name goes into the known_hosts file, where other characters have a meaning.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-:%".contains(c);
        if host.is_empty() || host.starts_with('-') || !host.chars().all(is_plain) {
            return Err(format!("{text}: not the name or address of a host"));
        }
        Ok(Self {
            user,
            host: host.to_owned(),
            port,
        })
    }

    fn split_port(text: &str) -> Option<(&str, Option<&str>)> {
        if let Some(rest) = text.strip_prefix('[') {
            let (host, tail) = rest.split_once(']')?;
            return match tail {
                "" => Some((host, None)),
                _ => tail.strip_prefix(':').map(|port| (host, Some(port))),
            };
        }
        match text.split_once(':') {
            // Two colons are in IPv6 addresses only.
            Some((_, rest)) if rest.contains(':') => Some((text, None)),
            Some((host, port)) => Some((host, Some(port))),
            None => Some((text, None)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn login(arguments: &[&str]) -> Options {
        match parse(arguments.iter().map(OsString::from)).unwrap() {
            Request::Login(options) => *options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn places() {
        for (text, user, host, port) in [
            ("example.org", None, "example.org", None),
            (
                "alice@example.org:2222",
                Some("alice"),
                "example.org",
                Some(2222),
            ),
            ("a@b@example.org", Some("a@b"), "example.org", None),
            ("::1", None, "::1", None),
            ("alice@[::1]:22", Some("alice"), "::1", Some(22)),
        ] {
            let expected = Place {
                user: user.map(str::to_owned),
                host: host.to_owned(),
                port,
            };
            assert_eq!(Place::parse(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            "alice@",
            "a b",
            "host:70000",
            "host:x",
            "-oX",
            "a,b",
            "[::1]22",
        ] {
            assert!(Place::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_command_keeps_its_options() {
        let options = login(&["-p", "2222", "alice@host:1", "-v", "ls", "-l", "--", "a b"]);
        assert_eq!(options.command.as_deref(), Some(&b"ls -l -- a b"[..]));
        assert_eq!(options.port, 2222);
        assert!(options.flags.verbose);
        assert_eq!(options.user.as_deref(), Some("alice"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for arguments in [
            &["-x", "host"][..],
            &["-i"],
            &["-l", "alice"],
            &["-o", "StrictHostKeyChecking=maybe", "host"],
            &["-o", "PreferredAuthentications=publickey,telepathy", "host"],
            &["-o", "ConnectTimeout=0", "host"],
            &["-o", "HostbasedAuthentication=perhaps", "host"],
            &["-o", "GSSAPIAuthentication=", "host"],
            &["-o", "Unheard=yes", "host"],
        ] {
            assert!(
                parse(arguments.iter().map(OsString::from)).is_err(),
                "{arguments:?}"
            );
        }
    }
}
