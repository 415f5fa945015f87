//! A backup tool that logs in by itself: first with its keys, and if need be with a password that
//! it keeps in a vault. It never asks anybody, and never types an expired password anew.

use std::{error, fmt, io};

use ssh_userauth::{
    Action, Answer, Config, ConfigError, DisconnectReason, Identity, Method, Pipelining,
    ProtocolError, Rejected, Session, UserAuthClient,
};

/// The connection, after the key exchange.
pub trait Transport {
    /// Takes a payload to send; it may wait for [`flush`](Self::flush).
    fn send(&mut self, payload: &[u8]) -> io::Result<()>;
    /// Writes out what was taken.
    fn flush(&mut self) -> io::Result<()>;
    /// The next payload of the server.
    fn receive(&mut self) -> io::Result<Vec<u8>>;
    /// Ends the connection, for this reason.
    fn disconnect(&mut self, reason: DisconnectReason);
}

/// Where keys and the password are kept.
pub trait Vault {
    /// All keys, best first.
    fn keys(&self) -> Vec<Identity>;
    /// The blob of a signature, if the key is at hand.
    fn sign(&mut self, key: &Identity, algorithm: &str, data: &[u8]) -> Option<Vec<u8>>;
    /// The password, if there is one.
    fn password(&mut self) -> Option<String>;
}

/// What comes of a login.
#[derive(Debug, PartialEq, Eq)]
pub struct LoggedIn {
    /// The methods that were needed, by their names.
    pub factors: Vec<String>,
}

/// Why there was no login.
#[derive(Debug)]
pub enum Failure {
    /// The password has expired; somebody has to look after it.
    PasswordExpired,
    /// The server didn't take what we have. The text is for the log.
    Refused(String),
    /// The server or the line is broken.
    Broken(Box<dyn error::Error>),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PasswordExpired => f.write_str("the password in the vault has expired"),
            Self::Refused(why) => f.write_str(why),
            Self::Broken(error) => error.fmt(f),
        }
    }
}

impl error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Broken(error.into())
    }
}

impl From<ProtocolError> for Failure {
    fn from(error: ProtocolError) -> Self {
        Self::Broken(error.into())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Broken(error.into())
    }
}

/// The rules of this tool: all keys are asked about at once, since every round trip to the backup
/// site is slow.
#[must_use]
pub fn config(user: &str) -> Config {
    Config::new(user)
        .methods([Method::PublicKey, Method::Password])
        .pipelining(Pipelining::Opening { queries: 3 })
}

/// Logs in.
pub fn log_in(
    user: &str,
    session: Session,
    transport: &mut impl Transport,
    vault: &mut impl Vault,
) -> Result<LoggedIn, Failure> {
    let mut auth = UserAuthClient::new(config(user), session)?;
    let mut expired = false;
    loop {
        while let Some(action) = auth.poll_action() {
            let answer = match action {
                Action::SendRequest(payload) => {
                    transport.send(payload.bytes())?;
                    continue;
                }
                Action::StartService(done) => {
                    let factors = done.factors().iter();
                    let factors = factors.map(|factor| factor.method().to_string()).collect();
                    return Ok(LoggedIn { factors });
                }
                Action::GiveUp(why) => {
                    transport.disconnect(why.disconnect_reason());
                    return Err(match expired {
                        true => Failure::PasswordExpired,
                        false => Failure::Refused(why.to_string()),
                    });
                }
                Action::NeedNewPassword(need) => {
                    expired = true;
                    need.decline()
                }
                question => match answer(question, vault) {
                    Some(answer) => answer,
                    None => continue,
                },
            };
            // An answer in time is always taken.
            let _ = auth.handle_answer(answer);
        }
        transport.flush()?;
        let payload = transport.receive()?;
        auth.handle_packet(&payload)?;
    }
}

/// The answer to a question. To one that this tool can't answer: no.
pub fn answer(question: Action, vault: &mut impl Vault) -> Option<Answer> {
    Some(match question {
        Action::NeedPublicKey(need) if need.offered() == 0 => need.offer_many(vault.keys()),
        Action::NeedSignature(need) => {
            match vault.sign(need.identity(), need.signature_algorithm(), need.data()) {
                Some(blob) => need.signed(blob).unwrap_or_else(Rejected::decline),
                None => need.decline(),
            }
        }
        // The vault has one password: a second try would be with the same.
        Action::NeedPassword(need) if need.attempt() == 1 => match vault.password() {
            Some(password) => need.password(password),
            None => need.decline(),
        },
        other => return other.decline(),
    })
}
