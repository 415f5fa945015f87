//! The embedded server's answers on one connection.

use alloc::borrow::Cow;
use alloc::sync::Arc;

use russh::server::{
    Auth, ChannelOpenHandle, Msg, PublicKeyOffer, Response, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, Error};
use ssh_key::{Certificate, PublicKey};

use super::{EmbeddedPolicy, Log, Method, push};

/// How far one connection is.
#[derive(Debug)]
pub(super) struct Handler {
    policy: Arc<EmbeddedPolicy>,
    log: Log,
    /// The user all steps so far were for (RFC 4252 section 5 wants a change to start over).
    user: String,
    step: usize,
    /// The round whose answers are awaited.
    round: usize,
}

impl Handler {
    pub(super) const fn new(policy: Arc<EmbeddedPolicy>, log: Log) -> Self {
        Self {
            policy,
            log,
            user: String::new(),
            step: 0,
            round: 0,
        }
    }

    fn begin(&mut self, user: &str) {
        if self.user != user {
            user.clone_into(&mut self.user);
            self.step = 0;
        }
    }

    /// Whether this user may try `method` now.
    fn may_try(&mut self, user: &str, method: Method) -> bool {
        self.begin(user);
        self.policy.user == user && self.policy.allows(self.step, method)
    }

    fn note(&self, what: &str, outcome: &str) {
        // The name is the client's; escaped, it cannot draw on the caller's terminal.
        push(
            &self.log,
            format!("{what} for {}: {outcome}", self.user.escape_debug()),
        );
    }

    fn reject(&self, what: &str) -> Auth {
        self.note(what, "failed");
        Auth::Reject {
            // Spelled out, as the server would otherwise take a failed method off the list.
            proceed_with_methods: Some(self.policy.methods_of_step(self.step)),
            partial_success: false,
        }
    }

    fn succeed(&mut self, what: &str) -> Auth {
        if self.policy.is_last(self.step) {
            self.note(what, "success");
            return Auth::Accept;
        }
        self.note(what, "partial success");
        self.step += 1;
        Auth::Reject {
            proceed_with_methods: Some(self.policy.methods_of_step(self.step)),
            partial_success: true,
        }
    }

    fn knows(&self, key: &PublicKey) -> bool {
        key.to_bytes()
            .is_ok_and(|blob| self.policy.keys.contains(&blob))
    }

    /// The current round's INFO_REQUEST, if there is such a round.
    fn ask(&self) -> Option<Auth> {
        let round = self.policy.rounds.get(self.round)?;
        Some(Auth::Partial {
            name: round.name.clone(),
            instructions: round.instruction.clone(),
            prompts: Cow::Owned(round.prompts.clone()),
        })
    }

    /// Prints the greeting and ends the session with status 0.
    fn run(&self, channel: ChannelId, session: &mut Session) -> Result<(), Error> {
        session.channel_success(channel)?;
        session.data(channel, self.policy.greeting.clone().into_bytes())?;
        session.exit_status_request(channel, 0)?;
        session.eof(channel)?;
        session.close(channel)
    }
}

impl russh::server::Handler for Handler {
    type Error = Error;

    async fn auth_none(&mut self, user: &str) -> Result<Auth, Error> {
        self.begin(user);
        Ok(self.reject("none"))
    }

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Error> {
        let right = self.may_try(user, Method::Password)
            && self
                .policy
                .password
                .as_ref()
                .is_some_and(|right| right.as_str() == password);
        Ok(if right {
            self.succeed("password")
        } else {
            self.reject("password")
        })
    }

    async fn auth_publickey_offered(
        &mut self,
        user: &str,
        offer: PublicKeyOffer<'_>,
    ) -> Result<Auth, Error> {
        let known = self.knows(offer.public_key) || !self.policy.authorities.is_empty();
        Ok(if self.may_try(user, Method::PublicKey) && known {
            self.note("publickey offer", "acceptable");
            Auth::Accept
        } else {
            self.reject("publickey offer")
        })
    }

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Error> {
        let known = self.may_try(user, Method::PublicKey) && self.knows(key.public_key);
        Ok(if known {
            self.succeed("publickey")
        } else {
            self.reject("publickey")
        })
    }

    /// The library has checked signature and validity, and nothing else.
    async fn auth_openssh_certificate(
        &mut self,
        user: &str,
        certificate: &Certificate,
    ) -> Result<Auth, Error> {
        let authority = PublicKey::from(certificate.signature_key().clone()).to_bytes();
        let trusted = authority.is_ok_and(|blob| self.policy.authorities.contains(&blob));
        let named = certificate
            .valid_principals()
            .iter()
            .any(|name| name == user);
        let known = self.may_try(user, Method::PublicKey) && trusted && named;
        Ok(if known && certificate.cert_type().is_user() {
            self.succeed("certificate")
        } else {
            self.reject("certificate")
        })
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Error> {
        let what = "keyboard-interactive";
        if !self.may_try(user, Method::KeyboardInteractive) {
            return Ok(self.reject(what));
        }
        match response {
            None => self.round = 0,
            Some(responses) => {
                let right = self
                    .policy
                    .rounds
                    .get(self.round)
                    .is_some_and(|round| round.is_answered_by(responses));
                if !right {
                    return Ok(self.reject(what));
                }
                self.round += 1;
                if self.round >= self.policy.rounds.len() {
                    return Ok(self.succeed(what));
                }
            }
        }
        Ok(match self.ask() {
            Some(request) => request,
            // Nothing to ask is nothing proved.
            None => self.reject(what),
        })
    }

    async fn authentication_banner(&mut self) -> Result<Option<String>, Error> {
        Ok(self.policy.banner.clone())
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        _command: &[u8],
        session: &mut Session,
    ) -> Result<(), Error> {
        self.note("exec", "answered");
        self.run(channel, session)
    }

    async fn shell_request(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<(), Error> {
        self.note("shell", "answered");
        self.run(channel, session)
    }
}
