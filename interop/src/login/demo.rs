//! The demonstration: a login to a server in this process, with the answers known beforehand.

use std::io::{IsTerminal as _, stdout};
use std::os::unix::net::UnixStream;

use ssh_key::{HashAlg, PrivateKey, PublicKey};
use ssh_userauth::{
    Authenticated, Config, DisconnectReason, Identity, NeedAnswers, NeedNewPassword, NeedPassword,
    NeedPublicKey, NeedSignature, Notice, Session, UserAuthClient,
};

use crate::embedded::{EmbeddedPolicy, EmbeddedServer, demo_key};
use crate::login::converse::{Caller, Said, converse};
use crate::login::failure::{Explain, Failure};
use crate::login::ladder::Ladder;
use crate::login::look::Look;
use crate::login::options::Flags;
use crate::login::remote::{leave, leave_after};
use crate::login::text;
use crate::login::{channel, diagram};
use crate::transport::{ClientConfig, HostKeyRefused, Transport};

/// What failures are about.
const EXPLAIN: Explain<'static> = Explain {
    label: "the embedded server",
    user: EmbeddedPolicy::DEMO_USER,
};

/// Logs in and shows it.
pub(super) fn run(flags: &Flags) -> Result<u8, Failure> {
    let unusable = |_| Failure::Setup("the demonstration's key can't be used".to_owned());
    let key = demo_key("demonstration key")?;
    let identity = Identity::try_from(&key).map_err(unusable)?;
    let (server, stream) = EmbeddedServer::start(EmbeddedPolicy::demo(identity.blob()))?;
    let mut transport = connect(&server, stream)?;
    let handshake = transport.round_trips();
    let out = stdout();
    let look = Look::new(flags.colour, out.is_terminal());
    let mut ladder = Ladder::new(Box::new(out), look);
    introduce(&mut ladder, &server, &transport);

    let session = Session::encrypted(transport.session_id())
        .host_key(server.host_key())
        .server_version(transport.peer_version());
    let config = Config::new(EmbeddedPolicy::DEMO_USER).label("demonstration");
    let mut auth = UserAuthClient::new(config, session)?;
    let mut script = Script {
        key,
        identity: Some(identity),
    };
    let mut shown = Some(ladder);
    let result = converse(&mut auth, &mut transport, &mut script, &mut shown);
    if let Some(stem) = &flags.diagram {
        diagram::write(stem, auth.report())?;
    }
    let done = result.map_err(|error| {
        leave_after(&mut transport, &error);
        EXPLAIN.login(&error, auth.report(), &[])
    })?;
    let round_trips = transport.round_trips().saturating_sub(handshake);

    // The proof that it is a login: the server now runs commands.
    let mut greeting = Vec::new();
    let run = channel::run(&mut transport, b"greet", &mut greeting, &mut Vec::new());
    run.map_err(|error| EXPLAIN.channel(&error))?;
    leave(&mut transport, DisconnectReason::ByApplication, "done");

    if let Some(mut ladder) = shown {
        let trips = format!("{round_trips} to log in, {handshake} ahead of that for the keys");
        ladder.fact("round trips", &trips);
        let requests = auth.report().attempts().len();
        ladder.fact("requests", &format!("{requests} of user authentication"));
        let greeting = text::lines(&greeting).join(" ");
        ladder.fact("command", &format!("\"{greeting}\""));
        ladder.fact("factors", &factors(&done));
        ladder.line(&started(&done));
    }
    Ok(0)
}

fn connect(server: &EmbeddedServer, stream: UnixStream) -> Result<Transport<UnixStream>, Failure> {
    Transport::client(stream, ClientConfig::new(), |blob| {
        if blob == server.host_key() {
            Ok(())
        } else {
            let why = "not the key that the server was started with";
            Err(HostKeyRefused::new(why))
        }
    })
    .map_err(|error| EXPLAIN.transport(&error))
}

/// What there is to know ahead of the first row.
fn introduce(ladder: &mut Ladder, server: &EmbeddedServer, transport: &Transport<UnixStream>) {
    ladder.line("A login to a server inside this process, over a socket pair.");
    ladder.line("");
    if let Some(negotiated) = transport.negotiated() {
        ladder.fact("transport", &negotiated.to_string());
    }
    if let Ok(key) = PublicKey::from_bytes(server.host_key()) {
        let fingerprint = key.fingerprint(HashAlg::Sha256);
        ladder.fact("host key", &format!("{fingerprint}, as expected"));
    }
    let legend = "? asked of the caller, ! its answer, * noted, = the end";
    ladder.fact("margin", legend);
    let user = EmbeddedPolicy::DEMO_USER;
    let version = text::line(transport.peer_version().as_bytes());
    ladder.heading(&format!("client, as {user}"), &format!("server, {version}"));
}

/// The factors with their keys.
pub(super) fn factors(done: &Authenticated) -> String {
    let factors = done.factors().iter().map(ToString::to_string);
    factors.collect::<Vec<_>>().join(", ")
}

/// The last line of a login.
fn started(done: &Authenticated) -> String {
    let methods = done.factors().iter().map(|factor| factor.method().name());
    let methods: Vec<&str> = methods.collect();
    format!(
        "Service {} started with {}.",
        done.service(),
        methods.join(" and ")
    )
}

/// The caller that knows all answers.
struct Script {
    key: PrivateKey,
    identity: Option<Identity>,
}

impl Caller for Script {
    fn notice(&mut self, _: &Notice) {}

    fn public_key(&mut self, need: NeedPublicKey) -> Said {
        match self.identity.take() {
            Some(identity) => Said::offer(need, identity),
            None => Said::new(need.none_left(), "no more keys"),
        }
    }

    fn signature(&mut self, need: NeedSignature) -> Said {
        match need.sign_with(&self.key) {
            Ok(answer) => Said::new(answer, "signed"),
            Err(bad) => Said::new(bad.decline(), "declined"),
        }
    }

    fn password(&mut self, need: NeedPassword) -> Said {
        Said::new(need.decline(), "declined")
    }

    fn new_password(&mut self, need: NeedNewPassword) -> Said {
        Said::new(need.decline(), "declined")
    }

    fn answers(&mut self, need: NeedAnswers) -> Said {
        let round = usize::try_from(need.round()).unwrap_or(usize::MAX);
        let answers = EmbeddedPolicy::DEMO_ANSWERS.get(round.saturating_sub(1));
        let answers = answers.copied().unwrap_or_default();
        match need.answers(answers.iter().copied()) {
            Ok(answer) => Said::secret(answer),
            Err(wrong) => Said::new(wrong.decline(), "declined"),
        }
    }
}
