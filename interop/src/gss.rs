//! Answers to the questions about GSS-API, by the system's Kerberos and the user's tickets.

use libgssapi::context::{ClientCtx, CtxFlags, SecurityContext as _};
use libgssapi::error::Error;
use libgssapi::name::Name;
use libgssapi::oid::{GSS_MECH_KRB5, GSS_NT_HOSTBASED_SERVICE};
use ssh_userauth::{Answer, GssapiIntegrity, NeedGssapiMic, NeedGssapiToken};

/// What mechanisms a [`GssClient`] can do, for
/// [`Config::gssapi_mechanisms`](ssh_userauth::Config::gssapi_mechanisms).
pub const MECHANISMS: [&[u8]; 1] = [ssh_userauth::KERBEROS_V5];

/// The client's half of one security context.
#[derive(Debug)]
pub struct GssClient {
    target: String,
    context: Option<ClientCtx>,
    failure: Option<String>,
}

impl GssClient {
    /// For a login to the host of this name, which must be the one that the user meant: whatever
    /// the name service says about it may come from an attacker.
    #[must_use]
    pub fn new(host: &str) -> Self {
        Self {
            target: format!("host@{host}"),
            context: None,
            failure: None,
        }
    }

    /// Why the last question was declined, in the words of Kerberos.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Makes the next token; declines if there is none, as without a ticket.
    pub fn token(&mut self, need: NeedGssapiToken) -> Answer {
        match self.step(&need) {
            Ok(Step::Continue(token)) => need.token(token),
            Ok(Step::Complete(last, integrity)) => need.established(last, integrity),
            Err(why) => {
                self.fail(why);
                need.decline()
            }
        }
    }

    /// Makes the integrity code with the established context.
    pub fn mic(&mut self, need: NeedGssapiMic) -> Answer {
        match self.mic_over(need.data()) {
            Some(mic) => need.mic(mic),
            None => need.decline(),
        }
    }

    /// The integrity code over any data, if a context is established.
    pub fn mic_over(&mut self, data: &[u8]) -> Option<Vec<u8>> {
        let made = self.context.as_mut()?.get_mic(data).map_err(words);
        match made {
            Ok(mic) => Some(mic.to_vec()),
            Err(why) => {
                self.fail(why);
                None
            }
        }
    }

    fn fail(&mut self, why: String) {
        // A context that failed is of no use for anything.
        self.context = None;
        self.failure = Some(why);
    }

    fn step(&mut self, need: &NeedGssapiToken) -> Result<Step, String> {
        if !MECHANISMS.contains(&need.mechanism()) {
            return Err("a mechanism that was not offered".to_owned());
        }
        if need.step() == 1 {
            self.context = Some(self.begin().map_err(words)?);
        }
        let context = self.context.as_mut();
        let context = context.ok_or_else(|| "no security context".to_owned())?;
        let token = context.step(need.input(), None).map_err(words)?;
        let token = token.map(|token| token.to_vec());
        if !context.is_complete() {
            return Ok(Step::Continue(token.unwrap_or_default()));
        }
        let flags = context.flags().map_err(words)?;
        if !flags.contains(CtxFlags::GSS_C_MUTUAL_FLAG) {
            return Err("the server did not prove who it is".to_owned());
        }
        let integrity = if flags.contains(CtxFlags::GSS_C_INTEG_FLAG) {
            GssapiIntegrity::Available
        } else {
            GssapiIntegrity::Unavailable
        };
        Ok(Step::Complete(token, integrity))
    }

    fn begin(&self) -> Result<ClientCtx, Error> {
        let service = Name::new(self.target.as_bytes(), Some(GSS_NT_HOSTBASED_SERVICE))?;
        // RFC 4462 section 3.4 wants integrity; OpenSSH asks for both. No delegation: the server
        // gets no ticket.
        let flags = CtxFlags::GSS_C_MUTUAL_FLAG | CtxFlags::GSS_C_INTEG_FLAG;
        Ok(ClientCtx::new(None, service, flags, Some(GSS_MECH_KRB5)))
    }
}

enum Step {
    Continue(Vec<u8>),
    Complete(Option<Vec<u8>>, GssapiIntegrity),
}

fn words(error: Error) -> String {
    error.to_string()
}
