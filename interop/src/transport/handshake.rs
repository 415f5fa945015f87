//! From the version strings to NEWKEYS (RFC 4253 sections 4.2, 7 and 8; RFC 8731).

use crate::transport::algorithms::Negotiated;
use crate::transport::config::{ClientConfig, ServerConfig};
use crate::transport::connection::{Connection, Role};
use crate::transport::crypto::{Direction, Ephemeral, OpenKey, SealKey, Secrets, sha256};
use crate::transport::error::TransportError;
use crate::transport::host_key;
use crate::transport::kexinit::{KexInit, negotiate};
use crate::transport::wire::{
    DEBUG, IGNORE, KEX_ECDH_INIT, KEX_ECDH_REPLY, KEXINIT, NEWKEYS, Reader, UNIMPLEMENTED,
    put_string,
};

/// RFC 4253 section 4.2, with the line end.
const MAX_VERSION: usize = 255;
/// Everything ahead of the server's version string.
const MAX_LINES: usize = 16 * 1024;

/// What the caller gave, by role.
#[derive(Debug)]
pub(crate) enum RoleConfig {
    Client(ClientConfig),
    Server(ServerConfig),
}

impl RoleConfig {
    pub(crate) const fn role(&self) -> Role {
        match self {
            Self::Client(_) => Role::Client,
            Self::Server(_) => Role::Server,
        }
    }

    fn version(&self) -> &str {
        match self {
            Self::Client(config) => &config.version,
            Self::Server(config) => &config.version,
        }
    }

    pub(crate) fn kexinit(&self) -> Result<KexInit, TransportError> {
        match self {
            Self::Client(config) => KexInit::of_client(config),
            Self::Server(config) => KexInit::of_server(config),
        }
    }

    /// Writes the lines ahead of the version string, and the version string.
    pub(crate) fn greet(&self, out: &mut Vec<u8>) -> Result<(), TransportError> {
        if let Self::Server(config) = self {
            for line in &config.lines {
                out.extend_from_slice(line.as_bytes());
                out.extend_from_slice(b"\r\n");
            }
        }
        let version = self.version();
        if !is_version(version.as_bytes()) {
            return Err(TransportError::Version("our own string is not valid"));
        }
        out.extend_from_slice(version.as_bytes());
        out.extend_from_slice(b"\r\n");
        Ok(())
    }
}

fn is_version(line: &[u8]) -> bool {
    let known = line.starts_with(b"SSH-2.0-") || line.starts_with(b"SSH-1.99-");
    known && line.len() + 2 <= MAX_VERSION && line.iter().all(|b| (0x20..=0x7e).contains(b))
}

/// Keys for both directions that wait for NEWKEYS.
#[derive(Debug)]
struct Keys {
    seal: SealKey,
    open: OpenKey,
    session_id: [u8; 32],
    host_key: Vec<u8>,
}

#[derive(Debug)]
enum Step {
    /// Waiting for the other side's KEXINIT (and, before it, version string).
    KexInit,
    /// A client waiting for the reply to its ephemeral key.
    Reply(Box<Ephemeral>),
    /// A server waiting for the client's ephemeral key.
    Init,
    /// A client whose caller looks at the host key.
    HostKey(Box<Keys>),
    /// Waiting for NEWKEYS.
    NewKeys(OpenKey),
    /// Done, or failed in the middle of a step.
    Done,
}

/// How far the handshake is.
#[derive(Debug)]
pub(crate) struct Handshake {
    step: Step,
    ours: KexInit,
    theirs: Option<KexInit>,
    skip_guess: bool,
    /// Bytes of lines ahead of the version string so far.
    lines: usize,
}

impl Handshake {
    pub(crate) const fn start(ours: KexInit) -> Self {
        Self {
            step: Step::KexInit,
            ours,
            theirs: None,
            skip_guess: false,
            lines: 0,
        }
    }

    pub(crate) fn pending_host_key(&self) -> Option<&[u8]> {
        match &self.step {
            Step::HostKey(keys) => Some(&keys.host_key),
            _ => None,
        }
    }
}

