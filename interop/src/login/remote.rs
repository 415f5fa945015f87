//! A real login: connect, check the host key, log in, run the command.

use core::time::Duration;
use std::io::{IsTerminal as _, Read, Write, stderr, stdout};
use std::path::PathBuf;

use ssh_userauth::{
    Authenticated, Config, DisconnectReason, Limits, Pipelining, Quirks, Session, UserAuthClient,
};
use ssh_userauth_explain::Explain as _;

use crate::blocking::LoginError;
use crate::login::channel::{self, Exit};
use crate::login::converse::converse;
use crate::login::demo::factors;
use crate::login::failure::{Explain, Failure};
use crate::login::keys::Keys;
use crate::login::known_hosts::{HostKeys, Verdict};
use crate::login::ladder::Ladder;
use crate::login::local_host::LocalHost;
use crate::login::look::Look;
use crate::login::options::{Options, UnknownHost};
use crate::login::person::Person;
use crate::login::terminal::Asker;
use crate::login::{FAILED, diagram, say, text, warn};
use crate::transport::{ClientConfig, HostKeyRefused, LowLatencyTcp, Transport};

/// How long a server may be silent until the login is done. Some delay the answer to a wrong
/// password, but none for so long.
const SILENCE: Duration = Duration::from_secs(120);

/// Logs in and runs the command; gives the exit status.
pub(super) fn run(options: &Options) -> Result<u8, Failure> {
    let user = match &options.user {
        Some(user) => user.clone(),
        None => crate::sshd::current_user()
            .map_err(|error| Failure::Setup(format!("whom to log in as? {error}")))?,
    };
    let label = format!("{}@{}", text::line(user.as_bytes()), options.host);
    let explain = Explain {
        label: &label,
        user: &user,
    };
    let asker = Asker::find(options.flags.batch);
    let mut transport = connect(options, &asker, &explain)?;
    let mut ladder = options
        .flags
        .verbose
        .then(|| begin_ladder(options, &user, &transport));
    let (keys, notes) = Keys::find(&options.flags);
    let (local_host, more) = LocalHost::find(&options.flags);
    for note in notes.iter().chain(&more) {
        warn(note);
    }
    let config = config(&user, &label, options, &local_host)?
        .quirks(Quirks::of_server(transport.peer_version()));
    let mut auth = UserAuthClient::new(config, session(&transport))?;
    let mut person = Person {
        label: &label,
        keys,
        local_host,
        #[cfg(feature = "gssapi")]
        tickets: crate::gss::GssClient::new(&options.host),
        asker: &asker,
        watched: ladder.is_some(),
    };
    let result = converse(&mut auth, &mut transport, &mut person, &mut ladder);
    if let Some(stem) = &options.flags.diagram {
        diagram::write(stem, auth.report())?;
    }
    let done = result.map_err(|error| {
        leave_after(&mut transport, &error);
        if person.watched {
            eprintln!("{}", auth.report().table());
        }
        explain.login(&error, auth.report(), &person.keys.remarks)
    })?;
    if done.is_trivial() {
        warn(&format!(
            "{label}: the server asked for no proof of who we are"
        ));
    }
    // From here on the server may be silent for as long as its command is.
    let unlimited = transport.stream().get_ref().set_read_timeout(None);
    unlimited.map_err(|error| explain.failure(error.to_string()))?;
    match &options.command {
        Some(command) => run_command(&mut transport, command, &explain),
        None => {
            leave(&mut transport, DisconnectReason::ByApplication, "done");
            say(&format!("{label}: {}", started(&done)));
            Ok(0)
        }
    }
}

fn started(done: &Authenticated) -> String {
    format!("service {} started, by {}", done.service(), factors(done))
}

fn config(
    user: &str,
    label: &str,
    options: &Options,
    local_host: &LocalHost,
) -> Result<Config, Failure> {
    let mut limits = Limits::default();
    if let Some(tries) = options.flags.password_tries {
        limits.max_password_tries = tries;
        limits.max_keyboard_interactive_tries = tries;
    }
    let mut config = Config::new(user)
        .label(label)
        .limits(limits)
        .methods(options.flags.methods());
    if !options.flags.pipelining {
        config = config.pipelining(Pipelining::Off);
    }
    if options.flags.hostbased {
        let user = crate::sshd::current_user()
            .map_err(|error| Failure::Setup(format!("who vouches for whom? {error}")))?;
        config = config.client_host(local_host.client_host(&user));
    }
    #[cfg(feature = "gssapi")]
    {
        config = config.gssapi_mechanisms(crate::gss::MECHANISMS);
    }
    Ok(config)
}

/// A connection whose host key is known to be the host's.
fn session(transport: &Transport<LowLatencyTcp>) -> Session {
    let session = Session::encrypted(transport.session_id());
    let session = session.server_version(transport.peer_version());
    match transport.host_key() {
        Some(key) => session.host_key(key),
        None => session,
    }
}

fn connect(
    options: &Options,
    asker: &Asker,
    explain: &Explain<'_>,
) -> Result<Transport<LowLatencyTcp>, Failure> {
    let host_keys = HostKeys::load(known_hosts_files(options)?, &options.host, options.port)
        .map_err(|error| explain.failure(error))?;
    let address = (options.host.as_str(), options.port);
    let stream = LowLatencyTcp::connect(address, options.flags.connect_timeout);
    let stream = stream.and_then(|stream| {
        stream.get_ref().set_read_timeout(Some(SILENCE))?;
        Ok(stream)
    });
    let stream = stream.map_err(|error| Failure::Unreachable {
        host: options.host.clone(),
        port: options.port,
        error,
    })?;
    let config = ClientConfig::new().with_host_keys(&host_keys.preferred_algorithms());
    Transport::client(stream, config, |blob| {
        check_host_key(&host_keys, blob, options.flags.unknown_host, asker)
            .map_err(HostKeyRefused::new)
    })
    .map_err(|error| explain.transport(&error))
}

/// The file to add to, then those that are only read.
fn known_hosts_files(options: &Options) -> Result<Vec<PathBuf>, Failure> {
    if let Some(file) = &options.flags.known_hosts {
        return Ok(vec![file.clone()]);
    }
    let home = std::env::home_dir();
    let home = home.ok_or_else(|| Failure::Setup("there is no home directory".to_owned()))?;
    Ok(vec![
        home.join(".ssh/known_hosts"),
        PathBuf::from("/etc/ssh/ssh_known_hosts"),
    ])
}

fn check_host_key(
    host_keys: &HostKeys,
    blob: &[u8],
    unknown_host: UnknownHost,
    asker: &Asker,
) -> Result<(), String> {
    let name = host_keys.name();
    let (key, verdict) = host_keys.check(blob)?;
    let described = format!("{} {}", key.algorithm(), key.fingerprint(<_>::default()));
    match verdict {
        Verdict::Known => return Ok(()),
        Verdict::Revoked(place) => return Err(format!("{described} is revoked ({place})")),
        Verdict::Changed(place) => {
            return Err(format!(
                "{name} shows {described}, and {place} has another key for it; \
                 either it was replaced, or somebody is in between"
            ));
        }
        Verdict::Unknown => {}
    }
    match unknown_host {
        UnknownHost::Add => {}
        UnknownHost::Refuse => return Err(format!("the key of {name} is not known: {described}")),
        UnknownHost::Ask => {
            let file = host_keys.file().display();
            let prompt = format!(
                "The host key of {name} is not known:\n  {described}\n\
                 Is it the right one? `yes` adds it to {file}: "
            );
            let answer = asker.line(&prompt).ok_or_else(|| {
                format!("the key of {name} is not known ({described}), and nobody can be asked")
            })?;
            if answer.expose() != b"yes" {
                return Err(format!("the key of {name} was not confirmed"));
            }
        }
    }
    let added = host_keys.add(&key);
    // The login may go on: the next one will ask again.
    added.unwrap_or_else(|error| warn(&format!("{}: {error}", host_keys.file().display())));
    Ok(())
}

fn begin_ladder(options: &Options, user: &str, transport: &Transport<LowLatencyTcp>) -> Ladder {
    let out = stderr();
    let look = Look::new(options.flags.colour, out.is_terminal());
    let mut ladder = Ladder::new(Box::new(out), look);
    if let Some(negotiated) = transport.negotiated() {
        ladder.fact("transport", &negotiated.to_string());
    }
    let version = text::line(transport.peer_version().as_bytes());
    let user = text::line(user.as_bytes());
    ladder.heading(
        &format!("client, as {user}"),
        &format!("{}, {version}", options.host),
    );
    ladder
}

fn run_command(
    transport: &mut Transport<LowLatencyTcp>,
    command: &[u8],
    explain: &Explain<'_>,
) -> Result<u8, Failure> {
    let exit = channel::run(transport, command, &mut stdout(), &mut stderr());
    let exit = exit.map_err(|error| explain.channel(&error));
    leave(transport, DisconnectReason::ByApplication, "done");
    match exit? {
        // A process can't end with more than eight bits.
        Exit::Status(status) => Ok(u8::try_from(status & 0xff).unwrap_or(FAILED)),
        Exit::Signal(name) => Err(explain.failure(format!("the command was ended by SIG{name}"))),
        Exit::Unknown => Err(explain.failure("the command ended, and the server did not say how")),
    }
}

/// Says good-bye after a login that failed, with the reason that the machine gives.
pub(super) fn leave_after<S: Read + Write>(transport: &mut Transport<S>, error: &LoginError) {
    match error {
        LoginError::GaveUp(why) => leave(transport, why.disconnect_reason(), "giving up"),
        LoginError::Protocol(error) => {
            leave(transport, error.disconnect_reason(), "protocol error");
        }
        LoginError::Answer(_) => leave(transport, DisconnectReason::AuthCancelledByUser, ""),
        // There is nobody left to tell.
        LoginError::Transport(_) => {}
    }
}

/// Sends `SSH_MSG_DISCONNECT` (RFC 4253 section 11.1), as far as somebody still listens.
pub(super) fn leave<S: Read + Write>(
    transport: &mut Transport<S>,
    reason: DisconnectReason,
    text: &str,
) {
    transport.disconnect(reason.code(), text);
}