impl Connection {
    /// Takes one line of the version exchange; `false` if there is no whole line yet.
    pub(crate) fn read_version_line(&mut self) -> Result<bool, TransportError> {
        let unread = self.input.unread();
        let Some(end) = unread.iter().position(|byte| *byte == b'\n') else {
            let limit = match self.config.role() {
                Role::Client => MAX_LINES,
                Role::Server => MAX_VERSION,
            };
            return if unread.len() + self.handshake.lines > limit {
                Err(TransportError::OverLimit {
                    what: "a line of the version exchange",
                    limit,
                })
            } else {
                Ok(false)
            };
        };
        let line = unread.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b"SSH-") {
            if !is_version(line) {
                let what = "the other side's string is not one of SSH 2";
                return Err(TransportError::Version(what));
            }
            self.peer_version = String::from_utf8_lossy(line).into_owned();
        } else if self.config.role() == Role::Server {
            let what = "the client's first line is not a version string";
            return Err(TransportError::Version(what));
        }
        self.handshake.lines += end + 1;
        if self.handshake.lines > MAX_LINES {
            return Err(TransportError::OverLimit {
                what: "the text ahead of the version string",
                limit: MAX_LINES,
            });
        }
        self.input.consume(end + 1);
        Ok(true)
    }

    /// A packet while the incoming direction is still in the clear.
    pub(crate) fn dispatch_handshake(
        &mut self,
        sequence: u32,
        number: u8,
        payload: Vec<u8>,
    ) -> Result<(), TransportError> {
        let strict = self.negotiated.is_some_and(|negotiated| negotiated.strict);
        if matches!(number, IGNORE | DEBUG | UNIMPLEMENTED) {
            // Without strict key exchange these are allowed anywhere, and that is what let an
            // attacker shift sequence numbers.
            return if strict {
                Err(TransportError::StrictKex(
                    "a message other than the key exchange's before NEWKEYS",
                ))
            } else {
                self.count_noise()
            };
        }
        if self.handshake.skip_guess && number != KEXINIT {
            self.handshake.skip_guess = false;
            return Ok(());
        }
        let step = core::mem::replace(&mut self.handshake.step, Step::Done);
        match (step, number) {
            (Step::KexInit, KEXINIT) => self.on_kexinit(sequence, payload),
            (Step::Reply(ephemeral), KEX_ECDH_REPLY) => self.on_reply(*ephemeral, &payload),
            (Step::Init, KEX_ECDH_INIT) => self.on_init(&payload),
            (Step::NewKeys(key), NEWKEYS) if payload.len() == 1 => {
                self.receiver.rekey(key, strict);
                Ok(())
            }
            _ => Err(TransportError::UnexpectedMessage {
                number,
                stage: "during the key exchange",
            }),
        }
    }

    fn on_kexinit(&mut self, sequence: u32, payload: Vec<u8>) -> Result<(), TransportError> {
        let theirs = KexInit::parse(payload)?;
        let outcome = negotiate(self.config.role(), &self.handshake.ours, &theirs)?;
        if outcome.negotiated.strict && sequence != 0 {
            return Err(TransportError::StrictKex(
                "KEXINIT was not the first packet",
            ));
        }
        self.negotiated = Some(outcome.negotiated);
        self.handshake.skip_guess = outcome.skip_guess;
        self.handshake.theirs = Some(theirs);
        self.handshake.step = match self.config.role() {
            Role::Server => Step::Init,
            Role::Client => {
                let ephemeral = Ephemeral::generate()?;
                let mut payload = vec![KEX_ECDH_INIT];
                put_string(&mut payload, ephemeral.public());
                self.sender.seal(&payload, 0, &mut self.output)?;
                Step::Reply(Box::new(ephemeral))
            }
        };
        Ok(())
    }

    /// The exchange hash of RFC 5656 section 4, which RFC 8731 takes over.
    fn exchange_hash(&self, host_key: &[u8], client: &[u8], server: &[u8], k: &[u8]) -> [u8; 32] {
        let ours = self.config.version().as_bytes();
        let theirs = self.peer_version.as_bytes();
        let our_init = self.handshake.ours.payload.as_slice();
        let their_init = self.handshake.theirs.as_ref();
        let their_init = their_init.map_or(&[][..], |init| init.payload.as_slice());
        let pairs = match self.config.role() {
            Role::Client => [ours, theirs, our_init, their_init],
            Role::Server => [theirs, ours, their_init, our_init],
        };
        let mut hashed = Vec::new();
        for part in pairs.into_iter().chain([host_key, client, server]) {
            put_string(&mut hashed, part);
        }
        sha256(&[&hashed, k])
    }

    fn agreed(&self) -> Result<Negotiated, TransportError> {
        self.negotiated.ok_or(TransportError::KeyExchange)
    }

    fn keys(&self, secrets: &Secrets<'_>, host_key: Vec<u8>) -> Result<Keys, TransportError> {
        let agreed = self.agreed()?;
        let up = (agreed.client_to_server, Direction::ClientToServer);
        let down = (agreed.server_to_client, Direction::ServerToClient);
        let (out, into) = match self.config.role() {
            Role::Client => (up, down),
            Role::Server => (down, up),
        };
        Ok(Keys {
            seal: secrets.sealer(out.0, out.1)?,
            open: secrets.opener(into.0, into.1)?,
            session_id: *secrets.hash,
            host_key,
        })
    }

    /// Client: checks the server's proof, then waits for the caller's word on the key.
    fn on_reply(&mut self, ephemeral: Ephemeral, payload: &[u8]) -> Result<(), TransportError> {
        let mut reader = Reader::new(payload, "key exchange reply");
        reader.byte()?;
        let host_key = reader.string()?;
        let server = reader.string()?;
        let signature = reader.string()?;
        reader.finish()?;
        let client = ephemeral.public().to_vec();
        let shared = ephemeral.agree(server)?;
        let hash = self.exchange_hash(host_key, &client, server, &shared);
        host_key::verify(self.agreed()?.host_key, host_key, &hash, signature)?;
        let secrets = Secrets {
            shared: &shared,
            hash: &hash,
        };
        let keys = self.keys(&secrets, host_key.to_vec())?;
        self.handshake.step = Step::HostKey(Box::new(keys));
        Ok(())
    }

    /// Client: the host key is accepted.
    pub(crate) fn finish_client_exchange(&mut self) -> Result<(), TransportError> {
        match core::mem::replace(&mut self.handshake.step, Step::Done) {
            Step::HostKey(keys) => self.switch_keys(*keys),
            other => {
                self.handshake.step = other;
                Ok(())
            }
        }
    }

    /// Server: answers the client's ephemeral key with the proof, NEWKEYS and EXT_INFO.
    fn on_init(&mut self, payload: &[u8]) -> Result<(), TransportError> {
        let RoleConfig::Server(config) = &self.config else {
            return Err(TransportError::KeyExchange);
        };
        let (host_key, ext_info) = (config.host_key.clone(), config.ext_info.clone());
        let mut reader = Reader::new(payload, "key exchange init");
        reader.byte()?;
        let client = reader.string()?;
        reader.finish()?;
        let ephemeral = Ephemeral::generate()?;
        let server = ephemeral.public().to_vec();
        let shared = ephemeral.agree(client)?;
        let hash = self.exchange_hash(host_key.blob(), client, &server, &shared);
        let mut reply = vec![KEX_ECDH_REPLY];
        put_string(&mut reply, host_key.blob());
        put_string(&mut reply, &server);
        put_string(&mut reply, &host_key.sign(&hash));
        self.sender.seal(&reply, 0, &mut self.output)?;
        let secrets = Secrets {
            shared: &shared,
            hash: &hash,
        };
        let keys = self.keys(&secrets, host_key.blob().to_vec())?;
        self.switch_keys(keys)?;
        let wanted = self.handshake.theirs.as_ref();
        if let (Some(true), Some(info)) = (wanted.map(KexInit::wants_ext_info), ext_info) {
            self.sender.seal(&info, 0, &mut self.output)?;
        }
        Ok(())
    }

    /// Sends NEWKEYS, protects everything behind it, and waits for the other side's.
    fn switch_keys(&mut self, keys: Keys) -> Result<(), TransportError> {
        let strict = self.agreed()?.strict;
        self.sender.seal(&[NEWKEYS], 0, &mut self.output)?;
        self.sender.rekey(keys.seal, strict);
        self.session_id = keys.session_id.to_vec();
        self.host_key = Some(keys.host_key);
        self.handshake.step = Step::NewKeys(keys.open);
        Ok(())
    }
}
